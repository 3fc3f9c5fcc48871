import seedrandom from 'seedrandom';

/**
 * Named random streams. A stream's numbers depend on the seed and on its own name only (`link:wan/loss`), so that adding
 * a host, a link or a draw elsewhere changes nothing here. This is the seed contract: version 1.
 */
const CONTRACT = 'packetwalk/1';

const MILLION = 1_000_000;
const TWO_32 = 0x100000000;

export class Rng {
  readonly #seed: string;
  readonly #stream: string;
  /** Made by the first draw: most streams of most hosts are never drawn from. */
  #generator: seedrandom.PRNG | null = null;

  constructor(seed: string, stream: string) {
    this.#seed = seed;
    this.#stream = stream;
  }

  /** An integer 0..2^32-1. */
  u32(): number {
    return this.#next();
  }

  #next(): number {
    // Alea uses only +, - and * on doubles, which IEEE 754 fixes to the bit on every machine.
    this.#generator ??= seedrandom.alea(`${CONTRACT}:${this.#seed}:${this.#stream}`);
    return this.#generator.int32() >>> 0;
  }

  /** An integer 0..n-1 without modulo bias (rejection); n from 1 to 2^53. */
  below(n: number): number {
    if (n <= TWO_32) {
      const limit = TWO_32 - (TWO_32 % n);
      for (;;) {
        const draw = this.#next();
        if (draw < limit) return draw % n;
      }
    }
    const range = 2 ** 53;
    const limit = range - (range % n);
    for (;;) {
      const draw = (this.#next() >>> 11) * TWO_32 + this.#next();
      if (draw < limit) return draw % n;
    }
  }

  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with a probability of `perMillion` in a million; 0 and 1,000,000 draw nothing. */
  chance(perMillion: number): boolean {
    if (perMillion <= 0) return false;
    return perMillion >= MILLION || this.below(MILLION) < perMillion;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at++) bytes[at] = this.#next();
    return bytes;
  }
}
