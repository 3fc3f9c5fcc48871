/** The text of a value as `tshark -T fields` prints it. */

import { formatIpv4, formatIpv6, formatMac } from '../../wire/address.ts';
import type { Field, FieldType, FieldValue } from '../field.ts';

export function fieldText({ type, value }: Pick<Field, 'type' | 'value'>): string {
  if (value === null) return '1';
  if (type.kind === 'ipv4') return formatIpv4(value as number);
  if (type.kind === 'ipv6') return formatIpv6(value as bigint);
  if (type.kind === 'ether') return formatMac(value as number);
  if (type.kind === 'time') return secondsText(value as number | bigint);
  if (type.kind === 'float') return floatText(value as number);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (value instanceof Uint8Array) return type.show === 'colons' ? withColons(value) : hex(value);
  return typeof value === 'string' ? escaped(value) : numberText(type, value);
}

const HEX_DIGITS = { decimal: 0, colons: 0, hex2: 2, hex4: 4, hex6: 6, hex8: 8 } as const;

function numberText(type: FieldType, value: Exclude<FieldValue, null>): string {
  const digits = HEX_DIGITS[type.show ?? 'decimal'];
  if (digits === 0 || (typeof value !== 'number' && typeof value !== 'bigint')) return String(value);
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

const PAIRS = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, '0'));

/** tshark says so of a field of octets that has none. */
function hex(bytes: Uint8Array): string {
  if (bytes.length === 0) return '<MISSING>';
  let text = '';
  for (const octet of bytes) text += PAIRS[octet];
  return text;
}

function withColons(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => PAIRS[octet]).join(':');
}

/** Nanoseconds as seconds with nine places. */
function secondsText(ns: number | bigint): string {
  const value = BigInt(ns);
  const size = value < 0n ? -value : value;
  const places = (size % 1_000_000_000n).toString().padStart(9, '0');
  return `${value < 0n ? '-' : ''}${size / 1_000_000_000n}.${places}`;
}

/** As C's %.15g prints it: fifteen significant digits, no trailing zeros, an exponent of two digits below 0.0001. */
function floatText(value: number): string {
  const rounded = Number(value.toPrecision(15));
  if (rounded === 0 || Math.abs(rounded) >= 1e-4) return String(rounded);
  const [digits = '', exponent = ''] = rounded.toExponential().split('e-');
  return `${digits}e-${exponent.padStart(2, '0')}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

/** Line ends and the like would break tshark's one line a frame: they are printed as escapes. */
function escaped(text: string): string {
  return text.replace(/[\b\t\n\f\r]/g, (character) => ESCAPES[character] as string);
}
