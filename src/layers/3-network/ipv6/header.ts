/**
 * The IPv6 header (RFC 8200 section 3), 40 octets, and the numbers of what may follow it.
 *
 *   version 4 bits, traffic class 8, flow label 20 | payload length 2 | next header 1 | hop limit 1 | source 16 |
 *   destination 16
 */

import type { Ipv6 } from '../../../wire/address.ts';
import { readIpv6, writeIpv6Address } from '../../../wire/ipv6-address.ts';
import { u8, u16 } from '../../../wire/reader.ts';
import { putU8, putU16, putU32 } from '../../../wire/writer.ts';

export const IPV6_HEADER_BYTES = 40;
/** RFC 8200 section 5: every link carries packets of 1280 octets whole. */
export const LEAST_MTU_BYTES = 1280;
/** What the payload length can say. */
export const GREATEST_PAYLOAD_BYTES = 65_535;

/** Extension headers and "nothing follows" (RFC 8200 section 4). */
export const NEXT_HEADER = {
  hopByHop: 0,
  routing: 43,
  fragment: 44,
  none: 59,
  destination: 60,
} as const;

export interface Ipv6Fields {
  /** Octets behind these 40, extension headers included. */
  readonly payloadLength: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Ipv6;
  readonly destination: Ipv6;
  /** Six bits of DSCP, two of ECN (RFC 3168 section 5); left out: 0. */
  readonly trafficClass?: number;
  /** 20 bits (RFC 6437); left out: 0, not labelled. */
  readonly flowLabel?: number;
}

export function writeIpv6(bytes: Uint8Array, at: number, fields: Ipv6Fields): void {
  putU32(bytes, at, 0x60000000 | ((fields.trafficClass ?? 0) << 20) | (fields.flowLabel ?? 0));
  putU16(bytes, at + 4, fields.payloadLength);
  putU8(bytes, at + 6, fields.nextHeader);
  putU8(bytes, at + 7, fields.hopLimit);
  writeIpv6Address(bytes, at + 8, fields.source);
  writeIpv6Address(bytes, at + 24, fields.destination);
}

/** True when bytes[start..end) begin with a sound IPv6 header and are as long as it says. There is no checksum. */
export function isSoundIpv6(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < IPV6_HEADER_BYTES || u8(bytes, start) >>> 4 !== 6) return false;
  return IPV6_HEADER_BYTES + payloadLengthOf(bytes, start) <= end - start;
}

/** The ECN field: 3 is congestion experienced. */
export function ecnOf(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at + 1) >>> 4) & 3;
}

export function payloadLengthOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 4);
}

export function nextHeaderOf(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + 6);
}

export function hopLimitOf(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + 7);
}

export function sourceOf(bytes: Uint8Array, at: number): Ipv6 {
  return readIpv6(bytes, at + 8);
}

export function destinationOf(bytes: Uint8Array, at: number): Ipv6 {
  return readIpv6(bytes, at + 24);
}

/** One hop less to live. Without a checksum there is nothing else to do. */
export function decrementHopLimit(bytes: Uint8Array, at: number): void {
  putU8(bytes, at + 7, hopLimitOf(bytes, at) - 1);
}
