/**
 * A stay on the terminal: from its opening until somebody leaves. A mistake of ours ends the stay and not the terminal,
 * which is given back on every way out.
 */

import type { TerminalSession, TerminalUser } from './terminal.ts';

/** How a screen was left. */
export type Leaving = 'quit' | 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export class Stay<T> {
  readonly #terminal: TerminalSession;
  #ends: { readonly leave: (how: T) => void; readonly fail: (error: unknown) => void } | null = null;

  constructor(terminal: TerminalSession) {
    this.#terminal = terminal;
  }

  get isOver(): boolean {
    return this.#ends === null;
  }

  /** Opens the terminal and begins. Resolves with how it was left, rejects with what went wrong; it is closed then. */
  async last(user: TerminalUser, begin: () => void): Promise<T> {
    try {
      return await new Promise<T>((leave, fail) => {
        this.#ends = { leave, fail };
        this.#terminal.open({
          onInput: (event) => this.guard(() => user.onInput(event)),
          onResize: () => this.guard(() => user.onResize()),
          onSignal: (signal) => user.onSignal(signal),
        });
        this.guard(begin);
      });
    } finally {
      this.#ends = null;
      this.#terminal.close();
    }
  }

  /** Nothing is done any more once the stay is over. */
  guard(work: () => void): void {
    if (!this.#ends) return;
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
  }

  leave(how: T): void {
    this.#ends?.leave(how);
  }

  fail(error: unknown): void {
    this.#ends?.fail(error);
  }
}
