/** What is wrong with a scenario, as people read it: place, code, what is the matter, the line and a caret under it. */

import { nearest } from '../filter/nearest.ts';
import { cellsOf, printable } from '../projections/printable.ts';
import type { Code } from './code.ts';
import { MAX_SHOWN_PROBLEMS } from './limits.ts';
import type { Place } from './scenario.ts';
import { countCharacters, type Source } from './source.ts';

export interface Problem {
  readonly severity: 'error' | 'warning';
  readonly code: Code;
  /** The file as it was named; `--set NAME` for a problem of the command line. */
  readonly file: string;
  /** null: the scenario came from an object, and `path` says where. */
  readonly place: Place | null;
  /** `links[0].delay`; empty at the top level and for files. */
  readonly path: string;
  /** Characters that the caret underlines; at least 1. */
  readonly length: number;
  readonly message: string;
  readonly hint: string | null;
  /** The line it stands in; null without a place. */
  readonly line: string | null;
}

/** Where something stands: an offset and length in the text, or a path in an object (`at` is then -1). */
export interface Spot {
  readonly at: number;
  readonly length: number;
  readonly path: string;
}

export const START: Spot = { at: 0, length: 1, path: '' };
const NOWHERE: Spot = { at: -1, length: 1, path: '' };

/** Words are looked up in lists of thousands of names; only the first problems are read anyway. */
const MAX_SUGGESTIONS = 200;

/** A problem before its line and column are counted. */
interface Found extends Pick<Problem, 'severity' | 'code' | 'file' | 'message' | 'hint'> {
  readonly spot: Spot;
}

/** Collects the problems of one scenario and hands them out in the order of the file. */
export class Problems {
  readonly file: string;
  readonly #source: Source | null;
  readonly #found: Found[] = [];
  #errors = 0;
  #suggestions = 0;

  constructor(file: string, source: Source | null) {
    this.file = file;
    this.#source = source;
  }

  get hasErrors(): boolean {
    return this.#errors > 0;
  }

  get errors(): number {
    return this.#errors;
  }

  error(spot: Spot, code: Code, message: string, hint: string | null = null): void {
    this.#errors++;
    this.#found.push({ severity: 'error', code, file: this.file, message, hint, spot });
  }

  warn(spot: Spot, code: Code, message: string, hint: string | null = null): void {
    this.#found.push({ severity: 'warning', code, file: this.file, message, hint, spot });
  }

  /** An error of the command line: `option` is what was written there, such as `--set loss=x`. */
  usage(option: string, code: Code, message: string, hint: string | null = null): void {
    this.#errors++;
    this.#found.push({ severity: 'error', code, file: option, message, hint, spot: NOWHERE });
  }

  /**
   * `; did you mean ...?` when one of the candidates is near, else nothing. `elsewhere`: words that people may have had
   * in mind, with the candidate each of them means.
   */
  didYouMean(word: string, candidates: Iterable<string>, elsewhere: ReadonlyMap<string, string> = new Map()): string {
    if (this.#suggestions++ >= MAX_SUGGESTIONS) return '';
    const known = new Set(candidates);
    const others = [...elsewhere.keys()].filter((other) => known.has(elsewhere.get(other) ?? ''));
    const found = nearest(word, [...known, ...others]);
    const likely = found === null || known.has(found) ? found : (elsewhere.get(found) ?? null);
    return likely === null ? '' : `; did you mean \`${likely}\`?`;
  }

  placeOf(spot: Spot): Place {
    return this.#source && spot.at >= 0 ? this.#source.placeOf(spot.at) : { line: 0, column: 0 };
  }

  /** Errors and warnings in file order; of one place, in the order in which they were found. */
  all(): readonly Problem[] {
    const told = new Set<string>();
    return this.#found
      .filter(({ spot, code, message }) => {
        const key = `${spot.at} ${spot.path} ${code} ${message}`;
        return !told.has(key) && told.add(key);
      })
      .sort((one, other) => one.spot.at - other.spot.at)
      .map(({ spot, ...rest }) => ({ ...rest, path: spot.path, ...this.#excerptOf(spot) }));
  }

  #excerptOf(spot: Spot): Pick<Problem, 'place' | 'length' | 'line'> {
    if (!this.#source || spot.at < 0) return { place: null, length: 1, line: null };
    const place = this.#source.placeOf(spot.at);
    const first = this.#source.text.slice(spot.at, spot.at + spot.length).split(/\r?\n/, 1)[0] ?? '';
    return { place, length: Math.max(1, countCharacters(first)), line: this.#source.line(place.line) };
  }
}

/**
 * `file:line:column: error PW0301: message`, the line, a caret line, and a hint where there is one. The text of a
 * stranger's file reaches terminals here, so everything passes `printable`.
 */
export function formatProblem(problem: Problem): string {
  const { place, severity, code, message, hint, line } = problem;
  const where = place ? `:${place.line}:${place.column}` : problem.path === '' ? '' : `: ${printable(problem.path)}`;
  const lines = [`${printable(problem.file)}${where}: ${severity} ${code}: ${printable(message)}`];
  if (line !== null && place) lines.push(...excerpt(line, place.column, problem.length));
  if (hint !== null) lines.push(`  hint: ${printable(hint)}`);
  return lines.join('\n');
}

/** The first 20 and how many more there are; errors go before warnings. */
export function formatProblems(problems: readonly Problem[]): string {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const ordered = [...errors, ...problems.filter(({ severity }) => severity === 'warning')];
  const shown = ordered.slice(0, MAX_SHOWN_PROBLEMS).map(formatProblem);
  if (ordered.length > shown.length) shown.push(`... and ${ordered.length - shown.length} more`);
  return shown.join('\n');
}

/** Characters of a long line that are shown on each side of the caret. */
const BEFORE_CARET = 60;
const AFTER_CARET = 60;

/** The source line and the caret line. A long line is cut around the caret; a tab is shown as one blank. */
function excerpt(line: string, column: number, length: number): string[] {
  const characters = [...line];
  const from = column - 1 > BEFORE_CARET ? column - 1 - BEFORE_CARET : 0;
  const to = Math.min(characters.length, column - 1 + AFTER_CARET);
  const shown = (a: number, b: number) => printable(characters.slice(a, b).join('').replaceAll('\t', ' '));
  const head = (from > 0 ? '...' : '') + shown(from, column - 1);
  const marked = shown(column - 1, Math.min(to, column - 1 + length));
  const tail = shown(Math.min(to, column - 1 + length), to) + (to < characters.length ? '...' : '');
  return [`  ${head}${marked}${tail}`, `  ${' '.repeat(cellsOf(head))}${'^'.repeat(Math.max(1, cellsOf(marked)))}`];
}
