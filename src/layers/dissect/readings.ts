/**
 * What the same octets are to whoever reads them: numbers in either order, text, JSON, Base64, something compressed. The
 * octets do not say which; that is what the presentation layer agrees on.
 */

import { CONTENT_CODINGS } from '../6-presentation/deflate/content-coding.ts';
import { decodeBase64, encodeBase64 } from '../6-presentation/text/base64.ts';
import { readJson } from '../6-presentation/text/json.ts';
import { Utf8Check } from '../6-presentation/text/utf8.ts';

export interface Reading {
  /** `big endian`, `UTF-8`. */
  readonly as: string;
  readonly text: string;
  /** It is none of these. */
  readonly isWrong: boolean;
}

/** As far as a number goes that anybody sends. */
const MAX_NUMBER_BYTES = 8;
/** Of what is decoded to be looked at. */
const MAX_DECODED_BYTES = 1 << 20;
/** Shorter text is Base64 by chance. */
const LEAST_BASE64 = 8;

export function readingsOf(bytes: Uint8Array): Reading[] {
  const good = (as: string, text: string): Reading => ({ as, text, isWrong: false });
  const readings = [...numbers(bytes).map(([as, value]) => good(as, value))];
  const wrong = utf8Problem(bytes);
  const text = wrong === null ? new TextDecoder().decode(bytes) : null;
  readings.push(text === null ? { as: 'UTF-8', text: wrong as string, isWrong: true } : good('UTF-8', shown(text)));
  if (text !== null) {
    const characters = [...text].length;
    if (characters !== bytes.length)
      readings.push(good('', `${count(characters, 'character')} in ${count(bytes.length, 'octet')}`));
    readings.push(...jsonReading(text), ...fromBase64(text));
  }
  const base64 = encodeBase64(bytes);
  readings.push(
    good('in Base64', `${clipped(base64)}, ${base64.length} characters for ${count(bytes.length, 'octet')}`),
  );
  return [...readings, ...decompressed(bytes)];
}

/** The same octets in the order of networks (RFC 1700's, most significant first) and of most processors. */
function numbers(bytes: Uint8Array): [as: string, value: string][] {
  if (bytes.length === 0 || bytes.length > MAX_NUMBER_BYTES) return [];
  const value = (octets: Iterable<number>) =>
    String([...octets].reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n));
  if (bytes.length === 1) return [['a number', value(bytes)]];
  return [
    ['big endian', `${value(bytes)}, the order of networks`],
    ['little endian', value([...bytes].reverse())],
  ];
}

/** Where octets stop being UTF-8, and why (RFC 3629 section 3); null: they are. */
function utf8Problem(bytes: Uint8Array): string | null {
  const check = new Utf8Check();
  for (const [at, octet] of bytes.entries()) {
    const wasComplete = check.isComplete;
    if (check.push(Uint8Array.of(octet))) continue;
    const why = wasComplete ? 'begins no character' : 'does not go on with the character before it';
    return `no: octet ${at} (${octet.toString(16).padStart(2, '0')}) ${why}`;
  }
  return check.isComplete ? null : 'no: it ends inside a character';
}

/** Only of what looks like JSON: numbers and words are too, but nobody means that. */
function jsonReading(text: string): Reading[] {
  if (!/^\s*[{[]/.test(text)) return [];
  const read = readJson(text);
  if (typeof read === 'string') return [{ as: 'JSON', text: `an ${read}`, isWrong: false }];
  return [{ as: 'JSON', text: `no: at character ${read.at} there should be ${read.expected}`, isWrong: true }];
}

function fromBase64(text: string): Reading[] {
  const decoded = text.length >= LEAST_BASE64 ? decodeBase64(text.trim()) : null;
  return decoded
    ? [{ as: 'from Base64', text: `${count(decoded.length, 'octet')}: ${beginning(decoded)}`, isWrong: false }]
    : [];
}

function decompressed(bytes: Uint8Array): Reading[] {
  const looks =
    bytes[0] === 0x1f && bytes[1] === 0x8b ? 'gzip' : bytes[0] === 0x78 && bytes.length > 6 ? 'deflate' : null;
  if (!looks) return [];
  const content = CONTENT_CODINGS.decode(looks, bytes, MAX_DECODED_BYTES);
  if (!(content instanceof Uint8Array)) return [];
  const text = `${count(content.length, 'octet')} in ${bytes.length}: ${beginning(content)}`;
  return [{ as: looks === 'gzip' ? 'gzip' : 'zlib', text, isWrong: false }];
}

function beginning(bytes: Uint8Array): string {
  if (utf8Problem(bytes) === null) return shown(new TextDecoder().decode(bytes));
  const hex = Array.from(bytes.subarray(0, 16), (octet) => octet.toString(16).padStart(2, '0')).join(' ');
  return bytes.length > 16 ? `${hex} …` : hex;
}

function count(amount: number, what: string): string {
  return `${amount} ${what}${amount === 1 ? '' : 's'}`;
}

function shown(text: string): string {
  return `“${clipped(text)}”`;
}

function clipped(text: string): string {
  const characters = [...text];
  return characters.length > 60 ? `${characters.slice(0, 60).join('')}…` : text;
}
