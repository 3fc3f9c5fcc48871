/** Decoding DEFLATE (RFC 1951) with a limit that is looked at before each octet is written. */

import { MAX_INFLATE_RATIO } from '../../limits.ts';
import {
  CODE_LENGTH_ORDER,
  countOf,
  DISTANCE_BASE,
  DISTANCE_EXTRA,
  END_OF_BLOCK,
  FIXED_DISTANCE_LENGTHS,
  FIXED_LITERAL_LENGTHS,
  LENGTH_BASE,
  LENGTH_EXTRA,
} from './code-tables.ts';

const WINDOW_BYTES = 32 * 1024;
const RATIO_APPLIES_FROM_BYTES = 64 * 1024;

export type Inflated = Uint8Array | 'damaged' | 'too-big';

/** Why decoding stops; never leaves this file. */
class Stop {
  readonly reason: 'damaged' | 'too-big';
  constructor(reason: 'damaged' | 'too-big') {
    this.reason = reason;
  }
}

/** Symbols by code, to be read bit by bit: how many codes there are of each length, and the symbols in their order. */
interface CodeBook {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

const FIXED = { literals: codeBook(FIXED_LITERAL_LENGTHS), distances: codeBook(FIXED_DISTANCE_LENGTHS) };

/** Decodes messages one after another; where they share a context, later ones may refer to what earlier ones were. */
export class Inflater {
  readonly #keepsContext: boolean;
  #history: Uint8Array = new Uint8Array(0);

  constructor(keepsContext: boolean) {
    this.#keepsContext = keepsContext;
  }

  /** Every block of `bytes`, which must end with a whole one; `isAll`: with one that says that it is the last. */
  inflate(bytes: Uint8Array, maxBytes: number, isAll = false): Inflated {
    const decoding = new Decoding(bytes, this.#history, maxBytes);
    try {
      decoding.run();
    } catch (stop) {
      /* v8 ignore next -- @preserve: whatever else is thrown is our own fault, and no octets make it */
      if (!(stop instanceof Stop)) throw stop;
      return stop.reason;
    }
    if (isAll && !decoding.hasEnded) return 'damaged';
    if (this.#keepsContext) this.#history = decoding.window;
    return decoding.output;
  }
}

class Decoding {
  readonly #input: Uint8Array;
  readonly #maxBytes: number;
  readonly #historyBytes: number;
  #at = 0;
  #bits = 0;
  #bitCount = 0;
  /** History, then what was decoded. */
  #buffer: Uint8Array;
  #length: number;
  /** The last block so far says that it is the last. */
  hasEnded = false;

  constructor(input: Uint8Array, history: Uint8Array, maxBytes: number) {
    this.#input = input;
    const ratioBytes = Math.max(RATIO_APPLIES_FROM_BYTES, input.length * MAX_INFLATE_RATIO);
    this.#maxBytes = Math.min(maxBytes, ratioBytes);
    this.#historyBytes = history.length;
    this.#buffer = new Uint8Array(Math.max(1024, history.length + input.length * 2));
    this.#buffer.set(history);
    this.#length = history.length;
  }

  get output(): Uint8Array {
    return this.#buffer.slice(this.#historyBytes, this.#length);
  }

  get window(): Uint8Array {
    return this.#buffer.slice(Math.max(0, this.#length - WINDOW_BYTES), this.#length);
  }

  run(): void {
    while (this.#at < this.#input.length) {
      const isFinal = this.#take(1) === 1;
      const type = this.#take(2);
      if (type === 0) this.#stored();
      else if (type === 1) this.#compressed(FIXED.literals, FIXED.distances);
      else if (type === 2) this.#dynamic();
      else throw new Stop('damaged');
      // RFC 7692 section 7.2.3.4: a block may be the last of its DEFLATE stream, and another stream follows.
      if (isFinal) this.#align();
      this.hasEnded = isFinal;
    }
  }

  #stored(): void {
    this.#align();
    const length = this.#octet() | (this.#octet() << 8);
    const complement = this.#octet() | (this.#octet() << 8);
    if ((length ^ complement) !== 0xffff || this.#at + length > this.#input.length) throw new Stop('damaged');
    this.#makeRoom(length);
    this.#buffer.set(this.#input.subarray(this.#at, this.#at + length), this.#length);
    this.#length += length;
    this.#at += length;
  }

  #dynamic(): void {
    const literalCount = this.#take(5) + 257;
    const distanceCount = this.#take(5) + 1;
    const codeLengthCount = this.#take(4) + 4;
    if (literalCount > 286 || distanceCount > 30) throw new Stop('damaged');
    const codeLengths = new Array<number>(19).fill(0);
    for (const symbol of CODE_LENGTH_ORDER.slice(0, codeLengthCount)) codeLengths[symbol] = this.#take(3);
    const book = soundBook(codeLengths);
    const lengths: number[] = [];
    while (lengths.length < literalCount + distanceCount) {
      const symbol = this.#symbol(book);
      if (symbol < 16) lengths.push(symbol);
      else this.#repeat(lengths, symbol);
    }
    if (lengths.length > literalCount + distanceCount || lengths[END_OF_BLOCK] === 0) throw new Stop('damaged');
    this.#compressed(soundBook(lengths.slice(0, literalCount)), soundBook(lengths.slice(literalCount)));
  }

  #repeat(lengths: number[], symbol: number): void {
    const last = lengths.at(-1);
    if (symbol === 16 && last === undefined) throw new Stop('damaged');
    const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
    for (let time = 0; time < times; time++) lengths.push(symbol === 16 ? (last as number) : 0);
  }

  #compressed(literals: CodeBook, distances: CodeBook): void {
    for (;;) {
      const symbol = this.#symbol(literals);
      if (symbol === END_OF_BLOCK) return;
      if (symbol < END_OF_BLOCK) {
        this.#makeRoom(1);
        this.#buffer[this.#length++] = symbol;
      } else this.#copy(symbol - 257, distances);
    }
  }

  #copy(lengthCode: number, distances: CodeBook): void {
    const base = LENGTH_BASE[lengthCode];
    if (base === undefined) throw new Stop('damaged');
    const length = base + this.#take(LENGTH_EXTRA[lengthCode] as number);
    const distanceCode = this.#symbol(distances);
    // There are no codes for more than the 30 that stand in the table.
    const distance = (DISTANCE_BASE[distanceCode] as number) + this.#take(DISTANCE_EXTRA[distanceCode] as number);
    if (distance > this.#length) throw new Stop('damaged');
    this.#makeRoom(length);
    // Octet by octet: the copy may run into what it is writing.
    for (let left = length; left > 0; left--) {
      this.#buffer[this.#length] = this.#buffer[this.#length - distance] as number;
      this.#length++;
    }
  }

  #symbol({ counts, symbols }: CodeBook): number {
    let code = 0;
    let first = 0;
    let index = 0;
    for (let bits = 1; bits <= 15; bits++) {
      code |= this.#take(1);
      const count = counts[bits] as number;
      if (code - first < count) return symbols[index + code - first] as number;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Stop('damaged');
  }

  #take(count: number): number {
    while (this.#bitCount < count) {
      this.#bits |= this.#octet() << this.#bitCount;
      this.#bitCount += 8;
    }
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#bitCount -= count;
    return value;
  }

  #octet(): number {
    const octet = this.#input[this.#at++];
    if (octet === undefined) throw new Stop('damaged');
    return octet;
  }

  /** The rest of the octet is padding. At most seven bits are ever held over. */
  #align(): void {
    this.#bits = 0;
    this.#bitCount = 0;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed - this.#historyBytes > this.#maxBytes) throw new Stop('too-big');
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

function codeBook(lengths: readonly number[]): CodeBook {
  const symbols = lengths.map((bits, symbol) => ({ bits, symbol })).filter(({ bits }) => bits > 0);
  symbols.sort((one, other) => one.bits - other.bits || one.symbol - other.symbol);
  return { counts: countOf(lengths), symbols: symbols.map(({ symbol }) => symbol) };
}

/** Refuses lengths that more codes were given to than there are. Too few are allowed: an unused code stops decoding. */
function soundBook(lengths: readonly number[]): CodeBook {
  const book = codeBook(lengths);
  let free = 1;
  for (let bits = 1; bits <= 15; bits++) {
    free = free * 2 - (book.counts[bits] as number);
    if (free < 0) throw new Stop('damaged');
  }
  return book;
}
