/**
 * Values that stand for something else: quantities, addresses, names. Each is a zod schema made of a reader, which says
 * in our own words what is wrong, and of what the JSON Schema shall say about it.
 */

import * as z from 'zod';
import type { Code } from '../code.ts';
import { MAX_REPETITIONS } from '../limits.ts';
import {
  complaint,
  KINDS,
  patternOf,
  type QuantityKind,
  type Reading,
  readDuration,
  readPackets,
  readPercentage,
  readQueue,
  readRate,
  readSize,
} from '../quantity.ts';

/** What a leaf's issue carries besides its message. */
export interface LeafIssue {
  readonly hint: string | null;
  readonly code: Code;
}

type JsonType = 'string' | 'integer' | 'number' | 'boolean';

export interface LeafJson {
  readonly type?: JsonType | readonly JsonType[];
  readonly description?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** `In` is what people write, for TypeScript; the reader checks it. */
export function leaf<T, In = string>(read: (input: unknown) => Reading<T>, json: LeafJson) {
  return z
    .custom<In>()
    .transform((input, context): T => {
      const reading = read(input);
      if ('value' in reading) return reading.value;
      const params: LeafIssue = { hint: reading.hint, code: reading.code };
      context.addIssue({ code: 'custom', message: reading.complaint, params: { ...params } });
      return z.NEVER;
    })
    .meta({ type: 'string', ...json } as Record<string, unknown>);
}

/** In the schema for editors a parameter may stand for any value. */
const PARAMETER = '.*\\$\\{.+\\}.*';

export function pattern(inside: string): string {
  return `^(?:${inside}|${PARAMETER})$`;
}

function quantity<T>(kind: QuantityKind, read: (input: unknown) => Reading<T>) {
  return (description: string) =>
    leaf(read, {
      description: `${description} With its unit: ${kind.examples.replaceAll('`', '')}.`,
      pattern: pattern(patternOf(kind)),
    });
}

export const duration = quantity(KINDS.duration, readDuration);
export const rate = quantity(KINDS.rate, readRate);
export const size = quantity(KINDS.size, readSize);
export const packets = quantity(KINDS.packets, readPackets);
export const percentage = quantity(KINDS.percentage, readPercentage);
export const queue = quantity(KINDS.queue, readQueue);

/** A count from `least` on. */
export function count(description: string, least = 1, most = MAX_REPETITIONS) {
  return z.int().min(least).max(most).describe(description);
}

export function flag(description: string) {
  return z.boolean().describe(description);
}

export function text(description: string) {
  return z.string().describe(description);
}

export function port(description: string) {
  return z.int().min(1).max(65_535).describe(description);
}

/** One, or a list of at least one. */
export function oneOrMany<S extends z.ZodType>(schema: S) {
  return z.union([schema, z.array(schema).min(1)]);
}

/** A size within bounds, both in octets. */
export function sizeWithin(least: number, most: number) {
  const read = (input: unknown): Reading<number> => {
    const reading = readSize(input);
    if (!('value' in reading) || (reading.value >= least && reading.value <= most)) return reading;
    return complaint(`${reading.value}B is not within ${least}B to ${most}B`, null, 'PW0306');
  };
  return quantity(KINDS.size, read);
}

/** A duration of at least a nanosecond. */
export const positiveDuration = quantity(KINDS.duration, (input) => {
  const reading = readDuration(input);
  if (!('value' in reading) || reading.value > 0) return reading;
  return complaint('this duration must be longer than 0', null, 'PW0306');
});

/** Whole seconds within bounds; the value is in ns, as every duration's. */
export function wholeSeconds(description: string, leastSeconds: number, mostSeconds: number) {
  const read = (input: unknown): Reading<number> => {
    const reading = readDuration(input);
    if (!('value' in reading)) return reading;
    const seconds = reading.value / 1_000_000_000;
    if (!Number.isInteger(seconds)) return complaint('this is said in whole seconds on the wire', null, 'PW0306');
    if (seconds >= leastSeconds && seconds <= mostSeconds) return reading;
    return complaint(`${seconds}s is not within ${leastSeconds}s to ${mostSeconds}s`, null, 'PW0306');
  };
  return quantity(KINDS.duration, read)(description);
}

/** Content codings (RFC 9110 section 8.4.1). */
export function codings(description: string) {
  return z
    .array(z.enum(['gzip', 'deflate']))
    .min(1)
    .describe(description);
}
