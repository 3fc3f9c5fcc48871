/** Octets that arrived: in order and waiting to be read, or ahead of a gap and waiting for it to fill. */

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
  #ahead: Piece[] = [];
  #aheadBytes = 0;

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

  get aheadBytes(): number {
    return this.#aheadBytes;
  }

  /** Stream offsets of what lies ahead of gaps. */
  get ahead(): readonly { readonly start: number; readonly end: number }[] {
    return this.#ahead;
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
    this.#insertAhead(start + skip, bytes.subarray(skip));
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
    const pieces: Piece[] = [];
    let from = start;
    const keep = (to: number) => {
      if (to > from) pieces.push({ start: from, end: to, bytes: bytes.subarray(from - start, to - start) });
    };
    for (const piece of this.#ahead) {
      if (piece.end <= from || piece.start >= end) pieces.push(piece);
      else {
        keep(Math.min(piece.start, end));
        pieces.push(piece);
        from = Math.max(from, piece.end);
      }
    }
    keep(end);
    this.#ahead = pieces.sort((one, other) => one.start - other.start);
    this.#aheadBytes = this.#ahead.reduce((total, piece) => total + piece.end - piece.start, 0);
  }

  #drain(): void {
    while (this.#ahead[0]?.start === this.#next) {
      const piece = this.#ahead.shift() as Piece;
      this.#aheadBytes -= piece.end - piece.start;
      this.#append(piece.bytes);
    }
  }
}
