/** Vectors as TLS writes them (RFC 8446 section 3.4): octets behind their length. */

import { joined } from '../../../wire/octets.ts';
import type { Reader } from '../../../wire/reader.ts';

export function vector8(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = joined(...parts);
  return joined(Uint8Array.of(content.length), content);
}

export function vector16(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = joined(...parts);
  return joined(u16Octets(content.length), content);
}

export function vector24(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = joined(...parts);
  return joined(u24Octets(content.length), content);
}

export function u16Octets(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]));
}

export function u24Octets(value: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(value >> 16, (value >> 8) & 255, value & 255);
}

export function u32Octets(value: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

export function take8(reader: Reader): Uint8Array {
  return reader.slice(reader.u8());
}

export function take16(reader: Reader): Uint8Array {
  return reader.slice(reader.u16());
}

export function take24(reader: Reader): Uint8Array {
  const high = reader.u8();
  return reader.slice((high << 16) | reader.u16());
}

/** A list of numbers of 16 bits; null when a half is left over. */
export function u16List(bytes: Uint8Array): number[] | null {
  if (bytes.length % 2 !== 0) return null;
  return Array.from({ length: bytes.length / 2 }, (_, index) => {
    const at = 2 * index;
    return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  });
}
