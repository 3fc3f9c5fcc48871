/** packetwalk's public face: scenarios in, runs out. */

import { checkFilter } from './scenario/filter-names.ts';
import { type Loaded, type LoadOptions, loadScenarioText } from './scenario/load.ts';

export type { Entry, Event, Nanos } from './kernel/journal.ts';
export { MAX_FILE_BYTES } from './scenario/limits.ts';
export type { Loaded } from './scenario/load.ts';
export type { Scenario } from './scenario/scenario.ts';
export { createRun, type Input, Run, type RunOptions } from './world/run.ts';

/** `--set`, `--seed`, `--until` and `--profile`, which go before what the file says. */
export type LoadSettings = Omit<LoadOptions, 'checkFilter'>;

/** A scenario from the text of its file, or all that is wrong with it. `file`: what messages call it. */
export function loadScenario(input: Uint8Array | string, file: string, settings: LoadSettings = {}): Loaded {
  return loadScenarioText(input, file, { ...settings, checkFilter });
}
