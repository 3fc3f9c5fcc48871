/**
 * The frame of the WebSocket protocol, RFC 6455 section 5.2:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   |F|R|R|R| opcode|M| Payload len |   Extended payload length     |
 *   |I|S|S|S|  (4)  |A|     (7)     |          (16/64)              |
 *   |N|V|V|V|       |S|             | (if payload len==126/127)     |
 *   |     Masking-key (4 octets, if MASK is set)                    |
 */

import { u16, u32 } from '../../../wire/reader.ts';
import { putU16, putU32 } from '../../../wire/writer.ts';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** RSV1, which permessage-deflate sets on the first frame of a compressed message (RFC 7692 section 6). */
export const RSV1 = 4;
/** Section 5.5: "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented." */
export const MAX_CONTROL_BYTES = 125;
/** Two octets, eight of extended length, four of masking key. */
export const MAX_HEAD_BYTES = 14;

const FIN = 0x80;
const MASK = 0x80;

export interface FrameHead {
  readonly fin: boolean;
  /** RSV1 is 4, RSV2 2, RSV3 1. */
  readonly rsv: number;
  readonly opcode: number;
  /** Four octets; null: the payload is not masked. */
  readonly maskingKey: Uint8Array | null;
  /** Infinite where the 64 bits hold more than 2^53-1. */
  readonly payloadBytes: number;
  /** "The minimal number of bytes MUST be used to encode the length" (section 5.2). */
  readonly isMinimal: boolean;
  readonly headBytes: number;
}

export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly maskingKey: Uint8Array | null;
  readonly payload: Uint8Array;
}

/** Control frames have the opcode's most significant bit set (section 5.5). */
export function isControl(opcode: number): boolean {
  return opcode >= 8;
}

export function isKnownOpcode(opcode: number): boolean {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

/** The octets of one frame; the payload is masked on the way when there is a key. */
export function encodeFrame({ fin, rsv, opcode, maskingKey, payload }: Frame): Uint8Array {
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const keyAt = 2 + lengthBytes;
  const payloadAt = keyAt + (maskingKey ? 4 : 0);
  const bytes = new Uint8Array(payloadAt + length);
  bytes[0] = (fin ? FIN : 0) | (rsv << 4) | opcode;
  bytes[1] = (maskingKey ? MASK : 0) | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) putU16(bytes, 2, length);
  if (lengthBytes === 8) {
    putU32(bytes, 2, Math.floor(length / 0x100000000));
    putU32(bytes, 6, length % 0x100000000);
  }
  bytes.set(payload, payloadAt);
  if (maskingKey) {
    bytes.set(maskingKey, keyAt);
    mask(bytes, payloadAt, bytes.length, maskingKey, 0);
  }
  return bytes;
}

/** How long a frame's head is, by its second octet. */
export function headBytesOf(second: number): number {
  const length = second & 0x7f;
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & MASK ? 4 : 0);
}

/** Reads a head of which all octets are there (`headBytesOf`). */
export function decodeFrameHead(bytes: Uint8Array, at: number): FrameHead {
  const first = bytes[at] as number;
  const second = bytes[at + 1] as number;
  const headBytes = headBytesOf(second);
  const short = second & 0x7f;
  const payloadBytes = short === 126 ? u16(bytes, at + 2) : short === 127 ? u53(bytes, at + 2) : short;
  const keyAt = at + headBytes - 4;
  return {
    fin: (first & FIN) !== 0,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    maskingKey: second & MASK ? bytes.slice(keyAt, keyAt + 4) : null,
    payloadBytes,
    isMinimal: short < 126 || payloadBytes >= (short === 126 ? 126 : 65_536),
    headBytes,
  };
}

/** Two words, so that nothing is rounded: what does not fit 53 bits is infinite. */
function u53(bytes: Uint8Array, at: number): number {
  const high = u32(bytes, at);
  return high >= 0x200000 ? Number.POSITIVE_INFINITY : high * 0x100000000 + u32(bytes, at + 4);
}

/** Section 5.3, both ways: octet i of the payload is XORed with octet i mod 4 of the key. `offset`: i of the first. */
export function mask(bytes: Uint8Array, from: number, to: number, key: Uint8Array, offset: number): void {
  for (let at = from; at < to; at++) bytes[at] = (bytes[at] as number) ^ (key[(offset + at - from) & 3] as number);
}

/** The body of a Close frame (section 5.5.1): nothing, or a status code and a reason in UTF-8. */
export function encodeCloseBody(code: number | null, reason: Uint8Array): Uint8Array {
  if (code === null) return new Uint8Array(0);
  const body = new Uint8Array(2 + reason.length);
  putU16(body, 0, code);
  body.set(reason, 2);
  return body;
}
