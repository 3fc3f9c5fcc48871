/**
 * Words with values of the run in them: `the gap was repaired after {{ last(…) - first(…) | ms.0 is 40 }}`.
 *
 *   term     = value { "+" value | "-" value } [ "@" moment ] [ "|" unit [ "." decimals ] ] [ "is" bound ]
 *   value    = state path | number | "count(" filter ")" | "first(" filter ")" | "last(" filter ")"
 *            | "value(" field "," filter ")"
 *   moment   = "end" | duration | id of a timeline entry or a step
 *
 * Signs stand between blanks, since paths have hyphens in them.
 */

import { readBound } from './bound.ts';
import type { Checks } from './checks.ts';
import type { LessonText, Operand, Term, TermUnit } from './lesson.ts';
import { readDuration } from './quantity.ts';
import type { FilterSpec } from './scenario.ts';
import { type Path, spotAt, type Tree } from './tree.ts';
import { clipped } from './yaml-guard.ts';

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1000],
  ['ms', 1_000_000],
  ['s', 1_000_000_000],
  ['B', 1],
  ['kB', 1000],
  ['MB', 1_000_000],
  ['KiB', 1024],
  ['MiB', 1_048_576],
  ['kbit', 1000],
  ['Mbit', 1_000_000],
]);
const USUAL_DECIMALS = 3;

/** Where a text stands, and what its filters and paths may name. */
export interface TextPlace {
  readonly checks: Checks;
  /** Ids of timeline entries and steps. */
  readonly ids: ReadonlySet<string>;
  readonly tree: Tree;
  readonly path: Path;
}

/** What is wrong with a term goes to the problems, and the term is then left out. */
export function readText(written: string | number | boolean, where: TextPlace): LessonText {
  const text = String(written);
  const place = where.checks.problems.placeOf(spotAt(where.tree, where.path));
  const parts: (string | Term)[] = [];
  let from = 0;
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', from)) {
    const close = text.indexOf('}}', open);
    if (close < 0) {
      complain(where, '`{{` is not closed', 'write {{ PATH }}');
      return { parts, place };
    }
    if (open > from) parts.push(text.slice(from, open));
    const term = readTerm(text.slice(open + 2, close), where, open + 2);
    if (term) parts.push(term);
    from = close + 2;
  }
  if (from < text.length) parts.push(text.slice(from));
  return { parts, place };
}

/** A term without its braces, which begins at `from` of the text there; null: it is wrong, and that was said. */
export function readTerm(text: string, where: TextPlace, from = 0): Term | null {
  const blanks = text.length - text.trimStart().length;
  return new TermReader(text.trim(), where, from + blanks).read();
}

function complain({ checks, tree, path }: TextPlace, message: string, hint: string | null = null): void {
  checks.problems.error(spotAt(tree, path), 'PW0508', message, hint);
}

class TermReader {
  readonly #text: string;
  readonly #where: TextPlace;
  /** Where the term begins in the text that it stands in. */
  readonly #from: number;
  #at = 0;

  constructor(text: string, where: TextPlace, from: number) {
    this.#text = text;
    this.#where = where;
    this.#from = from;
  }

  read(): Term | null {
    const first = this.#operand();
    if (!first) return null;
    const operands: { sign: 1 | -1; operand: Operand }[] = [{ sign: 1, operand: first }];
    for (let sign = this.#take(/^\s+([+-])\s+/); sign !== null; sign = this.#take(/^\s+([+-])\s+/)) {
      const operand = this.#operand();
      if (!operand) return null;
      operands.push({ sign: sign === '+' ? 1 : -1, operand });
    }
    const moment = this.#take(/^\s*@\s*([^\s|]+)/);
    const at = moment === null ? null : this.#moment(moment);
    const unitText = this.#take(/^\s*\|\s*([A-Za-z]+(?:\.\d)?)/);
    const unit = unitText === null ? null : this.#unit(unitText);
    const boundText = this.#take(/^\s+is\s+(.+)$/s);
    const bound = boundText === null ? null : this.#bound(boundText);
    if (at === undefined || unit === undefined || bound === undefined) return null;
    const rest = this.#text.slice(this.#at).trim();
    if (rest !== '') return this.#fail(`\`${clipped(rest)}\` has no place in \`{{ ${clipped(this.#text)} }}\``);
    return { text: this.#text, operands, at, unit, is: bound };
  }

  #take(pattern: RegExp): string | null {
    const found = pattern.exec(this.#text.slice(this.#at));
    if (!found) return null;
    this.#at += found[0].length;
    return found[1] ?? '';
  }

  #fail(message: string, hint: string | null = null): null {
    complain(this.#where, message, hint);
    return null;
  }

  #operand(): Operand | null {
    const call = this.#take(/^\s*(count|first|last|value)\(/);
    if (call !== null) return this.#call(call as 'count' | 'first' | 'last' | 'value');
    const word = this.#take(/^\s*([^\s|@()]+)/);
    if (word === null)
      return this.#fail('`{{ }}` names no value', 'write {{ client.tcp.http.cwnd }} or {{ count(tcp) }}');
    if (/^\d+$/.test(word)) return { kind: 'number', value: Number(word) };
    const { checks, tree, path } = this.#where;
    return checks.isStatePath(word, spotAt(tree, path)) ? { kind: 'state', path: word } : null;
  }

  #call(name: 'count' | 'first' | 'last' | 'value'): Operand | null {
    const start = this.#at;
    const inside = this.#untilClosed();
    if (inside === null) return this.#fail(`\`${name}(\` is not closed`);
    if (name !== 'value') {
      const match = this.#filter(inside, start);
      return match && { kind: name, match };
    }
    const [, head = '', field = '', filter = ''] = /^(\s*([a-z][\w.-]*)\s*,)(.*)$/s.exec(inside) ?? [];
    if (field === '')
      return this.#fail('`value()` wants a field and a filter', 'write value(tcp.window_size, tcp.len > 0)');
    const asked = this.#filter(field, start);
    const match = this.#filter(filter, start + head.length);
    return match && asked && { kind: 'value', field, match };
  }

  #filter(text: string, at: number): FilterSpec | null {
    const { checks, tree, path } = this.#where;
    const errors = checks.problems.errors;
    const blanks = text.length - text.trimStart().length;
    const filter = checks.filter(text.trim(), tree, path, this.#from + at + blanks);
    return checks.problems.errors === errors ? filter : null;
  }

  /** Up to the parenthesis that closes what is open; parentheses in quotes do not count. */
  #untilClosed(): string | null {
    let depth = 1;
    let isQuoted = false;
    for (let at = this.#at; at < this.#text.length; at++) {
      const character = this.#text[at];
      if (isQuoted && character === '\\') at++;
      else if (character === '"') isQuoted = !isQuoted;
      else if (!isQuoted && character === '(') depth++;
      else if (!isQuoted && character === ')' && --depth === 0) {
        const inside = this.#text.slice(this.#at, at);
        this.#at = at + 1;
        return inside;
      }
    }
    return null;
  }

  #moment(word: string): Term['at'] | undefined {
    if (word === 'end') return 'end';
    if (this.#where.ids.has(word)) return { id: word };
    const time = readDuration(word);
    if ('value' in time) return { atNs: time.value };
    const near = this.#where.checks.problems.didYouMean(word, [...this.#where.ids, 'end']);
    complain(this.#where, `\`@ ${clipped(word)}\` is neither a time nor \`end\` nor an id${near}`);
    return undefined;
  }

  #unit(text: string): TermUnit | undefined {
    const [name = '', decimals] = text.split('.');
    const size = UNITS.get(name);
    if (size !== undefined) return { name, size, decimals: decimals === undefined ? USUAL_DECIMALS : Number(decimals) };
    const near = this.#where.checks.problems.didYouMean(name, UNITS.keys());
    complain(this.#where, `\`${clipped(name)}\` is no unit${near}`, `units: ${[...UNITS.keys()].join(', ')}`);
    return undefined;
  }

  #bound(text: string): Term['is'] | undefined {
    const reading = readBound(/^"(.*)"$/s.exec(text)?.[1] ?? text);
    if ('value' in reading) return reading.value;
    complain(this.#where, reading.complaint, reading.hint);
    return undefined;
  }
}
