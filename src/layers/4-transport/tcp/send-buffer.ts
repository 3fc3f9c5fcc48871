import { NOTHING } from '../../../kernel/journal.ts';

/** What an application wrote at once, or a part of it. */
interface Message {
  readonly startTotal: number;
  readonly endTotal: number;
  readonly entries: readonly number[];
}

/** Octets written that the peer has not acknowledged: a ring that grows up to its capacity. Offset 0 is the oldest. */
export class SendBuffer {
  readonly capacity: number;
  #ring = new Uint8Array(4096);
  #first = 0;
  #length = 0;
  /** Octets that have left the buffer for good. */
  #acknowledged = 0;
  /** Which journal entries (application messages) the octets belong to, by the total offset at which each ends. */
  readonly #messages: Message[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  get room(): number {
    return this.capacity - this.#length;
  }

  /** Octets ever acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Takes what there is room for and returns how much that was. */
  write(bytes: Uint8Array, entries: readonly number[]): number {
    const taken = Math.min(bytes.length, this.room);
    if (taken === 0) return 0;
    if (this.#length + taken > this.#ring.length) this.#grow(this.#length + taken);
    const size = this.#ring.length;
    const at = (this.#first + this.#length) % size;
    const head = Math.min(taken, size - at);
    this.#ring.set(bytes.subarray(0, head), at);
    if (head < taken) this.#ring.set(bytes.subarray(head, taken), 0);
    if (entries.length > 0) {
      const startTotal = this.#acknowledged + this.#length;
      this.#messages.push({ startTotal, endTotal: startTotal + taken, entries });
    }
    this.#length += taken;
    return taken;
  }

  /** Copies [offset, offset + length) to target[at..). */
  copy(offset: number, length: number, target: Uint8Array, at: number): void {
    const size = this.#ring.length;
    const from = (this.#first + offset) % size;
    const head = Math.min(length, size - from);
    target.set(this.#ring.subarray(from, from + head), at);
    if (head < length) target.set(this.#ring.subarray(0, length - head), at + head);
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
    this.#first = (this.#first + length) % this.#ring.length;
    this.#length -= length;
    this.#acknowledged += length;
    while ((this.#messages[0]?.endTotal ?? Number.POSITIVE_INFINITY) <= this.#acknowledged) this.#messages.shift();
  }

  clear(): void {
    this.#length = 0;
    this.#messages.length = 0;
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

  #grow(needed: number): void {
    const ring = new Uint8Array(Math.min(this.capacity, Math.max(needed, this.#ring.length * 2)));
    this.copy(0, this.#length, ring, 0);
    this.#ring = ring;
    this.#first = 0;
  }
}
