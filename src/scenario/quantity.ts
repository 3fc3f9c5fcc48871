/**
 * Quantities with their units: `20ms`, `10Mbit`, `64KiB`, `30pkt`, `5%`. All become whole numbers, computed exactly:
 * nanoseconds, bits a second, octets, packets, parts per million. A number without a unit is refused, because nobody
 * can tell what its writer meant.
 */

import { nearest } from '../filter/nearest.ts';
import type { Nanos } from '../kernel/journal.ts';
import type { Code } from './code.ts';
import { MAX_BITS_PER_SECOND, MAX_SIZE_BYTES, MAX_TIME_NS } from './limits.ts';
import { clipped } from './yaml-guard.ts';

/** What became of reading a value: the value, or what to tell the person who wrote it. */
export type Reading<T> =
  | { readonly value: T }
  | { readonly complaint: string; readonly hint: string | null; readonly code: Code };

export interface QuantityKind {
  /** `a duration`. */
  readonly what: string;
  /** Each unit in base units. */
  readonly units: ReadonlyMap<string, bigint>;
  /** `nanoseconds`. */
  readonly base: string;
  readonly most: number;
  /** The limit as people write it. */
  readonly mostText: string;
  /** The unit that a bare number most likely meant. */
  readonly usual: string;
  readonly examples: string;
}

const DURATION: QuantityKind = {
  what: 'a duration',
  units: new Map([
    ['ns', 1n],
    ['us', 1_000n],
    ['ms', 1_000_000n],
    ['s', 1_000_000_000n],
    ['m', 60_000_000_000n],
    ['h', 3_600_000_000_000n],
  ]),
  base: 'nanoseconds',
  most: MAX_TIME_NS,
  mostText: '30 days (720h)',
  usual: 'ms',
  examples: '`20ms`, `2s`, `1m`',
};

/** tc's units, decimal: 1 kbit is 1,000 bits. */
const RATE: QuantityKind = {
  what: 'a rate',
  units: new Map([
    ['bit', 1n],
    ['kbit', 1_000n],
    ['Mbit', 1_000_000n],
    ['Gbit', 1_000_000_000n],
  ]),
  base: 'bits a second',
  most: MAX_BITS_PER_SECOND,
  mostText: '1000Gbit',
  usual: 'Mbit',
  examples: '`10Mbit`, `1Gbit`, `56kbit`',
};

const SIZE: QuantityKind = {
  what: 'a size',
  units: new Map([
    ['B', 1n],
    ['kB', 1_000n],
    ['KB', 1_000n],
    ['MB', 1_000_000n],
    ['GB', 1_000_000_000n],
    ['KiB', 1_024n],
    ['MiB', 1_048_576n],
    ['GiB', 1_073_741_824n],
  ]),
  base: 'octets',
  most: MAX_SIZE_BYTES,
  mostText: '1GiB',
  usual: 'B',
  examples: '`1500B`, `64KiB`, `1MB`',
};

const PACKETS: QuantityKind = {
  what: 'a number of packets',
  units: new Map([['pkt', 1n]]),
  base: 'packets',
  most: 1_000_000,
  mostText: '1000000pkt',
  usual: 'pkt',
  examples: '`30pkt`, `1000pkt`',
};

/** Parts per million: four decimals of a percentage are exact. */
const PERCENTAGE: QuantityKind = {
  what: 'a percentage',
  units: new Map([['%', 10_000n]]),
  base: 'millionths (at most 4 decimals)',
  most: 1_000_000,
  mostText: '100%',
  usual: '%',
  examples: '`5%`, `0.1%`',
};

/** A queue is limited by packets or by octets; for messages both kinds of units count. */
const QUEUE: QuantityKind = {
  ...SIZE,
  what: 'a queue limit',
  units: new Map([...PACKETS.units, ...SIZE.units]),
  usual: 'pkt',
  examples: '`100pkt` or `64KiB`',
};

export const KINDS = {
  duration: DURATION,
  rate: RATE,
  size: SIZE,
  packets: PACKETS,
  percentage: PERCENTAGE,
  queue: QUEUE,
} as const;

export function readDuration(input: unknown): Reading<Nanos> {
  return readQuantity(input, DURATION);
}

/** Bits a second, at least 1. */
export function readRate(input: unknown): Reading<number> {
  const rate = readQuantity(input, RATE);
  if ('value' in rate && rate.value === 0) {
    return complaint(
      'a rate of 0 carries nothing',
      'leave `rate` out for no limit; `down: true` cuts a link',
      'PW0306',
    );
  }
  return rate;
}

export function readSize(input: unknown): Reading<number> {
  return readQuantity(input, SIZE);
}

export function readPackets(input: unknown): Reading<number> {
  return readQuantity(input, PACKETS);
}

/** Parts per million. */
export function readPercentage(input: unknown): Reading<number> {
  return readQuantity(input, PERCENTAGE);
}

export function readQueue(input: unknown): Reading<{ readonly packets: number } | { readonly bytes: number }> {
  const isPackets = typeof input === 'string' && input.endsWith('pkt');
  const limit = readQuantity(input, isPackets ? PACKETS : QUEUE);
  if (!('value' in limit)) return limit;
  return { value: isPackets ? { packets: limit.value } : { bytes: limit.value } };
}

/** A regular expression, as text, of what a kind of quantity looks like; for the JSON Schema. */
export function patternOf(kind: QuantityKind): string {
  return `\\d+(\\.\\d+)?(${[...kind.units.keys()].join('|')})`;
}

const WRITTEN = /^(\d+)(?:\.(\d+))?(\s*)(.*)$/s;

function readQuantity(input: unknown, kind: QuantityKind): Reading<number> {
  if (typeof input === 'number') return withoutUnit(String(input), kind);
  if (typeof input !== 'string') {
    return complaint(`expected ${kind.what} such as ${kind.examples}, found ${describe(input)}`, null, 'PW0303');
  }
  if (/^[-+]/.test(input) && WRITTEN.test(input.slice(1))) {
    if (input.startsWith('-')) return complaint(`${kind.what} cannot be negative`, null);
    return complaint(`\`${clipped(input)}\` is not ${kind.what}`, `write \`${clipped(input.slice(1))}\``);
  }
  const [, whole = '', fraction = '', blank = '', unit = ''] = WRITTEN.exec(input) ?? [];
  if (whole === '') return complaint(`\`${clipped(input)}\` is not ${kind.what}`, `write it like ${kind.examples}`);
  const number = fraction === '' ? whole : `${whole}.${fraction}`;
  if (unit === '') return withoutUnit(number, kind);
  const inBase = kind.units.get(unit);
  if (inBase === undefined) return unknownUnit(number, unit, kind);
  if (blank !== '') return complaint('no blank between number and unit', `write \`${clipped(number)}${unit}\``);
  return exactly(whole, fraction, inBase, input, kind);
}

/** The number in base units; refused when a fraction of one would be left over, or when it is too great. */
function exactly(whole: string, fraction: string, inBase: bigint, input: string, kind: QuantityKind): Reading<number> {
  const tooMuch = () => complaint(`\`${clipped(input)}\` is more than ${kind.mostText}`, null, 'PW0306');
  if (whole.replace(/^0+/, '').length > 18) return tooMuch();
  if (fraction.length > 18) return complaint(`\`${clipped(input)}\` has too many decimals`, null);
  const scale = BigInt(`1${'0'.repeat(fraction.length)}`);
  const scaled = (BigInt(whole) * scale + BigInt(fraction === '' ? '0' : fraction)) * inBase;
  if (scaled % scale !== 0n) {
    return complaint(`\`${clipped(input)}\` is not a whole number of ${kind.base}`, null);
  }
  const value = scaled / scale;
  return value > BigInt(kind.most) ? tooMuch() : { value: Number(value) };
}

function withoutUnit(number: string, kind: QuantityKind): Reading<number> {
  const shown = clipped(number);
  if (!/^\d/.test(shown)) return complaint(`${kind.what} cannot be negative`, null);
  const units = [...kind.units.keys()].join(', ');
  const choice = kind.units.size > 1 ? ` (units: ${units})` : '';
  return complaint(`${shown} has no unit`, `write \`${shown}${kind.usual}\`${choice}`);
}

/** What people write for a rate elsewhere. tc, whose words these are, reads `Mbps` as megabytes a second. */
const BITS_OTHERWISE = /^([kKmMgG]?)(?:b|bits?|bps|bits?\/s|bit\/sec|b\/s)$/;

/** Units as people spell them elsewhere. */
const UNITS_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['nsec', 'ns'],
  ['µs', 'us'],
  ['μs', 'us'],
  ['usec', 'us'],
  ['msec', 'ms'],
  ['sec', 's'],
  ['second', 's'],
  ['seconds', 's'],
  ['min', 'm'],
  ['minute', 'm'],
  ['minutes', 'm'],
  ['hour', 'h'],
  ['hours', 'h'],
  ['b', 'B'],
  ['byte', 'B'],
  ['bytes', 'B'],
  ['octets', 'B'],
  ['pkts', 'pkt'],
  ['packets', 'pkt'],
  ['p', 'pkt'],
  ['percent', '%'],
]);

function unknownUnit(number: string, unit: string, kind: QuantityKind): Reading<number> {
  const prefix = kind === RATE ? BITS_OTHERWISE.exec(unit)?.[1] : undefined;
  const word = UNITS_ELSEWHERE.get(unit.toLowerCase());
  const likely =
    word !== undefined && kind.units.has(word) ? word : unit.length > 1 ? nearest(unit, kind.units.keys()) : null;
  const meant = prefix === undefined ? likely : `${PREFIXES[prefix] ?? ''}bit`;
  const units = `units: ${[...kind.units.keys()].join(', ')}`;
  const hint = meant === null ? units : `write \`${clipped(number)}${meant}\` (${units})`;
  return complaint(`\`${clipped(unit)}\` is no unit of ${kind.what}`, hint);
}

const PREFIXES: Readonly<Record<string, string>> = { k: 'k', K: 'k', m: 'M', M: 'M', g: 'G', G: 'G' };

export function complaint(text: string, hint: string | null = null, code: Code = 'PW0304'): Reading<never> {
  return { complaint: text, hint, code };
}

/** A value in a message. */
export function describe(input: unknown): string {
  if (input === null || input === undefined) return 'nothing';
  if (typeof input === 'string') return `the text \`${clipped(input)}\``;
  if (typeof input === 'number') return `the number ${input}`;
  if (typeof input === 'boolean') return `\`${input}\``;
  return Array.isArray(input) ? 'a list' : 'a mapping';
}
