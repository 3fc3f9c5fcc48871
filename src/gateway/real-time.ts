/** Lets a run's virtual time follow the clock on the wall, so that its hosts can talk to real ones. */

import type { Nanos } from '../kernel/journal.ts';

/** What can be paced: a run. */
export interface Paced {
  readonly nowNs: Nanos;
  /** When the next event is due; infinity when nothing is left to happen. */
  readonly nextNs: Nanos;
  /** Lets one event happen; false when the run is over. */
  step(): boolean;
  /** Lets what is due happen and moves the clock to that time. */
  runUntil(atNs: Nanos): void;
}

export interface PaceOptions {
  /** So many virtual seconds pass in a real one; above 0, default 1. */
  readonly speed?: number;
  /** The run's time ends here; default never. */
  readonly untilNs?: Nanos;
}

/** The latest virtual time there is: 104 days in whole nanoseconds. */
export const FOREVER_NS: Nanos = Number.MAX_SAFE_INTEGER;

/** A timer of Node is no finer than this; what is due sooner is waited for by turns of the event loop. */
const FINE_NS = 1_500_000;
/** Events between two looks at what came from outside: a few milliseconds at most. */
const SLICE_EVENTS = 512;

/**
 * Starts with the first event, and runs until `stop()`, or until its time has come. A run that is slower than the wall's
 * clock falls behind (`lagNs`) and catches up when there is less to do; nothing is skipped.
 */
export class RealTime {
  /** Settles when the pacing ends; rejects with what an event threw. */
  readonly ended: Promise<void>;
  readonly #run: Paced;
  readonly #speed: number;
  readonly #untilNs: Nanos;
  readonly #sinceNs = process.hrtime.bigint();
  #isRunning = true;
  #failure: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(run: Paced, options: PaceOptions = {}) {
    const { speed = 1, untilNs = FOREVER_NS } = options;
    if (!(speed > 0) || !Number.isFinite(speed)) throw new RangeError(`a speed of ${speed} is not above 0`);
    this.#run = run;
    this.#speed = speed;
    this.#untilNs = untilNs;
    this.ended = this.#pace();
  }

  /** Virtual time by the clock on the wall, whole nanoseconds since the start. */
  get wallNs(): Nanos {
    const passedNs = Number(process.hrtime.bigint() - this.#sinceNs);
    return Math.min(Math.floor(passedNs * this.#speed), this.#untilNs);
  }

  /** How far the run is behind the clock on the wall, in virtual ns; 0 when nothing is overdue. */
  get lagNs(): Nanos {
    return Math.max(0, this.wallNs - this.#run.nextNs);
  }

  /**
   * Something comes from outside, now: what was due before it happens first. Does nothing once the pacing has ended. What
   * goes wrong is told by `ended`: a socket that calls has nobody who would hear of it.
   */
  happen(what: () => void): void {
    if (!this.#isRunning) return;
    try {
      this.#catchUp();
      what();
    } catch (error) {
      this.#failure = { error };
      this.#isRunning = false;
    }
    this.#wake?.();
  }

  /** No further event happens. */
  stop(): void {
    this.#isRunning = false;
    this.#wake?.();
  }

  /** Lets a slice of what is due happen. */
  #catchUp(): void {
    const run = this.#run;
    const wallNs = this.wallNs;
    for (let events = 0; run.nextNs <= wallNs; events++) {
      if (events === SLICE_EVENTS || !this.#isRunning || !run.step()) return;
    }
    run.runUntil(wallNs);
  }

  async #pace(): Promise<void> {
    // Whoever makes the pace finishes what it is doing before the first event.
    await null;
    try {
      while (this.#isRunning) {
        this.#catchUp();
        // What the run has reached counts, not the clock on the wall, which has gone on meanwhile.
        const isThere = this.#run.nowNs >= this.#untilNs && this.#run.nextNs > this.#untilNs;
        if (!this.#isRunning || isThere) break;
        const wallNs = this.wallNs;
        await this.#pause(Math.min(this.#run.nextNs, this.#untilNs) - wallNs);
      }
      if (this.#failure) throw this.#failure.error;
    } finally {
      this.#isRunning = false;
    }
  }

  /** For so much virtual time, or until something happens. */
  #pause(forNs: Nanos): Promise<void> {
    const realNs = forNs / this.#speed;
    return new Promise((go) => {
      if (realNs < FINE_NS) {
        setImmediate(go);
        return;
      }
      const timer = setTimeout(go, Math.min((realNs - FINE_NS / 2) / 1e6, 60_000));
      this.#wake = () => {
        this.#wake = null;
        clearTimeout(timer);
        go();
      };
    });
  }
}
