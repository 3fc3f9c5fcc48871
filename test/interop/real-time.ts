/** Lets a kernel's virtual time follow the clock on the wall, so that its hosts can talk to real ones. */

import type { Kernel } from '../../src/kernel/kernel.ts';

/** A timer of Node is no finer than this; what is due sooner is waited for by turns of the event loop. */
const FINE_NS = 2_000_000;

export class RealTime {
  readonly #kernel: Kernel;
  readonly #sinceNs = process.hrtime.bigint();
  #isRunning = true;
  #wake: (() => void) | null = null;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    void this.#run();
  }

  /** Something happens from outside, now. */
  happen(what: () => void): void {
    this.#catchUp();
    what();
    this.#wake?.();
  }

  stop(): void {
    this.#isRunning = false;
    this.#wake?.();
  }

  get #wallNs(): number {
    return Number(process.hrtime.bigint() - this.#sinceNs);
  }

  #catchUp(): void {
    const wallNs = this.#wallNs;
    while (this.#isRunning && this.#kernel.nextNs <= wallNs) this.#kernel.step();
    this.#kernel.idleUntil(wallNs);
  }

  async #run(): Promise<void> {
    while (this.#isRunning) {
      this.#catchUp();
      await this.#pause(this.#kernel.nextNs - this.#wallNs);
    }
  }

  #pause(forNs: number): Promise<void> {
    return new Promise((go) => {
      if (forNs < FINE_NS) {
        setImmediate(go);
        return;
      }
      const timer = setTimeout(go, Math.min(forNs / 1e6 - 1, 1000));
      this.#wake = () => {
        clearTimeout(timer);
        go();
      };
    });
  }
}
