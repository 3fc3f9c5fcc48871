import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from '../../src/filter/parse.ts';
import { isFilterProblem, orProblem } from '../../src/filter/problem.ts';
import { type ArithmeticOperator, printTest, type Range, type Test, type Value } from '../../src/filter/syntax.ts';
import { COMPARISONS } from '../../src/filter/words.ts';

/** The text of what was read: shows grouping and forgets offsets. */
function read(text: string): string {
  return printTest(parse(text));
}

/** The tree without the places in the text. */
function bare(node: unknown): unknown {
  if (node instanceof Uint8Array) return [...node];
  if (Array.isArray(node)) return node.map(bare);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).filter(([key]) => key !== 'at' && !(key === 'length' && 'at' in node));
  return Object.fromEntries(entries.map(([key, value]) => [key, bare(value)]));
}

describe('precedence', () => {
  it.each([
    ['a or b and c', 'a or b and c'],
    ['(a or b) and c', '(a or b) and c'],
    ['a and b or c', 'a and b or c'],
    ['a or b xor c and d', 'a or b xor c and d'],
    ['(a or b) xor c', '(a or b) xor c'],
    ['not a and b', 'not a and b'],
    ['not (a and b)', 'not (a and b)'],
    ['!!a', 'not not a'],
    ['!a == 1', 'not a == 1'],
    ['not a == 1 and b', 'not a == 1 and b'],
    ['((a)) && (b) || c', 'a and b or c'],
    ['a + b * c == 1', 'a + b * c == 1'],
    ['{a + b} * c == 1', '{a + b} * c == 1'],
    ['a + b & c == 1', 'a + b & c == 1'],
    ['a & {b + c} == 1', 'a & b + c == 1'],
    ['a - b - c == 1', 'a - b - c == 1'],
    ['a - {b - c} == 1', 'a - {b - c} == 1'],
    ['-a[0:2] == 1', '-a[0:2] == 1'],
    ['a < b < c', 'a < b < c'],
    ['any a == 1 and b', 'any a == 1 and b'],
  ])('%s is read as %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it('and binds tighter than xor, xor tighter than or', () => {
    expect(bare(parse('a or b xor c and d'))).toEqual(bare(parse('a or (b xor (c and d))')));
    expect(bare(parse('a and b xor c or d'))).toEqual(bare(parse('((a and b) xor c) or d')));
  });

  it('chains of one junction are one list', () => {
    expect(parse('a and b && c and d')).toMatchObject({ kind: 'and', parts: [{}, {}, {}, {}] });
  });
});

describe('spellings', () => {
  it.each([...COMPARISONS])('%s is the comparison %s', (spelling, operator) => {
    expect(bare(parse(`a ${spelling} 1`))).toEqual(bare(parse(`a ${operator} 1`)));
  });

  it.each([
    ['a && b', 'a and b'],
    ['a || b', 'a or b'],
    ['a ^^ b', 'a xor b'],
    ['!a', 'not a'],
    ['a ~ "x"', 'a matches "x"'],
    ['a bitwise_and 1', 'a & 1'],
    ['a !in {1}', 'a not in {1}'],
    ['a in{1,2}', 'a in {1, 2}'],
    ['a==1&&b', 'a == 1 and b'],
    ['a in {1..2,3 .. 4}', 'a in {1 .. 2, 3 .. 4}'],
    ['a[:4]', 'a[0:4]'],
    ['a[4:]', 'a[4:]'],
    ['a[4]', 'a[4]'],
    ['a[1-3,-2--1,5]', 'a[1-3,-2--1,5]'],
    ['a [ 1 : 2 ]', 'a[1:2]'],
    ['a#2', 'a#[2]'],
    ['a#[1-2]', 'a#[1-2]'],
    ['a == r"\\d"', 'a == "\\\\d"'],
    ['a == "\\x41\\102\\u00e9\\n\\""', 'a == "AB\\xc3\\xa9\\x0a\\""'],
    ["a == '\\''", "a == '\\''"],
    ['len(a) == count(b)', 'len(a) == count(b)'],
    ['max(a,1 , b)==2', 'max(a, 1, b) == 2'],
    ['a == +1', 'a == 1'],
    ['a\n\tand\r\n b ', 'a and b'],
  ])('%s is %s', (text, expected) => {
    expect(read(text)).toBe(expected);
  });

  it('takes addresses as one word each', () => {
    for (const word of ['10.0.0.1', 'fe80::1', '::ffff:10.0.0.1', '02:00:00:00:00:01', '02-00', '0200.0001', ':06']) {
      expect(parse(`a == ${word}`)).toMatchObject({ operands: [{ text: 'a' }, { kind: 'word', text: word }] });
    }
  });
});

describe('what cannot be read says where', () => {
  const problem = (text: string) => {
    const result = orProblem(() => parse(text));
    if (!isFilterProblem(result)) throw new Error(`${text} was read`);
    return [result.message, result.at, result.length, result.hint];
  };

  it.each([
    ['', 'the filter is empty', 0, 1],
    ['   ', 'the filter is empty', 3, 1],
    ['tcp and', 'the filter ends where a field or a value is expected', 7, 1],
    ['tcp.port ==', 'the filter ends where a field or a value is expected', 11, 1],
    ['== 80', '`==` stands where a field or a value is expected', 0, 2],
    ['and tcp', '`and` stands where a field or a value is expected', 0, 3],
    ['(tcp', '`)` is missing for this', 0, 1],
    ['tcp and (udp or (ip)', '`)` is missing for this', 8, 1],
    ['tcp)', 'this parenthesis closes nothing', 3, 1],
    ['tcp.port in {80', '`}` is missing for this', 12, 1],
    ['tcp.port in {}', '`}` stands where a field or a value is expected', 13, 1],
    ['tcp.port in 80', '`80` stands where `{` was expected', 12, 2],
    ['tcp.port in', 'the filter ends where `{` was expected', 11, 1],
    ['eth.src[', 'the filter ends where an offset is expected', 8, 1],
    ['eth.src[0', '`]` is missing for this', 7, 1],
    ['eth.src[a]', '`a` is no offset', 8, 1],
    ['eth.src[1.5]', '`1.5` is no offset', 8, 3],
    ['eth.src[0:0]', 'the length of a slice is at least 1', 8, 3],
    ['eth.src[3-1]', 'the last octet of a slice stands behind its first', 8, 3],
    ['eth.src[1--1]', 'first and last must both count from the start or both from the end', 8, 4],
    ['eth.src[4294967296]', '`4294967296` is no offset', 8, 10],
    ['count(tcp', '`)` is missing for this', 5, 1],
    ['a == "b', 'the string has no closing quote', 5, 2],
    ["a == 'b", 'the character constant has no closing quote', 5, 2],
    ["a == ''", 'the character constant is empty', 5, 2],
    ["a == 'bc'", 'a character constant is one octet', 5, 4],
    ['a == "\\q"', '`\\q` is no escape sequence', 6, 2],
    ['a == "\\ud800"', '`\\ud800` is no escape sequence', 6, 6],
    ['a == "\\777"', '`\\777` is no escape sequence', 6, 4],
    ['a == é', '`é` cannot stand here', 5, 1],
    ['a == 😀', '`😀` cannot stand here', 5, 2],
    ['a == \x1b[0m', 'a control character cannot stand here', 5, 1],
    ['any tcp', 'after any and a field comes a comparison', 7, 1],
  ])('%j', (text, message, at, length) => {
    expect(problem(text).slice(0, 3)).toEqual([message, at, length]);
  });

  it.each([
    ['a = 1', 'write == to compare'],
    ['a | b', 'write || or the word or'],
    ['a ^ b', 'write ^^ or the word xor'],
    ['a AND b', 'operators are lower case: and'],
    ['a EQ 1', 'operators are lower case: eq'],
    ['a b', 'tests are joined with && or ||'],
    ['(a) == 1', 'group values with braces: {tcp.srcport + 1}'],
    ['a == (1)', 'group values with braces: {tcp.srcport + 1}'],
    ['a in {1 2}', 'the values of a set have commas between them'],
    ['a == “x”', 'strings stand in straight quotes: "text"'],
    ['a matches "\\d"', 'write \\\\ for a backslash, or a raw string: r"\\d+"'],
    ['a#x', 'such as: ip.src#2, or ip.src#[1-2]'],
  ])('%s is hinted: %s', (text, hint) => {
    expect(problem(text)[3]).toBe(hint);
  });
});

describe('hostile text', () => {
  const messageOf = (text: string) => {
    const result = orProblem(() => parse(text));
    return isFilterProblem(result) ? result.message : 'read';
  };

  it('refuses 100,000 parentheses at once', () => {
    expect(messageOf('('.repeat(100_000))).toBe('a filter has at most 65,536 characters');
  });

  it.each([
    ['('.repeat(60_000), 'the filter is nested more than 200 levels deep'],
    ['!'.repeat(60_000), 'the filter is nested more than 200 levels deep'],
    ['not '.repeat(15_000), 'the filter is nested more than 200 levels deep'],
    ['{'.repeat(60_000), 'a value has more than 200 operators, slices and braces'],
    [`a == ${'-'.repeat(60_000)}1`, 'a value has more than 200 operators, slices and braces'],
    [`a == 1${' + 1'.repeat(15_000)}`, 'a value has more than 200 operators, slices and braces'],
    [`a${'[0:1]'.repeat(13_000)}`, 'a value has more than 200 operators, slices and braces'],
    ['len('.repeat(16_000), 'a value has more than 200 operators, slices and braces'],
    [`a == ${'{1+1+1+1+'.repeat(7_000)}`, 'a value has more than 200 operators, slices and braces'],
  ])('limits the depth of %.12s…', (text, message) => {
    expect(messageOf(text)).toBe(message);
  });

  it('reads 64 KiB of flat filter', () => {
    expect(messageOf(`a${' or a'.repeat(13_000)}`)).toBe('read');
    expect(messageOf(`a${' == a'.repeat(13_000)}`)).toBe('read');
    expect(messageOf(`a in {1${',1'.repeat(32_000)}}`)).toBe('read');
    expect(messageOf(`a == "${'\\x41'.repeat(16_000)}"`)).toBe('read');
    expect(messageOf('a'.repeat(65_536))).toBe('read');
  });

  it('answers any text with a tree or a problem whose place lies in the text', () => {
    const pieces = fc.constantFrom(
      ...[
        '(',
        ')',
        '{',
        '}',
        '[',
        ']',
        '#',
        '..',
        '==',
        '!',
        '&&',
        '&',
        '-',
        ',',
        ':',
        '"',
        "'",
        '\\',
        ' ',
        'in',
        'not',
      ],
      ...['tcp.port', '80', 'and', 'any', 'matches', 'r"', 'len', '\0', 'é', '\ud800'],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const text = parts.join('');
        const result = orProblem(() => parse(text));
        if (!isFilterProblem(result)) return;
        expect(result.at).toBeGreaterThanOrEqual(0);
        expect(result.at).toBeLessThanOrEqual(text.length);
        expect(result.length).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 3000 },
    );
  });
});

const SPAN = { at: 0, length: 0 };

const range: fc.Arbitrary<Range> = fc.oneof(
  fc.record({ start: fc.integer({ min: -9, max: 9 }), length: fc.option(fc.integer({ min: 1, max: 9 })) }),
  fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.boolean())
    .map(([from, more, negative]) =>
      negative ? { start: -from - more - 1, end: -from - 1 } : { start: from, end: from + more },
    ),
);
const ranges = fc.array(range, { minLength: 1, maxLength: 3 });
const word = fc.constantFrom('tcp.port', 'ip.src', '80', '10.0.0.1', 'fe80::1', '02:00', 'abc').map((text) => ({
  kind: 'word' as const,
  text,
  ...SPAN,
}));
const operator = fc.constantFrom<ArithmeticOperator>('+', '-', '*', '/', '%', '&');

const { value, test } = fc.letrec<{ value: Value; test: Test }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    word,
    fc.uint8Array({ maxLength: 6 }).map((bytes) => ({ kind: 'text' as const, bytes, ...SPAN })),
    fc.integer({ min: 0, max: 255 }).map((code) => ({ kind: 'character' as const, code, ...SPAN })),
    fc.record({ kind: fc.constantFrom('slice', 'layer'), of: tie('value'), ranges }).map(withSpan),
    fc.record({ kind: fc.constant('arithmetic'), operator, left: tie('value'), right: tie('value') }).map(withSpan),
    fc.record({ kind: fc.constant('negative'), of: tie('value') }).map(withSpan),
    fc
      .record({
        kind: fc.constant('call'),
        name: fc.constantFrom('len', 'max'),
        arguments: fc.array(tie('value'), { maxLength: 3 }),
      })
      .map(withSpan),
  ),
  test: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('value').map((of) => ({ kind: 'exists' as const, value: of, ...SPAN })),
    compareArbitrary(tie('value')),
    fc
      .record({
        kind: fc.constant('in'),
        quantifier: fc.constantFrom('any', 'all', null),
        negated: fc.boolean(),
        value: tie('value'),
        set: fc.array(fc.record({ low: tie('value'), high: fc.option(tie('value')) }).map(withSpan), {
          minLength: 1,
          maxLength: 3,
        }),
      })
      .map(withSpan),
    fc
      .record({
        kind: fc.constantFrom('contains', 'matches'),
        quantifier: fc.constantFrom('any', 'all', null),
        value: tie('value'),
        what: tie('value'),
      })
      .map(withSpan),
    fc.record({ kind: fc.constant('not'), test: tie('test') }).map(withSpan),
    fc
      .record({
        kind: fc.constantFrom('and', 'or', 'xor'),
        parts: fc.array(tie('test'), { minLength: 2, maxLength: 3 }),
      })
      // A list in a list of its own kind is one list when it is read again.
      .filter(({ kind, parts }) => parts.every((part) => (part as Test).kind !== kind))
      .map(withSpan),
  ),
}));

function compareArbitrary(operand: fc.Arbitrary<Value>): fc.Arbitrary<Test> {
  return fc
    .array(fc.tuple(fc.constantFrom(...COMPARISONS.values()), operand), { minLength: 1, maxLength: 2 })
    .chain((rest) =>
      fc.record({ first: operand, quantifier: fc.constantFrom('any' as const, 'all' as const, null) }).map((head) => ({
        kind: 'compare' as const,
        quantifier: head.quantifier,
        operands: [head.first, ...rest.map(([, right]) => right)],
        operators: rest.map(([comparison]) => comparison),
        ...SPAN,
      })),
    );
}

function withSpan<T extends object>(node: T): never {
  return { ...node, ...SPAN } as never;
}

describe('printed filters', () => {
  it('read as the same test', () => {
    fc.assert(
      fc.property(test, (tree) => {
        expect(bare(parse(printTest(tree)))).toEqual(bare(tree));
      }),
      { numRuns: 2000 },
    );
  });

  it('have values that read as the same value', () => {
    fc.assert(
      fc.property(value, (tree) => {
        const exists: Test = { kind: 'exists', value: tree, ...SPAN };
        expect(bare(parse(printTest(exists)))).toEqual(bare(exists));
      }),
      { numRuns: 2000 },
    );
  });
});
