/** Reads IP packets and ICMP messages, and hands what they carry on. */

import { formatIpv4 } from '../../wire/address.ts';
import { BIG, type ByteOrder, LITTLE } from '../../wire/byte-order.ts';
import { ICMP, icmpFields, icmpInfo } from '../3-network/icmp/fields.ts';
import { ICMP_HEADER_BYTES, ICMP_TYPE, isIcmpError, typeOf } from '../3-network/icmp/header.ts';
import {
  bogusLength,
  IPV4,
  type Ipv4Extent,
  ipv4Fields,
  ipv4Text,
  isHeaderBad,
  protocolName,
  protocolText,
} from '../3-network/ipv4/fields.ts';
import {
  destinationOf,
  flagsAndOffsetOf,
  fragmentOffsetOf,
  headerLengthOf,
  IP_PROTOCOL,
  identificationOf,
  isFragment,
  MORE_FRAGMENTS,
  protocolOf,
  sourceOf,
  totalLengthOf,
  ttlOf,
} from '../3-network/ipv4/header.ts';
import { Applications } from './applications.ts';
import { addData } from './data-fields.ts';
import type { Depth } from './depth.ts';
import type { FrameDissection } from './dissection.ts';
import { Echoes } from './echoes.ts';
import { Fragments } from './fragments.ts';
import { Icmpv6Reader } from './icmpv6-reader.ts';
import { Ipv6Reader } from './ipv6-reader.ts';
import type { Packet } from './packet.ts';
import { TcpReader } from './tcp-reader.ts';
import { UdpReader } from './udp-reader.ts';

/** Protocol numbers of packets inside packets (RFC 2003, RFC 4213). */
const IPV4_IN_IP = 4;
const IPV6_IN_IP = 41;

export class IpReader {
  readonly #verify: boolean;
  readonly #epochNs: bigint;
  readonly #echoes = new Echoes(ICMP_TYPE.echoRequest, ICMP_TYPE.echoReply);
  readonly #fragments = new Fragments();
  readonly #ipv6: Ipv6Reader;
  readonly #icmpv6: Icmpv6Reader;
  readonly #udp: UdpReader;
  readonly #tcp: TcpReader;

  constructor(verify: boolean, epochNs: bigint, depth: Depth) {
    this.#verify = verify;
    this.#epochNs = epochNs;
    const applications = depth === 'messages' ? new Applications() : null;
    this.#udp = new UdpReader(verify, applications);
    this.#tcp = new TcpReader(verify, applications);
    this.#ipv6 = new Ipv6Reader((read, packet, protocol) => this.#payload(read, packet, protocol));
    this.#icmpv6 = new Icmpv6Reader(this.#ipv6);
  }

  /** Reads the packet at `at` of the frame and returns where it ends by its own length. */
  read(read: FrameDissection, version: 4 | 6, at: number, end: number): number {
    const { bytes } = read.frame;
    return version === 4 ? this.#ipv4(read, bytes, at, end) : this.#ipv6.read(read, bytes, at, end);
  }

  #ipv4(read: FrameDissection, bytes: Uint8Array, at: number, end: number): number {
    if (end <= at) return end;
    const stated = totalLengthOf(bytes, at);
    const totalLength = stated === 0 ? end - at : stated;
    const bogus = end - at < 4 ? null : bogusLength(bytes, at, totalLength);
    const stop = bogus === null ? Math.min(end, at + totalLength) : end;
    const extent: Ipv4Extent = { end: stop, totalLength, verify: this.#verify, bogus, whole: null };
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
  #inside(read: FrameDissection, bytes: Uint8Array, at: number, extent: Ipv4Extent): void {
    const { end, totalLength } = extent;
    const source = sourceOf(bytes, at);
    const destination = destinationOf(bytes, at);
    read.setAddresses(
      () => formatIpv4(source),
      () => formatIpv4(destination),
    );
    const start = at + headerLengthOf(bytes, at);
    const whole = end === at + totalLength;
    const packet: Packet = { bytes, source, destination, ttl: ttlOf(bytes, at), start, end, whole };
    if (isFragment(bytes, at)) this.#fragment(read, packet, at, extent);
    else this.#payload(read, packet, protocolOf(bytes, at));
  }

  #payload(read: FrameDissection, packet: Packet, protocol: number): void {
    if (protocol === IP_PROTOCOL.icmp) this.#icmp(read, packet);
    else if (protocol === IP_PROTOCOL.udp) this.#udp.read(read, packet);
    else if (protocol === IP_PROTOCOL.tcp) this.#tcp.read(read, packet);
    else if (protocol === IP_PROTOCOL.icmpv6) this.#icmpv6.read(read, packet);
    else if (protocol === IPV4_IN_IP) this.#ipv4(read, packet.bytes, packet.start, packet.end);
    else if (protocol === IPV6_IN_IP) this.#ipv6.read(read, packet.bytes, packet.start, packet.end);
    else {
      read.setInfo(() => protocolText(protocol));
      addData(read, packet.bytes, packet.start, packet.end);
    }
  }

  #fragment(read: FrameDissection, packet: Packet, at: number, extent: Ipv4Extent): void {
    const { bytes, start, end, source, destination } = packet;
    const protocol = protocolOf(bytes, at);
    const offset = fragmentOffsetOf(bytes, at);
    if (packet.whole && !read.quoting && end > start && !(this.#verify && isHeaderBad(bytes, at))) {
      const key = `${source} ${destination} ${protocol} ${identificationOf(bytes, at)} ${read.vlan}`;
      const isLast = (flagsAndOffsetOf(bytes, at) & MORE_FRAGMENTS) === 0;
      const whole = this.#fragments.take(key, read.frame.number, offset, bytes.subarray(start, end), isLast);
      if (whole) {
        extent.whole = whole;
        this.#payload(read, { ...packet, bytes: whole.bytes, start: 0, end: whole.bytes.length }, protocol);
        return;
      }
    }
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
    } else if (type === ICMP_TYPE.echoRequest || type === ICMP_TYPE.echoReply) {
      const seenNs = this.#epochNs + BigInt(read.frame.atNs);
      addData(read, bytes, body + timestampBytes(bytes, body, end, seenNs), end);
    }
  }
}

const TIMESTAMP_BYTES = 8;
const DAY_NS = 86_400_000_000_000n;

/** A ping begins with the time when it was sent, in the order of its machine, if that is near: that is no data. */
function timestampBytes(bytes: Uint8Array, at: number, end: number, seenNs: bigint): number {
  if (end - at < TIMESTAMP_BYTES) return 0;
  const isNear = ({ u32 }: ByteOrder) => {
    const micros = u32(bytes, at + 4);
    const awayNs = BigInt(u32(bytes, at)) * 1_000_000_000n + BigInt(micros) * 1000n - seenNs;
    return micros < 1_000_000 && awayNs < DAY_NS && awayNs > -DAY_NS;
  };
  return isNear(LITTLE) || isNear(BIG) ? TIMESTAMP_BYTES : 0;
}
