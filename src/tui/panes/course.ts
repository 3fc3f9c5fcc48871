/** The course of a metric over the time of the timeline, as bars. */

import { countUpTo } from '../../projections/sorted.ts';
import type { View } from '../view.ts';
import { axisEnd } from './scenery.ts';

const BLOCKS = ' ▁▂▃▄▅▆▇█';

/**
 * As many cells of the time since the metric's first value as have passed, each as high as the value at its end. The
 * scale grows in round steps, so that a step in time leaves what is drawn as it is.
 */
export function courseOf({ chronicle, seq, nowNs }: View, path: string, cells: number): string {
  const series = chronicle.series.series(path);
  const count = series ? countUpTo(series.seqs, seq) : 0;
  if (!series || count === 0) return '';
  const startNs = chronicle.entries[series.seqs[0] as number]?.atNs ?? 0;
  const spanNs = axisEnd(Math.max(1000, nowNs - startNs));
  const passed = Math.max(1, Math.min(cells, Math.ceil(((nowNs - startNs) / spanNs) * cells)));
  const values: number[] = [];
  for (let cell = 0; cell < passed; cell++) {
    const endNs = Math.min(nowNs, startNs + Math.floor(((cell + 1) / cells) * spanNs));
    const last = Math.min(seq, chronicle.lastAt(endNs));
    const at = Math.max(1, countUpTo(series.seqs, last));
    values.push(series.values[Math.min(at, count) - 1] as number);
  }
  const most = Math.max(1, ...values);
  return values.map((value) => BLOCKS[value <= 0 ? 1 : Math.max(1, Math.round((value / most) * 8))] ?? ' ').join('');
}
