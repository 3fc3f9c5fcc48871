/**
 * The receiving half of a connection: the RCV variables of RFC 9293 section 3.3.1, the window it offers, and when it
 * acknowledges (RFC 9293 sections 3.8.6.2.2 and 3.8.6.3, RFC 5681 section 4.2), and what it reports out of order
 * (RFC 2018).
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { Pdu } from '../../pdu.ts';
import type { TcpProfile } from './profile.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import type { SackBlocks } from './sack.ts';
import { add, distance } from './sequence.ts';

/** A pause after which the peer starts slowly again: Linux takes its RTO, 200 ms at least. */
const QUICK_AFTER_NS: Nanos = 200_000_000;

export class Receiver {
  readonly buffer: ReceiveBuffer;
  irs = 0;
  rcvNxt = 0;
  /** The right edge of the window last offered; it never moves left (SHLD-14). */
  #rcvAdv = 0;
  /** An ACK must leave at once. */
  mustAcknowledge = false;
  /** What to report out of order; null where SACK is not agreed on. */
  sack: SackBlocks | null = null;
  /** RCV.WIND.SHIFT of RFC 7323: our window fields count units of 2^shift octets. */
  shift = 0;
  /** ACKs that still leave at once, and when octets were taken last. */
  #quick = 0;
  #tookNs = Number.NEGATIVE_INFINITY;
  readonly #context: Context;
  #finSequence: number | null = null;
  readonly #profile: TcpProfile;
  readonly #delayed: Timer;
  /** RCV.NXT as last acknowledged. */
  #acknowledged = 0;
  /** The greatest segment seen: "every second full-sized segment" is twice that. */
  #segmentBytes = 0;
  #mssBytes: number;

  constructor(context: Context, machine: string, profile: TcpProfile, mssBytes: number, acknowledge: () => void) {
    this.#context = context;
    this.#profile = profile;
    this.#mssBytes = mssBytes;
    this.buffer = new ReceiveBuffer(profile.receiveBufferBytes);
    this.#delayed = context.timer(4, machine, 'delayed-ack', acknowledge);
  }

  /** The peer's SYN: from now on there is a sequence to expect. */
  open(irs: number): void {
    this.irs = irs;
    this.rcvNxt = add(irs, 1);
    this.#acknowledged = this.rcvNxt;
    this.#rcvAdv = this.rcvNxt;
  }

  /** RCV.WND: what was offered and not used yet. */
  get rcvWnd(): number {
    return distance(this.#rcvAdv, this.rcvNxt);
  }

  /** The stream offset (0 = the first octet) of a sequence number near the window. */
  offsetOf(sequence: number): number {
    return this.buffer.next + distance(sequence, this.rcvNxt);
  }

  /**
   * Octets of a segment (a packet's window), trimmed to ours. Returns how far the stream grew in order, and sees to it that an ACK
   * will leave: at once for what is out of order or fills a gap, for every second full segment; else a little later.
   */
  take(sequence: number, octets: Pdu): number {
    const { buffer } = this;
    const hadGap = buffer.hasGap;
    const start = this.offsetOf(sequence);
    const { length } = octets;
    if (this.sack && (hadGap || start < buffer.next)) this.#seeDuplicate(start, start + length);
    const grew = buffer.insert(start, octets);
    this.rcvNxt = add(this.rcvNxt, grew);
    if (this.sack) {
      if (grew > 0) this.sack.onInOrder(buffer.next);
      else this.sack.onAhead(buffer.islands, start);
    }
    this.#segmentBytes = Math.max(this.#segmentBytes, Math.min(length, this.#mssBytes));
    if (grew === 0 || hadGap || !this.#profile.delayedAck || this.#isQuick()) this.mustAcknowledge = true;
    else if (distance(this.rcvNxt, this.#acknowledged) >= 2 * this.#segmentBytes) this.mustAcknowledge = true;
    else if (!this.#delayed.isSet) this.#delayed.set(this.#profile.delayedAckNs);
    return grew;
  }

  /** Linux: a peer that has just begun is in slow start, and every ACK lets it go on; so it is after a pause. */
  #isQuick(): boolean {
    const nowNs = this.#context.nowNs;
    if (nowNs - this.#tookNs > QUICK_AFTER_NS) this.#quick = this.#profile.quickAcks;
    this.#tookNs = nowNs;
    return this.#quick-- > 0;
  }

  /** Data leaves as an answer: its ACK can ride on such answers from now on. */
  onDataSent(): void {
    if (this.#context.nowNs - this.#tookNs < this.#profile.delayedAckNs) this.#quick = 0;
  }

  /** A segment with nothing new in it, which is not taken: D-SACK reports it (RFC 2883 section 4.1). */
  seeOld(sequence: number, length: number): void {
    const start = this.offsetOf(sequence);
    if (this.sack && length > 0 && start >= 0) this.#seeDuplicate(start, start + length);
  }

  #seeDuplicate(start: number, end: number): void {
    const { islands, next } = this.buffer;
    this.mustAcknowledge = true;
    if (start < next) this.sack?.onDuplicate(start, Math.min(end, next));
    else if (islands.covers(start, end)) this.sack?.onDuplicate(start, end);
  }

  /** SEQ of a stream offset. */
  sequenceOf(offset: number): number {
    return add(this.rcvNxt, offset - this.buffer.next);
  }

  /** RCV.NXT of the last ACK that left: Last.ACK.sent of RFC 7323. */
  get lastAckSent(): number {
    return this.#acknowledged;
  }

  /** How many octets that start at a sequence number may be taken: up to the window's edge, none behind a FIN. */
  roomAfter(sequence: number): number {
    const room = this.rcvWnd - distance(sequence, this.rcvNxt);
    return this.#finSequence === null ? room : Math.min(room, distance(this.#finSequence, sequence));
  }

  /** A FIN came with this number, perhaps ahead of a gap. The first one counts. */
  seeFin(sequence: number): void {
    this.#finSequence ??= sequence;
    this.mustAcknowledge = true;
  }

  /** Everything before the peer's FIN is here, and it was not taken yet. */
  get isFinNext(): boolean {
    return this.#finSequence === this.rcvNxt;
  }

  /** The peer's FIN takes a sequence number of its own. */
  takeFin(): void {
    this.rcvNxt = add(this.rcvNxt, 1);
    // Nothing comes after a FIN: its number lies at the edge of any window.
    if (distance(this.#rcvAdv, this.rcvNxt) < 0) this.#rcvAdv = this.rcvNxt;
    this.mustAcknowledge = true;
  }

  /**
   * The window field of a segment that leaves now, which acknowledges RCV.NXT; `isSyn`: it is never scaled there.
   * RFC 7323 section 2.4: a window that shrinks only because it is rounded down must not: it is rounded up, and the buffer
   * takes the few octets that are too many.
   */
  offer(isSyn = false): number {
    const shift = isSyn ? 0 : this.shift;
    const windowBytes = Math.max(0, distance(this.#nextEdge(), this.rcvNxt));
    const promised = this.rcvWnd;
    let field = windowBytes >>> shift;
    if (field << shift < promised) field = (promised + (1 << shift) - 1) >>> shift;
    field = Math.min(field, 0xffff);
    this.#rcvAdv = add(this.rcvNxt, field << shift);
    this.#acknowledged = this.rcvNxt;
    this.mustAcknowledge = false;
    this.#delayed.clear();
    return field;
  }

  /** Whether reading has opened the window enough to tell the peer. */
  get isWorthUpdating(): boolean {
    const edge = this.#nextEdge();
    return distance(edge, this.#rcvAdv) >= this.#step && this.rcvWnd < this.buffer.capacity / 2;
  }

  /** RFC 9293 section 3.8.6.2.2 (MUST-39): the edge moves in steps of min(RCV.BUFF / 2, MSS), never by crumbs. */
  #nextEdge(): number {
    const free = Math.max(0, this.buffer.capacity - this.buffer.readableBytes);
    const edge = add(this.rcvNxt, Math.min(free, 0xffff << this.shift));
    const moves = distance(edge, this.#rcvAdv);
    return moves >= this.#step ? edge : this.#rcvAdv;
  }

  get #step(): number {
    return Math.min(Math.floor(this.buffer.capacity / 2), this.#mssBytes);
  }

  stop(): void {
    this.#delayed.clear();
  }
}
