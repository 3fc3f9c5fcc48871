import { NOTHING } from '../../../kernel/journal.ts';
import { distance } from './sequence.ts';

/** What an application wrote at once, or a part of it. */
interface Message {
  readonly startTotal: number;
  readonly endTotal: number;
  readonly entries: readonly number[];
}

/** Pieces up to this length are gathered in blocks: keeping each would cost more than its octets. */
const SHORT_BYTES = 256;
const BLOCK_BYTES = 4096;
const COMPACT_AT = 64;
/** A buffer that holds several such pieces does not ask for less: its user would be called for every segment. */
const GOOD_PIECE_BYTES = 32_768;
const PIECES_OF_A_LARGE_BUFFER = 4;
const NO_OCTETS = new Uint8Array(0);
/** Without a journal nobody asks, and all buffers share it. */
const NO_MESSAGES: Message[] = [];

/**
 * Octets written that the peer has not acknowledged. Offset 0 is the oldest; totals count from the first octet ever
 * written. Long pieces are kept as they came and not copied, so whoever wrote them leaves them as they are.
 */
export class SendBuffer {
  // What every segment asks for comes first and lies together.
  readonly capacity: number;
  #length = 0;
  /** Octets that have left the buffer for good. */
  #acknowledged = 0;
  /** Where the oldest piece ends; 0: there is none. */
  #headEnd = 0;
  /** The piece that was read last, and which octets it holds: reading mostly goes on where it was. */
  #piece: Uint8Array = NO_OCTETS;
  #pieceStart = 0;
  #pieceEnd = 0;
  /** Piece n holds the octets of totals [starts[n], ends[n]) from its own octet 0 on. */
  readonly #pieces: Uint8Array[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** Index of the piece with the oldest octet. */
  #head = 0;
  /** Index of the piece that was read last. */
  #cursor = 0;
  /** Where short pieces are gathered: free from `#blockUsed` on. */
  #block = NO_OCTETS;
  #blockUsed = 0;
  /** Which journal entries (application messages) the octets belong to, by the total offset at which each ends. */
  #messages = NO_MESSAGES;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  get room(): number {
    return this.capacity - this.#length;
  }

  /** Whether a user who waits for room should hear of it: at any room; of a large buffer, at room for a good piece. */
  get isWorthFilling(): boolean {
    const isLarge = this.capacity >= PIECES_OF_A_LARGE_BUFFER * GOOD_PIECE_BYTES;
    return this.room >= (isLarge ? GOOD_PIECE_BYTES : 1);
  }

  /** Octets ever acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Takes what there is room for and returns how much that was. */
  write(bytes: Uint8Array, entries: readonly number[]): number {
    const taken = Math.min(bytes.length, this.room);
    if (taken === 0) return 0;
    const startTotal = this.#acknowledged + this.#length;
    if (taken <= SHORT_BYTES) this.#gather(bytes, taken, startTotal);
    else this.#append(taken === bytes.length ? bytes : bytes.subarray(0, taken), startTotal, taken);
    if (entries.length > 0) this.#note({ startTotal, endTotal: startTotal + taken, entries });
    this.#length += taken;
    return taken;
  }

  #note(message: Message): void {
    if (this.#messages === NO_MESSAGES) this.#messages = [];
    this.#messages.push(message);
  }

  #append(piece: Uint8Array, startTotal: number, length: number): void {
    if (this.#head === this.#ends.length) this.#headEnd = startTotal + length;
    const index = this.#ends.length;
    this.#pieces[index] = piece;
    this.#starts[index] = startTotal;
    this.#ends[index] = startTotal + length;
  }

  /** Behind what was gathered last, where nothing has come between. */
  #gather(bytes: Uint8Array, length: number, startTotal: number): void {
    const hasRoom = this.#blockUsed + length <= this.#block.length;
    if (!hasRoom) {
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#blockUsed = 0;
    }
    for (let index = 0; index < length; index++) this.#block[this.#blockUsed + index] = bytes[index] as number;
    const last = this.#pieces.length - 1;
    const goesOn = hasRoom && last >= this.#head && this.#pieces[last]?.buffer === this.#block.buffer;
    if (goesOn) this.#extend(last, startTotal + length);
    else this.#append(this.#block.subarray(this.#blockUsed), startTotal, length);
    this.#blockUsed += length;
  }

  /** The last piece holds more. */
  #extend(last: number, endTotal: number): void {
    this.#ends[last] = endTotal;
    if (last === this.#head) this.#headEnd = endTotal;
    if (this.#pieces[last] === this.#piece) this.#pieceEnd = endTotal;
  }

  /** Copies [offset, offset + length) to target[at..). */
  copy(offset: number, length: number, target: Uint8Array, at: number): void {
    let total = this.#acknowledged + offset;
    let done = 0;
    while (done < length) {
      if (total < this.#pieceStart || total >= this.#pieceEnd) this.#turnTo(this.#indexOf(total));
      const from = distance(total, this.#pieceStart);
      const part = Math.min(length - done, distance(this.#pieceEnd, total));
      target.set(this.#piece.subarray(from, from + part), at + done);
      done += part;
      total += part;
    }
  }

  #turnTo(index: number): void {
    this.#cursor = index;
    this.#piece = this.#pieces[index] as Uint8Array;
    this.#pieceStart = this.#starts[index] as number;
    this.#pieceEnd = this.#ends[index] as number;
  }

  /** The piece with that octet, which is not acknowledged. */
  #indexOf(total: number): number {
    const cursor = this.#cursor;
    if (this.#holds(cursor, total)) return cursor;
    if (this.#holds(cursor + 1, total)) return cursor + 1;
    let low = this.#head;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] as number) > total) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #holds(index: number, total: number): boolean {
    if (index < this.#head || index >= this.#ends.length) return false;
    return (this.#starts[index] as number) <= total && total < (this.#ends[index] as number);
  }

  /** Journal entries of the messages that have octets in [offset, offset + length). */
  entriesIn(offset: number, length: number): readonly number[] {
    if (this.#messages.length === 0 || length === 0) return NOTHING;
    const start = this.#acknowledged + offset;
    const end = start + length;
    let index = this.#firstEndingAfter(start);
    const first = this.#messages[index];
    if (!first || first.startTotal >= end) return NOTHING;
    if (first.endTotal >= end) return first.entries;
    const entries = [...first.entries];
    for (let next = this.#messages[++index]; next && next.startTotal < end; next = this.#messages[++index]) {
      entries.push(...next.entries);
    }
    return entries;
  }

  /** The oldest octets have arrived. */
  acknowledge(length: number): void {
    this.#length -= length;
    this.#acknowledged += length;
    if (this.#headEnd <= this.#acknowledged) this.#letGo();
    while ((this.#messages[0]?.endTotal ?? Number.POSITIVE_INFINITY) <= this.#acknowledged) this.#messages.shift();
  }

  /** Pieces that are acknowledged. */
  #letGo(): void {
    while (this.#head < this.#ends.length && (this.#ends[this.#head] as number) <= this.#acknowledged) {
      this.#pieces[this.#head++] = NO_OCTETS;
    }
    this.#headEnd = this.#ends[this.#head] ?? 0;
    if (this.#head >= COMPACT_AT && 2 * this.#head >= this.#ends.length) this.#compact();
  }

  #compact(): void {
    this.#pieces.splice(0, this.#head);
    this.#starts.splice(0, this.#head);
    this.#ends.splice(0, this.#head);
    this.#cursor = Math.max(0, this.#cursor - this.#head);
    this.#head = 0;
  }

  clear(): void {
    this.#pieces.length = 0;
    this.#starts.length = 0;
    this.#ends.length = 0;
    this.#head = 0;
    this.#headEnd = 0;
    this.#piece = NO_OCTETS;
    this.#pieceStart = 0;
    this.#pieceEnd = 0;
    this.#length = 0;
    this.#messages = NO_MESSAGES;
  }

  #firstEndingAfter(total: number): number {
    let low = 0;
    let high = this.#messages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#messages[middle] as Message).endTotal > total) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
