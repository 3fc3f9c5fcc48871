/** What a value is compared with: `>= 10`, `ESTABLISHED`, `1.5s`. */

import { complaint, type Reading, readDuration, readSize } from './quantity.ts';
import type { Bound, Comparison } from './scenario.ts';
import { clipped } from './yaml-guard.ts';

const BOUND = /^\s*(==|!=|>=|<=|>|<)?\s*(.*?)\s*$/s;

/** `>= 10`, or a value alone for `==`. Times and sizes with a unit become nanoseconds and octets. */
export function readBound(is: string | number | boolean): Reading<Bound> {
  if (typeof is !== 'string') return { value: { comparison: '==', value: is } };
  const [, comparison = '==', text = ''] = BOUND.exec(is) ?? [];
  if (text === '' || text.startsWith('=')) {
    return complaint(`\`${clipped(is)}\` is neither a value nor a comparison`, 'write it like ">= 10"', 'PW0309');
  }
  const value = literalOf(text);
  if (typeof value !== 'number' && comparison !== '==' && comparison !== '!=') {
    return complaint(`\`${comparison}\` compares numbers, and \`${clipped(text)}\` is none`, null, 'PW0309');
  }
  return { value: { comparison: comparison as Comparison, value } };
}

function literalOf(text: string): number | string | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)) return Number(text);
  for (const read of [readDuration, readSize]) {
    const reading = read(text);
    if ('value' in reading) return reading.value;
  }
  return text;
}
