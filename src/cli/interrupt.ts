/** Signals turned into something that work can ask about between two steps. */

import { Interrupted, type Signal } from './failure.ts';

const SIGNALS: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export class Interrupt {
  #signal: Signal | null = null;
  #tell: (signal: Signal) => void = () => {};
  /** For work that waits: settles with the first signal. */
  readonly signalled = new Promise<Signal>((resolve) => {
    this.#tell = resolve;
  });
  readonly #note = (signal: Signal) => {
    this.#signal ??= signal;
    this.#tell(this.#signal);
  };

  /**
   * From now on the first signal of each kind is only noted. The listener goes with it, so that a second one ends the
   * process at once, as it would have without us.
   */
  listen(): void {
    for (const signal of SIGNALS) process.once(signal, this.#note);
  }

  /** Lets signals through, and throws `Interrupted` when one came. `where` says what was being done. */
  async pause(where: () => string): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#signal) throw new Interrupted(this.#signal, `interrupted ${where()}`);
  }

  /** A signal that has come counts; one that comes from now on need not wait for a reader. */
  async beforePrinting(): Promise<void> {
    await this.pause(() => 'before anything was printed');
    this.letGo();
  }

  /** What is left is to print. The reader may never read on, so from now on a signal ends the process at once. */
  letGo(): void {
    for (const signal of SIGNALS) process.off(signal, this.#note);
  }
}
