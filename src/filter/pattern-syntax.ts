/**
 * Reads a regular expression: the part of PCRE2 that a machine without memory can match. Patterns are octets, as in
 * Wireshark, and so is what they are matched against: `.` is one octet, and only ASCII letters have two cases.
 *
 * Not here, because no linear-time matcher has them: back-references, look-around, atomic groups and possessive
 * quantifiers, recursion, conditions.
 */

import { OctetSet, WORD } from './octet-set.ts';
import { type Assertion, type EscapeMeaning, readClass, readPatternEscape } from './pattern-class.ts';
import { PatternText } from './pattern-text.ts';

export type PatternNode =
  | { readonly kind: 'empty' }
  | { readonly kind: 'octet'; readonly set: OctetSet }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly PatternNode[] }
  /** `most` null: as often as one likes. */
  | { readonly kind: 'repeat'; readonly part: PatternNode; readonly least: number; readonly most: number | null };

/** What `(?i)` and its like switch. */
interface Flags {
  caseless: boolean;
  lines: boolean;
  dotAll: boolean;
  extended: boolean;
}

const EMPTY: PatternNode = { kind: 'empty' };
const GREATEST_DEPTH = 200;

/** The tree of a pattern; Wireshark ignores case unless told otherwise. Throws a PatternRefusal. */
export function parsePattern(pattern: Uint8Array): PatternNode {
  const text = new PatternText(pattern);
  const flags = { caseless: true, lines: false, dotAll: false, extended: false };
  if (text.startsWith('(*')) text.refuse('verbs such as (*UTF) are not supported');
  const node = parseChoice(text, flags, 0);
  if (!text.isAtEnd) text.refuse('this parenthesis closes nothing');
  return node;
}

/** Alternatives up to the end or a closing parenthesis. Flags set inside hold for the rest of the group. */
function parseChoice(text: PatternText, outer: Flags, depth: number): PatternNode {
  if (depth > GREATEST_DEPTH) text.refuse(`the pattern is nested more than ${GREATEST_DEPTH} levels deep`);
  const flags = { ...outer };
  const parts = [parseSequence(text, flags, depth)];
  while (text.accept('|')) parts.push(parseSequence(text, flags, depth));
  return parts.length === 1 ? (parts[0] as PatternNode) : { kind: 'choice', parts };
}

function parseSequence(text: PatternText, flags: Flags, depth: number): PatternNode {
  const parts: PatternNode[] = [];
  for (;;) {
    if (flags.extended) skipLayout(text);
    if (text.isAtEnd || text.startsWith('|') || text.startsWith(')')) break;
    const part = parseAtom(text, flags, depth);
    if (flags.extended) skipLayout(text);
    if (part === null) continue;
    parts.push(parseQuantifier(text, part));
  }
  if (parts.length === 0) return EMPTY;
  return parts.length === 1 ? (parts[0] as PatternNode) : { kind: 'sequence', parts };
}

/** Blanks and comments of `(?x)`. */
function skipLayout(text: PatternText): void {
  for (;;) {
    if (text.accept(' ') || text.accept('\t') || text.accept('\n') || text.accept('\r') || text.accept('\f')) continue;
    if (!text.accept('#')) return;
    while (!text.isAtEnd && !text.accept('\n')) text.next();
  }
}

const NOT_NEWLINE = new OctetSet().add(0x0a).inverted();
const ALL = new OctetSet().inverted();

/** One thing that can be repeated; null for what is none, such as a switched flag. */
function parseAtom(text: PatternText, flags: Flags, depth: number): PatternNode | null {
  if (text.accept('(')) return parseGroup(text, flags, depth);
  if (text.accept('[')) return { kind: 'octet', set: readClass(text, flags.caseless) };
  if (text.accept('.')) return { kind: 'octet', set: flags.dotAll ? ALL : NOT_NEWLINE };
  if (text.accept('^')) return { kind: 'assert', what: flags.lines ? 'line-start' : 'start' };
  if (text.accept('$')) return { kind: 'assert', what: flags.lines ? 'line-end' : 'last' };
  if (text.accept('\\')) return parseEscape(text, flags);
  if (isQuantifier(text)) text.refuse('this quantifier follows nothing that can be repeated');
  return literal(text.next(), flags);
}

function literal(octet: number, flags: Flags): PatternNode {
  return { kind: 'octet', set: new OctetSet().addCase(octet, flags.caseless) };
}

function parseEscape(text: PatternText, flags: Flags): PatternNode | null {
  if (text.accept('Q')) return parseQuoted(text, flags);
  // \E without \Q means nothing.
  if (text.accept('E')) return null;
  return nodeOf(readPatternEscape(text), flags);
}

function nodeOf(meaning: EscapeMeaning, flags: Flags): PatternNode {
  if ('octet' in meaning) return literal(meaning.octet, flags);
  if ('set' in meaning) return { kind: 'octet', set: meaning.set };
  if ('assert' in meaning) return { kind: 'assert', what: meaning.assert };
  // \R is atomic in PCRE2: "\r\n" is never taken apart there. Deviation: `\R\n` matches "\r\n" here.
  const pair: PatternNode[] = [0x0d, 0x0a].map((octet) => ({ kind: 'octet', set: new OctetSet().add(octet) }));
  return {
    kind: 'choice',
    parts: [
      { kind: 'sequence', parts: pair },
      { kind: 'octet', set: meaning.newline },
    ],
  };
}

/** `\Q...\E`: everything is literal. */
function parseQuoted(text: PatternText, flags: Flags): PatternNode | null {
  const parts: PatternNode[] = [];
  while (!text.isAtEnd && !text.accept('\\E')) parts.push(literal(text.next(), flags));
  const last = parts.pop();
  if (last === undefined) return null;
  // A quantifier behind \E repeats the last octet alone.
  return parts.length === 0 ? last : { kind: 'sequence', parts: [...parts, parseQuantifier(text, last)] };
}

const REFUSED_GROUPS: readonly (readonly [start: string, what: string])[] = [
  ['?=', 'look-ahead'],
  ['?!', 'look-ahead'],
  ['?<=', 'look-behind'],
  ['?<!', 'look-behind'],
  ['?>', 'atomic groups'],
  ['?|', 'branch resets'],
  ['?(', 'conditions'],
  ['?R', 'recursion'],
  ['?&', 'recursion'],
  ['?P>', 'recursion'],
  ['?P=', 'back-references'],
  ['?C', 'callouts'],
  ['*', 'verbs such as (*ANYCRLF)'],
];

/** What follows `(`. */
function parseGroup(text: PatternText, flags: Flags, depth: number): PatternNode | null {
  const start = text.at - 1;
  if (text.accept('?#')) {
    while (!text.accept(')')) {
      if (text.isAtEnd) text.refuse('the comment is not closed', start);
      text.next();
    }
    return null;
  }
  for (const [prefix, what] of REFUSED_GROUPS) {
    if (text.startsWith(prefix)) text.refuse(`${what} need more than linear time and are not supported`, start);
  }
  const inner = { ...flags };
  if (!acceptName(text) && text.accept('?') && readFlags(text, inner) === ')') {
    Object.assign(flags, inner);
    return null;
  }
  const node = parseChoice(text, inner, depth + 1);
  if (!text.accept(')')) text.refuse('this parenthesis is not closed', start);
  return node;
}

/** `?<name>`, `?P<name>`, `?'name'`: the group is as any other, since nothing can refer to it. */
function acceptName(text: PatternText): boolean {
  const close = text.accept('?<') || text.accept('?P<') ? '>' : text.accept("?'") ? "'" : null;
  if (close === null) return false;
  const start = text.at;
  while (!text.isAtEnd && WORD.has(text.peek())) text.next();
  if (text.at === start || !text.accept(close)) text.refuse('a group name is letters, digits and _', start);
  return true;
}

const FLAGS: Readonly<Record<string, keyof Flags>> = { i: 'caseless', m: 'lines', s: 'dotAll', x: 'extended' };

/** `i-s)` or `i-s:`; returns what ended it. */
function readFlags(text: PatternText, flags: Flags): ')' | ':' {
  let value = true;
  for (;;) {
    if (text.accept(')')) return ')';
    if (text.accept(':')) return ':';
    if (value && text.accept('-')) value = false;
    else {
      const at = text.at;
      const flag = text.isAtEnd ? undefined : FLAGS[String.fromCharCode(text.next())];
      if (flag === undefined) return text.refuse('only the flags i, m, s and x are supported', at);
      flags[flag] = value;
    }
  }
}

function isQuantifier(text: PatternText): boolean {
  return text.startsWith('*') || text.startsWith('+') || text.startsWith('?') || text.matchCounts() !== null;
}

/** `part` as often as what follows says. Lazy quantifiers find the same texts. */
function parseQuantifier(text: PatternText, part: PatternNode): PatternNode {
  if (!isQuantifier(text)) return part;
  const start = text.at;
  const [least, most] = readCounts(text);
  if (text.accept('+')) text.refuse('possessive quantifiers are not supported', start);
  if (!text.accept('?') && isQuantifier(text)) text.refuse('this quantifier follows another one');
  if (most !== null && most < least) text.refuse('the numbers of this quantifier are out of order', start);
  return { kind: 'repeat', part, least, most };
}

function readCounts(text: PatternText): [least: number, most: number | null] {
  if (text.accept('*')) return [0, null];
  if (text.accept('+')) return [1, null];
  if (text.accept('?')) return [0, 1];
  const counts = text.matchCounts();
  if (counts === null) return [1, 1];
  text.skip(counts.length);
  if (counts.least > 0xffff || (counts.most ?? 0) > 0xffff) text.refuse('a quantifier counts to 65,535 at most');
  return [counts.least, counts.most];
}
