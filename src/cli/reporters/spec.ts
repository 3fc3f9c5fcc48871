import type { Paint } from '../../projections/paint.ts';
import { printable } from '../../projections/printable.ts';
import type { Judged } from '../judgement.ts';
import { hasFailed } from '../judgement.ts';
import { countText, type Reporter, whereText } from './reporter.ts';

/** A line a scenario; of what failed everything. */
export function specReporter(paint: Paint): Reporter {
  return {
    judged: (judged) => `${[headline(judged, paint), ...failures(judged, paint)].join('\n')}\n`,
    finished: (all) => {
      const failed = all.filter(hasFailed);
      const scenarios = `${all.length} scenario${all.length === 1 ? '' : 's'}, ${failed.length} of them failed`;
      return `\n${scenarios}\n${countText(all)}\n`;
    },
  };
}

function headline(judged: Judged, paint: Paint): string {
  const { file, title, items } = judged;
  const told = items.filter(({ kind }) => kind === 'lesson').length;
  const counts = `${items.length - told} expected${told === 0 ? '' : `, ${told} told`}`;
  const mark = hasFailed(judged) ? paint('error', '✗') : paint('good', '✓');
  return `${mark} ${printable(file)}  ${printable(title)}  ${paint('dim', counts)}`;
}

function failures(judged: Judged, paint: Paint): string[] {
  return judged.items
    .filter(({ pass }) => !pass)
    .flatMap((item) => [
      `    ${paint('error', '✗')} ${printable(item.name)}`,
      `      ${printable(item.sentence)}`,
      `      ${whereText(judged, item)}`,
    ]);
}
