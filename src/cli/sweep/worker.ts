/** What a worker of the pool does: the seeds of one piece of work, one after another. */

import { loadScenario } from '../../index.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { Task } from './plan.ts';
import { runTrial, type Subject, type Trial } from './trial.ts';

export interface Work {
  readonly subject: Subject;
  readonly tasks: readonly Task[];
}

// Ctrl-C reaches every process of a terminal; the one that has started the pool says when it is over.
if (process.send) process.on('SIGINT', () => {});

/** The scenario at the point that was run last: neighbours in the order share it. */
let last: { readonly key: string; readonly scenario: Scenario } | null = null;

export function work({ subject, tasks }: Work): Trial[] {
  return tasks.map(({ point, seed }) => runTrial(scenarioAt(subject, point), subject, point, seed));
}

function scenarioAt(subject: Subject, point: number): Scenario {
  const { name, text, until, profile, points } = subject;
  const settings = { set: Object.entries(points[point] ?? {}), until, profile };
  const key = JSON.stringify([text, settings]);
  if (last?.key === key) return last.scenario;
  const loaded = loadScenario(text, name, {
    set: settings.set,
    ...(until !== null && { until }),
    ...(profile !== null && { profile }),
  });
  // The command has loaded every point before it began.
  if (loaded.scenario === null) throw new Error(`the scenario does not load at point ${point}`);
  last = { key, scenario: loaded.scenario };
  return loaded.scenario;
}
