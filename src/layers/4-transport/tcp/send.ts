/**
 * The sending half of a connection: the SND variables of RFC 9293 section 3.3.1, what may leave now (windows, Nagle,
 * silly window avoidance), and the timers that send again (RFC 6298) or probe a closed window.
 *
 *   acknowledged │ in flight         │ may leave now        │ must wait
 *   ─────────────┼───────────────────┼──────────────────────┼──────────▶ sequence numbers
 *             SND.UNA             SND.NXT      SND.UNA + min(cwnd, SND.WND)
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import { AT_START } from '../../../kernel/queue.ts';
import type { Advice, Congestion } from './congestion.ts';
import { congestionOf } from './congestion-law.ts';
import { EcnState } from './ecn.ts';
import { ACK, FIN, PSH } from './header.ts';
import type { SegmentOptions } from './options.ts';
import type { Outlet } from './outlet.ts';
import { Patience } from './patience.ts';
import { PersistTimer } from './persist.ts';
import type { TcpProfile } from './profile.ts';
import { RoundTrip } from './rto.ts';
import { SackRecovery } from './sack-recovery.ts';
import { SendBuffer } from './send-buffer.ts';
import { SendWindow } from './send-window.ts';
import { add, after, before, distance } from './sequence.ts';
import { SynSchedule } from './syn.ts';
import { WindowUsage } from './usage.ts';

export class Sender {
  readonly buffer: SendBuffer;
  readonly iss: number;
  sndUna: number;
  sndNxt: number;
  /** The highest SND.NXT ever: after a timeout SND.NXT goes back, and ACKs up to here stay acceptable. */
  sndMax: number;
  isSynAcknowledged = false;
  #finSequence: number | null = null;
  readonly window = new SendWindow();
  readonly congestion: Congestion;
  readonly ecn: EcnState;
  #reductions = 0;
  /** Null where SACK is not agreed on: then duplicate ACKs are counted. */
  sack: SackRecovery | null = null;
  readonly roundTrip: RoundTrip;
  noDelay: boolean;
  readonly #context: Context;
  readonly #machine: string;
  readonly #outlet: Outlet;
  readonly #profile: TcpProfile;
  readonly #retransmission: Timer;
  /** Made when a window is closed or too small: few ever are. */
  #persist: PersistTimer | null = null;
  readonly patience: Patience;
  #lastSentNs: Nanos = AT_START;
  /** Offset in the stream of SND.UNA: what does not wrap. */
  #unaOffset = 0;
  readonly #syn: SynSchedule;
  #limitedTransmits = 0;
  readonly #usage: WindowUsage;

  constructor(context: Context, machine: string, outlet: Outlet, profile: TcpProfile, iss: number, mssBytes: number) {
    this.#context = context;
    this.#machine = machine;
    this.#outlet = outlet;
    this.#profile = profile;
    this.iss = iss;
    this.sndUna = iss;
    this.sndNxt = iss;
    this.sndMax = iss;
    this.#usage = new WindowUsage(iss);
    this.roundTrip = new RoundTrip(profile.initialRtoNs, profile.minRtoNs, profile.maxRtoNs, profile.minRtoIsVariance);
    this.ecn = new EcnState(iss);
    this.#syn = new SynSchedule(profile, this.roundTrip, this.ecn);
    this.patience = new Patience(context, machine, outlet);
    this.noDelay = !profile.nagle;
    this.buffer = new SendBuffer(profile.sendBufferBytes);
    this.congestion = congestionOf(profile, context, this.roundTrip, mssBytes, iss);
    this.#retransmission = context.timer(4, machine, 'retransmission', () => this.#onTimeout());
  }

  get sndWnd(): number {
    return this.window.octets;
  }

  /** Both SYNs said SACK-permitted. */
  agreeOnSack(): void {
    const { congestion, roundTrip } = this;
    const onLost = () => {
      this.output();
      this.#tell();
    };
    const onProbe = () => this.#onTailProbe();
    this.sack = new SackRecovery(this.#context, this.#machine, this.#profile, congestion, roundTrip, onLost, onProbe);
  }

  get flightBytes(): number {
    return distance(this.sndNxt, this.sndUna);
  }

  /** Our FIN was sent and acknowledged. */
  get isFinAcknowledged(): boolean {
    return this.#finSequence !== null && after(this.sndUna, this.#finSequence);
  }

  get isFinQueued(): boolean {
    return this.#finSequence !== null;
  }

  /** The user will write no more: FIN stands behind the last octet. */
  queueFin(): void {
    const firstInBuffer = this.isSynAcknowledged ? this.sndUna : add(this.iss, 1);
    this.#finSequence = add(firstInBuffer, this.buffer.length);
  }

  /** A closed window is being probed: the octet of the probe is no flight whose loss could be told. */
  get isProbing(): boolean {
    return this.#persist?.isSet ?? false;
  }

  sendSyn(): void {
    this.patience.startClock();
    this.roundTrip.begin(add(this.iss, 1), this.#context.nowNs);
    this.#transmitSyn();
  }

  #transmitSyn(): void {
    this.sndNxt = add(this.iss, 1);
    if (before(this.sndMax, this.sndNxt)) this.sndMax = this.sndNxt;
    this.#outlet.transmit(this.iss, this.#syn.flags(this.#outlet.synHasAck), 0, 0);
    this.#retransmission.set(this.#syn.timeoutNs(this.#outlet.synHasAck));
  }

  /** The peer sent its SYN again: our SYN-ACK was lost or is late. Sending it now is what Linux does. */
  repeatSyn(): void {
    this.roundTrip.forget();
    this.#outlet.transmit(this.iss, this.#syn.flags(this.#outlet.synHasAck), 0, 0);
  }

  /** The handshake is over: the peer's MSS and window are known. */
  open(): void {
    // RFC 6928 section 2: one segment only when the SYN was lost more than once.
    this.congestion.open(this.#outlet.segmentBytes, this.#syn.timesLost > 1);
    if (this.#syn.timesLost > 0)
      this.roundTrip.startOver(Math.max(this.#profile.rtoAfterSynLossNs, this.#profile.minRtoNs));
    this.#tell();
  }

  /**
   * RFC 9293 section 3.10.7.4: takes the window of an acceptable segment unless it is older than the one known.
   * Returns whether the window changed.
   */
  updateWindow(sequence: number, acknowledgment: number, windowBytes: number): boolean {
    if (!this.window.isNewer(sequence, acknowledgment)) return false;
    const changed = windowBytes !== this.sndWnd;
    this.setWindow(sequence, acknowledgment, windowBytes);
    return changed;
  }

  setWindow(sequence: number, acknowledgment: number, windowBytes: number): void {
    this.window.set(sequence, acknowledgment, windowBytes);
    if (windowBytes > 0) this.#persist?.onOpen();
    this.#outlet.measure('sndwnd', windowBytes);
  }

  /**
   * SND.UNA < acknowledgment =< SND.MAX: these octets arrived. `echoNs`: the round trip that the timestamp of this ACK
   * tells, or null.
   */
  onNewAck(acknowledgment: number, options: SegmentOptions, echoNs: Nanos | null): void {
    const acked = distance(acknowledgment, this.sndUna);
    if (this.sack?.isAmbiguous(this.#unaOffset + acked)) this.roundTrip.onAmbiguousAck(acknowledgment);
    this.roundTrip.onAck(acknowledgment, this.#context.nowNs, this.isSynAcknowledged ? echoNs : null);
    const wasSyn = !this.isSynAcknowledged;
    this.isSynAcknowledged = true;
    const data = Math.min(acked - (wasSyn ? 1 : 0), this.buffer.length);
    this.buffer.acknowledge(data);
    this.sndUna = acknowledgment;
    if (before(this.sndNxt, acknowledgment)) this.sndNxt = acknowledgment;
    this.patience.renew(this.sndUna !== this.sndMax);
    this.#limitedTransmits = 0;
    if (this.sndUna === this.sndMax) this.#retransmission.clear();
    else this.#retransmission.set(this.roundTrip.rtoNs);
    if (wasSyn) return;
    this.#unaOffset += acked;
    const { cwndBytes, ssthreshBytes } = this.congestion;
    const outstanding = distance(this.sndMax, acknowledgment);
    const isLimited = this.#usage.isLimited(cwndBytes, ssthreshBytes);
    let advice: Advice = 'nothing';
    if (this.sack) this.#takeSack(this.sack, acked, options, isLimited, echoNs);
    else advice = this.congestion.onAck(acked, this.sndUna, outstanding, isLimited);
    this.#usage.onAck(this.sndUna, this.sndMax, outstanding + acked);
    this.#follow(advice);
    this.#tell();
  }

  #takeSack(
    sack: SackRecovery,
    acked: number,
    options: SegmentOptions,
    isLimited: boolean,
    echoNs: Nanos | null,
  ): void {
    sack.hasNewData = this.buffer.length > this.flightBytes && this.sndWnd > this.flightBytes;
    sack.onAck(this.#unaOffset, acked, this.#maxOffset, options, this.sndUna, isLimited, echoNs);
    this.#scheduleTailProbe(sack);
  }

  /** Offset of SND.MAX in the stream. */
  get #maxOffset(): number {
    return this.#unaOffset + distance(this.sndMax, this.sndUna);
  }

  /** MUST-37 (RFC 9293 section 3.8.6.1): a peer that answers with a closed window is not given up. */
  onSignOfLife(): void {
    if (this.sndWnd === 0) this.patience.renew(this.sndUna !== this.sndMax);
  }

  /** An acceptable ACK carries ECE: half as fast, without anything lost (RFC 3168 section 6.1.2). */
  onEcho(): void {
    if (this.congestion.inRecovery || !this.ecn.onEcho(this.sndUna)) return;
    this.congestion.reduce(distance(this.sndMax, this.sndUna));
    this.#tell();
  }

  /** An ACK of SND.UNA again. `isDuplicate`: by the letter of RFC 5681 section 2, which SACK does without. */
  onSameAck(options: SegmentOptions, isDuplicate: boolean): void {
    if (this.sack) {
      if (options.blocks === 0 && !this.sack.isProbeOut) return;
      this.#takeSack(this.sack, 0, options, false, null);
    } else if (isDuplicate) this.#follow(this.congestion.onDuplicateAck(this.sndUna, this.sndMax, this.flightBytes));
    else return;
    this.#tell();
  }

  #follow(advice: Advice): void {
    if (advice === 'retransmit') this.#retransmitFirst();
    // RFC 3042: each of the first two duplicate ACKs lets one new segment go, cwnd unchanged.
    if (advice === 'send-one-more') {
      this.#limitedTransmits = this.congestion.duplicateAcks;
      this.output();
    }
  }

  /** The segment at SND.UNA again; SND.NXT stays where it is. */
  #retransmitFirst(): void {
    this.roundTrip.forget();
    const length = Math.min(this.buffer.length, this.#outlet.segmentBytes, distance(this.sndMax, this.sndUna));
    const hasFin = length === this.buffer.length && this.#finSequence !== null && after(this.sndMax, this.#finSequence);
    this.#transmitData(this.sndUna, 0, length, hasFin);
    this.#retransmission.set(this.roundTrip.rtoNs);
  }

  /** Sends what may leave now. Returns whether a segment left, which carried the ACK with it. */
  output(): boolean {
    // An end that only receives: all that was written is acknowledged, and no FIN waits.
    const isDone = this.sndNxt === this.sndUna && this.buffer.length === 0 && this.#finSequence === null;
    if (!this.isSynAcknowledged || isDone) return false;
    let hasSent = false;
    const idleNs = this.#lastSentNs > 0 ? this.#context.nowNs - this.#lastSentNs : 0;
    if (this.flightBytes === 0 && idleNs > this.roundTrip.rtoNs) this.congestion.restart();
    while (this.#sendNext()) hasSent = true;
    this.#setTimer();
    if (hasSent && this.sack) this.#scheduleTailProbe(this.sack);
    return hasSent;
  }

  #scheduleTailProbe(sack: SackRecovery): void {
    sack.scheduleProbe(distance(this.sndMax, this.sndUna), this.#retransmission.dueNs - this.#context.nowNs);
  }

  /** RFC 8985 section 7.3: a new segment where there is one, whatever cwnd says; else the last one again. */
  #onTailProbe(): void {
    const { sack } = this;
    if (!sack || sack.board.isEmpty || sack.phase !== 'open') return;
    const flight = this.flightBytes;
    const fresh = Math.min(this.buffer.length - flight, this.sndWnd - flight, this.#outlet.segmentBytes);
    if (fresh > 0) this.#sendNew(flight, fresh);
    else this.#sendAgain(sack.board.lastUnsacked());
    sack.onProbeSent(this.#maxOffset, fresh <= 0);
    this.#retransmission.set(this.roundTrip.rtoNs);
    this.#tell();
  }

  /** One segment: what is lost first, then what is new, then what only may be lost. False: nothing may leave. */
  #sendNext(): boolean {
    const { sack } = this;
    const cwndBytes = this.congestion.cwndBytes;
    const lost = sack ? sack.nextLost(cwndBytes) : -1;
    if (lost >= 0) return this.#sendAgain(lost);
    const length = this.#sendableBytes();
    const offset = distance(this.sndNxt, this.sndUna);
    const isFinNext = this.#finSequence !== null && add(this.sndNxt, length) === this.#finSequence;
    if (length > 0 || isFinNext) {
      this.#sendNew(offset, length);
      return true;
    }
    const spare = sack ? sack.nextSpare(cwndBytes) : -1;
    return spare >= 0 && this.#sendAgain(spare);
  }

  /** A segment of the scoreboard again; what has become too long for the path is cut first. */
  #sendAgain(index: number): true {
    const { board } = this.sack as SackRecovery;
    const start = board.startOf(index);
    const offset = distance(start, this.#unaOffset);
    const segmentBytes = this.#outlet.segmentBytes;
    if (board.endOf(index) - start > segmentBytes && this.buffer.length - offset > segmentBytes) {
      board.split(index, start + segmentBytes);
    }
    const length = Math.min(distance(board.endOf(index), start), this.buffer.length - offset);
    this.roundTrip.onSentAgain(add(this.sndUna, board.endOf(index) - this.#unaOffset));
    this.#transmitData(add(this.sndUna, offset), offset, length, board.endOf(index) - start > length);
    this.sack?.onSentAgain(index);
    if (!this.#retransmission.isSet || index === board.first) this.#retransmission.set(this.roundTrip.rtoNs);
    return true;
  }

  /** How many octets the next segment may carry: the usable window, Nagle and silly window avoidance considered. */
  #sendableBytes(): number {
    const flight = this.flightBytes;
    const unsent = this.buffer.length - flight;
    if (unsent <= 0) return 0;
    const segmentBytes = this.#outlet.segmentBytes;
    const extra = this.#limitedTransmits * segmentBytes;
    const byCongestion = this.congestion.cwndBytes + extra - (this.sack ? this.sack.board.pipeBytes : flight);
    const usable = Math.min(byCongestion, this.sndWnd - flight);
    if (byCongestion < Math.min(unsent, segmentBytes)) this.#usage.onLimited();
    const length = Math.min(unsent, segmentBytes, usable);
    if (length <= 0) return 0;
    if (length === segmentBytes) return length;
    // RFC 9293 section 3.8.6.2.1: a full segment; or all there is, unless Nagle holds it while data is outstanding; or
    // half of the greatest window ever offered. What SND.NXT was pulled back over was weighed when it first left.
    const isRepeat = before(this.sndNxt, this.sndMax);
    const isAll = length === unsent && (this.noDelay || flight === 0 || this.isFinQueued || isRepeat);
    const isHalfWindow = length >= Math.floor(this.window.greatest / 2) && this.window.greatest > 0;
    return isAll || isHalfWindow ? length : 0;
  }

  /** Sends from SND.NXT, new octets or, after a timeout, old ones again; FIN rides on the last. */
  #sendNew(offset: number, length: number): void {
    const sequence = this.sndNxt;
    const hasFin = this.#finSequence !== null && add(sequence, length) === this.#finSequence;
    this.#persist?.clear();
    this.#transmitData(sequence, offset, length, hasFin);
    const end = add(sequence, length + (hasFin ? 1 : 0));
    this.sndNxt = end;
    this.#usage.onFlight(this.flightBytes);
    this.sack?.onSent(this.#unaOffset + offset, this.#unaOffset + distance(end, this.sndUna));
    if (!after(end, this.sndMax)) return;
    this.sndMax = end;
    this.roundTrip.begin(end, this.#context.nowNs);
    if (hasFin) this.#outlet.onFinSent();
  }

  #transmitData(sequence: number, offset: number, length: number, hasFin: boolean): void {
    let flags = ACK;
    // MUST-61: PSH on the segment that empties the buffer, so that the receiver does not wait for more.
    if (length > 0 && offset + length === this.buffer.length) flags |= PSH;
    if (hasFin) flags |= FIN;
    this.#lastSentNs = this.#context.nowNs;
    this.#outlet.transmit(sequence, flags, offset, length);
  }

  /** Sets the timer that the state of things asks for: a timer runs if, and only if, there is a reason for it. */
  #setTimer(): void {
    if (this.isProbing || this.#retransmission.isSet) return;
    const isOutstanding = this.sndNxt !== this.sndUna;
    if (!isOutstanding && this.buffer.length === 0) return;
    this.patience.startClock();
    if (isOutstanding) this.#retransmission.set(this.roundTrip.rtoNs);
    else this.#startPersist();
  }

  #startPersist(): void {
    this.#persist ??= new PersistTimer(this.#context, this.#machine, this.#profile, () => this.#onPersist());
    this.#persist.start(this.sndWnd === 0, this.roundTrip.rtoNs);
  }

  /** Data waits and nothing is outstanding: the window is closed, or too small to be worth a segment. */
  #onPersist(): void {
    if (this.buffer.length === 0) return;
    if (this.sndWnd > 0) {
      // The override timer: waiting longer helps nobody.
      this.#sendNew(0, Math.min(this.buffer.length, this.sndWnd, this.#outlet.segmentBytes));
      this.#setTimer();
      return;
    }
    if (this.patience.isOver(this.#profile.giveUpAfterNs, this.#profile.giveUpRetransmissions)) {
      this.#outlet.onGivenUp();
      return;
    }
    this.patience.retransmissions++;
    this.#probe();
    this.#persist?.again(this.roundTrip.rtoNs);
  }

  /** RFC 9293 section 3.8.6.1. The octet of the probe may be accepted, so an ACK for it is acceptable too. */
  #probe(): void {
    if (this.#profile.windowProbe === 'empty') {
      this.#outlet.transmit(add(this.sndUna, -1), ACK, 0, 0);
      return;
    }
    this.roundTrip.forget();
    this.#outlet.transmit(this.sndUna, ACK, 0, 1);
    const end = add(this.sndUna, 1);
    if (before(this.sndMax, end)) this.sndMax = end;
  }

  #onTimeout(): void {
    const { giveUpAfterNs, giveUpRetransmissions } = this.#profile;
    const isSyn = !this.isSynAcknowledged;
    const isOver = isSyn
      ? this.#syn.isHopeless(this.patience, this.#outlet.synHasAck)
      : this.patience.isOver(giveUpAfterNs, giveUpRetransmissions);
    if (isOver) {
      this.#outlet.onGivenUp();
      return;
    }
    this.roundTrip.forget();
    this.roundTrip.backOff();
    this.patience.retransmissions++;
    if (!isSyn && this.patience.retransmissions >= this.#profile.blackHoleTimeouts) this.#outlet.onBlackHole();
    if (isSyn) {
      this.#syn.timesLost++;
      this.#transmitSyn();
      return;
    }
    const outstanding = distance(this.sndMax, this.sndUna);
    // With SACK new octets leave while the left edge stands still: what is outstanding then says little of the path.
    const flight = this.sack ? Math.min(outstanding, this.congestion.cwndBytes) : outstanding;
    this.congestion.onTimeout(this.sndMax, flight, this.patience.retransmissions === 1);
    this.#limitedTransmits = 0;
    // RFC 6298 section 5.4: the earliest segment only; cwnd lets the rest follow as it opens again.
    if (this.sack) this.#repeatAll(this.sack);
    else this.#goBack();
    this.#retransmission.set(this.roundTrip.rtoNs);
    this.#tell();
  }

  #repeatAll(sack: SackRecovery): void {
    sack.onTimeout(this.#maxOffset);
    if (sack.board.isEmpty) this.#goBack();
    else this.#sendAgain(sack.board.first);
  }

  /**
   * Segments were too long for the path: what is outstanding goes again, shorter, at once. That was no congestion; cwnd
   * keeps its number of segments (RFC 1191 section 6.4, RFC 5681 section 3.1).
   */
  onPathNarrowed(): void {
    if (!this.isSynAcknowledged) return;
    this.congestion.onSegmentSize(this.#outlet.segmentBytes);
    this.roundTrip.forget();
    if (this.sack) this.sack.onTimeout(this.#maxOffset);
    else this.sndNxt = this.sndUna;
    this.output();
    this.#tell();
  }

  /** Without SACK nobody knows what arrived: SND.NXT is pulled back. New octets join old ones only within the window. */
  #goBack(): void {
    this.sndNxt = this.sndUna;
    const allowed = Math.max(this.sndWnd, distance(this.sndMax, this.sndUna));
    this.#sendNew(0, Math.min(this.buffer.length, this.#outlet.segmentBytes, allowed));
  }

  /** Nothing will be sent any more. */
  stop(): void {
    this.#retransmission.clear();
    this.#persist?.clear();
    this.sack?.stop();
    this.patience.stop();
    this.roundTrip.forget();
  }

  #tell(): void {
    if (this.#reductions !== this.congestion.reductions) {
      this.#reductions = this.congestion.reductions;
      this.ecn.onReduced(this.sndMax);
    }
    if (!this.#context.recording) return;
    const { cwndBytes, ssthreshBytes } = this.congestion;
    this.#outlet.measure('cwnd', cwndBytes);
    if (ssthreshBytes !== Number.MAX_SAFE_INTEGER) this.#outlet.measure('ssthresh', ssthreshBytes);
    if (this.roundTrip.srttNs > 0) this.#outlet.measure('srtt', this.roundTrip.srttNs);
    this.#outlet.measure('rto', this.roundTrip.rtoNs);
    this.#outlet.measure('flight', distance(this.sndMax, this.sndUna));
  }
}
