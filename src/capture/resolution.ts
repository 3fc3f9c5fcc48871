/** Times of pcapng: counts of a unit that each interface chooses (if_tsresol), from a second that it chooses too. */

/** Turns a count into ns since 1970; what is finer than a ns is cut off. */
export type Clock = (ticks: bigint) => bigint;

const NS_A_SECOND = 1_000_000_000n;

/** A power of ten above this does not fit the 64 bits of a count. */
const GREATEST_DECIMAL = 19;
const GREATEST_BINARY = 63;

/**
 * `resolution`: as in the option: n for 10^-n s, 128 + n for 2^-n s; 6 where there is none. null: no count of such units
 * could tell a time.
 */
export function clockOf(resolution: number, offsetSeconds: bigint): Clock | null {
  const offsetNs = offsetSeconds * NS_A_SECOND;
  const exponent = resolution & 0x7f;
  if (resolution & 0x80) {
    if (exponent > GREATEST_BINARY) return null;
    const shift = BigInt(exponent);
    return (ticks) => ((ticks * NS_A_SECOND) >> shift) + offsetNs;
  }
  if (exponent > GREATEST_DECIMAL) return null;
  if (exponent <= 9) {
    const unitNs = powerOfTen(9 - exponent);
    return (ticks) => ticks * unitNs + offsetNs;
  }
  const units = powerOfTen(exponent - 9);
  return (ticks) => ticks / units + offsetNs;
}

function powerOfTen(exponent: number): bigint {
  return BigInt(`1${'0'.repeat(exponent)}`);
}
