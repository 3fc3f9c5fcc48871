/** What tells flows apart: protocol, both addresses and both ports. Of an echo both ports are the identifier. */

import { formatIp, type IpAddress, type Ipv4 } from '../../../wire/address.ts';
import { u16 } from '../../../wire/reader.ts';
import type { Pdu } from '../../pdu.ts';
import { ICMP_HEADER_BYTES, ICMP_TYPE, identifierOf, isIcmpError, typeOf } from '../icmp/header.ts';
import { destinationOf, headerLengthOf, IP_PROTOCOL, IPV4_HEADER_BYTES, protocolOf, sourceOf } from '../ipv4/header.ts';

const WORDS: ReadonlyMap<number, string> = new Map([
  [IP_PROTOCOL.tcp, 'tcp'],
  [IP_PROTOCOL.udp, 'udp'],
  [IP_PROTOCOL.icmp, 'icmp'],
  [IP_PROTOCOL.icmpv6, 'icmpv6'],
]);

export interface Tuple<Address extends IpAddress = Ipv4> {
  readonly protocol: number;
  readonly source: Address;
  readonly sourcePort: number;
  readonly destination: Address;
  readonly destinationPort: number;
}

/** Of the datagram at `at`; null: no protocol with ports, or not enough of it. */
export function tupleAt(bytes: Uint8Array, at: number, end: number): Tuple | null {
  const protocol = protocolOf(bytes, at);
  const payload = at + headerLengthOf(bytes, at);
  if (!isOfIpv4(protocol) || end - payload < ICMP_HEADER_BYTES) return null;
  const addresses = { protocol, source: sourceOf(bytes, at), destination: destinationOf(bytes, at) };
  if (protocol === IP_PROTOCOL.icmp) {
    const type = typeOf(bytes, payload);
    if (type !== ICMP_TYPE.echoRequest && type !== ICMP_TYPE.echoReply) return null;
    const identifier = identifierOf(bytes, payload);
    return { ...addresses, sourcePort: identifier, destinationPort: identifier };
  }
  return { ...addresses, sourcePort: u16(bytes, payload), destinationPort: u16(bytes, payload + 2) };
}

function isOfIpv4(protocol: number): boolean {
  return WORDS.has(protocol) && protocol !== IP_PROTOCOL.icmpv6;
}

/** The same flow the other way. */
export function reversed<Address extends IpAddress>({
  protocol,
  source,
  sourcePort,
  destination,
  destinationPort,
}: Tuple<Address>): Tuple<Address> {
  return {
    protocol,
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
  };
}

/** One text for one direction of a flow. */
export function keyOf({ protocol, source, sourcePort, destination, destinationPort }: Tuple<IpAddress>): string {
  return `${typeof source} ${protocol} ${source}:${sourcePort} ${destination}:${destinationPort}`;
}

/** `tcp 192.168.1.10:49152 10.0.0.2:80`, `tcp [2001:db8::1]:49152 [2001:db8::2]:80`. */
export function tupleText({ protocol, source, sourcePort, destination, destinationPort }: Tuple<IpAddress>): string {
  return `${WORDS.get(protocol)} ${placeText(source, sourcePort)} ${placeText(destination, destinationPort)}`;
}

function placeText(address: IpAddress, port: number): string {
  return typeof address === 'bigint' ? `[${formatIp(address)}]:${port}` : `${formatIp(address)}:${port}`;
}

export function isIcmp({ bytes, start }: Pdu): boolean {
  return protocolOf(bytes, start) === IP_PROTOCOL.icmp;
}

export function isEchoRequest(datagram: Pdu): boolean {
  const { bytes, start } = datagram;
  return isIcmp(datagram) && typeOf(bytes, start + headerLengthOf(bytes, start)) === ICMP_TYPE.echoRequest;
}

/** Where the datagram begins that an ICMP error quotes; null: this is no such error, or it quotes too little. */
export function quotedAt(datagram: Pdu): number | null {
  const { bytes, start, end } = datagram;
  const icmp = start + headerLengthOf(bytes, start);
  const inner = icmp + ICMP_HEADER_BYTES;
  if (!isIcmp(datagram) || end - inner < IPV4_HEADER_BYTES + 8 || !isIcmpError(typeOf(bytes, icmp))) return null;
  const innerHeader = headerLengthOf(bytes, inner);
  return innerHeader >= IPV4_HEADER_BYTES && end - inner >= innerHeader + 8 ? inner : null;
}
