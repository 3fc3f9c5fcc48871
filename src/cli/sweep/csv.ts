/** A sweep as CSV (RFC 4180): a line for each trial. */

import { csvLine } from '../csv.ts';
import type { SavedSweep } from './saved.ts';

export function* csvText({ subject, trials }: SavedSweep): Generator<string> {
  const parameters = [...new Set(subject.points.flatMap((point) => Object.keys(point)))];
  const measures = [...new Set(trials.flatMap((trial) => Object.keys(trial.measures)))];
  yield row([...parameters, 'seed', 'outcome', 'failed', 'end_ns', 'events', ...measures]);
  for (const { point, seed, outcome, failed, endNs, events, measures: found } of trials) {
    const values = parameters.map((name) => subject.points[point]?.[name] ?? '');
    const numbers = measures.map((name) => String(found[name] ?? ''));
    yield row([...values, seed, outcome, failed.join('; '), String(endNs), String(events), ...numbers]);
  }
}

const row = (cells: readonly string[]): string => `${csvLine(cells)}\r\n`;
