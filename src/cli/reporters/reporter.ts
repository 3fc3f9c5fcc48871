/** How results of tests are written. */

import { printable } from '../../projections/printable.ts';
import type { Judged, JudgedItem } from '../judgement.ts';

export interface Reporter {
  /** What to write as soon as a scenario was judged; empty for nothing. */
  judged(judged: Judged): string;
  /** What to write at the end. */
  finished(all: readonly Judged[]): string;
}

/** `my.pw.yaml:12:5`. */
export function whereText({ file }: Judged, { place }: JudgedItem): string {
  return place.line > 0 ? `${printable(file)}:${place.line}:${place.column}` : printable(file);
}

export function countText(all: readonly Judged[]): string {
  const items = all.flatMap((judged) => judged.items);
  const passed = items.filter(({ pass }) => pass).length;
  return `${passed} passed, ${items.length - passed} failed`;
}
