/**
 * CUBIC (RFC 9438) in whole numbers: octets and milliseconds, and a cube root that is searched for, so that every machine
 * computes the same window.
 *
 *   W(t) = C * (t - K)^3 + Wmax,   C = 0.4 segments/s^3,   K = cbrt((Wmax - cwnd at the start) / C)
 */

import type { Nanos } from '../../../kernel/journal.ts';
import { type GrowthLaw, NONE } from './congestion.ts';

const MS: Nanos = 1_000_000;
/** Beyond this the cube no longer fits a whole number: 100 s from the plateau cwnd is unbounded anyway. */
const GREATEST_MS = 100_000;

export class Cubic implements GrowthLaw {
  readonly #clock: { readonly nowNs: Nanos };
  readonly #roundTrip: { readonly srttNs: Nanos };
  /** Wmax: the window where the last loss happened, or less for fast convergence. */
  #wMaxBytes = NONE;
  /** cwnd just before the last reduction. */
  #priorBytes = NONE;
  #epochNs: Nanos = NONE;
  #kMs = NONE;
  /** W_est: what Reno would have by now. */
  #estimateBytes = NONE;
  #estimateCredit = NONE;
  #growthCredit = NONE;
  #isAfterTimeout = false;
  /** How it was before the last timeout. Made by the first and written into again. */
  #before: Cubic | null = null;

  constructor(clock: { readonly nowNs: Nanos }, roundTrip: { readonly srttNs: Nanos }) {
    this.#clock = clock;
    this.#roundTrip = roundTrip;
  }

  grow(cwndBytes: number, ackedBytes: number, mssBytes: number): number {
    const { nowNs } = this.#clock;
    const { srttNs } = this.#roundTrip;
    if (this.#epochNs === NONE) this.#begin(cwndBytes, mssBytes, nowNs);
    const atMs = Math.floor((nowNs - this.#epochNs) / MS);
    this.#followReno(cwndBytes, ackedBytes, mssBytes);
    // Section 4.3: where the cubic lies below Reno, be Reno.
    if (this.#windowAt(atMs, mssBytes) < this.#estimateBytes) return Math.max(cwndBytes, this.#estimateBytes);
    // Sections 4.4 and 4.5: towards where the curve is one round trip from now, at most half as much again.
    const aim = this.#windowAt(atMs + Math.floor(srttNs / MS), mssBytes);
    const target = Math.min(Math.max(aim, cwndBytes), cwndBytes + (cwndBytes >>> 1));
    this.#growthCredit += (target - cwndBytes) * ackedBytes;
    const more = Math.floor(this.#growthCredit / cwndBytes);
    this.#growthCredit -= more * cwndBytes;
    return cwndBytes + more;
  }

  /** Sections 4.6 and 4.7: beta is 0.7; a flow that falls before it has regained Wmax leaves room for others. */
  threshold(cwndBytes: number, flightBytes: number, mssBytes: number): number {
    this.#wMaxBytes = cwndBytes < this.#wMaxBytes ? Math.floor((cwndBytes * 17) / 20) : cwndBytes;
    this.#priorBytes = cwndBytes;
    this.#epochNs = NONE;
    return Math.max(Math.floor((flightBytes * 7) / 10), 2 * mssBytes);
  }

  startOver(afterTimeout: boolean): void {
    this.#epochNs = NONE;
    this.#isAfterTimeout = afterTimeout;
  }

  /** Section 4.9.1: Wmax, K, the epoch and the estimate come back with cwnd. */
  remember(): void {
    this.#before ??= new Cubic(this.#clock, this.#roundTrip);
    this.#before.#become(this);
  }

  restore(): void {
    if (this.#before) this.#become(this.#before);
  }

  #become(other: Cubic): void {
    this.#wMaxBytes = other.#wMaxBytes;
    this.#priorBytes = other.#priorBytes;
    this.#epochNs = other.#epochNs;
    this.#kMs = other.#kMs;
    this.#estimateBytes = other.#estimateBytes;
    this.#estimateCredit = other.#estimateCredit;
    this.#growthCredit = other.#growthCredit;
    this.#isAfterTimeout = other.#isAfterTimeout;
  }

  #begin(cwndBytes: number, mssBytes: number, nowNs: Nanos): void {
    this.#epochNs = nowNs;
    // Section 4.8: after a timeout K is 0 and the curve starts from here; so it does where there was no loss yet.
    if (this.#isAfterTimeout || cwndBytes >= this.#wMaxBytes) {
      this.#wMaxBytes = cwndBytes;
      this.#kMs = 0;
    } else this.#kMs = plateauMs(this.#wMaxBytes - cwndBytes, mssBytes);
    this.#isAfterTimeout = false;
    this.#estimateBytes = cwndBytes;
    this.#estimateCredit = 0;
    this.#growthCredit = 0;
  }

  #windowAt(atMs: number, mssBytes: number): number {
    const fromPlateau = Math.max(-GREATEST_MS, Math.min(atMs - this.#kMs, GREATEST_MS));
    return this.#wMaxBytes + cubeBytes(fromPlateau, mssBytes);
  }

  /** W_est grows by alpha segments a window: 9/17, so that its average is Reno's; 1 once it is back where it was. */
  #followReno(cwndBytes: number, ackedBytes: number, mssBytes: number): void {
    const isBack = this.#estimateBytes >= this.#priorBytes;
    const share = 17 * cwndBytes;
    this.#estimateCredit += (isBack ? 17 : 9) * mssBytes * ackedBytes;
    const more = Math.floor(this.#estimateCredit / share);
    this.#estimateCredit -= more * share;
    this.#estimateBytes += more;
  }
}

/** 0.4 segments/s^3 * t^3 in octets, t in ms. Rounded towards 0. */
export function cubeBytes(ms: number, mssBytes: number): number {
  const cube = Math.floor(Math.abs(ms * ms * ms) / 10_000);
  const octets = Math.floor((cube * 4 * mssBytes) / 1_000_000);
  return ms < 0 ? 0 - octets : octets;
}

/** K in ms: the cube root of (Wmax - cwnd) / C. */
export function plateauMs(octets: number, mssBytes: number): number {
  return cubeRoot(Math.floor((octets * 2_500_000) / mssBytes) * 1000);
}

/** The greatest whole number whose cube is not greater than n; 0 =< n < 2^53. */
export function cubeRoot(n: number): number {
  let low = 0;
  let high = 208_063;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (middle * middle * middle <= n) low = middle;
    else high = middle - 1;
  }
  return low;
}
