/** How Reno's window moves in congestion avoidance (RFC 5681): one segment more a round trip, half after a loss. */

import type { GrowthLaw } from './congestion.ts';

export class Reno implements GrowthLaw {
  /** Octets acknowledged since cwnd last grew (RFC 3465: counting octets, not ACKs). */
  #credit = 0;
  #creditBefore = 0;

  grow(cwndBytes: number, ackedBytes: number, mssBytes: number): number {
    this.#credit += ackedBytes;
    if (this.#credit < cwndBytes) return cwndBytes;
    this.#credit -= cwndBytes;
    return cwndBytes + mssBytes;
  }

  /** Equation 4: half of what is in flight, not of cwnd, which may be more than was ever used. */
  threshold(_cwndBytes: number, flightBytes: number, mssBytes: number): number {
    return Math.max(Math.floor(flightBytes / 2), 2 * mssBytes);
  }

  startOver(afterTimeout: boolean): void {
    if (afterTimeout) this.#credit = 0;
  }

  remember(): void {
    this.#creditBefore = this.#credit;
  }

  restore(): void {
    this.#credit = this.#creditBefore;
  }
}
