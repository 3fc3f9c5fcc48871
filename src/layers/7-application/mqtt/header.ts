/**
 * The fixed header of MQTT control packets (MQTT 3.1.1 section 2.2, MQTT 5.0 section 2.1) and the data types in them:
 *
 *     | type (4 bits) | flags (4 bits) | remaining length: 1 to 4 octets, 7 bits each, least significant first |
 */

import { type Malformed, malformed, type Reader, u8 } from '../../../wire/reader.ts';
import type { Writer } from '../../../wire/writer.ts';

/** MQTT 3.1.1 table 2.1; AUTH is MQTT 5.0's. */
export const PACKET_TYPE = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;

export type PacketName = keyof typeof PACKET_TYPE;

export interface FixedHeader {
  /** 0..15; 0 is reserved. */
  readonly type: number;
  readonly flags: number;
  /** Octets of the fixed header itself: 2 to 5. */
  readonly headerBytes: number;
  /** Octets that follow it, at most 268,435,455 (section 2.2.3). */
  readonly remaining: number;
}

/** The fixed header that starts at `at`; null when its octets are not all there yet. */
export function readFixedHeader(bytes: Uint8Array, at: number, end: number): FixedHeader | Malformed | null {
  if (at >= end) return null;
  const first = u8(bytes, at);
  let remaining = 0;
  for (let index = 0; index < 4; index++) {
    const place = at + 1 + index;
    if (place >= end) return null;
    const octet = u8(bytes, place);
    remaining |= (octet & 0x7f) << (7 * index);
    if ((octet & 0x80) !== 0) continue;
    return { type: first >>> 4, flags: first & 0x0f, headerBytes: index + 2, remaining };
  }
  return malformed(at + 4, 'the remaining length goes on after its fourth octet');
}

/** A variable byte integer (MQTT 5.0 section 1.5.5), below 2^28. */
export function putVarint(writer: Writer, value: number): void {
  let rest = value;
  do {
    const octet = rest & 0x7f;
    rest >>>= 7;
    writer.u8(rest > 0 ? octet | 0x80 : octet);
  } while (rest > 0);
}

/** A variable byte integer; -1 when it goes on after its fourth octet. */
export function takeVarint(reader: Reader): number {
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const octet = reader.u8();
    value |= (octet & 0x7f) << shift;
    if ((octet & 0x80) === 0) return value;
  }
  return -1;
}

/** Two octets of length, then that many (section 1.5.3). */
export function putBinary(writer: Writer, bytes: Uint8Array): void {
  writer.u16(bytes.length).bytes(bytes);
}

export function putString(writer: Writer, text: string): void {
  putBinary(writer, new TextEncoder().encode(text));
}

export function takeBinary(reader: Reader): Uint8Array {
  return reader.slice(reader.u16());
}

/**
 * A UTF-8 string; null when it is none: overlong forms, surrogates and U+0000 are forbidden (MQTT-1.5.3-1, -2), and a
 * byte order mark is a character like any other (MQTT-1.5.3-3).
 */
export function takeString(reader: Reader): string | null {
  return utf8(takeBinary(reader));
}

function utf8(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}
