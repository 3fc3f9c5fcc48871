/**
 * The receiving half of a connection: the RCV variables of RFC 9293 section 3.3.1, the window it offers, and when it
 * acknowledges (RFC 9293 sections 3.8.6.2.2 and 3.8.6.3, RFC 5681 section 4.2).
 */

import type { Context } from '../../../kernel/context.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { TcpProfile } from './profile.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { add, distance } from './sequence.ts';

export class Receiver {
  readonly buffer: ReceiveBuffer;
  irs = 0;
  rcvNxt = 0;
  /** The right edge of the window last offered; it never moves left (SHLD-14). */
  #rcvAdv = 0;
  /** An ACK must leave at once. */
  mustAcknowledge = false;
  #finSequence: number | null = null;
  readonly #profile: TcpProfile;
  readonly #delayed: Timer;
  /** RCV.NXT as last acknowledged. */
  #acknowledged = 0;
  /** The greatest segment seen: "every second full-sized segment" is twice that. */
  #segmentBytes = 0;
  #mssBytes: number;

  constructor(context: Context, machine: string, profile: TcpProfile, mssBytes: number, acknowledge: () => void) {
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
   * Octets of a segment, trimmed to the window. Returns how far the stream grew in order, and sees to it that an ACK
   * will leave: at once for what is out of order or fills a gap, for every second full segment; else a little later.
   */
  take(sequence: number, bytes: Uint8Array): number {
    const hadGap = this.buffer.hasGap;
    const grew = this.buffer.insert(this.offsetOf(sequence), bytes);
    this.rcvNxt = add(this.rcvNxt, grew);
    this.#segmentBytes = Math.max(this.#segmentBytes, Math.min(bytes.length, this.#mssBytes));
    if (grew === 0 || hadGap || !this.#profile.delayedAck) this.mustAcknowledge = true;
    else if (distance(this.rcvNxt, this.#acknowledged) >= 2 * this.#segmentBytes) this.mustAcknowledge = true;
    else if (!this.#delayed.isSet) this.#delayed.set(this.#profile.delayedAckNs);
    return grew;
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

  /** The window to offer in a segment that leaves now, which acknowledges RCV.NXT. */
  offer(): number {
    this.#rcvAdv = this.#nextEdge();
    this.#acknowledged = this.rcvNxt;
    this.mustAcknowledge = false;
    this.#delayed.clear();
    return Math.min(this.rcvWnd, 0xffff);
  }

  /** Whether reading has opened the window enough to tell the peer. */
  get isWorthUpdating(): boolean {
    const edge = this.#nextEdge();
    return distance(edge, this.#rcvAdv) >= this.#step && this.rcvWnd < this.buffer.capacity / 2;
  }

  /** RFC 9293 section 3.8.6.2.2 (MUST-39): the edge moves in steps of min(RCV.BUFF / 2, MSS), never by crumbs. */
  #nextEdge(): number {
    const free = Math.max(0, this.buffer.capacity - this.buffer.readableBytes);
    const edge = add(this.rcvNxt, Math.min(free, 0xffff));
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
