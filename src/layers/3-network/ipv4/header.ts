/**
 * The IPv4 header (RFC 791 section 3.1), 20 octets without options.
 *
 * Written and read in place: `writeIpv4` fills the header at `at`, the `...Of` functions look into a packet that
 * `checkIpv4` found sound.
 */

import type { Ipv4 } from '../../../wire/address.ts';
import { adjust, finish, sum } from '../../../wire/checksum.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import { putU16, putU32 } from '../../../wire/writer.ts';

export const IPV4_HEADER_BYTES = 20;
export const IP_PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const;
export const DONT_FRAGMENT = 0x4000;
export const MORE_FRAGMENTS = 0x2000;
const OFFSET_MASK = 0x1fff;

export interface Ipv4Fields {
  readonly totalLength: number;
  readonly identification: number;
  /** DONT_FRAGMENT, MORE_FRAGMENTS and the fragment offset in units of 8 octets, as they stand in the header. */
  readonly flagsAndOffset: number;
  readonly ttl: number;
  readonly protocol: number;
  readonly source: Ipv4;
  readonly destination: Ipv4;
  /** The ECN field (RFC 3168 section 5); left out: 0, not ECN-capable. */
  readonly ecn?: number;
}

export function writeIpv4(bytes: Uint8Array, at: number, fields: Ipv4Fields): void {
  const { totalLength, identification, flagsAndOffset, ttl, protocol, source, destination, ecn = 0 } = fields;
  writeIpv4Fields(bytes, at, totalLength, identification, flagsAndOffset, ttl, protocol, source, destination, ecn);
}

/** The same, for whoever writes one for every packet: no object is made for it. */
export function writeIpv4Fields(
  bytes: Uint8Array,
  at: number,
  totalLength: number,
  identification: number,
  flagsAndOffset: number,
  ttl: number,
  protocol: number,
  source: Ipv4,
  destination: Ipv4,
  ecn: number,
): void {
  const first = 0x4500 | ecn;
  const ttlAndProtocol = (ttl << 8) | protocol;
  putU16(bytes, at, first);
  putU16(bytes, at + 2, totalLength);
  putU16(bytes, at + 4, identification);
  putU16(bytes, at + 6, flagsAndOffset);
  putU16(bytes, at + 8, ttlAndProtocol);
  putU32(bytes, at + 12, source);
  putU32(bytes, at + 16, destination);
  // The words are at hand: no need to read them again.
  const addresses = (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff);
  putU16(bytes, at + 10, finish(first + totalLength + identification + flagsAndOffset + ttlAndProtocol + addresses));
}

/**
 * Null when bytes[start..end) begin with a sound IPv4 header; else why not. RFC 1122 section 3.2.1.1 and 3.2.1.2,
 * RFC 1812 section 5.2.2: all of these are discarded silently.
 */
export function checkIpv4(bytes: Uint8Array, start: number, end: number): 'checksum' | 'malformed' | null {
  const received = end - start;
  if (received < IPV4_HEADER_BYTES || u8(bytes, start) >>> 4 !== 4) return 'malformed';
  const headerLength = headerLengthOf(bytes, start);
  if (headerLength < IPV4_HEADER_BYTES || headerLength > received) return 'malformed';
  const totalLength = totalLengthOf(bytes, start);
  if (totalLength < headerLength || totalLength > received) return 'malformed';
  return finish(sum(bytes, start, start + headerLength)) === 0 ? null : 'checksum';
}

/** The ECN field: 3 is congestion experienced. */
export function ecnOf(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + 1) & 3;
}

export function headerLengthOf(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at) & 15) * 4;
}

export function totalLengthOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 2);
}

export function identificationOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 4);
}

export function flagsAndOffsetOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 6);
}

/** Octets of the datagram before this fragment. */
export function fragmentOffsetOf(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at + 6) & OFFSET_MASK) * 8;
}

export function isFragment(bytes: Uint8Array, at: number): boolean {
  return (u16(bytes, at + 6) & (MORE_FRAGMENTS | OFFSET_MASK)) !== 0;
}

export function mayFragment(bytes: Uint8Array, at: number): boolean {
  return (u16(bytes, at + 6) & DONT_FRAGMENT) === 0;
}

export function ttlOf(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + 8);
}

export function protocolOf(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + 9);
}

export function sourceOf(bytes: Uint8Array, at: number): Ipv4 {
  return u32(bytes, at + 12);
}

export function destinationOf(bytes: Uint8Array, at: number): Ipv4 {
  return u32(bytes, at + 16);
}

/** Writes another total length and flags with offset, as fragments and reassembled datagrams need, and the checksum. */
export function adjustLengthAndFlags(bytes: Uint8Array, at: number, totalLength: number, flagsAndOffset: number): void {
  putU16(bytes, at + 2, totalLength);
  putU16(bytes, at + 6, flagsAndOffset);
  putU16(bytes, at + 10, 0);
  putU16(bytes, at + 10, finish(sum(bytes, at, at + headerLengthOf(bytes, at))));
}

/** Congestion experienced (RFC 3168 section 5); the checksum is adjusted. */
export function markCongestion(bytes: Uint8Array, at: number): void {
  const before = u16(bytes, at);
  putU16(bytes, at, before | 3);
  putU16(bytes, at + 10, adjust(u16(bytes, at + 10), before, before | 3));
}

/** One hop less to live; the checksum is adjusted and not recomputed (RFC 1624, RFC 1812 section 5.3.1). */
export function decrementTtl(bytes: Uint8Array, at: number): void {
  const before = u16(bytes, at + 8);
  const after = before - 0x100;
  putU16(bytes, at + 8, after);
  putU16(bytes, at + 10, adjust(u16(bytes, at + 10), before, after));
}
