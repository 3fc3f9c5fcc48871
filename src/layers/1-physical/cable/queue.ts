import type { Nanos } from '../../../kernel/journal.ts';
import type { Pdu } from '../../pdu.ts';

/** Frames that wait for a transmitter, first in first out: a ring that grows to what is needed. */
export class FrameQueue {
  #frames: (Waiting | undefined)[] = new Array(16).fill(undefined);
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

  push(waiting: Waiting): void {
    if (this.#count === this.#frames.length) this.#grow();
    this.#frames[(this.#first + this.#count) % this.#frames.length] = waiting;
    this.#count++;
    this.#bytes += waiting.frame.length;
  }

  shift(): Waiting | null {
    const waiting = this.#frames[this.#first];
    if (!waiting) return null;
    this.#frames[this.#first] = undefined;
    this.#first = (this.#first + 1) % this.#frames.length;
    this.#count--;
    this.#bytes -= waiting.frame.length;
    return waiting;
  }

  #grow(): void {
    const old = this.#frames;
    this.#frames = new Array(old.length * 2).fill(undefined);
    for (let index = 0; index < this.#count; index++) this.#frames[index] = old[(this.#first + index) % old.length];
    this.#first = 0;
  }
}

export interface Waiting {
  readonly frame: Pdu;
  readonly damaged: boolean;
  /** The number of its crossing. */
  readonly crossing: number;
  /** Since when it waits. */
  readonly sinceNs: Nanos;
  /** The journal entry that says it waits. */
  readonly entry: number | null;
}
