/** Octets that arrived: in order and waiting to be read, or ahead of a gap and waiting for it to fill. */

import { Ranges } from './ranges.ts';

interface Piece {
  /** Offset in the stream, 0 = the first octet after SYN. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

export class ReceiveBuffer {
  readonly capacity: number;
  #ready: Uint8Array[] = [];
  #readyBytes = 0;
  /** Stream offset of the next octet in order: RCV.NXT without the wrap. */
  #next = 0;
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

  get hasGap(): boolean {
    return this.#ahead.length > 0;
  }

  /**
   * Takes octets at a stream offset, whatever part of them is new, and returns how far the stream grew in order. The
   * bytes are kept, not copied: nobody may write to them afterwards.
   */
  insert(start: number, bytes: Uint8Array): number {
    const before = this.#next;
    const skip = Math.max(0, this.#next - start);
    if (skip >= bytes.length) return 0;
    if (start + skip === this.#next && this.#ahead.length === 0) {
      this.#append(skip === 0 ? bytes : bytes.subarray(skip));
      return this.#next - before;
    }
    this.#insertAhead(start + skip, skip === 0 ? bytes : bytes.subarray(skip));
    this.#drain();
    return this.#next - before;
  }

  /** Up to `atMost` octets in order. */
  read(atMost: number): Uint8Array {
    const [first] = this.#ready;
    if (!first || atMost <= 0) return new Uint8Array(0);
    if (this.#ready.length === 1 && first.length <= atMost) {
      this.#ready = [];
      this.#readyBytes = 0;
      return first;
    }
    const length = Math.min(atMost, this.#readyBytes);
    const bytes = new Uint8Array(length);
    let filled = 0;
    let used = 0;
    for (const piece of this.#ready) {
      const part = piece.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.length;
      if (part.length < piece.length) {
        this.#ready[used] = piece.subarray(part.length);
        break;
      }
      used++;
      if (filled === length) break;
    }
    this.#ready.splice(0, used);
    this.#readyBytes -= length;
    return bytes;
  }

  #append(bytes: Uint8Array): void {
    this.#ready.push(bytes);
    this.#readyBytes += bytes.length;
    this.#next += bytes.length;
  }

  /** Puts in what is not there yet: what came first stays (RFC 9293 section 3.10.7.4 leaves the choice). */
  #insertAhead(start: number, bytes: Uint8Array): void {
    const end = start + bytes.length;
    const ahead = this.#ahead;
    let at = this.#placeOf(start);
    let from = start;
    while (from < end) {
      const piece = ahead[at];
      const to = piece === undefined ? end : Math.min(piece.start, end);
      if (to > from) ahead.splice(at++, 0, { start: from, end: to, bytes: bytes.subarray(from - start, to - start) });
      if (piece === undefined || piece.start >= end) break;
      from = Math.max(to, piece.end);
      at++;
    }
    this.islands.add(start, end);
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
    let used = 0;
    for (const piece of this.#ahead) {
      if (piece.start !== this.#next) break;
      this.#append(piece.bytes);
      used++;
    }
    this.#ahead.splice(0, used);
    this.islands.cutBefore(this.#next);
  }
}
