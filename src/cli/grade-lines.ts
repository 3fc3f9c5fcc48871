import type { Paint } from '../projections/paint.ts';
import { printable } from '../projections/printable.ts';
import type { Grade } from './grading.ts';

/** Grades for people: a heading for each sheet, then a line for each answer. */
export function gradeLines(grades: readonly Grade[], paint: Paint): string[] {
  const lines: string[] = [];
  let heading = '';
  for (const { who, scenario, variant, item, given, key, result, hint } of grades) {
    const head = `${who === '' ? '' : `${printable(who)}, `}${printable(scenario)}, variant ${printable(variant)}`;
    if (head !== heading) lines.push(paint('strong', head));
    heading = head;
    const isGood = result === 'right' || result === 'passed' || result === 'key';
    const mark = isGood ? paint('good', '✓') : paint('error', '✗');
    const told = given === '' ? '' : `: ${printable(given)}`;
    const right = result === 'wrong' || result === 'missing' || result === 'key' ? ` (${printable(key)})` : '';
    lines.push(`  ${mark} ${printable(item)}${told} ${result}${right}`);
    if (hint !== '') lines.push(`      ${printable(hint)}`);
  }
  const asked = grades.filter(({ kind, result }) => kind === 'question' && result !== 'key');
  const right = asked.filter(({ result }) => result === 'right').length;
  if (asked.length > 0) lines.push('', `${right} of ${asked.length} answers are right`);
  return lines;
}
