/** Which application protocol a datagram carries, by its ports, and how it is read. */

import { DNS, dnsFields, dnsInfo, dnsText } from '../7-application/dns/fields.ts';
import { DNS_HEADER_BYTES } from '../7-application/dns/message.ts';
import { readDns } from '../7-application/dns/reading.ts';
import { ECHO, echoFields } from '../7-application/echo/fields.ts';
import { addData } from './data-fields.ts';
import type { FrameDissection } from './dissection.ts';
import { DnsTransactions } from './dns-transactions.ts';
import { addMalformed } from './malformed.ts';

const DNS_PORT = 53;
const ECHO_PORT = 7;
const PORTS: readonly number[] = [DNS_PORT, ECHO_PORT];

/** Where a message comes from, for applications that tie messages together. */
export interface Carrier {
  readonly conversation: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export class Applications {
  readonly #dns = new DnsTransactions();

  /** Reads the datagram bytes[at..end). The lower port is tried first, as Wireshark does. */
  readDatagram(read: FrameDissection, bytes: Uint8Array, at: number, end: number, carrier: Carrier): void {
    if (end <= at) return;
    const { sourcePort, destinationPort } = carrier;
    const low = Math.min(sourcePort, destinationPort);
    const high = Math.max(sourcePort, destinationPort);
    const port = PORTS.find((known) => known === low) ?? PORTS.find((known) => known === high);
    if (port === DNS_PORT) this.dns(read, bytes, at, end, carrier.conversation, false);
    else if (port === ECHO_PORT) this.echo(read, bytes, at, end, destinationPort === ECHO_PORT);
    else addData(read, bytes, at, end);
  }

  /** Reads the DNS message bytes[at..end); `streamed`: its length stands in the two octets before it. */
  dns(
    read: FrameDissection,
    bytes: Uint8Array,
    at: number,
    end: number,
    conversation: string,
    streamed: boolean,
  ): void {
    const reading = readDns(bytes, at, end, streamed);
    const whole = end - at >= DNS_HEADER_BYTES;
    const transaction = read.quoting || !whole ? null : this.#dns.read(reading, conversation, read.frame);
    read.setProtocol('DNS');
    // Without the flags nobody knows whether it is a query or a response.
    const known = end - at >= 4;
    read.setInfo(() => (known ? dnsInfo(reading) : ''));
    const start = streamed ? at - 2 : at;
    if (known) {
      read.add(
        DNS,
        bytes,
        start,
        end - start,
        () => dnsText(reading),
        () => dnsFields(reading, reading.malformed ? null : transaction),
      );
    } else read.protocols.push(DNS.name);
    if (reading.malformed) addMalformed(read, 'DNS', bytes, end);
  }

  /** Reads data of the echo service (RFC 862). */
  echo(read: FrameDissection, bytes: Uint8Array, at: number, end: number, request: boolean): void {
    read.setProtocol('ECHO');
    read.setInfo(request ? 'Request' : 'Response');
    read.add(
      ECHO,
      bytes,
      at,
      end - at,
      () => ECHO.title,
      () => echoFields(bytes, at, end, request),
    );
  }
}
