/** Which application protocol a datagram or a stream carries, by its ports or by what it looks like. */

import { ECHO, echoFields } from '../7-application/echo/fields.ts';
import { lineAt, looksLikeHttp } from '../7-application/http/observed.ts';
import { AMQP_PORT, amqpReader } from './amqp-reader.ts';
import { addData } from './data-fields.ts';
import { DHCP_PORTS, readDhcp } from './dhcp-reader.ts';
import type { FrameDissection } from './dissection.ts';
import { DnsReader } from './dns-reader.ts';
import { HttpReader } from './http-reader.ts';
import { mqttReader } from './mqtt-reader.ts';
import type { StreamData, StreamReader } from './stream-reader.ts';
import { looksLikeTls, TLS_PORTS, tlsReader } from './tls-reader.ts';

const DNS_PORT = 53;
const ECHO_PORT = 7;
const MQTT_PORT = 1883;
/** Ports where Wireshark expects HTTP. */
const HTTP_PORTS: readonly number[] = [80, 1900, 2710, 2869, 3128, 3132, 5985, 8080, 8088, 11371];
const DATAGRAM_PORTS: readonly number[] = [DNS_PORT, ECHO_PORT, ...DHCP_PORTS];
const STREAM_PORTS: readonly number[] = [DNS_PORT, ECHO_PORT, MQTT_PORT, AMQP_PORT, ...TLS_PORTS, ...HTTP_PORTS];

/** Where a message comes from. */
export interface Carrier {
  /** Names the two endpoints. */
  readonly conversation: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export class Applications {
  readonly #dns = new DnsReader();

  /** Reads the datagram bytes[at..end). */
  readDatagram(read: FrameDissection, bytes: Uint8Array, at: number, end: number, carrier: Carrier): void {
    if (end <= at) return;
    const port = knownPort(carrier, DATAGRAM_PORTS);
    if (port === DNS_PORT) this.#dns.datagram(read, bytes, at, end, carrier.conversation);
    else if (port === ECHO_PORT) addEcho(read, bytes, at, end, carrier.destinationPort);
    else if (port !== undefined) readDhcp(read, bytes, at, end);
    else addData(read, bytes, at, end);
  }

  /** Who reads a stream that begins, as far as was seen, with bytes[at..end). Null: nobody knows by this data. */
  streamReader(bytes: Uint8Array, at: number, end: number, carrier: Carrier): StreamReader | null {
    const port = knownPort(carrier, STREAM_PORTS);
    if (port === DNS_PORT) return this.#dns.streamReader(carrier.conversation);
    if (port === ECHO_PORT) return readEcho;
    if (port === MQTT_PORT) return mqttReader();
    if (port === AMQP_PORT) return amqpReader();
    if (port !== undefined && TLS_PORTS.includes(port)) return tlsReader();
    if (port !== undefined) return new HttpReader().read;
    if (looksLikeTls(bytes, at, end)) return tlsReader();
    const line = lineAt(bytes, at, end);
    return line && looksLikeHttp(bytes, line) ? new HttpReader().read : null;
  }
}

/** The port that tells the protocol: the lower one is tried first, as Wireshark does. */
function knownPort({ sourcePort, destinationPort }: Carrier, ports: readonly number[]): number | undefined {
  const low = Math.min(sourcePort, destinationPort);
  const high = Math.max(sourcePort, destinationPort);
  return ports.includes(low) ? low : ports.includes(high) ? high : undefined;
}

function readEcho(read: FrameDissection, { bytes, at, end, destinationPort }: StreamData): null {
  if (end > at) addEcho(read, bytes, at, end, destinationPort);
  return null;
}

/** Adds data of the echo service (RFC 862). */
function addEcho(read: FrameDissection, bytes: Uint8Array, at: number, end: number, destinationPort: number): void {
  const request = destinationPort === ECHO_PORT;
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
