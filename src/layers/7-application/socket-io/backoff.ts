import type { Rng } from '../../../kernel/rng.ts';

const TWO_32 = 0x100000000;
/** Beyond this every delay is the greatest anyway, and doubling stays exact. */
const MAX_DOUBLINGS = 20;

export interface BackoffOptions {
  readonly delayNs: number;
  readonly maxNs: number;
  /** Of a million: how far a delay may be from what it would be, up or down (`randomizationFactor`). */
  readonly jitterPerMillion: number;
}

/**
 * How long to wait before trying again: twice as long each time, by chance somewhat more or less, so that a thousand
 * clients that lost one server do not come back in the same instant. As Socket.IO's client does it (backo2): the greatest
 * delay cuts off what chance has added.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: Rng;
  #attempts = 0;

  constructor(options: BackoffOptions, random: Rng) {
    this.#options = options;
    this.#random = random;
  }

  get attempts(): number {
    return this.#attempts;
  }

  reset(): void {
    this.#attempts = 0;
  }

  nextNs(): number {
    const { delayNs, maxNs, jitterPerMillion } = this.#options;
    let ns = delayNs * 2 ** Math.min(this.#attempts++, MAX_DOUBLINGS);
    if (jitterPerMillion > 0) {
      const chance = this.#random.u32() / TWO_32;
      const deviation = Math.floor((chance * jitterPerMillion * ns) / 1_000_000);
      // The first decimal digit of the same draw decides on which side it lies.
      ns += Math.floor(chance * 10) % 2 === 0 ? -deviation : deviation;
    }
    return Math.min(ns, maxNs);
  }
}
