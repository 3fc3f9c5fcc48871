/** What many trials say together: how many failed, how measures spread, what links did; each with its uncertainty. */

import { added, type LinkObservation, wilson } from '../../projections/observed.ts';
import type { SavedSweep } from './saved.ts';
import type { Trial } from './trial.ts';

export interface Spread {
  readonly count: number;
  readonly mean: number;
  /** Half of the mean's 95 % interval (Student's t); 0 for fewer than two values. */
  readonly halfWidth: number;
  readonly least: number;
  readonly quarter: number;
  readonly median: number;
  readonly threeQuarters: number;
  readonly p95: number;
  readonly greatest: number;
}

export interface PointSummary {
  readonly point: number;
  readonly runs: number;
  readonly failed: number;
  readonly crashed: number;
  readonly stopped: number;
  /** Wilson's 95 % interval of the share that did not pass. */
  readonly interval: { readonly low: number; readonly high: number };
  readonly measures: ReadonlyMap<string, { readonly values: readonly number[]; readonly spread: Spread }>;
  readonly links: readonly LinkObservation[];
}

export function summaryOf({ subject, trials }: SavedSweep): PointSummary[] {
  return subject.points.map((_, point) =>
    summaryOfPoint(
      point,
      trials.filter((trial) => trial.point === point),
    ),
  );
}

function summaryOfPoint(point: number, trials: readonly Trial[]): PointSummary {
  const count = (outcome: Trial['outcome']) => trials.filter((trial) => trial.outcome === outcome).length;
  const bad = trials.length - count('passed');
  const names = [...new Set(trials.flatMap(({ measures }) => Object.keys(measures)))];
  const measures = names.map((name) => {
    const values = trials.flatMap(({ measures: found }) => found[name] ?? []).sort((one, other) => one - other);
    return [name, { values, spread: spreadOf(values) }] as const;
  });
  return {
    point,
    runs: trials.length,
    failed: count('failed'),
    crashed: count('crashed'),
    stopped: count('stopped'),
    interval: wilson(bad, trials.length),
    measures: new Map(measures),
    links: linksOf(trials),
  };
}

function linksOf(trials: readonly Trial[]): LinkObservation[] {
  const found = new Map<string, LinkObservation>();
  for (const observation of trials.flatMap(({ links }) => links)) {
    const key = `${observation.link} ${observation.from}`;
    const before = found.get(key);
    found.set(key, before ? added(before, observation) : observation);
  }
  return [...found.values()];
}

/** Of values in order. */
export function spreadOf(values: readonly number[]): Spread {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, count);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = count < 2 ? 0 : Math.sqrt(squares / (count - 1));
  const at = (part: number) => quantile(values, part);
  return {
    count,
    mean,
    halfWidth: count < 2 ? 0 : (studentT(count - 1) * deviation) / Math.sqrt(count),
    least: at(0),
    quarter: at(0.25),
    median: at(0.5),
    threeQuarters: at(0.75),
    p95: at(0.95),
    greatest: at(1),
  };
}

/** Between two values it is on the straight line (type 7 of Hyndman and Fan). */
function quantile(sorted: readonly number[], part: number): number {
  const place = part * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

/** The 97.5 % quantile of Student's t (Abramowitz and Stegun 26.7.5): within 0.3 % from 4 degrees of freedom on. */
function studentT(degrees: number): number {
  const [one, two, three] = [12.706, 4.303, 3.182];
  if (degrees <= 3) return [one, two, three][degrees - 1] as number;
  const z = 1.959964;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3;
}
