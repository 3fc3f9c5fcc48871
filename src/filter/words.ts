/** The words and signs that mean something in every filter. */

import type { CompareOperator } from './syntax.ts';

/** Every spelling of every comparison. `!=` says that all differ, `!==` that any does; so says Wireshark since 4.0. */
export const COMPARISONS: ReadonlyMap<string, CompareOperator> = new Map<string, CompareOperator>([
  ['==', '=='],
  ['eq', '=='],
  ['any_eq', '=='],
  ['!=', '!='],
  ['ne', '!='],
  ['all_ne', '!='],
  ['===', '==='],
  ['all_eq', '==='],
  ['!==', '!=='],
  ['any_ne', '!=='],
  ['~=', '!=='],
  ['>', '>'],
  ['gt', '>'],
  ['<', '<'],
  ['lt', '<'],
  ['>=', '>='],
  ['ge', '>='],
  ['<=', '<='],
  ['le', '<='],
]);

/** Words that also have a sign. */
export const SIGNS: ReadonlyMap<string, string> = new Map([
  ['and', '&&'],
  ['or', '||'],
  ['xor', '^^'],
  ['not', '!'],
  ['matches', '~'],
]);

/** Words that are no names. */
export const RESERVED: ReadonlySet<string> = new Set([
  ...SIGNS.keys(),
  ...[...COMPARISONS.keys()].filter((spelling) => /^[a-z]/.test(spelling)),
  ...['contains', 'in', 'any', 'all', 'bitwise_and'],
]);
