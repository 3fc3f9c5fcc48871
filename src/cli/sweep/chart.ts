/** Plots of a sweep as data: lines and dots over axes, boxes, or a field of cells. Drawn as SVG or in the terminal. */

import type { Entry } from '../../kernel/journal.ts';
import { UsageError } from '../failure.ts';
import { pointText } from './plan.ts';
import type { SavedSweep } from './saved.ts';
import { type Spread, summaryOf } from './summary.ts';

export type PlotKind = 'cdf' | 'box' | 'heat' | 'cwnd' | 'sequence';

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  /** Steps go along the x axis first; dots are not joined. */
  readonly form: 'steps' | 'dots';
}

export type Chart =
  | {
      readonly kind: 'lines';
      readonly title: string;
      readonly x: string;
      readonly y: string;
      readonly series: readonly Series[];
    }
  | {
      readonly kind: 'boxes';
      readonly title: string;
      readonly x: string;
      readonly boxes: readonly { readonly name: string; readonly spread: Spread }[];
    }
  | {
      readonly kind: 'field';
      readonly title: string;
      readonly x: string;
      readonly y: string;
      readonly columns: readonly string[];
      readonly rows: readonly string[];
      /** Row by row; null: nothing was run there. */
      readonly cells: readonly (number | null)[];
    };

/** A plot over all trials. `measure`: which numbers; left out, the first measure there is. */
export function chartOf(kind: 'cdf' | 'box' | 'heat', sweep: SavedSweep, measure: string | null): Chart {
  const summaries = summaryOf(sweep);
  const names = [...new Set(summaries.flatMap(({ measures }) => [...measures.keys()]))];
  const name = measure ?? names[0];
  if (measure !== null && !names.includes(measure)) {
    throw new UsageError(`--of ${measure}: no run has measured that`, `there are: ${names.join(', ')}`);
  }
  if (kind === 'heat') return field(sweep, summaries, measure);
  if (name === undefined) throw new UsageError(`--plot ${kind}: there is no measure`, '--measure PATH adds one');
  const of = (point: number) => summaries[point]?.measures.get(name);
  const label = (point: number) => pointText(sweep.subject.points[point] ?? {}) || 'all runs';
  if (kind === 'box') {
    const boxes = sweep.subject.points.flatMap((_, point) => {
      const found = of(point);
      return found && found.values.length > 0 ? [{ name: label(point), spread: found.spread }] : [];
    });
    return { kind: 'boxes', title: sweep.title, x: name, boxes };
  }
  const series = sweep.subject.points.map((_, point): Series => {
    const { values } = of(point) ?? { values: [] };
    const points = values.map((value, index) => [value, (index + 1) / values.length] as const);
    const [first] = points;
    return { name: label(point), points: first ? [[first[0], 0], ...points] : [], form: 'steps' };
  });
  return { kind: 'lines', title: sweep.title, x: name, y: 'share of runs', series };
}

/** The first two parameters are the axes; a cell is the share of runs that did not hold, or the mean of a measure. */
function field(sweep: SavedSweep, summaries: ReturnType<typeof summaryOf>, measure: string | null): Chart {
  const { points } = sweep.subject;
  const [x, y] = [...new Set(points.flatMap((point) => Object.keys(point)))];
  if (x === undefined) throw new UsageError('--plot heat needs a parameter with several values: --set name=a,b');
  const valuesOf = (name: string | undefined) =>
    name === undefined ? [''] : [...new Set(points.map((point) => point[name] ?? ''))];
  const [columns, rows] = [valuesOf(x), valuesOf(y)];
  const cells = rows.flatMap((row) =>
    columns.map((column) => {
      const here = summaries.filter(({ point }) => {
        const at = points[point] ?? {};
        return (at[x] ?? '') === column && (y === undefined || (at[y] ?? '') === row);
      });
      const runs = here.reduce((sum, summary) => sum + summary.runs, 0);
      if (runs === 0) return null;
      if (measure === null)
        return here.reduce((sum, each) => sum + each.failed + each.crashed + each.stopped, 0) / runs;
      const values = here.flatMap(({ measures }) => measures.get(measure)?.values ?? []);
      return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
    }),
  );
  const what = measure === null ? 'share of runs that did not hold' : `mean of ${measure}`;
  return { kind: 'field', title: `${sweep.title}: ${what}`, x, y: y ?? '', columns, rows, cells };
}

/** The congestion window of every connection of one run. */
export function windowChart(title: string, entries: readonly Entry[]): Chart {
  const series = new Map<string, [number, number][]>();
  for (const { atNs, node, event } of entries) {
    if (event.kind !== 'metric' || event.name !== 'cwnd') continue;
    const name = `${node}.${event.machine}`;
    const points = series.get(name) ?? [];
    points.push([atNs / 1e9, event.value]);
    series.set(name, points);
  }
  const lines = [...series].map(([name, points]): Series => ({ name, points, form: 'steps' }));
  return { kind: 'lines', title, x: 's', y: 'cwnd, octets', series: lines };
}

/** Stream offsets of the data segments of every connection of one run, as each left: repeats stand lower. */
export function sequenceChart(title: string, entries: readonly Entry[]): Chart {
  const series = new Map<string, { readonly first: number; readonly points: [number, number][] }>();
  for (const { atNs, node, event } of entries) {
    if (event.kind !== 'encoded' || event.protocol !== 'tcp') continue;
    const { bytes } = event;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const sequence = view.getUint32(4);
    const length = bytes.length - (view.getUint8(12) >>> 4) * 4;
    const name = `${node}.${event.via}`;
    const isSyn = (view.getUint8(13) & 2) !== 0;
    const known = series.get(name) ?? { first: (sequence + (isSyn ? 1 : 0)) >>> 0, points: [] };
    series.set(name, known);
    if (length > 0) known.points.push([atNs / 1e9, ((sequence - known.first) | 0) + length]);
  }
  const lines = [...series]
    .filter(([, { points }]) => points.length > 0)
    .map(([name, { points }]): Series => ({ name, points, form: 'dots' }));
  return { kind: 'lines', title, x: 's', y: 'sequence, octets', series: lines };
}
