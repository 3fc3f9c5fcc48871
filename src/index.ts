/** packetwalk's public face: scenarios in, runs out. */

import { defineScenario as define } from './scenario/define.ts';
import { checkFilter } from './scenario/filter-names.ts';
import { type Loaded, type LoadOptions, loadScenarioText } from './scenario/load.ts';
import type { Scenario } from './scenario/scenario.ts';
import type { ScenarioInput } from './scenario/schema/file.ts';
import { createRun, type Run, type RunOptions } from './world/run.ts';

export { type CompiledFilter, compileFilter as filter, type FilterProblem } from './filter/filter.ts';
export type { Entry, Event, Nanos } from './kernel/journal.ts';
export { type Verdict, verdictsOf } from './projections/expectations.ts';
export { journalHash, jsonlLines, scenarioHash } from './projections/jsonl.ts';
export { stateAt } from './projections/state-at.ts';
export { statisticsOf } from './projections/statistics.ts';
export { ScenarioError } from './scenario/define.ts';
export { MAX_FILE_BYTES } from './scenario/limits.ts';
export type { Loaded } from './scenario/load.ts';
export type { Scenario } from './scenario/scenario.ts';
export type { ScenarioInput } from './scenario/schema/file.ts';
export { createRun, type Input, Run, type RunOptions } from './world/run.ts';
export { authorityPem, certificatePem } from './world/tls-world.ts';

/** `--set`, `--seed`, `--until` and `--profile`, which go before what the file says. */
export type LoadSettings = Omit<LoadOptions, 'checkFilter'>;

/** A scenario from the text of its file, or all that is wrong with it. `file`: what messages call it. */
export function loadScenario(input: Uint8Array | string, file: string, settings: LoadSettings = {}): Loaded {
  return loadScenarioText(input, file, { ...settings, checkFilter });
}

/** A scenario written in TypeScript: the keys and rules of a file. Throws a `ScenarioError` that names each path. */
export function defineScenario(input: ScenarioInput, settings: LoadSettings = {}): Scenario {
  return define(input, { ...settings, checkFilter });
}

/** Runs a scenario to its end. The same scenario and seed give the same journal, byte for byte. */
export function simulate(scenario: Scenario, options: RunOptions = {}): Run {
  const run = createRun(scenario, options);
  run.runToEnd();
  return run;
}
