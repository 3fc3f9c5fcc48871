/** From what was written to what is meant: every name is looked up, every literal read, every pair of types compared. */

import { resolveLeft, resolveOperand, resolveSource } from './check-value.ts';
import { typeName } from './literal.ts';
import { asOctets, describe, isOctets, pairTypes } from './pairing.ts';
import { compilePattern } from './pattern.ts';
import { PatternRefusal } from './pattern-text.ts';
import type { Operand, Order, Plan, Source } from './plan.ts';
import { quoted, refuse } from './problem.ts';
import {
  type Compare,
  type CompareOperator,
  type Membership,
  printValue,
  type Quantifier,
  type Search,
  type SetElement,
  type Test,
  type Value,
} from './syntax.ts';
import type { Scope } from './vocabulary.ts';

/** Throws a FilterRefusal. */
export function check(test: Test, scope: Scope): Plan {
  switch (test.kind) {
    case 'and':
    case 'or':
    case 'xor':
      return { kind: test.kind, parts: test.parts.map((part) => check(part, scope)) };
    case 'not':
      return { kind: 'not', test: check(test.test, scope) };
    case 'exists':
      return checkExists(test.value, scope);
    case 'compare':
      return checkChain(test, scope);
    case 'in':
      return checkMembership(test, scope);
    case 'contains':
      return checkContains(test, scope);
    case 'matches':
      return checkMatches(test, scope);
  }
}

function checkExists(value: Value, scope: Scope): Plan {
  if (value.kind === 'call') {
    const text = printValue(value);
    refuse(value, `${quoted(text)} is a value and no test`, `compare it: ${text} == 1`);
  }
  const source = resolveLeft(value, scope);
  const isMask = source.kind === 'arithmetic' && source.operator === '&';
  return { kind: isMask ? 'nonzero' : 'present', value: source };
}

/** The comparison that an operator makes, and whether all values must pass if nothing else is said. */
const OPERATORS: Readonly<Record<CompareOperator, readonly [order: Order, all: boolean]>> = {
  '==': ['==', false],
  '!=': ['!=', true],
  '===': ['==', true],
  '!==': ['!=', false],
  '>': ['>', false],
  '<': ['<', false],
  '>=': ['>=', false],
  '<=': ['<=', false],
};

function checkChain({ operands, operators, quantifier }: Compare, scope: Scope): Plan {
  const parts = operators.map((operator, index) => {
    const [left, right] = [operands[index] as Value, operands[index + 1] as Value];
    const source = resolveLeft(left, scope, right);
    const [order, all] = OPERATORS[operator];
    return compare(order, isForAll(quantifier, all), source, left, right, scope);
  });
  return parts.length === 1 ? (parts[0] as Plan) : { kind: 'and', parts };
}

function isForAll(quantifier: Quantifier, otherwise: boolean): boolean {
  return quantifier === null ? otherwise : quantifier === 'all';
}

function compare(order: Order, all: boolean, source: Source, leftValue: Value, rightValue: Value, scope: Scope): Plan {
  refuseValueless(source, leftValue);
  const operand = resolveOperand(rightValue, source, scope);
  refuseValueless(operand, rightValue);
  if (operand.kind === 'choice' && order !== '==' && order !== '!=') {
    refuse(rightValue, `${quoted(operand.name)} may have several addresses`, 'compare with == or !=');
  }
  const [left, right] = pairTypes(source, operand, leftValue, rightValue);
  return { kind: 'compare', all, order, left, right };
}

function refuseValueless(source: Operand, value: Value): void {
  if (source.type !== 'none') return;
  const name = printValue(value);
  refuse(value, `${quoted(name)} has no value: it is there or not`, `write ${name} alone`);
}

/**
 * `a in {b, c..d}` is `a == b or (a >= b and a <= c)`, where one value has to lie in the range. `all a in {b, c}` is
 * `all a == b or all a == c`, and `not in` heeds neither any nor all: so says Wireshark 4.0.
 */
function checkMembership({ quantifier, negated, value, set }: Membership, scope: Scope): Plan {
  const source = resolveLeft(value, scope);
  const all = !negated && isForAll(quantifier, false);
  const parts = set.map((element) => checkElement(element, all, source, value, scope));
  const plan: Plan = parts.length === 1 ? (parts[0] as Plan) : { kind: 'or', parts };
  return negated ? { kind: 'not', test: plan } : plan;
}

function checkElement(element: SetElement, all: boolean, source: Source, value: Value, scope: Scope): Plan {
  const { low, high } = element;
  const first = compare(high ? '>=' : '==', all, source, value, low, scope);
  if (high === null || first.kind !== 'compare') return first;
  const last = compare('<=', all, source, value, high, scope);
  if (last.kind !== 'compare') return last;
  if (first.left.type !== last.left.type) refuse(element, 'the ends of this range are of different types');
  return { kind: 'between', all, value: first.left, low: first.right, high: last.right };
}

/** What is searched: of a protocol, all of it. */
function resolveSearched(value: Value, operator: Search['kind'], scope: Scope): Source {
  const source = resolveLeft(value, scope);
  refuseSearch(source, value, operator);
  return source.kind === 'protocol' ? { ...source, whole: true } : source;
}

function checkContains({ quantifier, value, what }: Search, scope: Scope): Plan {
  const source = resolveSearched(value, 'contains', scope);
  const all = isForAll(quantifier, false);
  if (source.type === 'string') {
    const right = resolveSource(what, 'string', scope);
    if (right.type === 'string') return { kind: 'contains', all, left: source, right };
    if (right.kind === 'slice') return { kind: 'contains', all, left: asOctets(source), right };
    return refuseContent(value, source, what, right);
  }
  const right = resolveSource(what, 'bytes', scope);
  if (!isOctets(right) && right.type !== 'ether') refuseContent(value, source, what, right);
  return { kind: 'contains', all, left: asOctets(source), right: asOctets(right) };
}

function refuseContent(value: Value, source: Source, what: Value, content: Source): never {
  const isWord = what.kind === 'word' && source.type === 'string';
  return refuse(
    what,
    `${describe(value, source)} cannot contain ${describe(what, content)}`,
    isWord ? `a string stands in quotes: "${what.text}"` : undefined,
  );
}

/** Only what consists of characters or octets can be searched. */
function refuseSearch(source: Source, value: Value, operator: 'contains' | 'matches'): void {
  const searchable =
    source.type === 'string' || isOctets(source) || (source.type === 'ether' && operator === 'contains');
  if (searchable) return;
  const name = printValue(value);
  if (source.type === 'none') refuseValueless(source, value);
  const hint = ['unsigned', 'signed', 'ipv4', 'ipv6', 'ether'].includes(source.type)
    ? `as text: string(${name}) ${operator} "..."`
    : undefined;
  refuse(value, `${quoted(name)} is ${typeName(source.type)}, in which ${operator} cannot search`, hint);
}

function checkMatches({ quantifier, value, what }: Search, scope: Scope): Plan {
  const source = resolveSearched(value, 'matches', scope);
  if (what.kind !== 'text') {
    refuse(what, 'behind matches stands a pattern in double quotes', `such as: ${printValue(value)} matches "^get"`);
  }
  const pattern = compilePattern(what.bytes);
  if (pattern instanceof PatternRefusal)
    return refuse(what, `in the pattern, at octet ${pattern.at}: ${pattern.message}`);
  return { kind: 'matches', all: isForAll(quantifier, false), value: source, pattern };
}
