/** How far a sweep is, on standard error: one line that is drawn again on a terminal, a line now and then elsewhere. */

import type { Output } from '../terminal.ts';
import type { Trial } from './trial.ts';

const REDRAW_MS = 100;
const LINE_MS = 10_000;

export class Progress {
  readonly #err: Output;
  readonly #all: number;
  readonly #isQuiet: boolean;
  readonly #beganMs = performance.now();
  #done = 0;
  #bad = 0;
  #toldMs = performance.now();

  constructor(err: Output, all: number, isQuiet: boolean) {
    this.#err = err;
    this.#all = all;
    this.#isQuiet = isQuiet;
  }

  add(trials: readonly Trial[]): void {
    this.#done += trials.length;
    this.#bad += trials.filter(({ outcome }) => outcome !== 'passed').length;
    const nowMs = performance.now();
    if (this.#isQuiet || nowMs - this.#toldMs < (this.#err.isTerminal ? REDRAW_MS : LINE_MS)) return;
    this.#toldMs = nowMs;
    const line = this.#line(nowMs);
    this.#write(this.#err.isTerminal ? `\r${line}\x1b[K` : `${line}\n`);
  }

  tellDeath(lost: readonly { readonly seed: string }[], why: string): void {
    const [first] = lost;
    const seeds = lost.length === 1 ? `seed ${first?.seed}` : `seeds ${first?.seed} to ${lost.at(-1)?.seed}`;
    this.#write(`${this.#err.isTerminal ? '\r\x1b[K' : ''}a worker died in ${seeds}: ${why}\n`);
  }

  async end(): Promise<void> {
    if (!this.#isQuiet && this.#err.isTerminal) await this.#err.write('\r\x1b[K');
  }

  #line(nowMs: number): string {
    const seconds = (nowMs - this.#beganMs) / 1000;
    const left = Math.round((seconds / Math.max(1, this.#done)) * (this.#all - this.#done));
    const minutes = Math.floor(left / 60);
    const eta = minutes > 0 ? `${minutes} min ${left % 60} s` : `${left} s`;
    return `${this.#done}/${this.#all} runs, ${this.#bad} not held, ${Math.round(this.#done / seconds)}/s, ${eta} left`;
  }

  /** Nobody waits for it, and a closed pipe is no reason to stop. */
  #write(text: string): void {
    this.#err.write(text).catch(() => {});
  }
}
