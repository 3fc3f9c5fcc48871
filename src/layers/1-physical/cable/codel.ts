/**
 * Controlled Delay (RFC 8289): a frame that has waited too long is told so when it leaves, by a mark or by being dropped,
 * once the wait has not been short for an interval; and then more and more often until it is.
 */

import type { Nanos } from '../../../kernel/journal.ts';
import type { Pdu } from '../../pdu.ts';
import type { FrameQueue } from './queue.ts';

/** RFC 8289 section 4.3: 5 ms of standing queue is good, 100 ms is a worst-case round trip. */
const TARGET_NS: Nanos = 5_000_000;
const INTERVAL_NS: Nanos = 100_000_000;
/** Roots are taken of the count in 1/2^20, so that they are whole in 1/2^10. */
const COUNT_SCALE = 1 << 20;
const ROOT_SCALE = 1 << 10;

export interface CodelUser {
  /** True: the frame could be marked, and is. */
  mark(frame: Pdu): boolean;
  drop(frame: Pdu): void;
}

export class Codel {
  readonly #queue: FrameQueue;
  readonly #user: CodelUser;
  #firstAboveNs: Nanos = 0;
  #dropNextNs: Nanos = 0;
  #count = 0;
  #lastCount = 0;
  #isDropping = false;
  /** The greatest frame so far: with no more than that in the queue, nothing stands. */
  #greatestBytes = 512;

  constructor(queue: FrameQueue, user: CodelUser) {
    this.#queue = queue;
    this.#user = user;
  }

  /** The next frame to send; null: none is left. RFC 8289 section 5.5. */
  next(nowNs: Nanos): Pdu | null {
    let taken = this.#take(nowNs);
    if (!taken.frame) return this.#rest();
    if (this.#isDropping) {
      if (!taken.isLate) this.#isDropping = false;
      while (this.#isDropping && nowNs >= this.#dropNextNs && taken.frame) {
        this.#count++;
        if (this.#user.mark(taken.frame)) {
          this.#dropNextNs = controlLaw(this.#dropNextNs, this.#count);
          return taken.frame;
        }
        this.#user.drop(taken.frame);
        taken = this.#take(nowNs);
        if (taken.isLate) this.#dropNextNs = controlLaw(this.#dropNextNs, this.#count);
        else this.#isDropping = false;
      }
    } else if (taken.isLate) {
      if (!this.#user.mark(taken.frame)) {
        this.#user.drop(taken.frame);
        taken = this.#take(nowNs);
      }
      this.#enter(nowNs);
    }
    return taken.frame ?? this.#rest();
  }

  /** Section 5.5: where the last dropping state ended not long ago, it goes on at nearly its rate. */
  #enter(nowNs: Nanos): void {
    this.#isDropping = true;
    const delta = this.#count - this.#lastCount;
    this.#count = delta > 1 && nowNs - this.#dropNextNs < 16 * INTERVAL_NS ? delta : 1;
    this.#dropNextNs = controlLaw(nowNs, this.#count);
    this.#lastCount = this.#count;
  }

  #rest(): null {
    this.#firstAboveNs = 0;
    this.#isDropping = false;
    return null;
  }

  #take(nowNs: Nanos): { readonly frame: Pdu | null; readonly isLate: boolean } {
    const frame = this.#queue.shift();
    if (!frame) {
      this.#firstAboveNs = 0;
      return { frame, isLate: false };
    }
    this.#greatestBytes = Math.max(this.#greatestBytes, frame.length);
    if (nowNs - frame.dueNs < TARGET_NS || this.#queue.bytes <= this.#greatestBytes) {
      this.#firstAboveNs = 0;
      return { frame, isLate: false };
    }
    if (this.#firstAboveNs === 0) this.#firstAboveNs = nowNs + INTERVAL_NS;
    return { frame, isLate: nowNs >= this.#firstAboveNs };
  }
}

/** The next drop comes an interval divided by the root of their number later. */
function controlLaw(fromNs: Nanos, count: number): Nanos {
  const root = Math.floor(Math.sqrt(count * COUNT_SCALE));
  return fromNs + Math.floor((INTERVAL_NS * ROOT_SCALE) / root);
}
