/**
 * Matches regular expressions in time linear in the text, whatever the pattern: all ways to match are followed at once
 * (Thompson 1968), and where they led is remembered, so that most octets cost one look into a table.
 */

import { type OctetSet, WORD } from './octet-set.ts';
import type { Assertion } from './pattern-class.ts';
import { type PatternNode, parsePattern } from './pattern-syntax.ts';
import { PatternRefusal } from './pattern-text.ts';

/** Steps of the compiled pattern: `x{1000}` has a thousand. */
const GREATEST_STEPS = 10_000;
/** What is remembered of one pattern is at most this many states of 258 numbers: 2 MB. */
const GREATEST_STATES = 2_000;

/** Besides the octets: the end of the text, and a newline that ends it. */
const END = 256;
const LAST_NEWLINE = 257;
const SYMBOLS = 258;

/** In place of the number of the next state. */
const UNKNOWN = -1;
const MATCHED = -2;

/** What stood before: the start of the text, a newline, a word character, anything else. */
type Before = 'start' | 'newline' | 'word' | 'other';

type Step =
  | { readonly kind: 'octet'; readonly set: OctetSet; readonly next: number }
  | { readonly kind: 'assert'; readonly what: Assertion; readonly next: number }
  | { readonly kind: 'fork'; readonly next: readonly number[] }
  | { readonly kind: 'match' };

interface State {
  readonly steps: readonly number[];
  readonly before: Before;
}

export class Pattern {
  readonly #steps: readonly Step[];
  readonly #start: number;
  readonly #marks: Uint32Array;
  #mark = 0;
  #states: State[] = [];
  #numbers = new Map<string, number>();
  #table = new Int32Array(0);
  /** The state before the text; UNKNOWN while it has no number. */
  #first = UNKNOWN;

  constructor(steps: readonly Step[], start: number) {
    this.#steps = steps;
    this.#start = start;
    this.#marks = new Uint32Array(steps.length);
  }

  /** Is there a match anywhere in the octets? */
  test(octets: Uint8Array): boolean {
    const last = octets.length - 1;
    if (this.#first === UNKNOWN) this.#first = this.#number({ steps: [this.#start], before: 'start' });
    let state = this.#first;
    for (let at = 0; at <= last; at++) {
      const octet = octets[at] as number;
      const symbol = octet === 0x0a && at === last ? LAST_NEWLINE : octet;
      const next = this.#table[state * SYMBOLS + symbol] as number;
      state = next === UNKNOWN ? this.#advance(state, symbol) : next;
      if (state === MATCHED) return true;
    }
    return this.#advance(state, END) === MATCHED;
  }

  /** Where the state leads, and writes it into the table. */
  #advance(from: number, symbol: number): number {
    const { steps, before } = this.#states[from] as State;
    const octet = symbol === LAST_NEWLINE ? 0x0a : symbol;
    const next = [this.#start];
    if (this.#follow(steps, before, symbol, octet, next)) return this.#remember(from, symbol, MATCHED);
    const state = { steps: sortedUnique(next), before: symbol === END ? before : beforeOf(octet) };
    const known = this.#numbers.get(keyOf(state));
    if (known !== undefined) return this.#remember(from, symbol, known);
    if (this.#states.length < GREATEST_STATES) return this.#remember(from, symbol, this.#number(state));
    // Everything is forgotten: a pattern with too many states goes on at the speed of its steps.
    this.#states = [];
    this.#numbers = new Map();
    this.#first = UNKNOWN;
    return this.#number(state);
  }

  #remember(from: number, symbol: number, to: number): number {
    this.#table[from * SYMBOLS + symbol] = to;
    return to;
  }

  /** Follows everything that needs no octet, then `octet`. True: the end of the pattern was reached before `octet`. */
  #follow(steps: readonly number[], before: Before, symbol: number, octet: number, next: number[]): boolean {
    this.#mark++;
    const pending = [...steps];
    for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
      if (this.#marks[number] === this.#mark) continue;
      this.#marks[number] = this.#mark;
      const step = this.#steps[number] as Step;
      if (step.kind === 'match') return true;
      if (step.kind === 'fork') pending.push(...step.next);
      else if (step.kind === 'assert') {
        if (holds(step.what, before, symbol)) pending.push(step.next);
      } else if (symbol !== END && step.set.has(octet)) next.push(step.next);
    }
    return false;
  }

  #number(state: State): number {
    const key = keyOf(state);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#states.push(state) - 1;
    this.#numbers.set(key, number);
    if (this.#table.length < this.#states.length * SYMBOLS) {
      const larger = new Int32Array(Math.max(4, this.#states.length * 2) * SYMBOLS);
      larger.set(this.#table);
      this.#table = larger;
    }
    this.#table.fill(UNKNOWN, number * SYMBOLS, (number + 1) * SYMBOLS);
    return number;
  }
}

function keyOf({ steps, before }: State): string {
  return `${before}:${steps.join(',')}`;
}

function sortedUnique(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((one, other) => one - other);
}

function beforeOf(octet: number): Before {
  if (octet === 0x0a) return 'newline';
  return WORD.has(octet) ? 'word' : 'other';
}

/** Is the assertion true between what stood before and the symbol that comes? */
function holds(what: Assertion, before: Before, symbol: number): boolean {
  const isLast = symbol === END || symbol === LAST_NEWLINE;
  switch (what) {
    case 'start':
      return before === 'start';
    case 'end':
      return symbol === END;
    case 'last':
      return isLast;
    case 'line-start':
      // PCRE2: a newline that ends the text begins no line.
      return before === 'start' || (before === 'newline' && symbol !== END);
    case 'line-end':
      return isLast || symbol === 0x0a;
    case 'boundary':
    case 'no-boundary': {
      const isWord = symbol < 256 && WORD.has(symbol);
      return ((before === 'word') !== isWord) === (what === 'boundary');
    }
  }
}

/** The pattern, or why it cannot be used. */
export function compilePattern(pattern: Uint8Array): Pattern | PatternRefusal {
  try {
    return new Assembler().assemble(parsePattern(pattern));
  } catch (refusal) {
    if (refusal instanceof PatternRefusal) return refusal;
    throw refusal;
  }
}

/** Builds the steps from the end of the pattern to its start: each part is told what follows it. */
class Assembler {
  readonly #steps: Step[] = [];
  /** Also counts parts that make no step, so that `(){65535}` inside another is refused too. */
  #work = 0;

  assemble(pattern: PatternNode): Pattern {
    const match = this.#add({ kind: 'match' });
    const start = this.#part(pattern, match);
    return new Pattern(this.#steps, start);
  }

  #add(step: Step): number {
    return this.#steps.push(step) - 1;
  }

  #part(node: PatternNode, next: number): number {
    if (++this.#work > GREATEST_STEPS) throw new PatternRefusal('the pattern is too large', 0);
    switch (node.kind) {
      case 'empty':
        return next;
      case 'octet':
        return this.#add({ kind: 'octet', set: node.set, next });
      case 'assert':
        return this.#add({ kind: 'assert', what: node.what, next });
      case 'sequence':
        return node.parts.reduceRight((following, part) => this.#part(part, following), next);
      case 'choice':
        return this.#add({ kind: 'fork', next: node.parts.map((part) => this.#part(part, next)) });
      case 'repeat':
        return this.#repeat(node.part, node.least, node.most, next);
    }
  }

  #repeat(part: PatternNode, least: number, most: number | null, next: number): number {
    let start = next;
    if (most === null) {
      // The fork must be there before what leads back to it.
      const ways: number[] = [];
      start = this.#add({ kind: 'fork', next: ways });
      ways.push(this.#part(part, start), next);
    }
    for (let count = least; most !== null && count < most; count++) {
      start = this.#add({ kind: 'fork', next: [this.#part(part, start), next] });
    }
    for (let count = 0; count < least; count++) start = this.#part(part, start);
    return start;
  }
}
