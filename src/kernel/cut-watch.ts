import type { Context } from './context.ts';

/**
 * Hears of a node's power being cut while it holds something that ends with it, and only so long does the power know of
 * it. What ends is for the journal: without one nobody is asked.
 */
export class CutWatch {
  readonly #context: Context;
  readonly #tell: () => void;
  #stop: (() => void) | null = null;

  constructor(context: Context, tell: () => void) {
    this.#context = context;
    this.#tell = tell;
  }

  set(holdsSomething: boolean): void {
    const { recording, power } = this.#context;
    if (!recording || holdsSomething === (this.#stop !== null)) return;
    this.#stop?.();
    this.#stop = holdsSomething ? power.onCut(this.#tell) : null;
  }
}
