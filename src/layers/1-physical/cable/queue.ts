import type { Nanos } from '../../../kernel/journal.ts';
import type { Pdu } from '../../pdu.ts';
import { Ring } from './ring.ts';

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

/** Frames that wait for a transmitter, first in first out. */
export class FrameQueue {
  readonly #places = new Ring(place);
  #bytes = 0;

  get packets(): number {
    return this.#places.count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether one more frame of that size may wait (tail drop otherwise). */
  hasRoom(limit: { readonly packets: number } | { readonly bytes: number }, frameBytes: number): boolean {
    return 'packets' in limit ? this.packets < limit.packets : this.#bytes + frameBytes <= limit.bytes;
  }

  push(frame: Pdu, damaged: boolean, crossing: number, entry: number | null, sinceNs: Nanos): void {
    const waiting = this.#places.push();
    waiting.frame = frame;
    waiting.damaged = damaged;
    waiting.crossing = crossing;
    waiting.entry = entry;
    waiting.sinceNs = sinceNs;
    this.#bytes += frame.length;
  }

  shift(): Waiting | null {
    const waiting = this.#places.shift();
    if (waiting) this.#bytes -= waiting.frame.length;
    return waiting;
  }
}
