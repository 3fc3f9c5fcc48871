/** Runs that a hunt makes: which expectations fail with a seed, and with which faults they still do. */

import { createRun, loadScenario, type Run, verdictsOf } from '../../index.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { type Fault, faultsOf, scheduled } from './schedule.ts';
import { shrunk } from './shrink.ts';

export interface Shrunk {
  /** The scenario, ready to be written. */
  readonly text: string;
  readonly faults: readonly string[];
  /** How many there were. */
  readonly all: number;
}

export class Trials {
  readonly #name: string;
  readonly #maxEvents: number;

  constructor(name: string, maxEvents: number) {
    this.#name = name;
    this.#maxEvents = maxEvents;
  }

  /** Names of the expectations that do not hold. */
  failuresOf(scenario: Scenario, seed: string): string[] {
    return failuresIn(this.#run(scenario, seed));
  }

  /** The fewest faults of that seed with which that expectation still fails; null: it takes more than they tell. */
  async shrink(
    text: string,
    scenario: Scenario,
    seed: string,
    expectation: string,
    mayGoOn: () => Promise<boolean>,
  ): Promise<Shrunk | null> {
    const all = faultsOf(scenario, text, this.#run(scenario, seed).entries);
    const fails = (kept: readonly Fault[]) => {
      const { scenario: fewer } = loadScenario(scheduled(text, seed, all, new Set(kept)), this.#name);
      return fewer !== null && this.failuresOf(fewer, fewer.seed).includes(expectation);
    };
    if (!fails(all)) return null;
    const kept = await shrunk(all, fails, mayGoOn);
    return {
      text: scheduled(text, seed, all, new Set(kept)),
      faults: kept.map((fault) => fault.text),
      all: all.length,
    };
  }

  #run(scenario: Scenario, seed: string): Run {
    const run = createRun(scenario, { seed });
    while (run.happened < this.#maxEvents && run.step());
    return run;
  }
}

function failuresIn(run: Run): string[] {
  return verdictsOf(run.scenario, run.entries).flatMap(({ name, pass }) => (pass ? [] : [name]));
}
