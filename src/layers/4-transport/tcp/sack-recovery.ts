/**
 * Recovery from loss with selective acknowledgments (RFC 6675): when it begins and ends, and what is sent again. What was
 * sent stands in the scoreboard; how much may be sent is the congestion window's against `pipe`.
 */

import type { Context } from '../../../kernel/context.ts';
import type { Congestion } from './congestion.ts';
import type { SegmentOptions } from './options.ts';
import type { TcpProfile } from './profile.ts';
import { Scoreboard } from './scoreboard.ts';
import { distance } from './sequence.ts';

const DUPLICATE_THRESHOLD = 3;

/** `recovery`: holes are mended; `loss`: after a timeout everything is sent again as the window opens. */
type Phase = 'open' | 'recovery' | 'loss';

export class SackRecovery {
  readonly board = new Scoreboard();
  phase: Phase = 'open';
  /** HighData when the phase began: it ends when that is acknowledged. */
  #recoveryPoint = 0;
  #duplicates = 0;
  /** FlightSize at the first duplicate ACK: what limited transmit sends later does not count (RFC 5681 section 3.2). */
  #flightBytes = 0;
  /** The first segment goes whatever the window says (RFC 6675 section 5 step 4.3). */
  #mustRepeatFirst = false;
  /** RFC 6675 section 4, NextSeg rule 4: once a recovery the last segment may go again. */
  #rescuedUpTo = -1;
  readonly #context: Context;
  readonly #profile: TcpProfile;
  readonly #congestion: Congestion;

  constructor(context: Context, profile: TcpProfile, congestion: Congestion) {
    this.#context = context;
    this.#profile = profile;
    this.#congestion = congestion;
  }

  /** New octets [start, end) left. */
  onSent(start: number, end: number): void {
    this.board.onSent(start, end, this.#context.nowNs);
  }

  onSentAgain(index: number): void {
    this.#mustRepeatFirst = false;
    this.board.onSentAgain(index, this.#context.nowNs);
  }

  /**
   * An ACK: `una` is the offset that is acknowledged now, `acked` how far that is further than before, `max` where new
   * octets will start. Blocks are read against `unaSequence`.
   */
  onAck(una: number, acked: number, max: number, options: SegmentOptions, unaSequence: number, mayGrow: boolean): void {
    const { board } = this;
    const flight = max - una + acked;
    const sackedBefore = board.sackedBytes;
    const wasRecovering = this.phase === 'recovery';
    board.acknowledge(una);
    const fresh = this.#takeBlocks(una, max, options, unaSequence);
    const delivered = acked + board.sackedBytes - sackedBefore;
    if (this.phase !== 'open' && una >= this.#recoveryPoint) this.#leave();
    if (acked > 0) this.#duplicates = 0;
    else if (fresh > 0) this.#duplicates++;
    if (this.#duplicates <= 1) this.#flightBytes = flight;
    if (!wasRecovering && acked > 0 && mayGrow && delivered > 0) this.#congestion.grow(delivered);
    if (fresh > 0 || board.sackedBytes > 0) board.markLost(this.#congestion.mssBytes);
    if (this.phase === 'open' && (board.lostBytes > 0 || this.#duplicates >= DUPLICATE_THRESHOLD)) {
      this.#enter(max);
    }
  }

  /** The retransmission timer fired. `max`: where new octets will start. */
  onTimeout(max: number): void {
    const { board } = this;
    // A peer that keeps what it SACKed would have acknowledged it at the left edge: it has not kept it.
    const hasReneged = !board.isEmpty && board.isSacked(board.first);
    board.markAllLost(hasReneged || !this.#profile.keepsSackAfterTimeout);
    this.phase = 'loss';
    this.#recoveryPoint = max;
    this.#duplicates = 0;
    this.#mustRepeatFirst = false;
  }

  /** NextSeg rule 1, where the window lets it go: the index of the segment to send again, or -1. */
  nextLost(cwndBytes: number): number {
    const { board } = this;
    const index = board.nextLost();
    if (index < 0) return -1;
    const length = board.endOf(index) - board.startOf(index);
    return this.#mustRepeatFirst || board.pipeBytes + length <= cwndBytes ? index : -1;
  }

  /** NextSeg rules 3 and 4, asked when there is no new data to send. */
  nextSpare(cwndBytes: number): number {
    const { board } = this;
    if (this.phase !== 'recovery' || board.pipeBytes + this.#congestion.mssBytes > cwndBytes) return -1;
    const hole = board.nextHole();
    if (hole >= 0) return hole;
    if (board.isEmpty || this.#rescuedUpTo > board.startOf(board.first)) return -1;
    const last = board.lastUnsacked();
    if (last < 0 || board.isRepeated(last)) return -1;
    this.#rescuedUpTo = this.#recoveryPoint;
    return last;
  }

  #takeBlocks(una: number, max: number, options: SegmentOptions, unaSequence: number): number {
    let fresh = 0;
    for (let block = 0; block < options.blocks; block++) {
      const start = una + distance(options.edges[2 * block] as number, unaSequence);
      const end = una + distance(options.edges[2 * block + 1] as number, unaSequence);
      // A block that reports a duplicate (RFC 2883), or nonsense, says nothing about what is outstanding.
      if (start >= end || end <= una || end > max) continue;
      fresh += this.board.sack(start, end);
    }
    return fresh;
  }

  #enter(max: number): void {
    const { board } = this;
    this.phase = 'recovery';
    this.#recoveryPoint = max;
    this.#rescuedUpTo = -1;
    // Three duplicate ACKs say it even where the SACKed segments are small.
    if (board.lostBytes === 0) board.markOneLost(board.first);
    this.#mustRepeatFirst = true;
    this.#congestion.enterRecovery(this.#flightBytes);
  }

  #leave(): void {
    if (this.phase === 'recovery') this.#congestion.leaveRecovery();
    this.phase = 'open';
    this.#duplicates = 0;
    this.#mustRepeatFirst = false;
  }
}
