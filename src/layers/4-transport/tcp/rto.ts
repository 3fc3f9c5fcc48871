import type { Nanos } from '../../../kernel/journal.ts';
import { AT_START } from '../../../kernel/queue.ts';
import { atOrBefore } from './sequence.ts';

/** The retransmission timeout from measured round trips (RFC 6298), in whole ns. The clock's granularity G is 1 ns. */
export class RoundTrip {
  /** Smoothed round-trip time; 0 before the first sample. */
  srttNs: Nanos = 0;
  rttvarNs: Nanos = 0;
  /** One segment is timed at once: until its end is acknowledged, or something is sent again. null: none. */
  #timedEnd: number | null = null;
  #timedNs: Nanos = AT_START;
  /** The timeout, with what it was doubled since the last sample. */
  rtoNs: Nanos = AT_START;
  readonly #minNs: Nanos;
  readonly #minIsVariance: boolean;
  readonly #maxNs: Nanos;

  /** `minIsVariance`: the floor is of the part that RTTVAR makes, as in Linux, not of the whole (RFC 6298 section 2.4). */
  constructor(initialNs: Nanos, minNs: Nanos, maxNs: Nanos, minIsVariance = false) {
    this.rtoNs = Math.min(initialNs, maxNs);
    this.#minNs = minNs;
    this.#minIsVariance = minIsVariance;
    this.#maxNs = maxNs;
  }

  /** A segment that ends there leaves for the first time: it is timed, where no other is. */
  begin(end: number, nowNs: Nanos): void {
    if (this.#timedEnd !== null) return;
    this.#timedEnd = end;
    this.#timedNs = nowNs;
  }

  /** Something was sent again: an ACK no longer tells of which copy it is (Karn, RFC 6298 section 3). */
  forget(): void {
    this.#timedEnd = null;
  }

  /** The segment that ends there is sent again: which copy arrives will be ambiguous. Others are still worth timing. */
  onSentAgain(end: number): void {
    if (end === this.#timedEnd) this.#timedEnd = null;
  }

  /** Where the segment that is timed ends; null: none is. */
  get timedEnd(): number | null {
    return this.#timedEnd;
  }

  /** An ACK that a retransmission may have brought about tells nothing of a segment that it covers too. */
  onAmbiguousAck(acknowledgment: number): void {
    if (this.#timedEnd !== null && atOrBefore(this.#timedEnd, acknowledgment)) this.#timedEnd = null;
  }

  /** SACK tells that the segment that is timed arrived, whatever is missing before it. */
  onArrived(nowNs: Nanos): void {
    this.sample(nowNs - this.#timedNs);
    this.#timedEnd = null;
  }

  /** `echoNs`: the round trip that a timestamp tells, or null; it knows of which copy the ACK is. */
  onAck(acknowledgment: number, nowNs: Nanos, echoNs: Nanos | null): void {
    if (this.#timedEnd === null) {
      if (echoNs !== null) this.sample(echoNs);
    } else if (atOrBefore(this.#timedEnd, acknowledgment)) {
      this.sample(nowNs - this.#timedNs);
      this.#timedEnd = null;
    }
  }

  /** RFC 6298 sections 2.2 and 2.3; RTTVAR first, with the old SRTT. */
  sample(rttNs: Nanos): void {
    if (this.srttNs === 0) {
      this.srttNs = rttNs;
      this.rttvarNs = Math.floor(rttNs / 2);
    } else {
      this.rttvarNs = Math.floor((3 * this.rttvarNs + Math.abs(this.srttNs - rttNs)) / 4);
      this.srttNs = Math.floor((7 * this.srttNs + rttNs) / 8);
    }
    const varianceNs = Math.max(this.#minIsVariance ? this.#minNs : 1, 4 * this.rttvarNs);
    this.rtoNs = Math.min(Math.max(this.#minNs, this.srttNs + varianceNs), this.#maxNs);
  }

  /** RFC 6298 section 5.5. The doubled value holds until the next sample. */
  backOff(): void {
    this.rtoNs = Math.min(2 * this.rtoNs, this.#maxNs);
  }

  /** RFC 6298 section 5.7: a lost SYN says that the first estimate was too bold. */
  startOver(rtoNs: Nanos): void {
    this.rtoNs = Math.min(rtoNs, this.#maxNs);
  }
}

/** A time doubled so many times, no more than the greatest. */
export function doubledNs(ns: Nanos, doublings: number, greatestNs: Nanos): Nanos {
  let doubled = ns;
  for (let doubling = 0; doubling < doublings && doubled < greatestNs; doubling++) doubled *= 2;
  return Math.min(doubled, greatestNs);
}
