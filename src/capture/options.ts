/** Options of pcapng blocks (draft-ietf-opsawg-pcapng, section 3.5). */

import type { ByteOrder } from '../wire/byte-order.ts';

export interface Option {
  readonly code: number;
  /** Where its value stands in the octets that were given. */
  readonly at: number;
  readonly length: number;
}

const END = 0;
const HEADER_BYTES = 4;

/**
 * Shows every option of bytes[at..end) up to the end or its mark. Returns false when one reaches past the end; options
 * before it count. It always advances: an option takes at least four octets.
 */
export function walkOptions(
  order: ByteOrder,
  bytes: Uint8Array,
  at: number,
  end: number,
  visit: (option: Option) => void,
): boolean {
  let next = at;
  while (end - next >= HEADER_BYTES) {
    const code = order.u16(bytes, next);
    const length = order.u16(bytes, next + 2);
    if (code === END) return true;
    const value = next + HEADER_BYTES;
    if (value + length > end) return false;
    visit({ code, at: value, length });
    next = value + paddedTo4(length);
  }
  return next >= end;
}

export function paddedTo4(length: number): number {
  return (length + 3) & ~3;
}

const DECODER = new TextDecoder();

/** UTF-8; what is none becomes U+FFFD. A NUL, which some writers add, ends it. */
export function optionText(bytes: Uint8Array, { at, length }: Option): string {
  const text = DECODER.decode(bytes.subarray(at, at + length));
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}
