/** One run of a sweep: a scenario, one seed, and what came of it, small enough to keep a million of them. */

import { createRun, stateAt, verdictsOf } from '../../index.ts';
import { type LinkObservation, observedOf } from '../../projections/observed.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { Point } from './plan.ts';

export interface Trial {
  /** Index of the point in the plan. */
  readonly point: number;
  readonly seed: string;
  /** `crashed`: the worker died of it, every time; `stopped`: it reached a limit. */
  readonly outcome: 'passed' | 'failed' | 'crashed' | 'stopped';
  /** Names of expectations that did not hold; of a trial that was stopped, why. */
  readonly failed: readonly string[];
  readonly endNs: number;
  readonly events: number;
  /** Numbers by name: when expectations were first seen, in s, and the paths of `--measure`; null: there was none. */
  readonly measures: Readonly<Record<string, number | null>>;
  readonly links: readonly LinkObservation[];
}

/** What a worker needs to run trials: the file itself, so that every machine runs the same. */
export interface Subject {
  readonly name: string;
  readonly text: string;
  readonly until: string | null;
  readonly profile: 'rfc' | 'linux' | null;
  readonly points: readonly Point[];
  /** Paths of the state view at the end. */
  readonly measures: readonly string[];
  readonly maxEvents: number;
}

export function runTrial(scenario: Scenario, subject: Subject, point: number, seed: string): Trial {
  const run = createRun(scenario, { seed });
  const stopped = stepToEnd(run, subject.maxEvents);
  const { entries } = run;
  const common = { point, seed, endNs: run.nowNs, events: run.happened };
  if (stopped !== null) {
    return { ...common, outcome: 'stopped', failed: [stopped], measures: {}, links: observedOf(entries, scenario) };
  }
  const verdicts = verdictsOf(scenario, entries);
  const failed = verdicts.flatMap(({ name, pass }) => (pass ? [] : [name]));
  const measures: Record<string, number | null> = {};
  for (const { name, counted, firstNs } of verdicts) {
    if (counted !== null) measures[`${name}, first at s`] = firstNs[0] === undefined ? null : firstNs[0] / 1e9;
  }
  if (subject.measures.length > 0) {
    const view = stateAt(entries, scenario, 'end');
    for (const path of subject.measures) {
      const value = view.get(path);
      measures[path] = typeof value === 'number' ? value : null;
    }
  }
  const outcome = failed.length > 0 ? 'failed' : 'passed';
  return { ...common, outcome, failed, measures, links: observedOf(entries, scenario) };
}

/** Null at the end, or why not. */
function stepToEnd(run: ReturnType<typeof createRun>, maxEvents: number): string | null {
  try {
    while (run.step()) if (run.happened >= maxEvents) return `stopped after ${maxEvents} events`;
    return null;
  } catch (error) {
    if (error instanceof Error && error.name === 'Livelock') return error.message;
    throw error;
  }
}
