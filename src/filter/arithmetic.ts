/** Arithmetic of filters, exact: what leaves the range of Wireshark's 32-bit fields has no value (null). */

import type { FieldValue } from '../layers/field.ts';
import { plain } from './literal.ts';
import type { ValueType } from './plan.ts';
import type { ArithmeticOperator } from './syntax.ts';

/** null: there is no result, as for a division by zero. */
export type Operation = (left: FieldValue, right: FieldValue) => FieldValue;

type Integer = number | bigint;

const NUMERIC: Readonly<Record<Exclude<ArithmeticOperator, '&'>, (left: number, right: number) => number | null>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => (right === 0 ? null : Math.trunc(left / right)),
  '%': (left, right) => (right === 0 ? null : left % right),
};

/** null: values of that type cannot take part. */
export function operationOf(operator: ArithmeticOperator, type: ValueType): Operation | null {
  if (operator === '&') return MASKS[type] ?? null;
  switch (type) {
    case 'unsigned':
    case 'signed':
      return (left, right) => integerResult(operator, left as Integer, right as Integer);
    case 'time':
      if (operator !== '+' && operator !== '-') return null;
      return (left, right) => timeResult(operator, left as Integer, right as Integer);
    case 'float':
      return (left, right) => {
        const [one, other] = [left as number, right as number];
        return operator === '/' ? (other === 0 ? null : one / other) : NUMERIC[operator](one, other);
      };
    default:
      return null;
  }
}

function integerResult(operator: Exclude<ArithmeticOperator, '&'>, left: Integer, right: Integer): Integer | null {
  if (typeof left === 'number' && typeof right === 'number') {
    const result = NUMERIC[operator](left, right);
    // -0 would be another key than 0, and prints as one.
    return result === null || result > 0xffffffff || result < -0x80000000 ? null : result + 0;
  }
  const [one, other] = [BigInt(left), BigInt(right)];
  if (operator === '+') return plain(one + other);
  if (operator === '-') return plain(one - other);
  if (operator === '*') return plain(one * other);
  if (other === 0n) return null;
  return plain(operator === '/' ? one / other : one % other);
}

function timeResult(operator: '+' | '-', left: Integer, right: Integer): Integer {
  if (typeof left === 'number' && typeof right === 'number') {
    const result = operator === '+' ? left + right : left - right;
    if (Number.isSafeInteger(result)) return result;
  }
  return plain(operator === '+' ? BigInt(left) + BigInt(right) : BigInt(left) - BigInt(right));
}

const MASKS: Readonly<Partial<Record<ValueType, Operation>>> = {
  unsigned: (left, right) => maskIntegers(left as Integer, right as Integer),
  signed: (left, right) => maskIntegers(left as Integer, right as Integer),
  ipv4: (left, right) => ((left as number) & (right as number)) >>> 0,
  ipv6: (left, right) => (left as bigint) & (right as bigint),
  ether: (left, right) => maskIntegers(left as number, right as number),
  bytes: (left, right) => maskOctets(left as Uint8Array, right as Uint8Array),
  protocol: (left, right) => maskOctets(left as Uint8Array, right as Uint8Array),
};

function maskIntegers(left: Integer, right: Integer): Integer {
  if (isUnsigned32(left) && isUnsigned32(right)) return (left & right) >>> 0;
  return plain(BigInt(left) & BigInt(right));
}

function isUnsigned32(value: Integer): value is number {
  return typeof value === 'number' && value >= 0 && value <= 0xffffffff;
}

/** As long as the shorter one. */
function maskOctets(left: Uint8Array, right: Uint8Array): Uint8Array {
  const result = new Uint8Array(Math.min(left.length, right.length));
  for (let at = 0; at < result.length; at++) result[at] = (left[at] as number) & (right[at] as number);
  return result;
}

/** Has the value any bit set? */
export function hasBits(value: FieldValue): boolean {
  if (value instanceof Uint8Array) return value.some((octet) => octet !== 0);
  return typeof value === 'bigint' ? value !== 0n : value !== 0;
}

/** The value with its sign changed; null for types that have none. */
export function negated(value: FieldValue): Integer | null {
  if (typeof value === 'number') return 0 - value;
  return typeof value === 'bigint' ? plain(-value) : null;
}
