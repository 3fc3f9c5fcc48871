/**
 * Encoding DEFLATE (RFC 1951): LZ77 with hash chains, fixed Huffman codes. Its octets are part of what a run looks like
 * on the wire, so they come from this file and not from the zlib of whatever Node runs it.
 */

import {
  canonicalCodes,
  DISTANCE_BASE,
  DISTANCE_EXTRA,
  END_OF_BLOCK,
  FIXED_LITERAL_LENGTHS,
  LENGTH_BASE,
  LENGTH_EXTRA,
  MAX_MATCH,
  MIN_MATCH,
} from './code-tables.ts';

const FIXED_LITERAL_CODES = canonicalCodes(FIXED_LITERAL_LENGTHS);
/** Earlier places that are looked at for a match. */
const MAX_CHAIN = 64;
const HASH_SIZE = 1 << 15;

/** RFC 1951 section 3.2.4: a length of 16 bits. */
const MAX_STORED = 0xffff;

/** All of it as one DEFLATE stream; what does not get shorter is stored as it is. */
export function deflated(content: Uint8Array): Uint8Array {
  const bits = new BitWriter();
  bits.put(1, 1);
  bits.put(1, 2);
  new Matcher(content, 0, 1 << 15).run(bits);
  putSymbol(bits, END_OF_BLOCK);
  const coded = bits.done();
  const blocks = Math.max(1, Math.ceil(content.length / MAX_STORED));
  return coded.length <= content.length + 5 * blocks ? coded : stored(content, blocks);
}

function stored(content: Uint8Array, blocks: number): Uint8Array {
  const bytes = new Uint8Array(content.length + 5 * blocks);
  for (let block = 0, to = 0; block < blocks; block++) {
    const part = content.subarray(block * MAX_STORED, (block + 1) * MAX_STORED);
    const { length } = part;
    bytes.set([block === blocks - 1 ? 1 : 0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255], to);
    bytes.set(part, to + 5);
    to += 5 + length;
  }
  return bytes;
}

/** Encodes messages one after another; with a context, later ones refer to what earlier ones were. */
export class Deflater {
  readonly #keepsContext: boolean;
  readonly #windowBytes: number;
  #history: Uint8Array = new Uint8Array(0);

  /** `windowBits`: 8 to 15; matches lie at most 2^windowBits octets back. */
  constructor(keepsContext: boolean, windowBits: number) {
    this.#keepsContext = keepsContext;
    this.#windowBytes = 1 << windowBits;
  }

  /** One block with fixed codes, ended by an empty stored block without its 00 00 FF FF (RFC 7692 section 7.2.1). */
  deflate(message: Uint8Array): Uint8Array {
    const bytes = new Uint8Array(this.#history.length + message.length);
    bytes.set(this.#history);
    bytes.set(message, this.#history.length);
    const bits = new BitWriter();
    bits.put(0, 1);
    bits.put(1, 2);
    new Matcher(bytes, this.#history.length, this.#windowBytes).run(bits);
    putSymbol(bits, END_OF_BLOCK);
    // BFINAL 0, BTYPE 00, padding; the length and its complement are what section 7.2.1 takes away.
    bits.put(0, 3);
    if (this.#keepsContext) this.#history = bytes.slice(Math.max(0, bytes.length - this.#windowBytes));
    return bits.done();
  }
}

class Matcher {
  readonly #bytes: Uint8Array;
  readonly #from: number;
  readonly #windowBytes: number;
  readonly #heads = new Int32Array(HASH_SIZE).fill(-1);
  readonly #before: Int32Array;

  constructor(bytes: Uint8Array, from: number, windowBytes: number) {
    this.#bytes = bytes;
    this.#from = from;
    this.#windowBytes = windowBytes;
    this.#before = new Int32Array(bytes.length).fill(-1);
  }

  run(bits: BitWriter): void {
    const bytes = this.#bytes;
    // The octet at 0 begins no match, as in zlib, where 0 stands for "none": so the examples of RFC 7692 come out alike.
    for (let at = 1; at < this.#from; at++) this.#remember(at);
    let at = this.#from;
    while (at < bytes.length) {
      const { length, distance } = this.#longest(at);
      const taken = Math.max(1, length);
      if (length === 0) putSymbol(bits, bytes[at] as number);
      else putMatch(bits, length, distance);
      for (const end = at + taken; at < end; at++) if (at > 0) this.#remember(at);
    }
  }

  #longest(at: number): { readonly length: number; readonly distance: number } {
    const bytes = this.#bytes;
    const limit = Math.min(MAX_MATCH, bytes.length - at);
    let best = { length: 0, distance: 0 };
    if (limit < MIN_MATCH) return best;
    let candidate = this.#heads[hash(bytes, at)] as number;
    for (let chain = 0; chain < MAX_CHAIN && candidate >= 0 && at - candidate <= this.#windowBytes; chain++) {
      let length = 0;
      while (length < limit && bytes[candidate + length] === bytes[at + length]) length++;
      if (length >= MIN_MATCH && length > best.length) best = { length, distance: at - candidate };
      if (length === limit) break;
      candidate = this.#before[candidate] as number;
    }
    return best;
  }

  #remember(at: number): void {
    if (at + MIN_MATCH > this.#bytes.length) return;
    const key = hash(this.#bytes, at);
    this.#before[at] = this.#heads[key] as number;
    this.#heads[key] = at;
  }
}

function hash(bytes: Uint8Array, at: number): number {
  const three = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
  return Math.imul(three, 0x9e3779b1) >>> 17;
}

/** The bits of a block, least significant first (RFC 1951 section 3.1.1). */
class BitWriter {
  readonly #octets: number[] = [];
  #bits = 0;
  #count = 0;

  /** The lowest `count` bits of a value, at most 16. */
  put(value: number, count: number): void {
    this.#bits |= value << this.#count;
    this.#count += count;
    while (this.#count >= 8) {
      this.#octets.push(this.#bits & 0xff);
      this.#bits >>>= 8;
      this.#count -= 8;
    }
  }

  /** A Huffman code: its most significant bit comes first. */
  putCode(code: number, count: number): void {
    for (let bit = count - 1; bit >= 0; bit--) this.put((code >> bit) & 1, 1);
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#count > 0 ? [...this.#octets, this.#bits & 0xff] : this.#octets);
  }
}

function putSymbol(bits: BitWriter, symbol: number): void {
  bits.putCode(FIXED_LITERAL_CODES[symbol] as number, FIXED_LITERAL_LENGTHS[symbol] as number);
}

function putMatch(bits: BitWriter, length: number, distance: number): void {
  // 258 has a code of its own, although that of 227 could reach it.
  const lengthCode = LENGTH_BASE.findLastIndex((base) => base <= length);
  putSymbol(bits, 257 + lengthCode);
  bits.put(length - (LENGTH_BASE[lengthCode] as number), LENGTH_EXTRA[lengthCode] as number);
  const distanceCode = DISTANCE_BASE.findLastIndex((base) => base <= distance);
  bits.putCode(distanceCode, 5);
  bits.put(distance - (DISTANCE_BASE[distanceCode] as number), DISTANCE_EXTRA[distanceCode] as number);
}
