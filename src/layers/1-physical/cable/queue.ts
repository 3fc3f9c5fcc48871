import type { Pdu } from '../../pdu.ts';

/**
 * Frames that wait for a transmitter, first in, first out. They are linked through themselves, as Linux's socket buffers
 * are, so nothing is allocated for what passes through; a frame stands in one row at a time.
 */
export class FrameQueue {
  #first: Pdu | null = null;
  #last: Pdu | null = null;
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether one more frame of that size may wait (tail drop otherwise). */
  hasRoom(limit: { readonly packets: number } | { readonly bytes: number }, frameBytes: number): boolean {
    return 'packets' in limit ? this.count < limit.packets : this.bytes + frameBytes <= limit.bytes;
  }

  push(frame: Pdu): void {
    if (this.#last === null) this.#first = frame;
    else this.#last.behind = frame;
    this.#last = frame;
    this.#count++;
    this.#bytes += frame.length;
  }

  shift(): Pdu | null {
    const frame = this.#first;
    if (frame === null) return null;
    this.#first = frame.behind;
    if (this.#first === null) this.#last = null;
    frame.behind = null;
    this.#count--;
    this.#bytes -= frame.length;
    return frame;
  }
}
