/**
 * Octets of which each one's value depends on its position, so that a byte that is lost, doubled, or put in the wrong
 * place shows. They repeat after a prime number of octets: transport errors come in round numbers, and a counter of one
 * octet would repeat every 256.
 */

/** The greatest prime below 2^16. */
const PERIOD = 65_521;
/** Pieces up to this length are looked at where they stand and not copied. */
const LONGEST_VIEW = 65_536;

let table: Uint8Array | null = null;

/** Octets `offset` to `offset + length` of the pattern. Others may look at the same octets: they must not be changed. */
export function pattern(offset: number, length: number): Uint8Array {
  table ??= makeTable();
  const from = offset % PERIOD;
  if (length <= LONGEST_VIEW) return table.subarray(from, from + length);
  const bytes = new Uint8Array(length);
  bytes.set(table.subarray(from, from + PERIOD));
  // What is there already is doubled, in whole periods, so that the copies go on where it ends.
  for (let done = PERIOD; done < length; done *= 2) bytes.copyWithin(done, 0, Math.min(done, length - done));
  return bytes;
}

/** The index of the first octet that is not octet `offset + index` of the pattern; -1 when all are. */
export function patternMismatch(bytes: Uint8Array, offset: number): number {
  const expected = pattern(offset, bytes.length);
  return bytes.findIndex((octet, index) => octet !== expected[index]);
}

/**
 * One period and what a view that begins at its end needs more. Each word is its number after the last mixing steps of
 * MurmurHash3, in which each bit of the number flips each bit of the word with a chance near one half.
 */
function makeTable(): Uint8Array {
  const words = new DataView(new ArrayBuffer(PERIOD + 3));
  for (let at = 0; at < PERIOD; at += 4) {
    let word = (at >>> 2) ^ 0x7077616c;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    words.setInt32(at, word ^ (word >>> 16), true);
  }
  const bytes = new Uint8Array(PERIOD + LONGEST_VIEW);
  bytes.set(new Uint8Array(words.buffer, 0, PERIOD));
  bytes.set(bytes.subarray(0, PERIOD), PERIOD);
  bytes.set(bytes.subarray(0, LONGEST_VIEW - PERIOD), 2 * PERIOD);
  return bytes;
}
