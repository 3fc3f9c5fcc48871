import type { Nanos } from '../../../kernel/journal.ts';
import type { Pdu } from '../../pdu.ts';

/** A frame that waits, or did last: what `shift` returns is good until the next `push`. */
export interface Waiting {
  frame: Pdu;
  damaged: boolean;
  /** The number of its crossing. */
  crossing: number;
  /** The journal entry that says it waits. */
  entry: number | null;
  /** Since when it waits. */
  sinceNs: Nanos;
}

/** What stands in a place that is free: no packet is kept alive there that somebody else is done with. */
export const NO_FRAME = null as unknown as Pdu;

function place(): Waiting {
  return { frame: NO_FRAME, damaged: false, crossing: 0, entry: null, sinceNs: 0 };
}

/** Frames that wait for a transmitter, first in first out: a ring that grows to what is needed. */
export class FrameQueue {
  /** Their number is a power of two. */
  #places: Waiting[] = Array.from({ length: 4 }, place);
  #first = 0;
  #count = 0;
  #bytes = 0;

  get packets(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether one more frame of that size may wait (tail drop otherwise). */
  hasRoom(limit: { readonly packets: number } | { readonly bytes: number }, frameBytes: number): boolean {
    return 'packets' in limit ? this.#count < limit.packets : this.#bytes + frameBytes <= limit.bytes;
  }

  push(frame: Pdu, damaged: boolean, crossing: number, entry: number | null, sinceNs: Nanos): void {
    if (this.#count === this.#places.length) this.#grow();
    const waiting = this.#places[(this.#first + this.#count) & (this.#places.length - 1)] as Waiting;
    waiting.frame = frame;
    waiting.damaged = damaged;
    waiting.crossing = crossing;
    waiting.entry = entry;
    waiting.sinceNs = sinceNs;
    this.#count++;
    this.#bytes += frame.length;
  }

  shift(): Waiting | null {
    if (this.#count === 0) return null;
    const waiting = this.#places[this.#first] as Waiting;
    this.#first = (this.#first + 1) & (this.#places.length - 1);
    // An empty queue begins at the front again, where its memory is still at hand.
    if (--this.#count === 0) this.#first = 0;
    this.#bytes -= waiting.frame.length;
    return waiting;
  }

  #grow(): void {
    const size = this.#places.length;
    const inOrder = this.#places.map((_, index) => this.#places[(this.#first + index) & (size - 1)] as Waiting);
    this.#places = [...inOrder, ...Array.from({ length: size }, place)];
    this.#first = 0;
  }
}
