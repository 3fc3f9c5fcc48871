/** Random filters on random frames, against an evaluation that collects all values first and asks afterwards. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FilterFrame } from '../../src/filter/frame.ts';
import type { CompareOperator, Quantifier } from '../../src/filter/syntax.ts';
import { compiled, frameOf } from './sample.ts';

/** A value of a filter: its text, and all it stands for in a frame. */
interface Value<T> {
  readonly text: string;
  readonly of: (frame: FilterFrame) => readonly T[];
}

interface Test {
  readonly text: string;
  readonly holds: (frame: FilterFrame) => boolean;
}

function fieldValues<T>(name: string): Value<T> {
  return {
    text: name,
    of: ({ dissection }) =>
      dissection.layers
        .flatMap(({ fields }) => fields)
        .filter(({ type }) => type.name === name)
        .map(({ value }) => value as T),
  };
}

function literal<T>(text: string, value: T): Value<T> {
  return { text, of: () => [value] };
}

const numberField = fc.constantFrom(
  ...['frame.len', 'tcp.port', 'tcp.srcport', 'ip.ttl'].map((name) => fieldValues<number>(name)),
);
const numberLiteral = fc.integer({ min: 0, max: 5 }).map((value) => literal(String(value), value));
const numbers: fc.Arbitrary<Value<number>> = fc.letrec<{ value: Value<number> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    numberField,
    fc
      .tuple(tie('value'), fc.constantFrom('+', '-', '*', '&'), fc.oneof(numberField, numberLiteral))
      .map(([left, operator, right]) => ({
        text: `{${left.text} ${operator} ${right.text}}`,
        of: (frame: FilterFrame) =>
          left.of(frame).flatMap((one) => right.of(frame).map((other) => calculate(operator, one, other))),
      })),
    fc.constantFrom('tcp.port', 'ip.addr').map((name) => ({
      text: `count(${name})`,
      of: (frame: FilterFrame) => [fieldValues(name).of(frame).length].filter((count) => count > 0),
    })),
    fc.tuple(fc.constantFrom('max', 'min'), numberField, numberField).map(([name, one, other]) => ({
      text: `${name}(${one.text}, ${other.text})`,
      of: (frame: FilterFrame) => {
        const all = [...one.of(frame), ...other.of(frame)].sort((first, second) => first - second);
        const found = name === 'max' ? all.at(-1) : all[0];
        return found === undefined ? [] : [found];
      },
    })),
  ),
})).value;

function calculate(operator: string, one: number, other: number): number {
  if (operator === '+') return one + other;
  if (operator === '-') return one - other;
  if (operator === '*') return one * other;
  return Number(BigInt.asUintN(64, BigInt(one)) & BigInt.asUintN(64, BigInt(other)));
}

const texts = fc.constantFrom('http.host', 'frame.comment').map((name) => fieldValues<string>(name));
const textLiteral = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 3 });
const addresses = fc.constantFrom('ip.addr', 'ip.src').map((name) => fieldValues<number>(name));
const addressLiteral = fc.integer({ min: 0, max: 5 }).map((last) => literal(`10.0.0.${last}`, 0x0a000000 + last));

const operator = fc.constantFrom<CompareOperator>('==', '!=', '===', '!==', '<', '<=', '>', '>=');
const quantifier = fc.constantFrom<Quantifier>('any', 'all', null);

const RELATIONS: Readonly<Record<CompareOperator, (one: unknown, other: unknown) => boolean>> = {
  '==': (one, other) => one === other,
  '===': (one, other) => one === other,
  '!=': (one, other) => one !== other,
  '!==': (one, other) => one !== other,
  '<': (one, other) => (one as number) < (other as number),
  '<=': (one, other) => (one as number) <= (other as number),
  '>': (one, other) => (one as number) > (other as number),
  '>=': (one, other) => (one as number) >= (other as number),
};

/** Wireshark's rule: unsigned numbers and negative ones are never compared. Such a pair is left out of what decides. */
function pairs<T>(left: Value<T>, right: Value<T>, frame: FilterFrame): (readonly [T, T])[] {
  return left.of(frame).flatMap((one) => right.of(frame).map((other) => [one, other] as const));
}

function compared<T>(left: Value<T>, op: CompareOperator, right: Value<T>, how: Quantifier): Test {
  const isForAll = how === null ? op === '!=' || op === '===' : how === 'all';
  return {
    text: `${how === null ? '' : `${how} `}${left.text} ${op} ${right.text}`,
    holds: (frame) => {
      const all = pairs(left, right, frame);
      if (all.length === 0) return false;
      const comparable = all.filter(([one, other]) => !((other as number) < 0 && (one as number) >= 0));
      const passes = ([one, other]: readonly [T, T]) => RELATIONS[op](one, other);
      return isForAll ? comparable.every(passes) : comparable.some(passes);
    },
  };
}

function compareTest<T>(left: fc.Arbitrary<Value<T>>, right: fc.Arbitrary<Value<T>>): fc.Arbitrary<Test> {
  return fc.tuple(left, operator, right, quantifier).map(([one, op, other, how]) => compared(one, op, other, how));
}

const membership: fc.Arbitrary<Test> = fc
  .tuple(
    fc.oneof(numberField, numberField),
    fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.option(fc.integer({ min: 0, max: 5 }))), {
      minLength: 1,
      maxLength: 4,
    }),
    quantifier,
    fc.boolean(),
  )
  .map(([value, set, how, negated]) => ({
    text: `${how === null ? '' : `${how} `}${value.text} ${negated ? 'not in' : 'in'} {${set
      .map(([low, high]) => (high === null ? low : `${low}..${high}`))
      .join(', ')}}`,
    holds: (frame) => {
      const all = value.of(frame);
      const isIn = set.some(([low, high]) => {
        const lies = (one: number) => one >= low && one <= (high ?? low);
        return all.length > 0 && (how === 'all' && !negated ? all.every(lies) : all.some(lies));
      });
      return isIn !== negated;
    },
  }));

const containment: fc.Arbitrary<Test> = fc.tuple(texts, textLiteral, quantifier).map(([value, part, how]) => ({
  text: `${how === null ? '' : `${how} `}${value.text} contains "${part}"`,
  holds: (frame) => {
    const all = value.of(frame);
    const has = (text: string) => text.includes(part);
    return all.length > 0 && (how === 'all' ? all.every(has) : all.some(has));
  },
}));

const presence: fc.Arbitrary<Test> = fc
  .constantFrom('tcp.port', 'http.host', 'ip.addr', 'tcp.flags.syn')
  .map((name) => ({ text: name, holds: (frame) => fieldValues(name).of(frame).length > 0 }));

const tests: fc.Arbitrary<Test> = fc.letrec<{ test: Test }>((tie) => ({
  test: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    compareTest(numbers, fc.oneof(numbers, numberLiteral)),
    compareTest(
      texts,
      fc.oneof(
        texts,
        textLiteral.map((text) => literal(`"${text}"`, text)),
      ),
    ),
    compareTest(addresses, fc.oneof(addresses, addressLiteral)),
    membership,
    containment,
    presence,
    tie('test').map((test) => ({ text: `not (${test.text})`, holds: (frame: FilterFrame) => !test.holds(frame) })),
    fc
      .tuple(fc.constantFrom('and', 'or', 'xor'), fc.array(tie('test'), { minLength: 2, maxLength: 3 }))
      .map(([junction, parts]) => ({
        text: parts.map(({ text }) => `(${text})`).join(` ${junction} `),
        holds: (frame: FilterFrame) => {
          const answers = parts.map((part) => part.holds(frame));
          if (junction === 'and') return answers.every(Boolean);
          return junction === 'or' ? answers.some(Boolean) : answers.filter(Boolean).length % 2 === 1;
        },
      })),
  ),
})).test;

const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 });
const small = fc.integer({ min: 0, max: 5 });
const address = small.map((last) => 0x0a000000 + last);
const frames: fc.Arbitrary<FilterFrame> = fc
  .record({
    'frame.len': some(small),
    'tcp.port': some(small),
    'tcp.srcport': some(small),
    'ip.ttl': some(small),
    'ip.addr': some(address),
    'ip.src': some(address),
    'http.host': some(textLiteral),
    'frame.comment': some(textLiteral),
    'tcp.flags.syn': some(fc.boolean()),
  })
  .map((values) => frameOf(values));

describe('filters', () => {
  it('say of random frames what a plain evaluation says', () => {
    let held = 0;
    let runs = 0;
    fc.assert(
      fc.property(tests, fc.array(frames, { minLength: 5, maxLength: 5 }), (test, given) => {
        const filter = compiled(test.text);
        for (const frame of given) {
          const expected = test.holds(frame);
          runs++;
          held += expected ? 1 : 0;
          expect([test.text, filter.test(frame)]).toEqual([test.text, expected]);
        }
      }),
      { numRuns: 5000 },
    );
    // Both answers must be common, or nothing was compared.
    expect(held / runs).toBeGreaterThan(0.2);
    expect(held / runs).toBeLessThan(0.8);
  });
});
