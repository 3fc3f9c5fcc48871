/**
 * Mutants that `mutate.mjs` makes and that are no faults: no input can tell them from the original. Each group has its
 * reason; one that is not made any more, because the line has changed, is reported.
 */

const TCP = 'src/layers/4-transport/tcp';
const CHECKSUM = 'src/wire/checksum.ts';

const one = (file, why, was, ...now) => ({ file, why, was, now });

export const EQUIVALENT = [
  one(
    `${TCP}/sequence.ts`,
    'the sign is all that counts, and the lowest bit does not change it',
    'return ((a - b) | 0) < 0;',
    'return ((a - b) | 1) < 0;',
  ),
  one(`${TCP}/sequence.ts`, 'the same', 'return ((a - b) | 0) >= 0;', 'return ((a - b) | 1) >= 0;'),
  one(
    `${TCP}/rto.ts`,
    'what is doubled once too often is cut to the greatest all the same',
    'for (let doubling = 0; doubling < doublings && doubled < greatestNs; doubling++) doubled *= 2;',
    'for (let doubling = 0; doubling < doublings && doubled <= greatestNs; doubling++) doubled *= 2;',
  ),
  one(`${TCP}/rto.ts`, 'it is set before it is read', '#timedNs: Nanos = 0;', '#timedNs: Nanos = 1;'),
  one(
    `${TCP}/sack.ts`,
    'of no blocks none is dropped',
    'if (this.#starts.length > 0) this.#dropWithin(-1, next);',
    'if (this.#starts.length >= 0) this.#dropWithin(-1, next);',
  ),
  one(
    `${TCP}/ranges.ts`,
    'behind the last range is undefined, and no comparison with that is true',
    'return index < this.count && (this.starts[index] as number) <= start && end <= (this.ends[index] as number);',
    'return index <= this.count && (this.starts[index] as number) <= start && end <= (this.ends[index] as number);',
  ),
  one(
    `${TCP}/ranges.ts`,
    'the same',
    'while (last < starts.length && (starts[last] as number) <= end) {',
    'while (last <= starts.length && (starts[last] as number) <= end) {',
  ),
  one(
    `${TCP}/ranges.ts`,
    'the first range is cut to where it begins, or there is none',
    'if (this.count > 0 && (this.starts[0] as number) < offset) this.starts[0] = offset;',
    'if (this.count > 0 && (this.starts[0] as number) <= offset) this.starts[0] = offset;',
    'if (this.count >= 0 && (this.starts[0] as number) < offset) this.starts[0] = offset;',
  ),
  one(
    `${TCP}/ranges.ts`,
    'a short cut: the search below finds the same',
    'if (high > 0 && (ends[high - 1] as number) <= offset) return high;',
    'if (high > 0 && (ends[high - 1] as number) < offset) return high;',
    'if (high >= 0 && (ends[high - 1] as number) <= offset) return high;',
    'if (high > 0 && (ends[high + 1] as number) <= offset) return high;',
    'if (high > 1 && (ends[high - 1] as number) <= offset) return high;',
  ),
  one(
    `${TCP}/ranges.ts`,
    'nothing is taken out where one range was touched',
    'if (last - first > 1) {',
    'if (last - first >= 1) {',
    'if (last + first > 1) {',
  ),
  one(`${TCP}/ranges.ts`, 'nothing is taken out', 'if (index > 0) {', 'if (index >= 0) {'),
  one(
    CHECKSUM,
    'where octets are added in pairs or words is a matter of speed; both ways give the same sum',
    'const isLong = end - start >= LONG_BYTES && ((bytes.byteOffset + start) & 1) === 0;',
    'const isLong = end - start > LONG_BYTES && ((bytes.byteOffset + start) & 1) === 0;',
    'const isLong = end + start >= LONG_BYTES && ((bytes.byteOffset + start) & 1) === 0;',
    'const isLong = end - start >= LONG_BYTES && ((bytes.byteOffset - start) & 1) === 0;',
  ),
  one(CHECKSUM, 'the same', 'const LONG_BYTES = 64;', 'const LONG_BYTES = 65;'),
  one(CHECKSUM, 'what the long strides leave out the short ones add', 'const last = end - 7;', 'const last = end - 8;'),
  one(
    CHECKSUM,
    'what the long strides leave out the short ones add',
    'for (const last = end - 3; at < last; at += 4) {',
    'for (const last = end - 4; at < last; at += 4) {',
  ),
  one(
    CHECKSUM,
    'entry 0 of every table is 0, and nobody asks for entry 256',
    'for (let octet = 0; octet < 256; octet++) {',
    'for (let octet = 0; octet <= 256; octet++) {',
    'for (let octet = 1; octet < 256; octet++) {',
    'for (let octet = 0; octet < 257; octet++) {',
  ),
  one(
    CHECKSUM,
    'nobody asks for entry 256',
    'const tables = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)] as const;',
    'const tables = [new Uint32Array(257), new Uint32Array(256), new Uint32Array(256), new Uint32Array(256)] as const;',
    'const tables = [new Uint32Array(256), new Uint32Array(257), new Uint32Array(256), new Uint32Array(256)] as const;',
    'const tables = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(257), new Uint32Array(256)] as const;',
    'const tables = [new Uint32Array(256), new Uint32Array(256), new Uint32Array(256), new Uint32Array(257)] as const;',
  ),
  one(
    CHECKSUM,
    'buffers that are not remembered are looked at anew',
    'recent[1] = first ?? { buffer, words };',
    'recent[2] = first ?? { buffer, words };',
  ),
  one(CHECKSUM, 'the same', 'recent[0] = { buffer, words };', 'recent[1] = { buffer, words };'),
];
