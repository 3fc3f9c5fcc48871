/** The TCP header (RFC 9293 section 3.1): 20 octets and up to 40 of options. */

import { finish, sum } from '../../../wire/checksum.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import { putU8, putU16, putU32 } from '../../../wire/writer.ts';

export const TCP_HEADER_BYTES = 20;

/** Control bits (RFC 9293 section 3.1; CWR and ECE: RFC 3168). */
export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;
export const URG = 0x20;
export const ECE = 0x40;
export const CWR = 0x80;

export function sourcePortOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at);
}

export function destinationPortOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 2);
}

export function sequenceOf(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + 4);
}

export function acknowledgmentOf(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + 8);
}

/** The data offset in octets: 20 to 60 in a sound header. */
export function headerLengthOf(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at + 12) >>> 4) * 4;
}

export function flagsOf(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + 13);
}

/** The window field, not scaled. */
export function windowOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 14);
}

export function checksumOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 16);
}

export function urgentPointerOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 18);
}

/** Null when bytes[start..end) begin with a sound header; else why the segment is discarded. */
export function checkTcp(
  bytes: Uint8Array,
  start: number,
  end: number,
  pseudo: number,
): 'checksum' | 'malformed' | null {
  if (end - start < TCP_HEADER_BYTES) return 'malformed';
  const headerLength = headerLengthOf(bytes, start);
  if (headerLength < TCP_HEADER_BYTES || headerLength > end - start) return 'malformed';
  return finish(sum(bytes, start, end, pseudo)) === 0 ? null : 'checksum';
}

/**
 * Writes the fixed header at `at` with options of `optionBytes` octets (a multiple of 4) behind it, which must stand
 * there already, as must the data up to `end`; then the checksum over all of it. `pseudo` is the pseudo-header's sum.
 */
export function writeTcp(
  bytes: Uint8Array,
  at: number,
  end: number,
  sourcePort: number,
  destinationPort: number,
  sequence: number,
  acknowledgment: number,
  flags: number,
  window: number,
  optionBytes: number,
  pseudo: number,
): void {
  putU16(bytes, at, sourcePort);
  putU16(bytes, at + 2, destinationPort);
  putU32(bytes, at + 4, sequence);
  putU32(bytes, at + 8, acknowledgment);
  putU8(bytes, at + 12, ((TCP_HEADER_BYTES + optionBytes) / 4) << 4);
  putU8(bytes, at + 13, flags);
  putU16(bytes, at + 14, window);
  putU16(bytes, at + 16, 0);
  putU16(bytes, at + 18, 0);
  putU16(bytes, at + 16, finish(sum(bytes, at, end, pseudo)));
}
