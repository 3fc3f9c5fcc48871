/** What a worker of the pool does: some seeds, one after another. */

import { type Outcome, runSeed, sidesOf } from './trial.ts';

export interface Work {
  readonly seeds: readonly string[];
  readonly hashes: boolean;
}

export function work({ seeds, hashes }: Work): Outcome[] {
  return seeds.map((seed) => runSeed(seed, { ...sidesOf(seed), hash: hashes }));
}
