/**
 * Octets of which each one's value depends on its position, so that a byte that is lost, doubled, or put in the wrong
 * place shows. A counter would not do: it repeats every 256 octets, and transport errors come in round numbers.
 */

const FOUR_GIGA = 0x100000000;

/** Octets `offset` to `offset + length` of the pattern; in `memory` where that is large enough for 6 more than these. */
export function pattern(offset: number, length: number, memory?: ArrayBuffer): Uint8Array {
  // Whole words are made, and what is too much of the first and the last is cut off.
  const skip = offset % 4;
  const words = Math.ceil((skip + length) / 4);
  const view = new DataView(memory && memory.byteLength >= 4 * words ? memory : new ArrayBuffer(4 * words));
  const first = Math.floor(offset / 4);
  const wrapsAt = Math.min(words, FOUR_GIGA - (first % FOUR_GIGA));
  writeWords(view, 0, wrapsAt, first);
  writeWords(view, wrapsAt, words, first + wrapsAt);
  return new Uint8Array(view.buffer, skip, length);
}

/** The index of the first octet that is not octet `offset + index` of the pattern; -1 when all are. */
export function patternMismatch(bytes: Uint8Array, offset: number): number {
  const expected = pattern(offset, bytes.length);
  return bytes.findIndex((octet, index) => octet !== expected[index]);
}

/**
 * Words `from` to `to` of a view, of which the first is word `index` of the pattern: the last mixing steps of MurmurHash3,
 * in which each bit of the index flips each bit of the word with a chance near one half. The upper half of the index is
 * the same for all of them.
 */
function writeWords(view: DataView, from: number, to: number, index: number): void {
  const salt = Math.imul(Math.floor(index / FOUR_GIGA), 0x9e3779b1) ^ 0x7077616c;
  const low = index | 0;
  for (let at = from; at < to; at++) {
    let word = (low + (at - from)) ^ salt;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    view.setInt32(4 * at, word ^ (word >>> 16), true);
  }
}
