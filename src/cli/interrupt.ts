/** Signals turned into something that work can ask about between two steps. */

import { Interrupted } from './failure.ts';

type Signal = 'SIGINT' | 'SIGTERM';

export class Interrupt {
  #signal: Signal | null = null;
  #tell: (signal: Signal) => void = () => {};
  /** For work that waits: settles with the first signal. */
  readonly signalled = new Promise<Signal>((resolve) => {
    this.#tell = resolve;
  });
  readonly #waiting: ((signal: 'SIGINT' | 'SIGTERM') => void)[] = [];

  /**
   * From now on the first SIGINT or SIGTERM is only noted. The listener goes with it, so that a second one ends the
   * process at once, as it would have without us.
   */
  listen(): void {
    process.once('SIGINT', () => this.#note('SIGINT'));
    process.once('SIGTERM', () => this.#note('SIGTERM'));
  }

  /** Settles when a signal comes, or has come; for what has no steps. */
  get came(): Promise<'SIGINT' | 'SIGTERM'> {
    return this.#signal ? Promise.resolve(this.#signal) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  #note(signal: Signal): void {
    this.#signal ??= signal;
    this.#tell(signal);
    for (const resolve of this.#waiting.splice(0)) resolve(this.#signal);
  }

  /** Lets signals through, and throws `Interrupted` when one came. `where` says what was being done. */
  async pause(where: () => string): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#signal) throw new Interrupted(this.#signal, `interrupted ${where()}`);
  }
}
