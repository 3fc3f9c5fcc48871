import type { Pdu } from '../../pdu.ts';

/**
 * Frames in a row, first in, first out. They are linked through themselves, as Linux's socket buffers are, so nothing is
 * allocated for what passes through; a frame stands in one row at a time.
 */
export class FrameRow {
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

  /** The one that has stood there longest; null: none does. */
  get first(): Pdu | null {
    return this.#first;
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
