import { cellsOf, printable } from '../projections/printable.ts';

/** A line of text and carets under a part of it; `at` and `length` count UTF-16 code units. */
export function excerpt(text: string, at: number, length: number): [string, string] {
  const before = printable(text.slice(0, at));
  const part = printable(text.slice(at, at + length));
  const carets = '^'.repeat(Math.max(1, cellsOf(part)));
  return [printable(text), `${' '.repeat(cellsOf(before))}${carets}`];
}
