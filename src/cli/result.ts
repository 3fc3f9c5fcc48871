/** What `run --json` prints: everything that a program may want to know of a run. Times are whole nanoseconds. */

import type { Run } from '../index.ts';
import type { Verdict } from '../projections/expectations.ts';
import { journalHash } from '../projections/jsonl.ts';
import { observedOf } from '../projections/observed.ts';
import type { Statistics } from '../projections/statistics.ts';
import { headerOf } from './exports.ts';
import type { Target } from './outputs.ts';

export interface Result {
  readonly run: Run;
  readonly verdicts: readonly Verdict[];
  readonly statistics: Statistics;
}

export function resultObject({ run, verdicts, statistics }: Result, targets: readonly Target[]): object {
  const { scenario } = run;
  const header = headerOf(run);
  return {
    title: scenario.title,
    seed: run.seed,
    profile: scenario.profile,
    params: scenario.params,
    scenario: header.scenario,
    journal: journalHash(header, run.entries),
    endNs: run.nowNs,
    events: run.happened,
    entries: run.entries.length,
    ok: verdicts.every(({ pass }) => pass),
    expectations: verdicts.map(({ name, place, pass, counted, sentence, firstNs }) => {
      return { name, line: place.line, column: place.column, pass, counted, sentence, firstNs };
    }),
    links: statistics.links,
    observed: observedOf(run.entries, scenario),
    nodes: statistics.nodes,
    leaks: statistics.leaks,
    outputs: targets.map(({ format, path }) => ({ format, path })),
  };
}
