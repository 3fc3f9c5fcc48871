/** Reads DNS messages out of datagrams and streams, and ties responses to queries. */

import { u16 } from '../../wire/reader.ts';
import { DNS, dnsFields, dnsInfo, dnsText } from '../7-application/dns/fields.ts';
import { DNS_HEADER_BYTES } from '../7-application/dns/message.ts';
import { readDns } from '../7-application/dns/reading.ts';
import type { FrameDissection } from './dissection.ts';
import { DnsTransactions } from './dns-transactions.ts';
import { addMalformed } from './malformed.ts';
import { ONE_MORE_SEGMENT, type StreamReader } from './stream-reader.ts';

/** RFC 1035 section 4.2.2: two octets of length before each message. */
const LENGTH_BYTES = 2;

export class DnsReader {
  readonly #transactions = new DnsTransactions();

  /** Reads the message bytes[at..end). */
  datagram(read: FrameDissection, bytes: Uint8Array, at: number, end: number, conversation: string): void {
    this.#message(read, bytes, at, end, conversation, false);
  }

  streamReader(conversation: string): StreamReader {
    return (read, { bytes, at: start, end, notes }) => {
      for (let at = start; at < end; ) {
        if (end - at < LENGTH_BYTES) return { from: at, more: ONE_MORE_SEGMENT };
        const message = at + LENGTH_BYTES;
        const next = message + u16(bytes, at);
        if (next > end) return { from: at, more: next - end };
        notes.pduBytes.push(next - at);
        this.#message(read, bytes, message, next, conversation, true);
        if (at > start) read.protocols.pop();
        at = next;
      }
      return null;
    };
  }

  #message(
    read: FrameDissection,
    bytes: Uint8Array,
    at: number,
    end: number,
    conversation: string,
    streamed: boolean,
  ): void {
    const reading = readDns(bytes, at, end, streamed);
    const whole = end - at >= DNS_HEADER_BYTES;
    const transaction = read.quoting || !whole ? null : this.#transactions.read(reading, conversation, read.frame);
    read.setProtocol('DNS');
    // Without the flags nobody knows whether it is a query or a response.
    const known = end - at >= 4;
    read.setInfo(() => (known ? dnsInfo(reading) : ''));
    const start = streamed ? at - LENGTH_BYTES : at;
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
}
