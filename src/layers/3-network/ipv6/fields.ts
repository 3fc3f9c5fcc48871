/** The IPv6 header as Wireshark shows it (RFC 8200 section 3, RFC 6437). */

import { formatIpv6, type Ipv6 } from '../../../wire/address.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { IPV4_FIELDS, protocolName } from '../ipv4/fields.ts';
import type { Reassembled } from '../reassembled.ts';

export const IPV6: Protocol = {
  name: 'ipv6',
  title: 'Internet Protocol Version 6',
  layer: 3,
  meaning: 'Carries packets from host to host, with addresses of 128 bits.',
};

const BYTES = 40;

export const IPV6_FIELDS = fieldTable(3, 'ipv6', {
  version: ['unsigned', 'Version', 'Version of the Internet Protocol: 6.'],
  tclass: ['unsigned', 'Traffic Class', 'How routers shall treat the packet.', 'hex8'],
  'tclass.dscp': ['unsigned', 'Differentiated Services Codepoint', 'The class of service (RFC 2474).'],
  'tclass.ecn': ['unsigned', 'Explicit Congestion Notification', '3: a router was congested (RFC 3168).'],
  flow: ['unsigned', 'Flow Label', 'The same for all packets of a flow (RFC 6437).', 'hex6'],
  plen: ['unsigned', 'Payload Length', 'Octets behind these 40, extension headers included.'],
  nxt: ['unsigned', 'Next Header', 'What follows: 6 TCP, 17 UDP, 58 ICMPv6, 0 hop-by-hop options, 44 a fragment.'],
  hlim: ['unsigned', 'Hop Limit', 'Routers that may still pass it on; at 0 it is dropped.'],
  src: ['ipv6', 'Source Address', 'The host that sent the packet.'],
  addr: ['ipv6', 'Source or Destination Address', 'Either end: either matches.'],
  src_host: ['string', 'Source Host', 'The source address as text.'],
  host: ['string', 'Source or Destination Host', 'Either address as text.'],
  dst: ['ipv6', 'Destination Address', 'The host or group the packet is for.'],
  dst_host: ['string', 'Destination Host', 'The destination address as text.'],
  fragment: ['unsigned', 'IPv6 Fragment', 'A frame that brought a part of the packet.'],
  'fragment.count': ['unsigned', 'Fragment count', 'How many fragments the packet came in.'],
  'reassembled.length': ['unsigned', 'Reassembled IPv6 length', 'Octets of the payload put together.'],
  'reassembled.data': ['bytes', 'Reassembled IPv6 data', 'The payload put together.'],
});

export function addressAt(bytes: Uint8Array, at: number): Ipv6 {
  const high = (BigInt(u32(bytes, at)) << 32n) | BigInt(u32(bytes, at + 4));
  return (high << 64n) | (BigInt(u32(bytes, at + 8)) << 32n) | BigInt(u32(bytes, at + 12));
}

/** `end`: a quotation or a short capture may end within the header. */
export function ipv6Text(bytes: Uint8Array, at: number, end: number): string {
  if (end - at < BYTES) return IPV6.title;
  return `${IPV6.title}, Src: ${formatIpv6(addressAt(bytes, at + 8))}, Dst: ${formatIpv6(addressAt(bytes, at + 24))}`;
}

export function ipv6Fields(bytes: Uint8Array, at: number, end: number, whole: Reassembled | null): Field[] {
  const T = IPV6_FIELDS;
  if (end - at < BYTES) return [];
  const traffic = (u16(bytes, at) >>> 4) & 0xff;
  const next = u8(bytes, at + 6);
  const source = addressAt(bytes, at + 8);
  const destination = addressAt(bytes, at + 24);
  const [from, to] = [formatIpv6(source), formatIpv6(destination)];
  const version = u8(bytes, at) >>> 4;
  const fields = [
    bitField(T.version, version, at, 1, 0, 4),
    bitField(IPV4_FIELDS.version, version, at, 1, 0, 4),
    bitField(T.tclass, traffic, at, 4, 4, 8),
    bitField(T['tclass.dscp'], traffic >>> 2, at, 4, 4, 6),
    bitField(T['tclass.ecn'], traffic & 3, at, 4, 10, 2),
    bitField(T.flow, u32(bytes, at) & 0xfffff, at + 1, 3, 4, 20),
    field(T.plen, u16(bytes, at + 4), at + 4, 2),
    field(T.nxt, next, at + 6, 1, nextHeaderText(next)),
    field(T.hlim, u8(bytes, at + 7), at + 7, 1),
    field(T.src, source, at + 8, 16),
    field(T.addr, source, at + 8, 16),
    field(T.src_host, from, at + 8, 16),
    field(T.host, from, at + 8, 16),
    field(T.dst, destination, at + 24, 16),
    field(T.addr, destination, at + 24, 16),
    field(T.dst_host, to, at + 24, 16),
    field(T.host, to, at + 24, 16),
  ];
  if (!whole) return fields;
  fields.push(...whole.frames.map((frame) => field(T.fragment, frame, at, 0)));
  fields.push(field(T['fragment.count'], whole.frames.length, at, 0));
  fields.push(field(T['reassembled.length'], whole.bytes.length, at, 0));
  fields.push(field(T['reassembled.data'], whole.bytes, at, 0));
  return fields;
}

const NEXT_HEADERS: Readonly<Record<number, string>> = {
  0: 'IPv6 Hop-by-Hop Option',
  43: 'Routing Header for IPv6',
  44: 'Fragment Header for IPv6',
  59: 'No Next Header for IPv6',
  60: 'Destination Options for IPv6',
};

/** `ICMPv6 (58)`. */
export function nextHeaderText(next: number): string {
  return `${NEXT_HEADERS[next] ?? protocolName(next)} (${next})`;
}
