/** Slices of octets, and the octets of values that have them. */

import type { FieldValue } from '../layers/field.ts';
import { allJoined } from '../wire/octets.ts';
import type { ValueType } from './plan.ts';
import type { Range } from './syntax.ts';

const ENCODER = new TextEncoder();

/** Types whose values are sequences of octets, or can be seen as such. */
const OCTETS: ReadonlySet<ValueType> = new Set(['string', 'bytes', 'protocol', 'ether', 'ipv4', 'ipv6']);

export function hasOctets(type: ValueType): boolean {
  return OCTETS.has(type);
}

/** Turns values of one type into octets. Those of numbers lie in one buffer: the next value overwrites them. */
export function octetsOf(type: ValueType): (value: FieldValue) => Uint8Array {
  if (type === 'string') return (value) => ENCODER.encode(value as string);
  if (type === 'ipv4') return fixedOctets(4);
  if (type === 'ether') return fixedOctets(6);
  if (type === 'ipv6') return ipv6Octets();
  return (value) => value as Uint8Array;
}

function fixedOctets(length: number): (value: FieldValue) => Uint8Array {
  const octets = new Uint8Array(length);
  return (value) => {
    let rest = value as number;
    for (let at = length - 1; at >= 0; at--) {
      octets[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return octets;
  };
}

function ipv6Octets(): (value: FieldValue) => Uint8Array {
  const octets = new Uint8Array(16);
  return (value) => {
    let rest = value as bigint;
    for (let at = 15; at >= 0; at--) {
      octets[at] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    return octets;
  };
}

const NOTHING = new Uint8Array(0);

/**
 * The slice. Of its ranges, those from the first that reaches past either end on are left out, so that it can be empty:
 * to Wireshark that is a value too, which differs from all others, and only a bare slice asks whether there is something.
 */
export function slicer(ranges: readonly Range[]): (octets: Uint8Array) => Uint8Array {
  const [only] = ranges;
  if (ranges.length === 1 && only) return (octets) => sliceOf(octets, only) ?? NOTHING;
  return (octets) => {
    const parts: Uint8Array[] = [];
    for (const range of ranges) {
      const part = sliceOf(octets, range);
      if (part === null) break;
      parts.push(part);
    }
    return allJoined(parts);
  };
}

function sliceOf(octets: Uint8Array, range: Range): Uint8Array | null {
  const { length } = octets;
  const start = range.start < 0 ? length + range.start : range.start;
  const end = endOf(range, start, length);
  return start >= 0 && start < end && end <= length ? octets.subarray(start, end) : null;
}

function endOf(range: Range, start: number, length: number): number {
  if ('end' in range) return (range.end < 0 ? length + range.end : range.end) + 1;
  return range.length === null ? length : start + range.length;
}

/** Is the layer the `number`th of `count`, from 1, among those the ranges name? */
export function includesLayer(ranges: readonly Range[], number: number, count: number): boolean {
  return ranges.some((range) => {
    const start = range.start < 0 ? count + 1 + range.start : range.start;
    // Layers are counted from 1, so that the end of an open range is one further than an array's.
    return number >= start && number < endOf(range, start, count + 1);
  });
}
