/** From YAML (or JSON) text to a tree, every value with its spot. */

import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  Parser,
  Scalar,
  type YAMLError,
} from 'yaml';
import { type Problems, type Spot, START } from './problem.ts';
import type { Source } from './source.ts';
import { type BrokenTree, type MapTree, RESERVED_KEYS, type Tree, type TreeEntry, type ValueTree } from './tree.ts';
import { clipped, guardTokens } from './yaml-guard.ts';

/**
 * The mapping at the top of a file, or null when it cannot be built. YAML 1.2, core schema; what a scenario may not use
 * is reported and counts as broken.
 */
export function readDocument(source: Source, problems: Problems): MapTree | null {
  const tokens = [...new Parser().parse(source.text)];
  if (!guardTokens(tokens, problems)) return null;
  // `uniqueKeys` compares every key with every other, which takes minutes for 100,000; `Builder` does it with a Map.
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    intAsBigInt: true,
    stringKeys: true,
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const [document] = [...composer.compose(tokens)];
  if (document && !refuseSyntax(document, source, problems)) return null;
  const contents = document?.contents;
  if (!isMap(contents)) {
    if (problems.hasErrors) return null;
    const found = isSeq(contents)
      ? ', found a list'
      : isScalar(contents) && contents.value !== null
        ? ', found a text'
        : '';
    const hint = 'a scenario begins with `packetwalk: 1`';
    problems.error(START, 'PW0211', `expected a mapping at the top level${found}`, hint);
    return null;
  }
  return new Builder(source, problems).mapOf(contents.items, spotOfRange(contents.range));
}

/** Only the first error of syntax is told: those after it are mostly its echo. */
function refuseSyntax(document: Document.Parsed, source: Source, problems: Problems): boolean {
  const [first] = document.errors.toSorted((one, other) => one.pos[0] - other.pos[0]);
  if (!first) return true;
  const at = Math.min(first.pos[0], source.text.length);
  const line = source.line(source.placeOf(at).line);
  const code = first.code === 'NON_STRING_KEY' ? 'PW0210' : 'PW0201';
  problems.error({ at, length: 1, path: '' }, code, wordsOf(first), hintFor(first, line));
  return false;
}

function wordsOf(error: YAMLError): string {
  if (error.code === 'NON_STRING_KEY') return 'a key must be plain text';
  if (error.code === 'TAB_AS_INDENT') return 'a tab cannot indent YAML';
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY') return 'a second `: ` on one line';
  const first = clipped(error.message.split('\n')[0] ?? '').replace(/[.:]$/, '');
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}`;
}

const FILTER_LINE = /(?:^|[\s{,-])(?:match|never|when|order)\s*:/;

function hintFor(error: YAMLError, line: string): string | null {
  if (error.code === 'TAB_AS_INDENT') return 'indent with spaces';
  if (line.includes('${')) return `inside { } and [ ] a parameter must be quoted: "\${name}"`;
  if (FILTER_LINE.test(line)) {
    return "quote a filter that begins with `!`, contains `: `, or has brackets or commas inside { }: 'tcp.port in {80, 443}'";
  }
  if (error.code === 'BLOCK_AS_IMPLICIT_KEY') return 'text that contains `: ` must be quoted';
  if (error.code === 'BAD_SCALAR_START') return 'quote the text';
  return null;
}

type Node = NonNullable<Pair['value']> | null | undefined;

class Builder {
  readonly #source: Source;
  readonly #problems: Problems;

  constructor(source: Source, problems: Problems) {
    this.#source = source;
    this.#problems = problems;
  }

  mapOf(pairs: readonly Pair[], spot: Spot): MapTree {
    const entries = new Map<string, TreeEntry>();
    for (const pair of pairs) {
      const key = isScalar(pair.key) ? String(pair.key.value ?? '') : '';
      const at = isScalar(pair.key) ? spotOfRange(pair.key.range) : spot;
      const first = entries.get(key);
      if (first) {
        const { line, column } = this.#problems.placeOf(first.key);
        const message = `\`${clipped(key)}\` stands here a second time; the first is at line ${line}, column ${column}`;
        this.#problems.error(at, 'PW0208', message);
      } else if (RESERVED_KEYS.has(key)) this.#problems.error(at, 'PW0301', `unknown key \`${key}\``);
      else entries.set(key, { key: at, value: this.#treeOf(pair.value as Node, at) });
    }
    return { kind: 'map', spot, entries };
  }

  #treeOf(node: Node, before: Spot): Tree {
    if (node === null || node === undefined) return valueTree(null, '', after(before));
    if (isAlias(node)) return broken(spotOfRange(node.range));
    if (isMap(node)) {
      const spot = spotOfRange(node.range);
      return node.tag === undefined ? this.mapOf(node.items, spot) : broken(spot);
    }
    if (isSeq(node)) {
      const spot = spotOfRange(node.range);
      if (node.tag !== undefined) return broken(spot);
      return { kind: 'list', spot, items: node.items.map((item) => this.#treeOf(item as Node, spot)) };
    }
    return isScalar(node) ? this.#scalarOf(node) : broken(before);
  }

  #scalarOf(node: Scalar): Tree {
    const spot = spotOfRange(node.range);
    if (node.tag !== undefined) return broken(spot);
    const { value } = node;
    const written = node.source ?? '';
    if (typeof value === 'bigint' || typeof value === 'number') return this.#numberOf(value, written, spot);
    if (typeof value === 'string') {
      return { kind: 'value', spot, value, written, offsetOf: offsetsOf(node, value, this.#source.text) };
    }
    return valueTree(typeof value === 'boolean' ? value : null, written, spot);
  }

  /** Numbers that a double cannot hold exactly are refused: the file says one thing and the run would do another. */
  #numberOf(value: bigint | number, written: string, spot: Spot): Tree {
    const number = Number(value);
    const whole = typeof value === 'bigint';
    if (whole && (value > MAX_WHOLE || value < -MAX_WHOLE)) {
      this.#problems.error(spot, 'PW0209', `${clipped(written)} is beyond 2^53, the greatest whole number used here`);
    } else if (!Number.isFinite(number)) {
      this.#problems.error(spot, 'PW0209', `\`${clipped(written)}\` is no number that can be used here`);
    } else if (number === 0 && written.startsWith('-')) {
      this.#problems.error(spot, 'PW0209', `\`${written}\` is no number that can be used here`, 'write `0`');
    } else return valueTree(number, written, spot);
    return broken(spot);
  }
}

const MAX_WHOLE = 9_007_199_254_740_992n;

function valueTree(value: ValueTree['value'], written: string, spot: Spot): ValueTree {
  return { kind: 'value', spot, value, written, offsetOf: null };
}

function broken(spot: Spot): BrokenTree {
  return { kind: 'broken', spot };
}

/** A range of the library: start, end of the value, end with what follows it. */
function spotOfRange(range: readonly [number, number, number] | null | undefined): Spot {
  return range ? { at: range[0], length: range[1] - range[0], path: '' } : START;
}

/** Where a value would stand that is left out after a key. */
function after(key: Spot): Spot {
  return { at: key.at + key.length, length: 1, path: key.path };
}

/** How long each escape of a double-quoted text is (YAML 1.2.2, section 5.7), by the character after the backslash. */
const ESCAPE_LENGTH: ReadonlyMap<string, number> = new Map([
  ['x', 4],
  ['u', 6],
  ['U', 10],
]);

/** Where each character of a text stands that was written on one line. */
function offsetsOf(node: Scalar, value: string, text: string): ((index: number) => number) | null {
  if (!node.range) return null;
  const [start, end] = node.range;
  if (node.type === Scalar.PLAIN) return text.slice(start, end) === value ? (index) => start + index : null;
  const quote = node.type === Scalar.QUOTE_DOUBLE ? '"' : node.type === Scalar.QUOTE_SINGLE ? "'" : null;
  const inside = text.slice(start + 1, end - 1);
  if (quote === null || inside.includes('\n')) return null;
  const offsets: number[] = [];
  for (let at = 0; at < inside.length; ) {
    offsets.push(start + 1 + at);
    if (quote === '"' && inside[at] === '\\') {
      const length = ESCAPE_LENGTH.get(inside[at + 1] ?? '') ?? 2;
      // Above U+FFFF one escape makes two code units.
      if (length === 10 && Number.parseInt(inside.slice(at + 2, at + 10), 16) > 0xffff) offsets.push(start + 1 + at);
      at += length;
    } else at += quote === "'" && inside.startsWith("''", at) ? 2 : 1;
  }
  return offsets.length === value.length ? (index) => offsets[index] ?? end - 1 : null;
}
