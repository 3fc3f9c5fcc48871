/**
 * RACK (RFC 8985): a segment is lost when one that left later has arrived, and the time that a reordering may take has
 * passed. Time tells what counting duplicates cannot: lost retransmissions, and holes at the end.
 */

import type { Nanos } from '../../../kernel/journal.ts';
import type { Scoreboard } from './scoreboard.ts';

const TICK_NS: Nanos = 1_000_000;
/** RFC 8985 section 6.2 step 4: recoveries without a D-SACK after which the window is narrow again. */
const PATIENT_RECOVERIES = 16;

export class Rack {
  /** RACK.xmit_ts and RACK.end_seq: of what arrived, the segment that left last. */
  #sentNs: Nanos = -1;
  #end = -1;
  rttNs: Nanos = 0;
  minRttNs: Nanos = Number.MAX_SAFE_INTEGER;
  /** RACK.fack: the highest end that arrived. */
  #highest = -1;
  hasReordering = false;
  /** RACK.reo_wnd_mult, and how many recoveries it still holds. */
  #quarters = 1;
  #holds = 0;
  /** A D-SACK widens the window once a round trip: until this is acknowledged. */
  #roundEnd = -1;

  /**
   * Steps 1 to 3 of section 6.2, for one segment that arrived now. `echoNs`: how long ago the segment left that is
   * echoed, or null: an ACK of a retransmission may be for the original, and proves nothing then.
   */
  onDelivered(board: Scoreboard, index: number, nowNs: Nanos, echoNs: Nanos | null): void {
    const sentNs = board.sentNsOf(index);
    const end = board.endOf(index);
    const rttNs = nowNs - sentNs;
    const isAmbiguous = board.isAmbiguous(index);
    if (isAmbiguous) {
      const isOfOriginal = echoNs !== null && Math.floor((nowNs - echoNs) / TICK_NS) < Math.floor(sentNs / TICK_NS);
      if (isOfOriginal || rttNs < this.minRttNs) return;
    } else {
      this.minRttNs = Math.min(this.minRttNs, rttNs);
      if (end < this.#highest) this.hasReordering = true;
    }
    this.#highest = Math.max(this.#highest, end);
    if (!isAfter(sentNs, end, this.#sentNs, this.#end)) return;
    this.#sentNs = sentNs;
    this.#end = end;
    this.rttNs = rttNs;
  }

  /** Reordering went further than was waited for: what was sent again had arrived. */
  onDuplicateReported(una: number, max: number): void {
    this.#holds = PATIENT_RECOVERIES;
    if (una < this.#roundEnd) return;
    this.#roundEnd = max;
    this.#quarters++;
  }

  onRecovered(): void {
    if (this.#holds > 0 && --this.#holds === 0) this.#quarters = 1;
  }

  /**
   * Step 5: marks what is lost, and returns after how many ns more may be; 0: nothing is in doubt. `isSure`: three
   * segments or a recovery say that there is loss, so where nothing was ever reordered, nothing is waited for.
   */
  detect(board: Scoreboard, nowNs: Nanos, srttNs: Nanos, isSure: boolean): Nanos {
    const windowNs =
      isSure && !this.hasReordering ? 0 : Math.min(Math.floor((this.#quarters * this.minRttNs) / 4), srttNs);
    let waitNs = 0;
    for (let index = board.first; index < board.last; index++) {
      const sentNs = board.sentNsOf(index);
      const isBefore = isAfter(this.#sentNs, this.#end, sentNs, board.endOf(index));
      // What lies behind was sent later still.
      if (!isBefore && !board.isAmbiguous(index)) break;
      if (!isBefore || board.isSacked(index) || (board.isLost(index) && !board.isRepeated(index))) continue;
      const remainingNs = sentNs + this.rttNs + windowNs - nowNs;
      if (remainingNs <= 0) board.markOneLost(index);
      else waitNs = Math.max(waitNs, remainingNs);
    }
    return waitNs;
  }
}

/** RACK_sent_after: of segments that left at one instant the numbers decide. */
function isAfter(oneNs: Nanos, oneEnd: number, otherNs: Nanos, otherEnd: number): boolean {
  return oneNs > otherNs || (oneNs === otherNs && oneEnd > otherEnd);
}
