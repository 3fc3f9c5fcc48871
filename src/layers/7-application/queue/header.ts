/**
 * Frames of AMQP 0-9-1 (section 4.2.3), and the primitive types in them (section 4.2.5):
 *
 *     | type (1) | channel (2) | size (4) | payload (size) | frame-end 0xCE (1) |
 */

import { type Reader, u8, u16, u32 } from '../../../wire/reader.ts';
import { putU32, Writer } from '../../../wire/writer.ts';

export const FRAME_TYPE = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;
export const FRAME_END = 0xce;
export const FRAME_HEADER_BYTES = 7;
/** Header and frame-end. */
export const FRAME_OVERHEAD_BYTES = 8;
/** No peer may ask for less (section 4.2.3, FRAME_MIN_SIZE). */
export const MIN_FRAME_BYTES = 4096;

/** `AMQP` 0 0 9 1: what a client sends first (section 4.2.2). */
export const PROTOCOL_HEADER: Uint8Array = Uint8Array.of(0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1);

export interface Frame {
  readonly type: number;
  readonly channel: number;
  readonly payload: Uint8Array;
}

export interface FrameHeader {
  readonly type: number;
  readonly channel: number;
  readonly payloadBytes: number;
}

/** Reads the first seven octets of a frame; there must be as many. */
export function readFrameHeader(bytes: Uint8Array, at: number): FrameHeader {
  return { type: u8(bytes, at), channel: u16(bytes, at + 1), payloadBytes: u32(bytes, at + 3) };
}

export function encodeFrame(type: number, channel: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(payload.length + FRAME_OVERHEAD_BYTES);
  bytes[0] = type;
  bytes[1] = channel >>> 8;
  bytes[2] = channel;
  putU32(bytes, 3, payload.length);
  bytes.set(payload, FRAME_HEADER_BYTES);
  bytes[bytes.length - 1] = FRAME_END;
  return bytes;
}

/** Values of a field table (section 4.2.5.5, with RabbitMQ's letters). */
export type TableValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | readonly TableValue[]
  | Table
  | { readonly timestamp: number };
export type Table = ReadonlyMap<string, TableValue>;

export const NO_TABLE: Table = new Map();

/** Tables in tables: an attack when there are more. */
const MAX_DEPTH = 16;

/** One octet of length; longer text is cut off at 255 octets. */
export function putShortString(writer: Writer, text: string): void {
  const bytes = new TextEncoder().encode(text).subarray(0, 255);
  writer.u8(bytes.length).bytes(bytes);
}

export function putLongString(writer: Writer, bytes: Uint8Array): void {
  writer.u32(bytes.length).bytes(bytes);
}

/** Whole numbers up to 2^53. */
export function putLongLong(writer: Writer, value: number): void {
  writer.u32(Math.floor(value / 0x1_0000_0000)).u32(value % 0x1_0000_0000);
}

export function takeShortString(reader: Reader): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(reader.slice(reader.u8()));
}

export function takeLongString(reader: Reader): Uint8Array {
  return reader.slice(reader.u32()).slice();
}

/** Infinity for what is greater than 2^53 - 1. */
export function takeLongLong(reader: Reader): number {
  const high = reader.u32();
  const value = high * 0x1_0000_0000 + reader.u32();
  return Number.isSafeInteger(value) ? value : Number.POSITIVE_INFINITY;
}

export function putTable(writer: Writer, table: Table): void {
  const inside = new Writer();
  for (const [name, value] of table) {
    putShortString(inside, name);
    putTableValue(inside, value);
  }
  putLongString(writer, inside.done());
}

function putTableValue(writer: Writer, value: TableValue): void {
  if (typeof value === 'string') {
    writer.u8(LETTER.longString);
    putLongString(writer, new TextEncoder().encode(value));
  } else if (typeof value === 'boolean') writer.u8(LETTER.boolean).u8(value ? 1 : 0);
  else if (typeof value === 'number') putNumber(writer, value);
  else if (typeof value === 'bigint') putLong(writer, value);
  else if (value === null) writer.u8(LETTER.none);
  else if (value instanceof Uint8Array) {
    writer.u8(LETTER.bytes);
    putLongString(writer, value);
  } else if (Array.isArray(value)) {
    const inside = new Writer();
    for (const each of value as readonly TableValue[]) putTableValue(inside, each);
    writer.u8(LETTER.array);
    putLongString(writer, inside.done());
  } else if (value instanceof Map) {
    writer.u8(LETTER.table);
    putTable(writer, value);
  } else {
    writer.u8(LETTER.timestamp);
    putLongLong(writer, (value as { readonly timestamp: number }).timestamp);
  }
}

/** The letters that name a value's type. */
const LETTER = {
  boolean: 0x74,
  int8: 0x62,
  uint8: 0x42,
  int16: 0x73,
  uint16: 0x75,
  int32: 0x49,
  uint32: 0x69,
  int64: 0x6c,
  uint64: 0x4c,
  float: 0x66,
  double: 0x64,
  decimal: 0x44,
  longString: 0x53,
  bytes: 0x78,
  array: 0x41,
  timestamp: 0x54,
  table: 0x46,
  none: 0x56,
} as const;

function putNumber(writer: Writer, value: number): void {
  if (!Number.isSafeInteger(value)) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    writer.u8(LETTER.double).bytes(bytes);
  } else if (value === (value | 0)) writer.u8(LETTER.int32).u32(value);
  else putLong(writer, BigInt(value));
}

function putLong(writer: Writer, value: bigint): void {
  const bits = BigInt.asUintN(64, value);
  writer
    .u8(LETTER.int64)
    .u32(Number(bits >> 32n))
    .u32(Number(bits & 0xffff_ffffn));
}

/** A field table; null when it is malformed. */
export function takeTable(reader: Reader, depth = 0): Table | null {
  const end = endOf(reader);
  const table = new Map<string, TableValue>();
  while (reader.at < end) {
    const name = takeShortString(reader);
    const value = takeTableValue(reader, depth);
    if (value === undefined) return null;
    table.set(name, value);
  }
  return reader.at === end && !reader.short ? table : null;
}

/** Where what follows ends, by the length in front of it. */
function endOf(reader: Reader): number {
  const length = reader.u32();
  return reader.at + length;
}

/** undefined: malformed. */
function takeTableValue(reader: Reader, depth: number): TableValue | undefined {
  if (reader.short || depth >= MAX_DEPTH) return undefined;
  switch (reader.u8()) {
    case LETTER.boolean:
      return reader.u8() !== 0;
    case LETTER.int8:
      return (reader.u8() << 24) >> 24;
    case LETTER.uint8:
      return reader.u8();
    case LETTER.int16:
      return (reader.u16() << 16) >> 16;
    case LETTER.uint16:
      return reader.u16();
    case LETTER.int32:
      return reader.u32() | 0;
    case LETTER.uint32:
      return reader.u32();
    case LETTER.int64:
      return whole(BigInt.asIntN(64, (BigInt(reader.u32()) << 32n) | BigInt(reader.u32())));
    case LETTER.uint64:
      return whole((BigInt(reader.u32()) << 32n) | BigInt(reader.u32()));
    case LETTER.float:
      return floating(reader.slice(4));
    case LETTER.double:
      return floating(reader.slice(8));
    case LETTER.decimal: {
      const places = reader.u8();
      const digits = String(reader.u32() | 0);
      return places === 0 ? digits : `${digits}e-${places}`;
    }
    case LETTER.longString:
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(takeLongString(reader));
    case LETTER.bytes:
      return takeLongString(reader);
    case LETTER.array: {
      const end = endOf(reader);
      const values: TableValue[] = [];
      while (reader.at < end) {
        const value = takeTableValue(reader, depth + 1);
        if (value === undefined) return undefined;
        values.push(value);
      }
      return reader.at === end ? values : undefined;
    }
    case LETTER.timestamp:
      return { timestamp: takeLongLong(reader) };
    case LETTER.table:
      return takeTable(reader, depth + 1) ?? undefined;
    case LETTER.none:
      return null;
    default:
      return undefined;
  }
}

function whole(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function floating(bytes: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 4) return view.getFloat32(0);
  return bytes.length === 8 ? view.getFloat64(0) : undefined;
}
