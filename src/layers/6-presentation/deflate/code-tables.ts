/** The codes of DEFLATE: RFC 1951 sections 3.2.5 to 3.2.7. */

/** Lengths 3 to 258 by code 257 to 285: the least of each code, and the extra bits that choose within it. */
export const LENGTH_BASE: readonly number[] = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
export const LENGTH_EXTRA: readonly number[] = [
  0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
];
export const DISTANCE_BASE: readonly number[] = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12_289, 16_385, 24_577,
];
export const DISTANCE_EXTRA: readonly number[] = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** The order in which the lengths of the code length codes stand. */
export const CODE_LENGTH_ORDER: readonly number[] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

export const END_OF_BLOCK = 256;
export const MIN_MATCH = 3;
export const MAX_MATCH = 258;

/** Section 3.2.6: the literal/length codes of a block with fixed codes are 8, 9, 7 and 8 bits long. */
export const FIXED_LITERAL_LENGTHS: readonly number[] = Array.from({ length: 288 }, (_, symbol) =>
  symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
);
export const FIXED_DISTANCE_LENGTHS: readonly number[] = new Array<number>(30).fill(5);

/** The code of each symbol (section 3.2.2), where all have one: shorter codes first, and among equals the lower symbol. */
export function canonicalCodes(lengths: readonly number[]): readonly number[] {
  const next = new Array<number>(17).fill(0);
  const counts = countOf(lengths);
  for (let bits = 1; bits <= 15; bits++) {
    next[bits + 1] = ((next[bits] as number) + (counts[bits] as number)) << 1;
  }
  return lengths.map((bits) => {
    const code = next[bits] as number;
    next[bits] = code + 1;
    return code;
  });
}

export function countOf(lengths: readonly number[]): readonly number[] {
  const counts = new Array<number>(16).fill(0);
  for (const bits of lengths) if (bits > 0) counts[bits] = (counts[bits] as number) + 1;
  return counts;
}
