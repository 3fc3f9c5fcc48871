/** Literals: what a word, a string or a character says where a value of a certain type is expected. */

import type { FieldValue } from '../layers/field.ts';
import { parseIpv4, parseIpv6 } from '../wire/address.ts';
import type { ValueType } from './plan.ts';
import { quoted, refuse, type Span } from './problem.ts';
import type { Character, Text } from './syntax.ts';

/** What a value of a type is called, with its article, and how one is written. */
const TYPES: Readonly<Record<ValueType, readonly [name: string, example: string]>> = {
  none: ['a value', ''],
  boolean: ['true or false', 'write 1, 0, true or false'],
  unsigned: ['a whole number', 'such as 80, 0x50, 0120 (octal) or 0b1010000'],
  signed: ['a whole number', 'such as 80, -1 or 0x50'],
  float: ['a number', 'such as 1.5'],
  ipv4: ['an IPv4 address', 'such as 10.0.0.1, 10.0.0.0/24, or the name of a node'],
  ipv6: ['an IPv6 address', 'such as fe80::1, 2001:db8::/32, or the name of a node'],
  ether: ['an Ethernet address', 'such as 02:00:00:00:00:01, or the name of a node'],
  string: ['a string', 'such as "text"'],
  bytes: ['a byte string', 'such as 47:45:54, 474554, 0x47 or "GET"'],
  protocol: ['a byte string', 'such as 47:45:54, 474554, 0x47 or "GET"'],
  time: ['a time in seconds', 'such as 0.02, with at most nine places'],
};

export function typeName(type: ValueType): string {
  return TYPES[type][0];
}

/** A bare word, without sign: null when it is no such value. */
export function parseWord(type: ValueType, word: string): FieldValue {
  switch (type) {
    case 'boolean':
      return parseBoolean(word);
    case 'unsigned':
    case 'signed':
      return parseInteger(word);
    case 'float':
      return /^([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE]-?[0-9]+)?$/.test(word) ? Number(word) : null;
    case 'time':
      return parseSeconds(word);
    case 'ipv4':
      return parseIpv4(word);
    case 'ipv6':
      return parseIpv6(word);
    case 'ether':
      return parseEther(word);
    case 'string':
      return word;
    case 'bytes':
    case 'protocol':
      return parseOctets(word);
    case 'none':
      return null;
  }
}

export function wordLiteral(type: ValueType, word: string, span: Span): FieldValue {
  const value = parseWord(type, word.startsWith(':') && type !== 'ipv6' ? word.slice(1) : word);
  return value === null ? refuseWord(type, word, span) : value;
}

function refuseWord(type: ValueType, word: string, span: Span): never {
  const [name, example] = TYPES[type];
  if (type === 'ether' && parseOctets(word) !== null) refuse(span, `${quoted(word)} has not six octets`, example);
  if (/^[0-9]+$/.test(word) && word.startsWith('0') && name === 'a whole number') {
    refuse(span, `${quoted(word)} is no octal number`, 'a leading 0 makes a number octal');
  }
  const minus = /^([0-9]+)-([0-9]+)$/.exec(word);
  if (minus && name === 'a whole number') {
    refuse(span, `${quoted(word)} is no whole number`, `a minus has blanks around it: ${minus[1]} - ${minus[2]}`);
  }
  if (type === 'time' && /^[0-9.]+(ms|us|ns|m|h)$/.test(word)) {
    refuse(span, `${quoted(word)} is no time`, 'times are plain seconds: 0.02 for 20 ms');
  }
  return refuse(span, `${quoted(word)} is not ${name}`, example);
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** Wireshark knows True, TRUE and numbers; the lower case, which everybody writes first, is ours. */
function parseBoolean(word: string): boolean | null {
  const value = /^([a-z]+|[A-Z]+|[A-Z][a-z]+)$/.test(word) ? BOOLEANS.get(word.toLowerCase()) : undefined;
  if (value !== undefined) return value;
  const number = parseInteger(word);
  return number === null ? null : number > 0;
}

/** Decimal, 0x, 0b, and octal with a leading 0; a bigint above 2^53, null above 2^64. */
function parseInteger(word: string): number | bigint | null {
  if (!/^(0[xX][0-9a-fA-F]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/.test(word)) return null;
  // Longer numbers are above 2^64 in every base but binary; BigInt would read megabytes of digits.
  if (word.length > 80) return null;
  const value = BigInt(/^0[0-7]+$/.test(word) ? `0o${word.slice(1)}` : word);
  return value >= 1n << 64n ? null : plain(value);
}

/** A number where it is exact, else the bigint. */
export function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Seconds as ns, with an `s` behind them or not. Zeros behind the ninth place change nothing and are allowed. */
function parseSeconds(word: string): number | bigint | null {
  const parts = /^([0-9]{1,12})(?:\.([0-9]{1,9})0*)?s?$/.exec(word);
  if (!parts) return null;
  return plain(BigInt(parts[1] as string) * 1_000_000_000n + BigInt((parts[2] ?? '').padEnd(9, '0')));
}

function parseEther(word: string): number | null {
  const octets = parseOctets(word);
  if (octets?.length !== 6) return null;
  return octets.reduce((value, octet) => value * 256 + octet, 0);
}

/**
 * Pairs of hex digits with `:`, `-`, `.` or nothing between them: `47:45`, `4745.5400`, `474554`. What is left over of a
 * pair is an octet of one digit: `1.2` is 01:02 and `123` is 12:03. A lone octet may be `0x47`.
 */
function parseOctets(word: string): Uint8Array | null {
  const digits = /^0[xX][0-9a-fA-F]{2}$/.test(word) ? word.slice(2) : word;
  const groups = digits.split(/[:.-]/);
  if (!groups.every((group) => /^[0-9a-fA-F]+$/.test(group))) return null;
  const pairs = groups.flatMap((group) => group.match(/../g)?.concat(group.length % 2 ? group.slice(-1) : []) ?? group);
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

/** A quoted string: for strings its text, for octets its octets. */
export function textLiteral(type: ValueType, text: Text): FieldValue {
  if (type === 'string') return new TextDecoder().decode(text.bytes);
  if (type === 'bytes' || type === 'protocol') return text.bytes;
  const [name, example] = TYPES[type];
  return refuse(text, `a quoted string is not ${name}`, example);
}

/** A character constant is its code, or a string or octet of one. */
export function characterLiteral(type: ValueType, character: Character): FieldValue {
  const { code } = character;
  if (type === 'unsigned' || type === 'signed') return code;
  if (type === 'boolean') return code !== 0;
  if (type === 'string') return String.fromCharCode(code);
  if (type === 'bytes' || type === 'protocol') return Uint8Array.of(code);
  const [name, example] = TYPES[type];
  return refuse(character, `a character constant is not ${name}`, example);
}
