/** The IPv4 header as Wireshark shows it (RFC 791, RFC 2474, RFC 3168). */

import { formatIpv4 } from '../../../wire/address.ts';
import { finish, sum } from '../../../wire/checksum.ts';
import { u8, u16 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import type { Reassembled } from '../reassembled.ts';
import {
  destinationOf,
  flagsAndOffsetOf,
  fragmentOffsetOf,
  headerLengthOf,
  IPV4_HEADER_BYTES,
  identificationOf,
  protocolOf,
  sourceOf,
  ttlOf,
} from './header.ts';

export const IPV4: Protocol = {
  name: 'ip',
  title: 'Internet Protocol Version 4',
  layer: 3,
  meaning: 'Carries datagrams from host to host over any number of links, as best it can.',
};

const STATUS = '0 bad, 1 good, 2 not verified.';

export const IPV4_FIELDS = fieldTable(3, 'ip', {
  version: ['unsigned', 'Version', 'Version of the Internet Protocol: 4.'],
  hdr_len: ['unsigned', 'Header Length', 'Octets of the header; 20 without options.'],
  dsfield: ['unsigned', 'Differentiated Services Field', 'How routers shall treat the packet.', 'hex2'],
  'dsfield.dscp': ['unsigned', 'Differentiated Services Codepoint', 'The class of service (RFC 2474).'],
  'dsfield.ecn': ['unsigned', 'Explicit Congestion Notification', '3: a router was congested (RFC 3168).'],
  len: ['unsigned', 'Total Length', 'Octets of the packet, header and payload.'],
  id: ['unsigned', 'Identification', 'Tells which fragments belong together.', 'hex4'],
  flags: ['unsigned', 'Flags', 'Reserved, don’t fragment, more fragments.', 'hex2'],
  'flags.rb': ['boolean', 'Reserved bit', 'Must be zero.'],
  'flags.df': ['boolean', "Don't fragment", 'A router that would have to cut the packet drops it instead.'],
  'flags.mf': ['boolean', 'More fragments', 'This is not the last fragment.'],
  frag_offset: ['unsigned', 'Fragment Offset', 'Octets of the datagram before this fragment, divided by 8.'],
  ttl: ['unsigned', 'Time to Live', 'Routers that may still pass it on; at 0 it is dropped.'],
  proto: ['unsigned', 'Protocol', 'What the payload is: 1 ICMP, 6 TCP, 17 UDP.'],
  checksum: ['unsigned', 'Header Checksum', 'The Internet checksum over the header.', 'hex4'],
  'checksum.status': ['unsigned', 'Header checksum status', `Whether the header checksum is right: ${STATUS}`],
  checksum_calculated: ['unsigned', 'Calculated Checksum', 'What the checksum should be.', 'hex4'],
  src: ['ipv4', 'Source Address', 'The host that sent the packet.'],
  addr: ['ipv4', 'Source or Destination Address', 'Either end: either matches.'],
  src_host: ['string', 'Source Host', 'The source address as text.'],
  host: ['string', 'Source or Destination Host', 'Either address as text.'],
  dst: ['ipv4', 'Destination Address', 'The host the packet is for.'],
  dst_host: ['string', 'Destination Host', 'The destination address as text.'],
  reassembled_in: ['unsigned', 'Reassembled IPv4 in frame', 'The frame where the datagram became whole.'],
  fragment: ['unsigned', 'IPv4 Fragment', 'A frame that brought a part of the datagram.'],
  'fragment.count': ['unsigned', 'Fragment count', 'How many fragments the datagram came in.'],
  'reassembled.length': ['unsigned', 'Reassembled IPv4 length', 'Octets of the payload put together.'],
  'reassembled.data': ['bytes', 'Reassembled IPv4 data', 'The payload put together.'],
});

/** A header as far as it can be read. */
export interface Ipv4Extent {
  /** Where it ends: a quotation may end within it. */
  readonly end: number;
  /** Total length as it is understood: 0 on the wire means "to the end". */
  readonly totalLength: number;
  readonly verify: boolean;
  /** What is wrong with its lengths, so that nothing behind them is read; null: nothing. */
  readonly bogus: string | null;
  /** What it completed, if it is the last fragment. */
  whole: Reassembled | null;
}

export function ipv4Text(bytes: Uint8Array, at: number, { end, bogus }: Ipv4Extent): string {
  if (bogus !== null || end - at < 16) return 'ip';
  const text = `Internet Protocol Version 4, Src: ${formatIpv4(sourceOf(bytes, at))}`;
  return end - at < IPV4_HEADER_BYTES ? text : `${text}, Dst: ${formatIpv4(destinationOf(bytes, at))}`;
}

/** What Wireshark says of lengths that cannot be; null when they can. */
export function bogusLength(bytes: Uint8Array, at: number, totalLength: number): string | null {
  const headerLength = headerLengthOf(bytes, at);
  if (headerLength < IPV4_HEADER_BYTES) {
    return `Bogus IP header length (${headerLength}, must be at least ${IPV4_HEADER_BYTES})`;
  }
  if (totalLength >= headerLength) return null;
  return `Bogus IP length (${totalLength}, less than header length ${headerLength})`;
}

export function ipv4Fields(bytes: Uint8Array, at: number, extent: Ipv4Extent): Field[] {
  const { end, bogus } = extent;
  const fields = headerFields(bytes, at, extent);
  const limit = bogus === null ? end : at + (headerLengthOf(bytes, at) < IPV4_HEADER_BYTES ? 1 : 4);
  if (extent.whole) fields.push(...reassembledFields(at, extent.whole));
  return limit - at >= IPV4_HEADER_BYTES ? fields : fields.filter((each) => each.at + each.length <= limit);
}

function reassembledFields(at: number, { frames, bytes }: Reassembled): Field[] {
  const T = IPV4_FIELDS;
  return [
    ...frames.map((frame) => field(T.fragment, frame, at, 0)),
    field(T['fragment.count'], frames.length, at, 0),
    field(T['reassembled.length'], bytes.length, at, 0),
    field(T['reassembled.data'], bytes, at, 0),
  ];
}

/** Whether the header's checksum is wrong. */
export function isHeaderBad(bytes: Uint8Array, at: number): boolean {
  return finish(sum(bytes, at, at + headerLengthOf(bytes, at))) !== 0;
}

function headerFields(bytes: Uint8Array, at: number, { end, totalLength, verify }: Ipv4Extent): Field[] {
  const T = IPV4_FIELDS;
  const headerLength = headerLengthOf(bytes, at);
  const services = u8(bytes, at + 1);
  const flags = flagsAndOffsetOf(bytes, at);
  const source = sourceOf(bytes, at);
  const destination = destinationOf(bytes, at);
  const offset = fragmentOffsetOf(bytes, at);
  return [
    bitField(T.version, u8(bytes, at) >>> 4, at, 1, 0, 4),
    bitField(T.hdr_len, headerLength, at, 1, 4, 4, `${headerLength} bytes (${headerLength / 4})`),
    field(T.dsfield, services, at + 1, 1),
    bitField(T['dsfield.dscp'], services >>> 2, at + 1, 1, 0, 6),
    bitField(T['dsfield.ecn'], services & 3, at + 1, 1, 6, 2),
    field(T.len, totalLength, at + 2, 2),
    field(T.id, identificationOf(bytes, at), at + 4, 2),
    bitField(T.flags, flags >>> 13, at + 6, 1, 0, 3),
    bitField(T['flags.rb'], (flags & 0x8000) !== 0, at + 6, 1, 0, 1),
    bitField(T['flags.df'], (flags & 0x4000) !== 0, at + 6, 1, 1, 1),
    bitField(T['flags.mf'], (flags & 0x2000) !== 0, at + 6, 1, 2, 1),
    bitField(T.frag_offset, offset / 8, at + 6, 2, 3, 13, `${offset / 8} (octet ${offset})`),
    field(T.ttl, ttlOf(bytes, at), at + 8, 1),
    field(T.proto, protocolOf(bytes, at), at + 9, 1, protocolText(protocolOf(bytes, at))),
    ...checksumFields(bytes, at, headerLength, verify && end - at >= headerLength),
    field(T.src, source, at + 12, 4),
    field(T.addr, source, at + 12, 4),
    field(T.src_host, formatIpv4(source), at + 12, 4),
    field(T.host, formatIpv4(source), at + 12, 4),
    field(T.dst, destination, at + 16, 4),
    field(T.addr, destination, at + 16, 4),
    field(T.dst_host, formatIpv4(destination), at + 16, 4),
    field(T.host, formatIpv4(destination), at + 16, 4),
  ];
}

function checksumFields(bytes: Uint8Array, at: number, headerLength: number, verify: boolean): Field[] {
  const T = IPV4_FIELDS;
  const written = u16(bytes, at + 10);
  const fields = [field(T.checksum, written, at + 10, 2)];
  if (!verify) return [...fields, field(T['checksum.status'], 2, at + 10, 2)];
  const partial = sum(bytes, at, at + headerLength);
  const expected = finish(partial - written);
  const good = finish(partial) === 0;
  // 0 and 0xffff are the same in one's complement; where the header is right, what stands in it is what was expected.
  fields.push(field(T['checksum.status'], good ? 1 : 0, at + 10, 2));
  fields.push(field(T.checksum_calculated, good ? written : expected, at + 10, 2));
  return fields;
}

const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  '1': 'ICMP',
  '2': 'IGMP',
  '4': 'IPIP',
  '6': 'TCP',
  '17': 'UDP',
  '41': 'IPv6',
  '47': 'GRE',
  '50': 'ESP',
  '51': 'AH',
  '58': 'ICMPv6',
  '89': 'OSPF IGP',
  '132': 'SCTP',
};

/** `TCP (6)`. */
export function protocolText(protocol: number): string {
  return `${protocolName(protocol)} (${protocol})`;
}

export function protocolName(protocol: number): string {
  return PROTOCOL_NAMES[protocol] ?? 'Unknown';
}
