/** The same program twice, each time in a fresh thread with modules of its own; stops at the first difference. */

import { Worker } from 'node:worker_threads';

export interface Divergence {
  /** Which entry of the journal is the first that differs, from 0. */
  readonly at: number;
  /** Its line in each run; null where the run had ended. */
  readonly lines: readonly [string | null, string | null];
}

const LINES = 1_000;

/**
 * `program`: a module whose default export takes nothing and returns the simulation, or a promise of it, when it is
 * done. Returns null when both journals are the same, octet for octet.
 */
export async function runTwice(program: URL): Promise<Divergence | null> {
  const runs = [new Twin(program), new Twin(program)] as const;
  try {
    for (let at = 0; ; at += LINES) {
      const [one, other] = await Promise.all([runs[0].lines(at), runs[1].lines(at)]);
      const length = Math.max(one.length, other.length);
      for (let index = 0; index < length; index++) {
        const lines = [one[index] ?? null, other[index] ?? null] as const;
        if (lines[0] !== lines[1]) return { at: at + index, lines };
      }
      if (length < LINES) return null;
    }
  } finally {
    await Promise.all(runs.map((run) => run.end()));
  }
}

class Twin {
  readonly #worker: Worker;
  #answer: ((lines: readonly string[]) => void) | null = null;
  #fail: ((error: Error) => void) | null = null;
  #failed: Error | null = null;

  constructor(program: URL) {
    this.#worker = new Worker(new URL(`./twin.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url), {
      workerData: program.href,
    });
    this.#worker.on('message', (lines: readonly string[]) => this.#answer?.(lines));
    this.#worker.on('error', (error) => {
      this.#failed = error instanceof Error ? error : new Error(String(error));
      this.#fail?.(this.#failed);
    });
  }

  lines(at: number): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      if (this.#failed) reject(this.#failed);
      this.#answer = resolve;
      this.#fail = reject;
      this.#worker.postMessage({ at, count: LINES });
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
