/**
 * Recovery from loss with selective acknowledgments (RFC 6675): when it begins and ends, and what is sent again. What was
 * sent stands in the scoreboard; how much may be sent is the congestion window's against `pipe`.
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { Congestion } from './congestion.ts';
import { ForwardRto } from './forward-rto.ts';
import type { SegmentOptions } from './options.ts';
import type { TcpProfile } from './profile.ts';
import { ProportionalRate } from './prr.ts';
import { Rack } from './rack.ts';
import type { RoundTrip } from './rto.ts';
import { type DeliveryListener, Scoreboard } from './scoreboard.ts';
import { distance } from './sequence.ts';
import { TailProbe } from './tail-probe.ts';

const DUPLICATE_THRESHOLD = 3;

/** `recovery`: holes are mended; `loss`: after a timeout everything is sent again as the window opens. */
type Phase = 'open' | 'recovery' | 'loss';

export class SackRecovery implements DeliveryListener {
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
  readonly #roundTrip: RoundTrip;
  readonly #rack: Rack | null;
  readonly #rate: ProportionalRate | null;
  /** RFC 8985 section 6.3: what may only be late is lost when this fires. */
  readonly #reordering: Timer;
  /** Whether that timer may be set. */
  #isWaiting = false;
  readonly #tail: TailProbe | null;
  readonly #forward: ForwardRto | null;
  /** There are octets that were not sent yet, and the peer has room for them. */
  hasNewData = false;
  #echoNs: Nanos | null = null;
  /** The last ACK reported that something came twice (RFC 2883). */
  hasDuplicateReport = false;

  /** `onLost`: the reordering timer has marked something. `onProbe`: a tail loss probe is due. */
  constructor(
    context: Context,
    machine: string,
    profile: TcpProfile,
    congestion: Congestion,
    roundTrip: RoundTrip,
    onLost: () => void,
    onProbe: () => void,
  ) {
    this.#context = context;
    this.#profile = profile;
    this.#congestion = congestion;
    this.#roundTrip = roundTrip;
    this.#rate = profile.proportionalRate ? new ProportionalRate() : null;
    this.#reordering = context.timer(4, machine, 'reordering', () => this.#onReorderingOver(onLost));
    this.#rack = profile.rack ? new Rack() : null;
    const rack = this.#rack;
    this.#tail = rack && new TailProbe(context.timer(4, machine, 'tail-probe', onProbe));
    const forward = profile.forwardRto ? new ForwardRto() : null;
    this.#forward = forward;
    if (rack || forward) this.board.listener = this;
  }

  /** The scoreboard tells of a segment that arrived. */
  onDelivered(index: number): void {
    this.#rack?.onDelivered(this.board, index, this.#context.nowNs, this.#echoNs);
    this.#forward?.onDelivered(this.board.isAmbiguous(index));
  }

  /** New octets [start, end) left. */
  onSent(start: number, end: number): void {
    this.board.onSent(start, end, this.#context.nowNs);
    if (this.phase === 'recovery') this.#rate?.onSent(end - start);
  }

  onSentAgain(index: number): void {
    const { board } = this;
    this.#mustRepeatFirst = false;
    board.onSentAgain(index, this.#context.nowNs);
    if (this.phase === 'recovery') this.#rate?.onSent(distance(board.endOf(index), board.startOf(index)));
  }

  stop(): void {
    this.#stopWaiting();
    this.#tail?.forget();
  }

  get isProbeOut(): boolean {
    return this.#tail?.isOut ?? false;
  }

  onProbeSent(max: number, wasRepeat: boolean): void {
    this.#tail?.onSent(max, wasRepeat);
  }

  /** RFC 8985 section 7.2: not while something is known to be missing. `timeoutNs`: when the retransmission is due. */
  scheduleProbe(outstandingBytes: number, timeoutNs: Nanos): void {
    if (outstandingBytes === 0 || this.phase !== 'open' || this.board.hasHoles) this.#tail?.cancel();
    else this.#tail?.schedule(this.#roundTrip.srttNs, outstandingBytes <= this.#congestion.mssBytes, timeoutNs);
  }

  /**
   * An ACK: `una` is the offset that is acknowledged now, `acked` how far that is further than before, `max` where new
   * octets will start. Blocks are read against `unaSequence`. `echoNs`: the round trip that its timestamp tells, or null.
   */
  onAck(
    una: number,
    acked: number,
    max: number,
    options: SegmentOptions,
    unaSequence: number,
    mayGrow: boolean,
    echoNs: Nanos | null,
  ): void {
    const { board } = this;
    this.#echoNs = echoNs;
    const flight = distance(max, una) + acked;
    const sackedBefore = board.sackedBytes;
    const wasRecovering = this.phase === 'recovery';
    board.acknowledge(una);
    const fresh = this.#takeBlocks(una, max, options, unaSequence);
    if (fresh > 0) this.#measure(una, unaSequence);
    const delivered = acked + board.sackedBytes - sackedBefore;
    if (this.#forward) this.#weigh(this.#forward, una, acked > 0);
    if (this.phase !== 'open' && una >= this.#recoveryPoint) this.#leave();
    if (acked > 0) this.#duplicates = 0;
    else if (fresh > 0) this.#duplicates++;
    if (this.#duplicates <= 1) this.#flightBytes = flight;
    if (!wasRecovering && acked > 0 && mayGrow && delivered > 0) this.#congestion.grow(delivered);
    this.#detect();
    const isRepaired = this.#tail?.onAck(una, acked === 0, this.hasDuplicateReport) && this.phase === 'open';
    if (isRepaired) this.#congestion.reduce(flight);
    const isEnough = !this.#rack && this.#duplicates >= DUPLICATE_THRESHOLD;
    if (this.phase === 'open' && (board.lostBytes > 0 || isEnough)) this.#enter(max);
    if (this.phase === 'recovery' && this.#rate) this.#followRate(this.#rate, delivered);
  }

  /** RFC 5682 section 3.1, steps 2 and 3. */
  #weigh(forward: ForwardRto, una: number, isNew: boolean): void {
    const { board } = this;
    const wasHeldBack = forward.holdsBack;
    const verdict = forward.onAck(una, Math.max(una, board.highestSackedEnd), isNew, this.hasNewData);
    if (verdict === 'spurious') {
      board.unmarkLost();
      this.#congestion.undoTimeout();
      this.#leave();
    } else if (verdict === 'genuine' && wasHeldBack) {
      this.#congestion.cwndBytes = Math.min(this.#congestion.cwndBytes, 3 * this.#congestion.mssBytes);
    }
  }

  /** RFC 6298 section 3: a segment that left once is a sample as soon as its SACK comes. */
  #measure(una: number, unaSequence: number): void {
    const { timedEnd } = this.#roundTrip;
    if (timedEnd === null || !this.board.isSackedBefore(una + distance(timedEnd, unaSequence))) return;
    this.#roundTrip.onArrived(this.#context.nowNs);
  }

  #detect(): void {
    const { board } = this;
    if (!this.#rack) {
      if (board.sackedBytes > 0) board.markLost(this.#congestion.mssBytes);
      return;
    }
    if (!board.hasHoles) {
      this.#stopWaiting();
      return;
    }
    const isSure = this.phase !== 'open' || board.sackedBytes > (DUPLICATE_THRESHOLD - 1) * this.#congestion.mssBytes;
    const waitNs = this.#rack.detect(board, this.#context.nowNs, this.#roundTrip.srttNs, isSure);
    if (waitNs > 0) {
      this.#reordering.set(waitNs);
      this.#isWaiting = true;
    } else this.#stopWaiting();
  }

  /** Nothing is in doubt, as after most acknowledgments: then there is no timer to clear. */
  #stopWaiting(): void {
    if (this.#isWaiting) this.#reordering.clear();
    this.#isWaiting = false;
  }

  #onReorderingOver(onLost: () => void): void {
    const { board } = this;
    this.#detect();
    if (board.lostBytes === 0) return;
    if (this.phase === 'open') this.#enter(board.endOf(board.last - 1));
    if (this.phase === 'recovery' && this.#rate) this.#followRate(this.#rate, 0);
    onLost();
  }

  #followRate(rate: ProportionalRate, delivered: number): void {
    const { ssthreshBytes, mssBytes } = this.#congestion;
    this.#congestion.cwndBytes = Math.max(
      mssBytes,
      rate.onAck(delivered, this.board.pipeBytes, ssthreshBytes, mssBytes),
    );
  }

  /** The retransmission timer fired. `max`: where new octets will start. */
  onTimeout(max: number): void {
    const { board } = this;
    // A peer that keeps what it SACKed would have acknowledged it at the left edge: it has not kept it.
    const hasReneged = !board.isEmpty && board.isSacked(board.first);
    board.markAllLost(hasReneged || !this.#profile.keepsSackAfterTimeout);
    this.#forward?.onTimeout(max, this.phase === 'loss');
    this.phase = 'loss';
    this.stop();
    this.#recoveryPoint = max;
    this.#duplicates = 0;
    this.#mustRepeatFirst = false;
  }

  /** Whether an ACK up to there says nothing of how long the path is: a retransmission may have answered, or the original. */
  isAmbiguous(offset: number): boolean {
    const { board } = this;
    return (board.hasHoles || board.repeatedBytes > 0) && board.isAmbiguousBefore(offset);
  }

  /** NextSeg rule 1, where the window lets it go: the index of the segment to send again, or -1. */
  nextLost(cwndBytes: number): number {
    const { board } = this;
    if (board.lostBytes === 0 || this.#forward?.holdsBack) return -1;
    const index = board.nextLost();
    if (index < 0) return -1;
    const length = distance(board.endOf(index), board.startOf(index));
    return this.#mustRepeatFirst || board.pipeBytes + length <= cwndBytes ? index : -1;
  }

  /** NextSeg rules 3 and 4, asked when there is no new data to send. */
  nextSpare(cwndBytes: number): number {
    const { board } = this;
    // RACK and its probes do without guesses.
    if (this.phase !== 'recovery' || this.#rack || board.pipeBytes + this.#congestion.mssBytes > cwndBytes) return -1;
    const hole = board.nextHole();
    if (hole >= 0) return hole;
    if (board.isEmpty || this.#rescuedUpTo > board.startOf(board.first)) return -1;
    const last = board.lastUnsacked();
    if (last < 0 || board.isRepeated(last)) return -1;
    this.#rescuedUpTo = this.#recoveryPoint;
    return last;
  }

  #takeBlocks(una: number, max: number, options: SegmentOptions, unaSequence: number): number {
    const { blocks, edges } = options;
    this.hasDuplicateReport = false;
    if (blocks === 0) return 0;
    const start = una + distance(edges[0] as number, unaSequence);
    const end = una + distance(edges[1] as number, unaSequence);
    // RFC 2883 section 4: a first block below the ACK, or within the second, is a segment that came twice.
    const isTwice = end <= una || isWithinSecond(options, una, unaSequence, start, end);
    if (start < end && end <= max && isTwice) this.#onDuplicate(una, max);
    // In the order of their numbers: what one ACK tells of at once was not reordered (RFC 8985 section 6.2 step 3).
    let fresh = 0;
    let behind = una;
    for (let turn = 0; turn < blocks; turn++) {
      let nextStart = max;
      let nextEnd = max;
      for (let block = 0; block < blocks; block++) {
        const from = una + distance(edges[2 * block] as number, unaSequence);
        const to = una + distance(edges[2 * block + 1] as number, unaSequence);
        // What is nonsense, or reaches no farther than what was taken, is passed over.
        if (from >= to || to > max || to <= behind || from >= nextStart) continue;
        nextStart = from;
        nextEnd = to;
      }
      if (nextStart === max) break;
      fresh += this.board.sack(nextStart, nextEnd);
      behind = nextEnd;
    }
    return fresh;
  }

  #onDuplicate(una: number, max: number): void {
    this.hasDuplicateReport = true;
    this.#rack?.onDuplicateReported(una, max);
  }

  #enter(max: number): void {
    const { board } = this;
    this.phase = 'recovery';
    this.#recoveryPoint = max;
    this.#rescuedUpTo = -1;
    // Three duplicate ACKs say it even where the SACKed segments are small.
    if (board.lostBytes === 0) board.markOneLost(board.first);
    this.#mustRepeatFirst = true;
    // What was SACKed and is not acknowledged yet is in flight by the letter; the network does not hold it.
    const flight = Math.min(this.#flightBytes, this.#congestion.cwndBytes);
    this.#congestion.enterRecovery(flight);
    this.#rate?.start(flight);
  }

  #leave(): void {
    if (this.phase === 'recovery') {
      this.#congestion.leaveRecovery();
      this.#rack?.onRecovered();
    }
    this.phase = 'open';
    this.#duplicates = 0;
    this.#mustRepeatFirst = false;
  }
}

function isWithinSecond(
  options: SegmentOptions,
  una: number,
  unaSequence: number,
  start: number,
  end: number,
): boolean {
  if (options.blocks < 2) return false;
  const secondStart = una + distance(options.edges[2] as number, unaSequence);
  const secondEnd = una + distance(options.edges[3] as number, unaSequence);
  return secondStart <= start && end <= secondEnd;
}
