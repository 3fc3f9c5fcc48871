/** Comparing two values of one type. */

import type { FieldValue } from '../layers/field.ts';
import type { Constant, Operand, Order, ValueType } from './plan.ts';

export type Predicate = (value: FieldValue) => boolean;
export type Relation = (left: FieldValue, right: FieldValue) => boolean;

/**
 * Compares values of one type. `all`: whether all values have to pass. Wireshark does not compare unsigned values with
 * negative ones: such a pair passes where all have to and fails where one has to, whatever the operator.
 */
export function relationOf(order: Order, type: ValueType, all: boolean): Relation {
  const plain = ORDERS[order](compareOf(type));
  if (type !== 'unsigned') return plain;
  return (left, right) => ((right as number) < 0 && (left as number) >= 0 ? all : plain(left, right));
}

type Compare = (left: FieldValue, right: FieldValue) => number;

const ORDERS: Readonly<Record<Order, (compare: Compare) => Relation>> = {
  '==': (compare) => (left, right) => compare(left, right) === 0,
  '!=': (compare) => (left, right) => compare(left, right) !== 0,
  '>': (compare) => (left, right) => compare(left, right) > 0,
  '<': (compare) => (left, right) => compare(left, right) < 0,
  '>=': (compare) => (left, right) => compare(left, right) >= 0,
  '<=': (compare) => (left, right) => compare(left, right) <= 0,
};

function compareOf(type: ValueType): Compare {
  if (type === 'string') return (left, right) => compareTexts(left as string, right as string);
  if (type === 'bytes' || type === 'protocol') {
    return (left, right) => compareOctets(left as Uint8Array, right as Uint8Array);
  }
  return compareNumbers;
}

/** Numbers, bigints (in any mixture) and booleans, false before true. */
function compareNumbers(left: FieldValue, right: FieldValue): number {
  if ((left as number) < (right as number)) return -1;
  return (left as number) > (right as number) ? 1 : 0;
}

/** In the order of their UTF-8, which is that of code points: in UTF-16, surrogates come before U+E000 to U+FFFF. */
function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  const end = Math.min(left.length, right.length);
  for (let at = 0; at < end; at++) {
    const one = left.charCodeAt(at);
    const other = right.charCodeAt(at);
    if (one !== other) return isSurrogate(one) === isSurrogate(other) ? one - other : isSurrogate(one) ? 1 : -1;
  }
  return left.length - right.length;
}

function isSurrogate(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit < 0xe000;
}

/** Wireshark's order: the shorter first, then octet by octet. */
function compareOctets(left: Uint8Array, right: Uint8Array): number {
  if (left.length !== right.length) return left.length - right.length;
  for (let at = 0; at < left.length; at++) {
    const difference = (left[at] as number) - (right[at] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The comparison with something that is the same for all frames; null when `right` is not. */
export function predicateOf(order: Order, type: ValueType, all: boolean, right: Operand): Predicate | null {
  if (right.kind === 'constant') return constantPredicate(order, type, all, right);
  if (right.kind === 'choice') {
    const { lent } = right;
    const values = new Set(right.values);
    if (lent) {
      const isOne = (value: FieldValue) => values.has(value) || lent().includes(value);
      return order === '!=' ? (value) => !isOne(value) : isOne;
    }
    return order === '!=' ? (value) => !values.has(value) : (value) => values.has(value);
  }
  if (right.kind !== 'network') return null;
  const relation = relationOf(order, type, all);
  if (right.type === 'ipv6') {
    const { network, mask } = right;
    return (value) => relation((value as bigint) & mask, network);
  }
  const { network, mask } = right;
  return (value) => relation(((value as number) & mask) >>> 0, network);
}

/** The most common comparison has functions of its own. */
function constantPredicate(order: Order, type: ValueType, all: boolean, { value: constant }: Constant): Predicate {
  const isPlain = typeof constant === 'number' && constant >= 0 && (type === 'unsigned' || type === 'ipv4');
  if (isPlain) {
    // Whole numbers are bigints only above 2^53, so that identity is equality.
    if (order === '==') return (value) => value === constant;
    if (order === '!=') return (value) => value !== constant;
  }
  if (type === 'string') {
    if (order === '==') return (value) => value === constant;
    if (order === '!=') return (value) => value !== constant;
  }
  const relation = relationOf(order, type, all);
  return (value) => relation(value, constant);
}
