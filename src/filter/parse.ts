/**
 * Reads a filter. From loose to tight: `or`, `xor`, `and`, `not`, one test; and in a test's values `&`, `+ -`, `* / %`,
 * minus, slices. Wireshark 4.0's grammar, with `xor` besides.
 */

import { parseValue } from './parse-value.ts';
import { quoted, refuse, type Span } from './problem.ts';
import { nextIs, type Reading, refuseHere, startReading } from './reading.ts';
import type { Compare, CompareOperator, Junction, Membership, Quantifier, SetElement, Test, Value } from './syntax.ts';
import { COMPARISONS } from './words.ts';

/** Longer filters are refused; they would be read in well under a second all the same. */
const GREATEST_TEXT = 0x10000;

/** The filter as it is written. Throws a FilterRefusal. */
export function parse(text: string): Test {
  if (text.length > GREATEST_TEXT) {
    refuse({ at: GREATEST_TEXT, length: text.length - GREATEST_TEXT }, 'a filter has at most 65,536 characters');
  }
  const reading = startReading(text);
  if (reading.isAtEnd) refuseHere(reading, 'the filter is empty', 'such as: tcp.port == 80');
  const test = parseJunction(reading, 'or');
  if (!reading.isAtEnd) refuseUnexpected(reading);
  return test;
}

const TIGHTER = { or: 'xor', xor: 'and', and: null } as const;

function parseJunction(reading: Reading, kind: Junction['kind']): Test {
  const tighter = TIGHTER[kind];
  const part = () => (tighter === null ? parseNot(reading) : parseJunction(reading, tighter));
  const first = part();
  const parts = [first];
  while (reading.acceptWord(kind)) parts.push(part());
  return parts.length === 1 ? first : { kind, parts, ...reading.since(first) };
}

function parseNot(reading: Reading): Test {
  const start = reading.token;
  if (!reading.acceptWord('not')) return parseTest(reading);
  return reading.deeper(start, () => {
    const test = parseNot(reading);
    return { kind: 'not', test, ...reading.since(start) };
  });
}

function parseTest(reading: Reading): Test {
  const start = reading.token;
  if (nextIs(reading, '(')) {
    return reading.deeper(start, () => {
      reading.advance();
      const test = parseJunction(reading, 'or');
      reading.expect(')', start);
      if (isComparison(reading)) {
        refuseHere(reading, 'parentheses group tests, not values', 'group values with braces: {tcp.srcport + 1}');
      }
      return test;
    });
  }
  const quantifier: Quantifier = reading.acceptWord('any') ? 'any' : reading.acceptWord('all') ? 'all' : null;
  const value = parseValue(reading);
  const test = parseRelation(reading, start, quantifier, value);
  if (test) return test;
  if (quantifier !== null) refuseHere(reading, `after ${quantifier} and a field comes a comparison`);
  return { kind: 'exists', value, ...reading.since(start) };
}

/** What is asked of `value`, or null when nothing is. */
function parseRelation(reading: Reading, start: Span, quantifier: Quantifier, value: Value): Test | null {
  if (isComparison(reading)) return parseCompare(reading, start, quantifier, value);
  for (const kind of ['contains', 'matches'] as const) {
    if (reading.acceptWord(kind)) {
      const what = parseValue(reading);
      return { kind, quantifier, value, what, ...reading.since(start) };
    }
  }
  const negated = reading.acceptNotIn();
  if (!negated && !reading.acceptWord('in')) return null;
  return parseMembership(reading, start, { kind: 'in', quantifier, negated, value });
}

function isComparison({ token }: Reading): boolean {
  return (token.kind === 'operator' || token.kind === 'word') && COMPARISONS.has(token.text);
}

function parseCompare(reading: Reading, start: Span, quantifier: Quantifier, first: Value): Compare {
  const operands = [first];
  const operators: CompareOperator[] = [];
  while (isComparison(reading)) {
    operators.push(COMPARISONS.get(reading.advance().text) as CompareOperator);
    operands.push(parseValue(reading));
  }
  return { kind: 'compare', quantifier, operands, operators, ...reading.since(start) };
}

type MembershipHead = Pick<Membership, 'kind' | 'quantifier' | 'negated' | 'value'>;

function parseMembership(reading: Reading, start: Span, head: MembershipHead): Membership {
  const open = reading.token;
  reading.expect('{', open, 'a set stands in braces: {80, 443, 8000..8100}');
  const set: SetElement[] = [];
  do {
    const low = parseValue(reading);
    const high = reading.accept('..') ? parseValue(reading) : null;
    set.push({ low, high, ...reading.since(low) });
  } while (reading.accept(','));
  if (!nextIs(reading, '}') && !reading.isAtEnd) {
    refuseHere(
      reading,
      `${quoted(reading.token.text)} was not expected`,
      'the values of a set have commas between them',
    );
  }
  reading.expect('}', open);
  return { ...head, set, ...reading.since(start) };
}

function refuseUnexpected(reading: Reading): never {
  const { token } = reading;
  const lower = token.text.toLowerCase();
  const isShouted = token.text !== lower && reading.isReserved(lower);
  if (isShouted) refuseHere(reading, `${quoted(token.text)} was not expected`, `operators are lower case: ${lower}`);
  if (token.text === ')') refuseHere(reading, 'this parenthesis closes nothing');
  return refuseHere(reading, `${quoted(token.text)} was not expected`, 'tests are joined with && or ||');
}
