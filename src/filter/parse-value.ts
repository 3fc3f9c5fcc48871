/** The values of a filter: names, literals, slices, arithmetic, functions. */

import { quoted, refuse, type Span } from './problem.ts';
import { nextIs, type Reading, refuseHere } from './reading.ts';
import { type ArithmeticOperator, arithmeticLevel, type Range, type Value } from './syntax.ts';

/** One whole value: a side of a comparison, or a value of a set. */
export function parseValue(reading: Reading): Value {
  reading.startValue();
  return parseInner(reading);
}

function parseInner(reading: Reading): Value {
  return parseArithmetic(reading, 1);
}

/** Operators that bind at least as tightly as `level`, from left to right. */
function parseArithmetic(reading: Reading, level: number): Value {
  const start = reading.token;
  let left: Value = level > 3 ? parseUnary(reading) : parseArithmetic(reading, level + 1);
  for (;;) {
    const operator = arithmeticOperator(reading);
    if (operator === null || arithmeticLevel(operator) !== level) return left;
    reading.spendOperator();
    reading.advance();
    const right = level === 3 ? parseUnary(reading) : parseArithmetic(reading, level + 1);
    left = { kind: 'arithmetic', operator, left, right, ...reading.since(start) };
  }
}

function arithmeticOperator({ token }: Reading): ArithmeticOperator | null {
  if (token.kind === 'word') return token.text === 'bitwise_and' ? '&' : null;
  if (token.kind !== 'operator') return null;
  const { text } = token;
  return text === '&' || text === '+' || text === '-' || text === '*' || text === '/' || text === '%' ? text : null;
}

function parseUnary(reading: Reading): Value {
  const start = reading.token;
  if (!nextIs(reading, '+') && !nextIs(reading, '-')) return parsePostfix(reading);
  reading.spendOperator();
  const isNegative = reading.advance().text === '-';
  const of = parseUnary(reading);
  return isNegative ? { kind: 'negative', of, ...reading.since(start) } : of;
}

function parsePostfix(reading: Reading): Value {
  const start = reading.token;
  let value = parsePrimary(reading);
  for (;;) {
    if (!nextIs(reading, '#') && !nextIs(reading, '[')) return value;
    reading.spendOperator();
    if (reading.accept('#')) {
      const ranges = nextIs(reading, '[') ? parseRanges(reading) : [layerNumber(reading)];
      value = { kind: 'layer', of: value, ranges, ...reading.since(start) };
    } else {
      const ranges = parseRanges(reading);
      value = { kind: 'slice', of: value, ranges, ...reading.since(start) };
    }
  }
}

function layerNumber(reading: Reading): Range {
  const { token } = reading;
  if (token.kind !== 'word' || !/^[0-9]{1,5}$/.test(token.text)) {
    refuseHere(reading, 'after # comes the number of a layer', 'such as: ip.src#2, or ip.src#[1-2]');
  }
  reading.advance();
  return { start: Number(token.text), length: 1 };
}

function parsePrimary(reading: Reading): Value {
  const { token } = reading;
  const span: Span = { at: token.at, length: token.length };
  switch (token.kind) {
    case 'word':
      if (reading.isReserved(token.text)) return refuseMissing(reading);
      reading.advance();
      return nextIs(reading, '(') ? parseCall(reading, token.text, span) : { kind: 'word', text: token.text, ...span };
    case 'text':
      reading.advance();
      return { kind: 'text', bytes: token.bytes, ...span };
    case 'character':
      reading.advance();
      return { kind: 'character', code: token.code, ...span };
    default:
      return nextIs(reading, '{') ? parseBraces(reading, span) : refuseMissing(reading);
  }
}

function refuseMissing(reading: Reading): never {
  const { token } = reading;
  if (token.kind === 'end') return refuseHere(reading, 'the filter ends where a field or a value is expected');
  const hint = token.text === '(' ? 'group values with braces: {tcp.srcport + 1}' : undefined;
  return refuseHere(reading, `${quoted(token.text)} stands where a field or a value is expected`, hint);
}

function parseBraces(reading: Reading, open: Span): Value {
  reading.spendOperator();
  reading.advance();
  const value = parseInner(reading);
  reading.expect('}', open);
  return value;
}

function parseCall(reading: Reading, name: string, start: Span): Value {
  reading.spendOperator();
  const open = reading.advance();
  const values: Value[] = [];
  if (!nextIs(reading, ')')) {
    do values.push(parseInner(reading));
    while (reading.accept(','));
  }
  reading.expect(')', open);
  return { kind: 'call', name, arguments: values, ...reading.since(start) };
}

function parseRanges(reading: Reading): Range[] {
  const open = reading.advance();
  const ranges: Range[] = [];
  do ranges.push(parseRange(reading));
  while (reading.accept(','));
  reading.expect(']', open);
  return ranges;
}

/** `[i:j]` offset and length, `[i-j]` first and last, `[i]`, `[:j]`, `[i:]`. */
function parseRange(reading: Reading): Range {
  const first = reading.token;
  const start = nextIs(reading, ':') ? 0 : parseOffset(reading);
  let range: Range = { start, length: 1 };
  if (reading.accept(':')) {
    const isOpen = nextIs(reading, ']') || nextIs(reading, ',');
    range = { start, length: isOpen ? null : parseOffset(reading) };
  } else if (reading.accept('-')) range = { start, end: parseOffset(reading) };
  checkRange(range, reading.since(first));
  return range;
}

function parseOffset(reading: Reading): number {
  const isNegative = reading.accept('-');
  const { token } = reading;
  if (token.kind !== 'integer') {
    const found = token.kind === 'end' ? 'the filter ends' : `${quoted(token.text)} stands`;
    return refuseHere(reading, `${found} where an offset is expected`, 'slices are [3], [0:4], [2-5], [:4] or [4:]');
  }
  reading.advance();
  return isNegative ? -token.value : token.value;
}

function checkRange(range: Range, span: Span): void {
  if (!('end' in range)) {
    if (range.length !== null && range.length <= 0) refuse(span, 'the length of a slice is at least 1');
  } else if (range.start < 0 !== range.end < 0) {
    refuse(span, 'first and last must both count from the start or both from the end');
  } else if (range.end <= range.start) refuse(span, 'the last octet of a slice stands behind its first');
}
