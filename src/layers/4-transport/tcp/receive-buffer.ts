/** Octets that arrived: in order and waiting to be read, or ahead of a gap and waiting for it to fill. */

import type { Pdu } from '../../pdu.ts';
import { insertAt, Ranges } from './ranges.ts';
import { distance } from './sequence.ts';

interface Piece {
  /** Offset in the stream, 0 = the first octet after SYN. */
  readonly start: number;
  readonly end: number;
  /** Its window is the octets. */
  readonly pdu: Pdu;
}

export class ReceiveBuffer {
  // What every segment asks for comes first and lies together.
  /** Packets in order and not read yet, linked through themselves as on a cable; the last is null where the first is. */
  #firstReady: Pdu | null = null;
  #lastReady: Pdu | null = null;
  #readyBytes = 0;
  /** Stream offset of the next octet in order: RCV.NXT without the wrap. */
  #next = 0;
  /** Pieces are ahead of a gap: said here, so that what is in order need not look at them. */
  #hasGap = false;
  readonly capacity: number;
  /** Pieces ahead of a gap, in order, without overlap. */
  readonly #ahead: Piece[] = [];
  /** The same as ranges, pieces that touch being one: what SACK reports. */
  readonly islands = new Ranges();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get readableBytes(): number {
    return this.#readyBytes;
  }

  get next(): number {
    return this.#next;
  }

  /** Entries of what is ready to be read. */
  get carries(): readonly number[] {
    const all = new Set<number>();
    for (let pdu = this.#firstReady; pdu !== null; pdu = pdu.behind) for (const entry of pdu.carries) all.add(entry);
    return [...all];
  }

  get hasGap(): boolean {
    return this.#hasGap;
  }

  /**
   * Takes the octets in a packet's window, which start at a stream offset, as far as they are new, and returns how far the
   * stream grew in order. The packet is held, not copied: nobody may write to it afterwards.
   */
  insert(start: number, pdu: Pdu): number {
    const before = this.#next;
    const skip = Math.max(0, distance(this.#next, start));
    if (skip >= pdu.length) return 0;
    pdu.start += skip;
    if (start + skip === this.#next && !this.#hasGap) {
      pdu.isHeld = true;
      this.#append(pdu);
      return distance(this.#next, before);
    }
    this.#insertAhead(start + skip, pdu);
    this.#drain();
    return distance(this.#next, before);
  }

  /** Up to `atMost` octets in order. */
  read(atMost: number): Uint8Array {
    const first = this.#firstReady;
    if (first !== null && first.behind === null && first.length <= atMost) {
      this.#firstReady = null;
      this.#lastReady = null;
      this.#readyBytes = 0;
      return first.view();
    }
    const length = Math.min(atMost, this.#readyBytes);
    const bytes = new Uint8Array(length);
    this.#consume(length, bytes);
    return bytes;
  }

  /** Throws up to `atMost` octets in order away, and returns how many. */
  skip(atMost: number): number {
    const length = Math.min(atMost, this.#readyBytes);
    this.#consume(length, null);
    return length;
  }

  /** Takes `length` octets off the front, into a buffer or into nothing. */
  #consume(length: number, into: Uint8Array | null): void {
    let filled = 0;
    while (filled < length) {
      const pdu = this.#firstReady as Pdu;
      const part = Math.min(pdu.length, length - filled);
      into?.set(pdu.bytes.subarray(pdu.start, pdu.start + part), filled);
      filled += part;
      pdu.start += part;
      if (pdu.length > 0) break;
      this.#removeFirst(pdu);
    }
    this.#readyBytes -= length;
  }

  #removeFirst(pdu: Pdu): void {
    this.#firstReady = pdu.behind;
    if (pdu.behind === null) this.#lastReady = null;
    pdu.behind = null;
    pdu.isHeld = false;
    pdu.release();
  }

  #append(pdu: Pdu): void {
    if (this.#lastReady === null) this.#firstReady = pdu;
    else this.#lastReady.behind = pdu;
    this.#lastReady = pdu;
    this.#readyBytes += pdu.length;
    this.#next += pdu.length;
  }

  /** Puts in what is not there yet: what came first stays (RFC 9293 section 3.10.7.4 leaves the choice). */
  #insertAhead(start: number, pdu: Pdu): void {
    const end = start + pdu.length;
    const ahead = this.#ahead;
    let at = this.#placeOf(start);
    let from = start;
    while (from < end) {
      const piece = ahead[at];
      const to = piece === undefined ? end : Math.min(piece.start, end);
      if (to > from) {
        const part = partOf(pdu, distance(from, start), distance(to, start));
        insertAt(ahead, at++, { start: from, end: to, pdu: part });
      }
      if (piece === undefined || piece.start >= end) break;
      from = Math.max(to, piece.end);
      at++;
    }
    this.islands.add(start, end);
    this.#hasGap = true;
  }

  /** Index of the first piece that ends behind an offset. */
  #placeOf(offset: number): number {
    const ahead = this.#ahead;
    let low = 0;
    let high = ahead.length;
    if (high > 0 && (ahead[high - 1] as Piece).end <= offset) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ahead[middle] as Piece).end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #drain(): void {
    if (this.#ahead[0]?.start !== this.#next) return;
    while (this.#ahead[0]?.start === this.#next) this.#append((this.#ahead.shift() as Piece).pdu);
    this.islands.cutBefore(this.#next);
    this.#hasGap = this.#ahead.length > 0;
  }
}

/** The packet with a window on some octets of its window: itself where that is all, so that it can be given back. */
function partOf(pdu: Pdu, from: number, to: number): Pdu {
  const isWhole = from === 0 && to === pdu.length;
  const part = isWhole ? pdu : pdu.fork();
  part.isHeld = true;
  part.end = part.start + to;
  part.start += from;
  return part;
}
