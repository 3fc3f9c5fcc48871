/**
 * Octets of which each one's value depends on its position, so that a byte that is lost, doubled, or put in the wrong
 * place shows. A counter would not do: it repeats every 256 octets, and transport errors come in round numbers.
 */

const FOUR_GIGA = 0x100000000;

/** Octets `offset` to `offset + length` of the pattern. */
export function pattern(offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  while (at < length) {
    const position = offset + at;
    let word = patternWord(Math.floor(position / 4)) >>> (8 * (position % 4));
    for (let left = 4 - (position % 4); left > 0 && at < length; left--) {
      bytes[at++] = word;
      word >>>= 8;
    }
  }
  return bytes;
}

/** The index of the first octet that is not octet `offset + index` of the pattern; -1 when all are. */
export function patternMismatch(bytes: Uint8Array, offset: number): number {
  const expected = pattern(offset, bytes.length);
  return bytes.findIndex((octet, index) => octet !== expected[index]);
}

/** The last mixing steps of MurmurHash3: each bit of the index flips each bit of the word with a chance near one half. */
function patternWord(index: number): number {
  let word = (index ^ Math.imul(Math.floor(index / FOUR_GIGA), 0x9e3779b1) ^ 0x7077616c) | 0;
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
