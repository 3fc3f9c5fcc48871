/**
 * The congestion window (RFC 5681): slow start, and recovery from loss told by duplicate ACKs, with NewReno's partial
 * acknowledgments (RFC 6582) or, as `reno`, without. How it grows in congestion avoidance, and how far it falls, is the
 * law's: Reno's or CUBIC's. Everything is counted in octets.
 */

import { after, atOrAfter } from './sequence.ts';

const DUPLICATE_THRESHOLD = 3;
/**
 * What is not known, less than anything. It is no small integer, and so the fields that begin with it hold doubles from
 * the first: V8 need not change all connections, and compile all that knows them anew, when a window has grown large.
 */
export const NONE = Number.NEGATIVE_INFINITY;

/** What the sender shall do about an ACK. */
export type Advice = 'nothing' | 'retransmit' | 'send-one-more';

/** What congestion controls differ in. */
export interface GrowthLaw {
  /** Congestion avoidance: cwnd after an ACK of so many octets. */
  grow(cwndBytes: number, ackedBytes: number, mssBytes: number): number;
  /** A loss or a mark: the new ssthresh. */
  threshold(cwndBytes: number, flightBytes: number, mssBytes: number): number;
  /** cwnd was set by something else: a timeout, or a pause. */
  startOver(afterTimeout: boolean): void;
  /** Keeps how it is now, for a loss that turns out to be none; and brings it back. */
  remember(): void;
  restore(): void;
}

export class Congestion {
  cwndBytes: number;
  ssthreshBytes = Number.MAX_SAFE_INTEGER;
  duplicateAcks = 0;
  inRecovery = false;
  /** How often the window was made smaller, for a loss or a mark. */
  reductions = 0;
  #mssBytes: number;
  readonly #law: GrowthLaw;
  readonly #initialWindowSegments: number;
  readonly #slowStartSegments: number;
  readonly #hasPartialAcks: boolean;
  /** What the last timeout found, while that can be taken back: NONE, it cannot. */
  #cwndBeforeBytes = NONE;
  #ssthreshBeforeBytes = Number.MAX_SAFE_INTEGER;
  /** RFC 6582: the highest sequence number sent when the last recovery began. */
  #recover: number;

  constructor(
    law: GrowthLaw,
    hasPartialAcks: boolean,
    mssBytes: number,
    initialWindowSegments: number,
    slowStartSegments: number,
    iss: number,
  ) {
    this.#law = law;
    this.#hasPartialAcks = hasPartialAcks;
    this.#mssBytes = mssBytes;
    this.#initialWindowSegments = initialWindowSegments;
    this.#slowStartSegments = slowStartSegments;
    this.cwndBytes = initialWindow(mssBytes, initialWindowSegments);
    this.#recover = iss;
  }

  get mssBytes(): number {
    return this.#mssBytes;
  }

  /** The MSS became known with the peer's SYN: the initial window is counted anew. */
  open(mssBytes: number, startsWithOneSegment: boolean): void {
    this.#mssBytes = mssBytes;
    this.cwndBytes = startsWithOneSegment ? mssBytes : initialWindow(mssBytes, this.#initialWindowSegments);
  }

  /** The path takes shorter segments only: cwnd keeps their number. */
  onSegmentSize(mssBytes: number): void {
    this.cwndBytes = Math.max(mssBytes, Math.floor((this.cwndBytes * mssBytes) / this.#mssBytes));
    this.#mssBytes = mssBytes;
  }

  /** RFC 5681 section 4.1: after an idle RTO, what is known of the path is old. */
  restart(): void {
    this.cwndBytes = Math.min(this.cwndBytes, initialWindow(this.#mssBytes, this.#initialWindowSegments));
    this.#law.startOver(false);
  }

  // --- loss told by duplicate ACKs ----------------------------------------------------------------------------------

  /**
   * New data was acknowledged. `flightBytes`: outstanding after it; `sndUna`: after it. `isLimited`: the window was in
   * use, so that growing it means something (RFC 7661 section 4).
   */
  onAck(ackedBytes: number, sndUna: number, flightBytes: number, isLimited: boolean): Advice {
    this.duplicateAcks = 0;
    if (!this.inRecovery) {
      if (isLimited) this.grow(ackedBytes);
      return 'nothing';
    }
    if (!this.#hasPartialAcks || atOrAfter(sndUna, this.#recover)) {
      this.inRecovery = false;
      // RFC 6582 section 3.2 step 3, option 1: no burst when little is in flight. Reno: deflate (RFC 5681 3.2 step 6).
      const deflated = this.#hasPartialAcks
        ? Math.max(flightBytes, this.#mssBytes) + this.#mssBytes
        : this.ssthreshBytes;
      this.cwndBytes = Math.min(this.ssthreshBytes, deflated);
      return 'nothing';
    }
    // A partial acknowledgment: the next hole is known; deflate by what was acknowledged, add back one segment.
    this.cwndBytes = Math.max(this.#mssBytes, this.cwndBytes - ackedBytes);
    if (ackedBytes >= this.#mssBytes) this.cwndBytes += this.#mssBytes;
    return 'retransmit';
  }

  /** A duplicate ACK in the sense of RFC 5681 section 2. `flightBytes`: SND.NXT - SND.UNA. */
  onDuplicateAck(sndUna: number, sndMax: number, flightBytes: number): Advice {
    this.duplicateAcks++;
    if (this.inRecovery) {
      this.cwndBytes += this.#mssBytes;
      return 'nothing';
    }
    if (this.duplicateAcks < DUPLICATE_THRESHOLD) return 'send-one-more';
    // RFC 6582 section 3.2 step 2: not again for losses of a window that was already repaired.
    const mayEnter = this.duplicateAcks === DUPLICATE_THRESHOLD && after(sndUna, this.#recover);
    if (!mayEnter) return 'nothing';
    // RFC 5681 section 3.2 step 2: octets sent by limited transmit do not count as flight.
    const limitedTransmit = (DUPLICATE_THRESHOLD - 1) * this.#mssBytes;
    const flight = Math.max(0, flightBytes > this.cwndBytes ? flightBytes - limitedTransmit : flightBytes);
    this.#recover = sndMax;
    this.inRecovery = true;
    this.#lower(flight);
    this.cwndBytes = this.ssthreshBytes + DUPLICATE_THRESHOLD * this.#mssBytes;
    return 'retransmit';
  }

  /** RFC 5681 section 3.1, equation 4; on a repeated timeout of the same segment ssthresh is held. */
  onTimeout(sndMax: number, flightBytes: number, isFirst: boolean): void {
    this.#cwndBeforeBytes = isFirst ? this.cwndBytes : NONE;
    if (isFirst) {
      this.#ssthreshBeforeBytes = this.ssthreshBytes;
      this.#law.remember();
      this.#lower(flightBytes);
    }
    this.cwndBytes = this.#mssBytes;
    this.#recover = sndMax;
    this.inRecovery = false;
    this.duplicateAcks = 0;
    this.#law.startOver(true);
  }

  /**
   * The timeout was spurious: nothing was lost. cwnd and ssthresh are what they were, or more where the window has grown
   * in the meantime (RFC 5682 section 4 leaves the response open; RFC 9438 section 4.9.1).
   */
  undoTimeout(): void {
    if (this.#cwndBeforeBytes === NONE) return;
    this.cwndBytes = Math.max(this.cwndBytes, this.#cwndBeforeBytes);
    this.ssthreshBytes = Math.max(this.ssthreshBytes, this.#ssthreshBeforeBytes);
    this.#law.restore();
    this.#cwndBeforeBytes = NONE;
  }

  // --- loss told by SACK --------------------------------------------------------------------------------------------

  /** RFC 6675 section 5 step 4.2: "ssthresh = cwnd = (FlightSize / 2)", or the law's share of it. */
  enterRecovery(flightBytes: number): void {
    this.inRecovery = true;
    this.reduce(flightBytes);
  }

  /** Less, without losing anything to repair: a mark (RFC 3168 section 6.1.2), or the loss that a probe repaired. */
  reduce(flightBytes: number): void {
    this.#lower(flightBytes);
    this.cwndBytes = this.ssthreshBytes;
  }

  leaveRecovery(): void {
    this.inRecovery = false;
    this.cwndBytes = this.ssthreshBytes;
  }

  /** Slow start below ssthresh, else congestion avoidance. */
  grow(ackedBytes: number): void {
    if (this.cwndBytes < this.ssthreshBytes) {
      // RFC 5681 equation 2: at most one SMSS per ACK, so that an ACK cut in ten gains nothing. Linux: all of it, but not
      // beyond ssthresh: after a timeout one ACK may cover a hundred segments.
      const room = Math.max(this.ssthreshBytes - this.cwndBytes, this.#mssBytes);
      this.cwndBytes += Math.min(ackedBytes, this.#slowStartSegments * this.#mssBytes, room);
    } else this.cwndBytes = this.#law.grow(this.cwndBytes, ackedBytes, this.#mssBytes);
  }

  #lower(flightBytes: number): void {
    this.reductions++;
    this.ssthreshBytes = this.#law.threshold(this.cwndBytes, flightBytes, this.#mssBytes);
  }
}

/** RFC 6928 section 2: min(N*MSS, max(2*MSS, N*1460)); with N = 10 the published formula. */
export function initialWindow(mssBytes: number, segments: number): number {
  return Math.min(segments * mssBytes, Math.max(2 * mssBytes, segments * 1460));
}
