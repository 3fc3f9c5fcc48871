/**
 * A filter as it is written: what was said, before anybody asks whether the names exist. And its way back to text.
 *
 * Two floors, as in Wireshark: tests, which are true or false of a frame and are grouped by parentheses; and values,
 * which stand in tests and are grouped by braces.
 */

import type { Span } from './problem.ts';

export type CompareOperator = '==' | '!=' | '===' | '!==' | '>' | '<' | '>=' | '<=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '&';
/** Of the values of a field, must one pass or all? null: the operator's own rule. */
export type Quantifier = 'any' | 'all' | null;

export type Test = Junction | Not | Exists | Compare | Membership | Search;

export interface Junction extends Span {
  readonly kind: 'and' | 'or' | 'xor';
  /** At least two. */
  readonly parts: readonly Test[];
}

interface Not extends Span {
  readonly kind: 'not';
  readonly test: Test;
}

/** A value alone: is it there? For `a & b`: is a bit set? */
interface Exists extends Span {
  readonly kind: 'exists';
  readonly value: Value;
}

/** `a == b`, and chains: `a < b < c` is `a < b and b < c`. */
export interface Compare extends Span {
  readonly kind: 'compare';
  readonly quantifier: Quantifier;
  /** One more than operators. */
  readonly operands: readonly Value[];
  readonly operators: readonly CompareOperator[];
}

export interface Membership extends Span {
  readonly kind: 'in';
  readonly quantifier: Quantifier;
  readonly negated: boolean;
  readonly value: Value;
  readonly set: readonly SetElement[];
}

/** `high` null: one value; else all from `low` to `high`, both included. */
export interface SetElement extends Span {
  readonly low: Value;
  readonly high: Value | null;
}

export interface Search extends Span {
  readonly kind: 'contains' | 'matches';
  readonly quantifier: Quantifier;
  readonly value: Value;
  readonly what: Value;
}

export type Value = Word | Text | Character | Slice | OnLayer | Arithmetic | Negative | Call;

/** A name, number, address or bare string: which of them depends on what stands at the other side. */
export interface Word extends Span {
  readonly kind: 'word';
  readonly text: string;
}

/** A quoted string: octets, since escapes can write any. */
export interface Text extends Span {
  readonly kind: 'text';
  readonly bytes: Uint8Array;
}

/** `'a'`: a number 0..255 that is written as a character. */
export interface Character extends Span {
  readonly kind: 'character';
  readonly code: number;
}

export interface Slice extends Span {
  readonly kind: 'slice';
  readonly of: Value;
  readonly ranges: readonly Range[];
}

/** `ip.addr#2`: only in the second layer of its protocol. */
export interface OnLayer extends Span {
  readonly kind: 'layer';
  readonly of: Value;
  readonly ranges: readonly Range[];
}

/** From `start` (negative: counted from the end) so many octets, or to the end, or to the octet `end` included. */
export type Range =
  | { readonly start: number; readonly length: number | null }
  | { readonly start: number; readonly end: number };

export interface Arithmetic extends Span {
  readonly kind: 'arithmetic';
  readonly operator: ArithmeticOperator;
  readonly left: Value;
  readonly right: Value;
}

export interface Negative extends Span {
  readonly kind: 'negative';
  readonly of: Value;
}

export interface Call extends Span {
  readonly kind: 'call';
  readonly name: string;
  readonly arguments: readonly Value[];
}

const JUNCTION_LEVEL = { or: 1, xor: 2, and: 3 } as const;
const ARITHMETIC_LEVEL = { '&': 1, '+': 2, '-': 2, '*': 3, '/': 3, '%': 3 } as const;

/** How tightly an arithmetic operator binds: more is tighter. */
export function arithmeticLevel(operator: ArithmeticOperator): number {
  return ARITHMETIC_LEVEL[operator];
}

/** The test as text that reads as the same test, with no more parentheses than it needs. */
export function printTest(test: Test): string {
  switch (test.kind) {
    case 'and':
    case 'or':
    case 'xor':
      return test.parts.map((part) => grouped(part, JUNCTION_LEVEL[test.kind])).join(` ${test.kind} `);
    case 'not':
      return `not ${grouped(test.test, 3)}`;
    case 'exists':
      return printValue(test.value);
    case 'compare':
      return printCompare(test);
    case 'in': {
      const set = test.set.map(({ low, high }) =>
        high ? `${printValue(low)} .. ${printValue(high)}` : printValue(low),
      );
      const operator = test.negated ? 'not in' : 'in';
      return `${printQuantifier(test.quantifier)}${printValue(test.value)} ${operator} {${set.join(', ')}}`;
    }
    case 'contains':
    case 'matches':
      return `${printQuantifier(test.quantifier)}${printValue(test.value)} ${test.kind} ${printValue(test.what)}`;
  }
}

/** A part that binds no tighter than what it stands in needs parentheses. */
function grouped(test: Test, level: number): string {
  const text = printTest(test);
  const own = test.kind === 'and' || test.kind === 'or' || test.kind === 'xor' ? JUNCTION_LEVEL[test.kind] : 4;
  return own <= level ? `(${text})` : text;
}

function printCompare({ quantifier, operands, operators }: Compare): string {
  const rest = operators.map((operator, index) => ` ${operator} ${printValue(operands[index + 1] as Value)}`);
  return printQuantifier(quantifier) + printValue(operands[0] as Value) + rest.join('');
}

function printQuantifier(quantifier: Quantifier): string {
  return quantifier === null ? '' : `${quantifier} `;
}

export function printValue(value: Value): string {
  switch (value.kind) {
    case 'word':
      return value.text;
    case 'text':
      return `"${[...value.bytes].map((octet) => printOctet(octet, '"')).join('')}"`;
    case 'character':
      return `'${printOctet(value.code, "'")}'`;
    case 'slice':
      return `${inBraces(value.of)}[${value.ranges.map(printRange).join(',')}]`;
    case 'layer':
      return `${inBraces(value.of)}#[${value.ranges.map(printRange).join(',')}]`;
    case 'arithmetic':
      return printArithmetic(value);
    case 'negative':
      return `-${inBraces(value.of)}`;
    case 'call':
      return `${value.name}(${value.arguments.map(printValue).join(', ')})`;
  }
}

/** Arithmetic associates to the left: on the right, what binds equally needs braces too. */
function printArithmetic({ operator, left, right }: Arithmetic): string {
  const level = arithmeticLevel(operator);
  const side = (value: Value, least: number) => {
    const loose = value.kind === 'arithmetic' && arithmeticLevel(value.operator) < least;
    return loose ? `{${printValue(value)}}` : printValue(value);
  };
  return `${side(left, level)} ${operator} ${side(right, level + 1)}`;
}

function inBraces(value: Value): string {
  const text = printValue(value);
  return value.kind === 'arithmetic' || value.kind === 'negative' ? `{${text}}` : text;
}

function printRange(range: Range): string {
  if ('end' in range) return `${range.start}-${range.end}`;
  if (range.length === null) return `${range.start}:`;
  return range.length === 1 ? `${range.start}` : `${range.start}:${range.length}`;
}

/** Octets above ASCII are written as escapes: whether they are UTF-8 is not known. */
function printOctet(octet: number, quote: string): string {
  const character = String.fromCharCode(octet);
  if (character === quote || character === '\\') return `\\${character}`;
  return octet < 0x20 || octet > 0x7e ? `\\x${octet.toString(16).padStart(2, '0')}` : character;
}
