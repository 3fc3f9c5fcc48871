/** Reads IPv4 packets and ICMP messages, and hands what they carry on. */

import { formatIpv4 } from '../../wire/address.ts';
import { ICMP, icmpFields, icmpInfo } from '../3-network/icmp/fields.ts';
import { ICMP_HEADER_BYTES, ICMP_TYPE, isIcmpError, typeOf } from '../3-network/icmp/header.ts';
import {
  bogusLength,
  IPV4,
  type Ipv4Extent,
  ipv4Fields,
  ipv4Text,
  protocolName,
  protocolText,
} from '../3-network/ipv4/fields.ts';
import {
  destinationOf,
  fragmentOffsetOf,
  headerLengthOf,
  IP_PROTOCOL,
  identificationOf,
  isFragment,
  protocolOf,
  sourceOf,
  totalLengthOf,
  ttlOf,
} from '../3-network/ipv4/header.ts';
import { Applications } from './applications.ts';
import { addData } from './data-fields.ts';
import type { FrameDissection } from './dissection.ts';
import { Echoes } from './echoes.ts';
import type { Packet } from './packet.ts';
import { TcpReader } from './tcp-reader.ts';
import { UdpReader } from './udp-reader.ts';

export class IpReader {
  readonly #verify: boolean;
  readonly #echoes = new Echoes();
  readonly #udp: UdpReader;
  readonly #tcp: TcpReader;

  constructor(verify: boolean) {
    this.#verify = verify;
    const applications = new Applications();
    this.#udp = new UdpReader(verify, applications);
    this.#tcp = new TcpReader(verify, applications);
  }

  /** Reads the packet at `at` of the frame and returns where it ends by its own length. */
  read(read: FrameDissection, at: number, end: number): number {
    return this.#ipv4(read, read.frame.bytes, at, end);
  }

  #ipv4(read: FrameDissection, bytes: Uint8Array, at: number, end: number): number {
    if (end <= at) return end;
    const stated = totalLengthOf(bytes, at);
    const totalLength = stated === 0 ? end - at : stated;
    const bogus = end - at < 4 ? null : bogusLength(bytes, at, totalLength);
    const stop = bogus === null ? Math.min(end, at + totalLength) : end;
    const extent: Ipv4Extent = { end: stop, totalLength, verify: this.#verify, bogus };
    const headerLength = headerLengthOf(bytes, at);
    read.setProtocol('IPv4');
    read.add(
      IPV4,
      bytes,
      at,
      Math.min(headerLength, stop - at),
      () => ipv4Text(bytes, at, extent),
      () => ipv4Fields(bytes, at, extent),
      stop - at,
    );
    if (bogus !== null) read.setInfo(bogus);
    else if (stop - at >= headerLength) this.#inside(read, bytes, at, extent);
    return stop;
  }

  /** Reads what the packet at `at` carries, whose header is whole and sound. */
  #inside(read: FrameDissection, bytes: Uint8Array, at: number, { end, totalLength }: Ipv4Extent): void {
    const source = sourceOf(bytes, at);
    const destination = destinationOf(bytes, at);
    read.setAddresses(
      () => formatIpv4(source),
      () => formatIpv4(destination),
    );
    const start = at + headerLengthOf(bytes, at);
    const whole = end === at + totalLength;
    const packet: Packet = { bytes, source, destination, ttl: ttlOf(bytes, at), start, end, whole };
    if (isFragment(bytes, at)) this.#fragment(read, packet, at);
    else this.#payload(read, packet, protocolOf(bytes, at));
  }

  #payload(read: FrameDissection, packet: Packet, protocol: number): void {
    if (protocol === IP_PROTOCOL.icmp) this.#icmp(read, packet);
    else if (protocol === IP_PROTOCOL.udp) this.#udp.read(read, packet);
    else if (protocol === IP_PROTOCOL.tcp) this.#tcp.read(read, packet);
    else {
      read.setInfo(() => protocolText(protocol));
      addData(read, packet.bytes, packet.start, packet.end);
    }
  }

  #fragment(read: FrameDissection, { bytes, start, end }: Packet, at: number): void {
    const protocol = protocolOf(bytes, at);
    const offset = fragmentOffsetOf(bytes, at);
    const identification = identificationOf(bytes, at).toString(16).padStart(4, '0');
    read.setInfo(
      () => `Fragmented IP protocol (proto=${protocolName(protocol)} ${protocol}, off=${offset}, ID=${identification})`,
    );
    addData(read, bytes, start, end);
  }

  #icmp(read: FrameDissection, packet: Packet): void {
    const { bytes, start: at, end, ttl, whole } = packet;
    if (end - at < 4) return;
    const type = typeOf(bytes, at);
    const checkable = whole && !read.quoting;
    const request = read.quoting ? null : this.#echoes.read(packet, read.frame);
    read.setProtocol('ICMP');
    read.setInfo(() => icmpInfo(bytes, at, end, ttl, request));
    read.add(
      ICMP,
      bytes,
      at,
      Math.min(end - at, ICMP_HEADER_BYTES),
      () => ICMP.title,
      () => icmpFields(bytes, at, end, checkable, request),
      end - at,
    );
    const body = at + ICMP_HEADER_BYTES;
    if (end <= body) return;
    if (isIcmpError(type)) {
      // Of a redirect Wireshark reads no more than the header and eight octets (RFC 792).
      const brief = type === ICMP_TYPE.redirect;
      const before = read.quoting;
      read.quoting = true;
      this.#ipv4(read, bytes, body, brief ? Math.min(end, body + 28) : end);
      read.quoting = before;
    } else if (type === ICMP_TYPE.echoRequest || type === ICMP_TYPE.echoReply) addData(read, bytes, body, end);
  }
}
