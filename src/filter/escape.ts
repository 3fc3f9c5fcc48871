/** Backslash escapes in quoted strings and character constants: C's. */

import { quoted, refuse } from './problem.ts';

const SINGLE: Readonly<Record<string, number>> = {
  "'": 0x27,
  '"': 0x22,
  '\\': 0x5c,
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
};

/** `\xN` and `\xNN`, `\N` to `\NNN` octal, `\uNNNN` and `\UNNNNNNNN`. */
const NUMERIC = /\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;

export interface Escape {
  readonly octets: readonly number[];
  /** Code units that it took in the text, the backslash included. */
  readonly length: number;
}

/** The escape whose backslash stands at `at`. Throws a FilterRefusal. */
export function readEscape(text: string, at: number): Escape {
  const letter = text[at + 1];
  const single = letter === undefined ? undefined : SINGLE[letter];
  if (single !== undefined) return { octets: [single], length: 2 };
  NUMERIC.lastIndex = at;
  const parts = NUMERIC.exec(text);
  const octets = parts ? octetsOf(parts) : null;
  if (parts && octets) return { octets, length: parts[0].length };
  const written = parts ? parts[0] : text.slice(at, at + 2);
  const hint = 'write \\\\ for a backslash, or a raw string: r"\\d+"';
  return refuse({ at, length: written.length }, `${quoted(written)} is no escape sequence`, hint);
}

function octetsOf([, hex, octal, short, long]: RegExpExecArray): readonly number[] | null {
  if (hex !== undefined) return [Number.parseInt(hex, 16)];
  if (octal !== undefined) {
    const value = Number.parseInt(octal, 8);
    return value > 0xff ? null : [value];
  }
  const codePoint = Number.parseInt((short ?? long) as string, 16);
  if (codePoint > 0x10ffff || (codePoint >= 0xd800 && codePoint < 0xe000)) return null;
  return [...new TextEncoder().encode(String.fromCodePoint(codePoint))];
}
