/** The Distinguished Encoding Rules (ITU-T X.690) as far as certificates need them: writing only. */

import { joined } from '../../../wire/octets.ts';

export function tagged(tag: number, ...contents: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = joined(...contents);
  const { length } = content;
  if (length < 128) return joined(Uint8Array.of(tag, length), content);
  return length < 256
    ? joined(Uint8Array.of(tag, 0x81, length), content)
    : joined(Uint8Array.of(tag, 0x82, length >> 8, length & 255), content);
}

export const sequence = (...parts: readonly Uint8Array[]) => tagged(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]) => tagged(0x31, ...parts);
/** False is the default wherever certificates have a choice, and a default is not written. */
export const TRUE = tagged(1, Uint8Array.of(255));
export const octetString = (content: Uint8Array) => tagged(4, content);
export const bitString = (content: Uint8Array, unusedBits = 0) => tagged(3, Uint8Array.of(unusedBits), content);
export const utf8String = (text: string) => tagged(12, new TextEncoder().encode(text));

/** Not negative. */
export function integer(value: bigint): Uint8Array {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return tagged(2, (bytes[0] as number) >= 128 ? joined(Uint8Array.of(0), bytes) : bytes);
}

/** `1.2.840.113549`. */
export function objectId(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return tagged(6, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

function base128(value: number): number[] {
  const digits = [value & 127];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 127) | 128);
  return digits;
}

/** `20260131120000Z`; dates before 2050 are written with two digits of the year (RFC 5280 section 4.1.2.5). */
export function time(text: string): Uint8Array {
  return text < '2050' ? tagged(23, ascii(text.slice(2))) : tagged(24, ascii(text));
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
