/** Reads IPv4 packets and ICMP messages, and hands what they carry on. */

import { formatIpv4 } from '../../wire/address.ts';
import { ICMP, icmpFields, icmpInfo } from '../3-network/icmp/fields.ts';
import { ICMP_HEADER_BYTES, ICMP_TYPE, isIcmpError, typeOf } from '../3-network/icmp/header.ts';
import { IPV4, ipv4Fields, ipv4Text, protocolName, protocolText } from '../3-network/ipv4/fields.ts';
import {
  destinationOf,
  fragmentOffsetOf,
  headerLengthOf,
  IP_PROTOCOL,
  IPV4_HEADER_BYTES,
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
    if (end - at < IPV4_HEADER_BYTES) return end;
    const headerLength = headerLengthOf(bytes, at);
    if (headerLength < IPV4_HEADER_BYTES || headerLength > end - at) return end;
    const stated = totalLengthOf(bytes, at);
    const totalLength = stated === 0 ? end - at : stated;
    const stop = Math.min(end, at + Math.max(totalLength, headerLength));
    const source = sourceOf(bytes, at);
    const destination = destinationOf(bytes, at);
    read.setAddresses(
      () => formatIpv4(source),
      () => formatIpv4(destination),
    );
    const verify = this.#verify;
    read.add(
      IPV4,
      bytes,
      at,
      headerLength,
      () => ipv4Text(bytes, at),
      () => ipv4Fields(bytes, at, totalLength, verify),
      stop - at,
    );
    read.setProtocol('IPv4');
    const start = at + headerLength;
    const whole = stop === at + totalLength;
    const packet: Packet = { bytes, source, destination, ttl: ttlOf(bytes, at), start, end: stop, whole };
    if (isFragment(bytes, at)) this.#fragment(read, packet, at);
    else this.#payload(read, packet, protocolOf(bytes, at));
    return stop;
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
    const request = read.quoting ? null : this.#echoes.read(packet, read.frame);
    read.setProtocol('ICMP');
    read.setInfo(() => icmpInfo(bytes, at, end, ttl, request));
    read.add(
      ICMP,
      bytes,
      at,
      Math.min(end - at, ICMP_HEADER_BYTES),
      () => ICMP.title,
      () => icmpFields(bytes, at, end, whole, request),
      end - at,
    );
    const body = at + ICMP_HEADER_BYTES;
    if (end <= body) return;
    if (isIcmpError(type)) {
      const before = read.quoting;
      read.quoting = true;
      this.#ipv4(read, bytes, body, end);
      read.quoting = before;
    } else if (type === ICMP_TYPE.echoRequest || type === ICMP_TYPE.echoReply) addData(read, bytes, body, end);
  }
}
