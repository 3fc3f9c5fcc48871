/**
 * Content codings of HTTP (RFC 9110 section 8.4.1): gzip (RFC 1952) and what HTTP calls deflate, which is zlib's format
 * (RFC 1950). The octets are ours, and so the same whatever zlib a Node has.
 */

import { crc32 } from '../../../wire/checksum.ts';
import { joined } from '../../../wire/octets.ts';
import { u16, u32 } from '../../../wire/reader.ts';
import type { ContentCoding, ContentCodings, Decoded } from '../service.ts';
import { deflated } from './deflate.ts';
import { Inflater } from './inflate.ts';

const GZIP_HEAD_BYTES = 10;
const GZIP_TAIL_BYTES = 8;
/** RFC 1952 section 2.3.1. */
const FLAG = { headerCrc: 2, extra: 4, name: 8, comment: 16, reserved: 0xe0 } as const;
/** No time, no words on how hard was tried, and an operating system that nobody knows. */
const GZIP_HEAD = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);
/** A window of 32 KiB; the second octet makes the two a multiple of 31 (RFC 1950 section 2.2). */
const ZLIB_HEAD = Uint8Array.of(0x78, 0x9c);
const ZLIB_TAIL_BYTES = 4;

export const CONTENT_CODINGS: ContentCodings = { encode, decode };

function encode(coding: ContentCoding, content: Uint8Array): Uint8Array {
  const body = deflated(content);
  if (coding === 'deflate') return joined(ZLIB_HEAD, body, bigEndian(adler32(content)));
  return joined(GZIP_HEAD, body, littleEndian(crc32(content)), littleEndian(content.length));
}

function decode(coding: ContentCoding, bytes: Uint8Array, maxBytes: number): Decoded {
  return coding === 'gzip' ? gunzipped(bytes, maxBytes) : unzlibbed(bytes, maxBytes);
}

function gunzipped(bytes: Uint8Array, maxBytes: number): Decoded {
  const at = gzipBody(bytes);
  if (at === null || at + GZIP_TAIL_BYTES > bytes.length) return 'damaged';
  const end = bytes.length - GZIP_TAIL_BYTES;
  const content = new Inflater(false).inflate(bytes.subarray(at, end), maxBytes, true);
  if (!(content instanceof Uint8Array)) return content;
  const isWhole = littleEndianAt(bytes, end) === crc32(content) && littleEndianAt(bytes, end + 4) === content.length;
  return isWhole ? content : 'damaged';
}

/** Where the body begins, behind what a gzip file may say of itself; null: this is none. */
function gzipBody(bytes: Uint8Array): number | null {
  if (bytes.length < GZIP_HEAD_BYTES || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8) return null;
  const flags = bytes[3] as number;
  if (flags & FLAG.reserved) return null;
  let at = GZIP_HEAD_BYTES;
  if (flags & FLAG.extra) {
    if (at + 2 > bytes.length) return null;
    at += 2 + ((bytes[at] as number) | ((bytes[at + 1] as number) << 8));
  }
  for (const flag of [FLAG.name, FLAG.comment]) {
    if (!(flags & flag)) continue;
    const end = bytes.indexOf(0, at);
    if (end < 0) return null;
    at = end + 1;
  }
  return flags & FLAG.headerCrc ? at + 2 : at;
}

/** RFC 9110 section 8.4.1.2: there are senders who leave zlib's head and tail out. */
function unzlibbed(bytes: Uint8Array, maxBytes: number): Decoded {
  const isZlib = bytes.length > 6 && ((bytes[0] as number) & 0x0f) === 8 && u16(bytes, 0) % 31 === 0;
  if (!isZlib) return new Inflater(false).inflate(bytes, maxBytes, true);
  const end = bytes.length - ZLIB_TAIL_BYTES;
  const content = new Inflater(false).inflate(bytes.subarray(ZLIB_HEAD.length, end), maxBytes, true);
  if (!(content instanceof Uint8Array)) return content;
  return u32(bytes, end) === adler32(content) ? content : 'damaged';
}

/** RFC 1950 section 8.2. */
function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (const octet of bytes) {
    low = (low + octet) % 65_521;
    high = (high + low) % 65_521;
  }
  return high * 65_536 + low;
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

function littleEndian(value: number): Uint8Array {
  return bigEndian(value).reverse();
}

function littleEndianAt(bytes: Uint8Array, at: number): number {
  return u32(bytes.slice(at, at + 4).reverse(), 0);
}
