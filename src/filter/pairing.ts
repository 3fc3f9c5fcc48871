/** Which types can stand at the two sides of an operator. */

import { typeName } from './literal.ts';
import type { Operand, Source, ValueType } from './plan.ts';
import { quoted, refuse } from './problem.ts';
import { hasOctets } from './slices.ts';
import { printValue, type Value } from './syntax.ts';

export function isOctets({ type }: Operand): boolean {
  return type === 'bytes' || type === 'protocol';
}

/** The source with its values as octets. */
export function asOctets(source: Source): Source {
  return isOctets(source) ? source : { kind: 'octets', type: 'bytes', of: source };
}

const NUMBERS: ReadonlySet<ValueType> = new Set(['unsigned', 'signed', 'float']);

/**
 * Both sides in one type. Numbers compare with numbers; slices with whatever consists of octets; protocols, byte strings
 * and Ethernet addresses with each other; else the types must be the same.
 */
export function pairTypes(left: Source, right: Operand, leftValue: Value, rightValue: Value): [Source, Operand] {
  return isSource(right) ? pairSources(left, right, leftValue, rightValue) : [left, right];
}

export function pairSources(left: Source, right: Source, leftValue: Value, rightValue: Value): [Source, Source] {
  if (left.type === right.type) return [left, right];
  if (NUMBERS.has(left.type) && NUMBERS.has(right.type)) return [left, right];
  if (areOctets(left, right)) return [asOctets(left), asOctets(right)];
  const isWord = rightValue.kind === 'word' && left.type === 'string';
  return refuse(
    rightValue,
    `${describe(leftValue, left)} cannot be compared with ${describe(rightValue, right)}`,
    isWord ? `a string stands in quotes: "${rightValue.text}"` : undefined,
  );
}

function areOctets(left: Source, right: Source): boolean {
  if (isSlice(left) || isSlice(right)) return hasOctets(left.type) && hasOctets(right.type);
  return [left, right].every((source) => isOctets(source) || source.type === 'ether');
}

/** A slice, or what a mask leaves of one. */
function isSlice(source: Source): boolean {
  return source.kind === 'slice' || (source.kind === 'arithmetic' && isSlice(source.left));
}

function isSource(operand: Operand): operand is Source {
  return operand.kind !== 'network' && operand.kind !== 'choice';
}

/** `tcp.port`, a whole number. */
export function describe(value: Value, { kind, type }: Source): string {
  const what = kind === 'protocol' ? 'a protocol' : type === 'none' ? 'which has no value' : typeName(type);
  return `${quoted(printValue(value))} (${what})`;
}
