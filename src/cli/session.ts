/** What one call of packetwalk knows about itself: its words, and what it is busy with when something goes wrong. */

import { readFileSync } from 'node:fs';

/** A run that is under way. */
interface Busy {
  readonly seed: string;
  /** Events so far. */
  readonly happened: () => number;
}

export class Session {
  readonly args: readonly string[];
  exitCode = 0;
  #busy: Busy | null = null;

  constructor(args: readonly string[]) {
    this.args = args;
  }

  /** From now on an internal error names that run. */
  runs(busy: Busy): void {
    this.#busy = busy;
  }

  get seed(): string | null {
    return this.#busy?.seed ?? null;
  }

  get happened(): number | null {
    return this.#busy?.happened() ?? null;
  }

  /** A command line that does the same again, the seed included. */
  get replay(): string {
    const words = [...this.args];
    if (this.#busy && !words.some((word) => word.startsWith('--seed'))) words.push('--seed', this.#busy.seed);
    return ['packetwalk', ...words].map(shellWord).join(' ');
  }
}

/** A word as a POSIX shell reads it back. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

export function packageVersion(): string {
  // Read as text: finding out what a package is called on the way to it takes Node longer.
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}

/** A module of the command line that runs in a process of its own, `sweep/worker.js`; this file lies at their root. */
export function moduleUrl(path: string): string {
  return new URL(`./${path}`, import.meta.url).href;
}
