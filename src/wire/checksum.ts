/**
 * The Internet checksum (RFC 1071) and Ethernet's CRC-32 (IEEE 802.3, 3.2.9).
 *
 * `sum` returns an unfolded partial sum so that a pseudo-header, a header and data can be added up without copying.
 */

/** From this length on it pays to look at the octets as 32-bit words. */
const LONG_BYTES = 64;

/**
 * Adds up 16-bit words in network order; an odd last octet is padded with zero on the right (RFC 1071 section 4.1).
 * The result fits a double exactly for any packet: at most 32,768 words of 65,535 each.
 */
export function sum(bytes: Uint8Array, start: number, end: number, initial = 0): number {
  if (end - start < LONG_BYTES) return sumOctets(bytes, start, end, initial);
  const { words, byteOffset } = wordsOf(bytes);
  const isEven = ((byteOffset + start) & 1) === 0;
  return isEven ? sumWords(bytes, start, end, initial, words, byteOffset) : sumOctets(bytes, start, end, initial);
}

/**
 * "The sum of 16-bit integers can be computed in either byte order" (RFC 1071 section 2, B): words are added as this
 * machine reads them, and what comes of it is turned round once. They are added in pairs, as 32-bit numbers: 2^16 is 1
 * in this arithmetic, so that the upper half counts as much as the lower (section 2, "parallel summation"). Four sums
 * at once, as a processor begins an addition before the last one has ended.
 */
function sumWords(
  bytes: Uint8Array,
  start: number,
  end: number,
  initial: number,
  words: Uint32Array,
  byteOffset: number,
): number {
  const from = (byteOffset + start + 3) >> 2;
  const last = (byteOffset + end) >> 2;
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let at = from;
  for (const stop = last - 7; at < stop; at += 8) {
    a += (words[at] as number) + (words[at + 4] as number);
    b += (words[at + 1] as number) + (words[at + 5] as number);
    c += (words[at + 2] as number) + (words[at + 6] as number);
    d += (words[at + 3] as number) + (words[at + 7] as number);
  }
  for (; at < last; at++) a += words[at] as number;
  const head = sumOctets(bytes, start, 4 * from - byteOffset, initial);
  const rest = sumOctets(bytes, 4 * last - byteOffset, end, head);
  const folded = fold(a + b + c + d);
  return rest + (((folded << TURN_BITS) & 0xffff) | (folded >>> TURN_BITS));
}

/** 8 where the lowest octet of a word stands first, else 0. */
const TURN_BITS = new Uint8Array(Uint32Array.of(8).buffer)[0] as number;
const IS_LITTLE_ENDIAN = TURN_BITS === 8;

/** An array of octets and the words of all its buffer, of which it is a part that begins at `byteOffset`. */
interface WordView {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly byteOffset: number;
}

/** The views asked for lately: packets lie in few arrays, and to make a view of one costs a packet's time. */
const RECENT: WordView[] = Array.from({ length: 8 }, () => viewOf(new Uint8Array(0)));

function wordsOf(bytes: Uint8Array): WordView {
  for (let index = 0; index < RECENT.length; index++) {
    const view = RECENT[index] as WordView;
    if (view.bytes === bytes) return view;
  }
  const view = viewOf(bytes);
  RECENT.pop();
  RECENT.unshift(view);
  return view;
}

function viewOf(bytes: Uint8Array): WordView {
  const { buffer, byteOffset } = bytes;
  return { bytes, words: new Uint32Array(buffer, 0, buffer.byteLength >> 2), byteOffset };
}

function sumOctets(bytes: Uint8Array, start: number, end: number, initial: number): number {
  let high = 0;
  let low = 0;
  let at = start;
  const last = end - 7;
  // Octets of odd and even place are added apart: no shift per word, and the engine keeps both sums in registers.
  while (at < last) {
    high += (bytes[at] as number) + (bytes[at + 2] as number) + (bytes[at + 4] as number) + (bytes[at + 6] as number);
    low +=
      (bytes[at + 1] as number) + (bytes[at + 3] as number) + (bytes[at + 5] as number) + (bytes[at + 7] as number);
    at += 8;
  }
  while (at + 1 < end) {
    high += bytes[at] as number;
    low += bytes[at + 1] as number;
    at += 2;
  }
  if (at < end) high += bytes[at] as number;
  return initial + high * 256 + low;
}

/** Folds a partial sum to 16 bits with end-around carry and complements it: the value that stands in the header. */
export function finish(partial: number): number {
  return ~fold(partial) & 0xffff;
}

/** Up to here the engine computes in its own integers. */
const GREATEST_INT = 0x7fffffff;

/** A sum below 2^47 with its carries added in again, until none is left. */
function fold(partial: number): number {
  if (partial <= GREATEST_INT) {
    const once = (partial & 0xffff) + (partial >>> 16);
    return (once & 0xffff) + (once >>> 16);
  }
  const high = Math.floor(partial / 0x100000000);
  const low = partial >>> 0;
  let folded = (low & 0xffff) + (low >>> 16) + high;
  folded = (folded & 0xffff) + (folded >>> 16);
  return (folded & 0xffff) + (folded >>> 16);
}

/**
 * RFC 1624 equation 3, HC' = ~(~HC + ~m + m'): the checksum after one 16-bit word changed from `before` to `after`,
 * without reading the rest of the header.
 */
export function adjust(checksum: number, before: number, after: number): number {
  return finish((~checksum & 0xffff) + (~before & 0xffff) + after);
}

const SLICES = 16;
const TABLES = crcTables();

/** For slicing by 16 octets, one behind the other: the plain table, and the same advanced by 1 to 15 zero octets. */
function crcTables(): Uint32Array {
  const tables = new Uint32Array(SLICES * 256);
  for (let octet = 0; octet < 256; octet++) {
    let crc = octet;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    tables[octet] = crc;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256] as number;
    tables[at] = (before >>> 8) ^ (tables[before & 0xff] as number);
  }
  return tables;
}

/** Eight octets on the way into a CRC, as two words; `slice`: how many octets of the piece come behind them. */
function advanced(low: number, high: number, slice: number): number {
  const at = slice << 8;
  return (
    (TABLES[at + 0x700 + (low & 0xff)] as number) ^
    (TABLES[at + 0x600 + ((low >>> 8) & 0xff)] as number) ^
    (TABLES[at + 0x500 + ((low >>> 16) & 0xff)] as number) ^
    (TABLES[at + 0x400 + (low >>> 24)] as number) ^
    (TABLES[at + 0x300 + (high & 0xff)] as number) ^
    (TABLES[at + 0x200 + ((high >>> 8) & 0xff)] as number) ^
    (TABLES[at + 0x100 + ((high >>> 16) & 0xff)] as number) ^
    (TABLES[at + (high >>> 24)] as number)
  );
}

/**
 * CRC-32 with the reflected polynomial 0xEDB88320, initial value and final XOR 0xFFFFFFFF. As a frame check sequence it
 * is sent least significant octet first; the CRC over frame and FCS together is then 0x2144DF1C.
 */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0xffffffff;
  let at = start;
  if (IS_LITTLE_ENDIAN && end - start >= LONG_BYTES) {
    const { words, byteOffset } = wordsOf(bytes);
    const first = start + (-(byteOffset + start) & 3);
    crc = crcOctets(bytes, start, first, crc);
    let word = (byteOffset + first) >> 2;
    for (at = first; at + SLICES <= end; at += SLICES, word += 4) {
      const front = advanced((words[word] as number) ^ crc, words[word + 1] as number, 8);
      crc = front ^ advanced(words[word + 2] as number, words[word + 3] as number, 0);
    }
  }
  return ~crcOctets(bytes, at, end, crc) >>> 0;
}

function crcOctets(bytes: Uint8Array, start: number, end: number, initial: number): number {
  let crc = initial;
  for (let at = start; at < end; at++) {
    crc = (crc >>> 8) ^ (TABLES[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return crc;
}
