/**
 * Cuts a filter into words, quoted strings and operators. Words are taken as long as they go: `10.0.0.1`, `fe80::1`,
 * `02:00:00:00:00:01`, `tcp.flags.syn` and `a-b` are one word each, and so `tcp.srcport-1` is one too, as in Wireshark;
 * a minus needs a blank before it.
 */

import { readEscape } from './escape.ts';
import { quoted, refuse, type Span } from './problem.ts';

export type Token = Span &
  (
    | { readonly kind: 'word'; readonly text: string }
    | { readonly kind: 'text'; readonly bytes: Uint8Array; readonly text: string }
    | { readonly kind: 'character'; readonly code: number; readonly text: string }
    /** Only between brackets; `text` as it was written. */
    | { readonly kind: 'integer'; readonly value: number; readonly text: string }
    | { readonly kind: 'operator'; readonly text: string }
    | { readonly kind: 'end'; readonly text: '' }
  );

/** Longer ones before those they begin with. */
const OPERATORS = [
  ...['===', '!=='],
  ...['==', '!=', '~=', '>=', '<=', '&&', '||', '^^', '..'],
  ...['>', '<', '!', '~', '&', '+', '-', '*', '/', '%', '(', ')', '{', '}', '[', ']', ',', '#'],
] as const;

/** What people write instead of an operator, and what they mean. */
const MISTAKEN: Readonly<Record<string, string>> = {
  '=': 'write == to compare',
  '|': 'write || or the word or',
  '^': 'write ^^ or the word xor',
  '“': 'strings stand in straight quotes: "text"',
  '”': 'strings stand in straight quotes: "text"',
  $: 'references to the fields of a selected frame are not supported',
  ';': 'join tests with && or ||',
};

/** All tokens, the last of which is the end. Throws a FilterRefusal. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let inBrackets = false;
  for (;;) {
    at = skipBlanks(text, at);
    const token = inBrackets ? bracketToken(text, at) : plainToken(text, at);
    tokens.push(token);
    if (token.kind === 'end') return tokens;
    if (token.kind === 'operator' && token.text === '[') inBrackets = true;
    if (token.kind === 'operator' && token.text === ']') inBrackets = false;
    at += token.length;
  }
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && ' \t\r\n'.includes(text[at] as string)) at++;
  return at;
}

function plainToken(text: string, at: number): Token {
  const character = text[at];
  if (character === undefined) return { kind: 'end', text: '', at, length: 0 };
  const next = text[at + 1];
  if (character === '"') return textToken(text, at, at, false);
  if ((character === 'r' || character === 'R') && next === '"') return textToken(text, at, at + 1, true);
  if (character === "'") return characterToken(text, at);
  if (isWordCharacter(character) && character !== '-' && !text.startsWith('..', at)) return wordToken(text, at);
  return operatorToken(text, at);
}

function operatorToken(text: string, at: number): Token {
  const operator = OPERATORS.find((candidate) => text.startsWith(candidate, at));
  if (operator) return { kind: 'operator', text: operator, at, length: operator.length };
  const character = String.fromCodePoint(text.codePointAt(at) as number);
  const shown = character < ' ' || character === '\x7f' ? 'a control character' : quoted(character);
  return refuse({ at, length: character.length }, `${shown} cannot stand here`, MISTAKEN[character]);
}

const WORD_CHARACTER = /[A-Za-z0-9_.:-]/;

function isWordCharacter(character: string): boolean {
  return WORD_CHARACTER.test(character);
}

function wordToken(text: string, at: number): Token {
  let end = at;
  while (end < text.length && isWordCharacter(text[end] as string) && !text.startsWith('..', end)) end++;
  return { kind: 'word', text: text.slice(at, end), at, length: end - at };
}

/** In a slice, `:` and `-` stand between numbers. */
function bracketToken(text: string, at: number): Token {
  const character = text[at];
  if (character === undefined) return { kind: 'end', text: '', at, length: 0 };
  if (':-,]'.includes(character)) return { kind: 'operator', text: character, at, length: 1 };
  let end = at;
  while (end < text.length && /[A-Za-z0-9_.]/.test(text[end] as string)) end++;
  const word = text.slice(at, end);
  const value = word === '' ? null : parseOffset(word);
  if (value === null) {
    const wrong = word === '' ? character : word;
    refuse({ at, length: wrong.length }, `${quoted(wrong)} is no offset`, 'slices are [3], [0:4], [2-5], [:4] or [4:]');
  }
  return { kind: 'integer', value, text: word, at, length: word.length };
}

/** Offsets are small: what is above 2^31-1 is an error. */
function parseOffset(word: string): number | null {
  const value = /^(0[0-7]*|[1-9][0-9]*|0[xX][0-9a-fA-F]+|0[bB][01]+)$/.test(word) ? parseDigits(word) : -1;
  return value >= 0 && value <= 0x7fffffff ? value : null;
}

/** Decimal, octal with a leading 0, hexadecimal with 0x, binary with 0b: digits were checked before. */
function parseDigits(word: string): number {
  if (/^0[0-7]+$/.test(word)) return Number.parseInt(word, 8);
  return Number(word);
}

function textToken(text: string, at: number, quote: number, raw: boolean): Token {
  const octets: number[] = [];
  let end = quote + 1;
  while (end < text.length && text[end] !== '"') {
    if (text[end] !== '\\') end += pushCharacter(octets, text, end);
    else if (raw) {
      // A raw string keeps its backslashes, the one before a quote too.
      octets.push(0x5c);
      end++;
      if (text[end] === '"' || text[end] === '\\') octets.push((text[end++] as string).charCodeAt(0));
    } else {
      const read = readEscape(text, end);
      octets.push(...read.octets);
      end += read.length;
    }
  }
  if (end >= text.length) refuse({ at, length: text.length - at }, 'the string has no closing quote');
  const length = end + 1 - at;
  return { kind: 'text', bytes: Uint8Array.from(octets), text: text.slice(at, at + length), at, length };
}

const ENCODER = new TextEncoder();

/** Adds the UTF-8 of the character at `at`; returns how many code units it took. */
function pushCharacter(octets: number[], text: string, at: number): number {
  const character = String.fromCodePoint(text.codePointAt(at) as number);
  octets.push(...ENCODER.encode(character));
  return character.length;
}

function characterToken(text: string, at: number): Token {
  let end = at + 1;
  const octets: number[] = [];
  while (end < text.length && text[end] !== "'" && octets.length < 2) {
    if (text[end] === '\\') {
      const read = readEscape(text, end);
      octets.push(...read.octets);
      end += read.length;
    } else end += pushCharacter(octets, text, end);
  }
  const length = end + 1 - at;
  if (octets.length > 1)
    refuse({ at, length }, 'a character constant is one octet', 'a string stands in double quotes');
  if (text[end] !== "'") refuse({ at, length: text.length - at }, 'the character constant has no closing quote');
  const [code] = octets;
  if (code === undefined) return refuse({ at, length }, 'the character constant is empty');
  return { kind: 'character', code, text: text.slice(at, at + length), at, length };
}
