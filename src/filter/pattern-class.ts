/** What stands behind a backslash and between brackets in a regular expression. */

import { OctetSet, octetSet, WORD } from './octet-set.ts';
import type { PatternText } from './pattern-text.ts';

/**
 * `start`, `end`: of the text. `last`: the end, or before a newline that ends the text. `line-start`, `line-end`: the
 * same for each line. `boundary`: between a word character and none.
 */
export type Assertion = 'start' | 'end' | 'last' | 'line-start' | 'line-end' | 'boundary' | 'no-boundary';

export type EscapeMeaning =
  | { readonly octet: number }
  | { readonly set: OctetSet }
  | { readonly assert: Assertion }
  /** `\R`: one of these, or the pair CR LF. */
  | { readonly newline: OctetSet };

const DIGIT = octetSet('09');
const SPACE = octetSet('\t\r  ');
const HORIZONTAL = octetSet('\t\t  \xa0\xa0');
const VERTICAL = octetSet('\n\r\x85\x85');

/** The upper-case letter means all other octets. */
const SETS: Readonly<Record<string, OctetSet>> = {
  d: DIGIT,
  w: WORD,
  s: SPACE,
  h: HORIZONTAL,
  v: VERTICAL,
  D: DIGIT.inverted(),
  W: WORD.inverted(),
  S: SPACE.inverted(),
  H: HORIZONTAL.inverted(),
  V: VERTICAL.inverted(),
};

const OCTETS: Readonly<Record<string, number>> = { a: 7, e: 0x1b, f: 12, n: 10, r: 13, t: 9 };

const ASSERTIONS: Readonly<Record<string, Assertion>> = {
  A: 'start',
  z: 'end',
  Z: 'last',
  b: 'boundary',
  B: 'no-boundary',
};

const REFUSED: Readonly<Record<string, string>> = {
  k: 'back-references',
  g: 'back-references',
  K: 'resetting the start of a match with \\K',
  G: 'the anchor \\G',
  X: 'extended grapheme clusters',
  C: 'the escape \\C',
  p: 'Unicode properties',
  P: 'Unicode properties',
  u: 'Unicode escapes',
  U: 'Unicode escapes',
  L: 'case-changing escapes',
  l: 'case-changing escapes',
};

/** What follows the backslash. */
export function readPatternEscape(text: PatternText): EscapeMeaning {
  const start = text.at - 1;
  if (text.isAtEnd) text.refuse('the pattern ends with a backslash', start);
  const letter = String.fromCharCode(text.peek());
  const assertion = ASSERTIONS[letter];
  if (assertion) {
    text.next();
    return { assert: assertion };
  }
  if (text.accept('R')) return { newline: VERTICAL };
  if (text.accept('N')) return { set: new OctetSet().add(0x0a).inverted() };
  if (/[1-9]/.test(letter)) return readOctalOrReference(text, start);
  return readClassEscape(text);
}

/** `\1` to `\9` refer to groups; longer numbers that could be octal are. */
function readOctalOrReference(text: PatternText, start: number): EscapeMeaning {
  const octal = text.take(/^[0-3][0-7]{2}/, 3);
  if (octal !== null) return { octet: Number.parseInt(octal, 8) };
  return text.refuse('back-references need more than linear time and are not supported', start);
}

/** Escapes that mean the same inside brackets and outside. */
function readClassEscape(text: PatternText): { readonly octet: number } | { readonly set: OctetSet } {
  const start = text.at - 1;
  if (text.isAtEnd) text.refuse('the pattern ends with a backslash', start);
  const octal = text.take(/^0[0-7]{0,2}/, 3) ?? text.take(/^[0-3][0-7]{2}/, 3);
  if (octal !== null) return { octet: Number.parseInt(octal, 8) };
  const octet = text.next();
  const letter = String.fromCharCode(octet);
  const set = SETS[letter];
  if (set) return { set };
  const control = OCTETS[letter];
  if (control !== undefined) return { octet: control };
  if (letter === 'x') return { octet: readHex(text, start) };
  if (letter === 'o') return { octet: readBracedOctal(text, start) };
  if (letter === 'c') return { octet: readControl(text, start) };
  const refused = REFUSED[letter];
  if (refused) text.refuse(`${refused} are not supported`.replace(/^(the|resetting)(.*) are/, '$1$2 is'), start);
  if (/[A-Za-z0-9]/.test(letter)) text.refuse(`\\${letter} means nothing`, start);
  return { octet };
}

/** `\xHH`, `\xH`, `\x{HH}`, and `\x` alone, which is NUL. */
function readHex(text: PatternText, start: number): number {
  const digits = text.take(/^(\{[0-9a-fA-F]{1,8}\}|[0-9a-fA-F]{0,2})/, 10) ?? '';
  const value = Number.parseInt(digits.replace(/[{}]/g, '') || '0', 16);
  if (value > 0xff) text.refuse('patterns are matched octet by octet: \\x{ff} is the greatest', start);
  return value;
}

function readBracedOctal(text: PatternText, start: number): number {
  const digits = text.take(/^\{[0-7]{1,8}\}/, 10);
  const value = digits === null ? -1 : Number.parseInt(digits.slice(1), 8);
  if (value < 0 || value > 0xff) text.refuse('write \\o{0} to \\o{377}', start);
  return value;
}

/** `\cA` is control-A. */
function readControl(text: PatternText, start: number): number {
  const octet = text.isAtEnd ? 0 : text.next();
  if (octet < 0x20 || octet > 0x7e) text.refuse('\\c is followed by an ASCII character', start);
  return (octet >= 0x61 && octet <= 0x7a ? octet - 0x20 : octet) ^ 0x40;
}

const POSIX: Readonly<Record<string, OctetSet>> = {
  alpha: octetSet('azAZ'),
  digit: DIGIT,
  alnum: octetSet('azAZ09'),
  upper: octetSet('AZ'),
  lower: octetSet('az'),
  space: SPACE,
  blank: octetSet('\t\t  '),
  punct: octetSet('!/:@[`{~'),
  cntrl: octetSet('\0\x1f\x7f\x7f'),
  graph: octetSet('!~'),
  print: octetSet(' ~'),
  xdigit: octetSet('09afAF'),
  ascii: octetSet('\0\x7f'),
  word: WORD,
};

/** What follows `[`, up to and with `]`. */
export function readClass(text: PatternText, caseless: boolean): OctetSet {
  const start = text.at - 1;
  const isInverted = text.accept('^');
  const set = new OctetSet();
  // A bracket that comes first stands for itself.
  for (let isFirst = true; isFirst || !text.accept(']'); isFirst = false) {
    if (text.isAtEnd) text.refuse('this bracket is not closed', start);
    const member = readMember(text, caseless);
    if (typeof member !== 'number') {
      if (text.startsWith('-') && !text.startsWith('-]')) text.refuse('a range begins with one character');
      set.addAll(member);
    } else addRange(text, set, member, caseless);
  }
  return isInverted ? set.inverted() : set;
}

/** One octet, or a set that has a name. */
function readMember(text: PatternText, caseless: boolean): number | OctetSet {
  if (text.startsWith('[:') || text.startsWith('[.') || text.startsWith('[=')) {
    const named = readPosix(text, caseless);
    if (named) return named;
  }
  if (!text.accept('\\')) return text.next();
  // Inside brackets \b is a backspace.
  if (text.accept('b')) return 8;
  const meaning = readClassEscape(text);
  return 'set' in meaning ? meaning.set : meaning.octet;
}

function addRange(text: PatternText, set: OctetSet, from: number, caseless: boolean): OctetSet {
  const start = text.at - 1;
  if (!text.startsWith('-') || text.startsWith('-]')) {
    return set.addCase(from, caseless);
  }
  text.next();
  if (text.isAtEnd) text.refuse('this bracket is not closed', start);
  const to = readMember(text, caseless);
  if (typeof to !== 'number') return text.refuse('a range ends with one character', start);
  if (to < from) text.refuse('this range is out of order', start);
  for (let octet = from; octet <= to; octet++) set.addCase(octet, caseless);
  return set;
}

/** `[:alpha:]` and `[:^alpha:]`. Without regard to case, upper and lower are the same. */
function readPosix(text: PatternText, caseless: boolean): OctetSet | null {
  const start = text.at;
  const name = text.take(/^\[:\^?[a-z]+:\]/, 16);
  if (name === null) return null;
  const isInverted = name.startsWith('[:^');
  const word = name.slice(isInverted ? 3 : 2, -2);
  const set = POSIX[caseless && (word === 'upper' || word === 'lower') ? 'alpha' : word];
  if (!set) return text.refuse(`there is no class [:${word}:]`, start);
  return isInverted ? set.inverted() : set;
}
