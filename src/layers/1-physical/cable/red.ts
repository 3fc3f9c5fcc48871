/**
 * Random Early Detection (Floyd and Jacobson 1993; RFC 2309): the longer the queue is on average, the likelier an
 * arriving frame is told so, by a mark or by being dropped. The numbers are tc-red(8)'s defaults: of the queue's limit,
 * the upper threshold is a quarter and the lower a third of that, and between them the chance grows to 2 %. The average
 * looks back over one second of frames (Floyd, Gummadi and Shenker 2001: w = 1/C, C the link's frames a second).
 *
 * All in integers: the average counts in 1/4096 of a packet or octet.
 */

import type { Nanos } from '../../../kernel/journal.ts';
import type { Rng } from '../../../kernel/rng.ts';

const SCALE = 4096;
const GREATEST_PER_MILLION = 20_000;
const MILLION = 1_000_000;
const SECOND_NS: Nanos = 1_000_000_000;

/** `signal`: mark it, or drop it where it cannot be marked. */
export type RedVerdict = 'pass' | 'signal' | 'drop';

export class Red {
  readonly #random: Rng;
  #average = 0;
  /** Frames since the last that was told; -1: the average was below the lower threshold. */
  #count = -1;

  constructor(random: Rng) {
    this.#random = random;
  }

  /** The average length of the queue, in the unit of its limit, rounded down. */
  get average(): number {
    return Math.floor(this.#average / SCALE);
  }

  /**
   * A frame arrives. `depth` and `limit` in one unit, packets or octets; `frameNs`: how long it will hold the
   * transmitter; `idleNs`: how long that has had nothing to do.
   */
  onArrival(depth: number, limit: number, frameNs: Nanos, idleNs: Nanos): RedVerdict {
    const weight = Math.max(1, Math.floor(SECOND_NS / Math.max(1, frameNs)));
    if (idleNs > 0) this.#decay(Math.floor(idleNs / Math.max(1, frameNs)), weight);
    this.#average += Math.trunc((depth * SCALE - this.#average) / weight);
    const upper = Math.max(2, Math.floor(limit / 4)) * SCALE;
    const lower = Math.floor(upper / 3);
    if (this.#average < lower) {
      this.#count = -1;
      return 'pass';
    }
    if (this.#average >= upper) {
      this.#count = 0;
      // RFC 3168 section 7: above the upper threshold frames are dropped, marks or not.
      return 'drop';
    }
    this.#count++;
    const chance = Math.floor((GREATEST_PER_MILLION * (this.#average - lower)) / (upper - lower));
    // Spread evenly: the longer none was told, the likelier the next (Floyd and Jacobson, section 4).
    const left = MILLION - this.#count * chance;
    const spread = left <= chance ? MILLION : Math.floor((chance * MILLION) / left);
    if (!this.#random.chance(spread)) return 'pass';
    this.#count = 0;
    return 'signal';
  }

  /** While nothing was sent, as many frames could have gone: each would have found an empty queue. */
  #decay(frames: number, weight: number): void {
    // (1 - 1/w)^n for n = 0.69 w is a half, near enough.
    const half = Math.max(1, Math.floor((weight * 69) / 100));
    for (let halvings = Math.floor(frames / half); halvings > 0 && this.#average > 0; halvings--) {
      this.#average = Math.floor(this.#average / 2);
    }
    for (let rest = frames % half; rest > 0 && this.#average > 0; rest--) {
      this.#average -= Math.ceil(this.#average / weight);
    }
  }
}
