/** Integers in the byte order of the machine that wrote the file. */

import { u16, u32 } from './reader.ts';

export interface ByteOrder {
  u16(bytes: Uint8Array, at: number): number;
  u32(bytes: Uint8Array, at: number): number;
}

export const BIG: ByteOrder = { u16, u32 };

export const LITTLE: ByteOrder = {
  u16: (bytes, at) => (bytes[at] as number) | ((bytes[at + 1] as number) << 8),
  u32: (bytes, at) =>
    ((bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)) >>>
    0,
};

/** Two words, the high one first in either order, as pcapng writes times. */
export function u64Split(order: ByteOrder, bytes: Uint8Array, at: number): bigint {
  return (BigInt(order.u32(bytes, at)) << 32n) | BigInt(order.u32(bytes, at + 4));
}

/** A signed 64-bit integer in the file's order. */
export function i64(order: ByteOrder, bytes: Uint8Array, at: number): bigint {
  const [high, low] = order === BIG ? [at, at + 4] : [at + 4, at];
  return BigInt.asIntN(64, (BigInt(order.u32(bytes, high)) << 32n) | BigInt(order.u32(bytes, low)));
}
