/**
 * Tail loss probes (RFC 8985 section 7): when the last segments of a flight are lost no ACK says so; a probe after two
 * round trips brings one that does, instead of a timeout that would close the window.
 */

import type { Nanos } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';

/** Section 7.2: how late the ACK of a lone segment may come. */
const WORST_DELAYED_ACK_NS: Nanos = 200_000_000;

export class TailProbe {
  /** TLP.end_seq: SND.NXT when the probe left; null: none is out. */
  #end: number | null = null;
  #wasRepeat = false;
  readonly #timer: Timer;

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  get isOut(): boolean {
    return this.#end !== null;
  }

  /** New data left or was acknowledged: the probe is due two round trips from now, if that is before the timeout. */
  schedule(srttNs: Nanos, isAlone: boolean, timeoutNs: Nanos): void {
    if (this.#end !== null || srttNs === 0) return;
    const waitNs = 2 * srttNs + (isAlone ? WORST_DELAYED_ACK_NS : 0);
    if (waitNs < timeoutNs) this.#timer.set(waitNs);
    else this.#timer.clear();
  }

  cancel(): void {
    this.#timer.clear();
  }

  onSent(end: number, wasRepeat: boolean): void {
    this.#end = end;
    this.#wasRepeat = wasRepeat;
  }

  /**
   * Section 7.4.2. `una` is acknowledged; `isAgain`: it was before; `isDuplicate`: the peer says it got a segment twice.
   * True: the probe has repaired a loss that nobody was told of, and the window must answer for it.
   */
  onAck(una: number, isAgain: boolean, isDuplicate: boolean): boolean {
    if (this.#end === null || una < this.#end) return false;
    if (this.#wasRepeat && !isDuplicate && !isAgain) {
      if (una === this.#end) return false;
      this.#end = null;
      return true;
    }
    this.#end = null;
    return false;
  }

  /** A timeout or a recovery takes over. */
  forget(): void {
    this.#end = null;
    this.#timer.clear();
  }
}
