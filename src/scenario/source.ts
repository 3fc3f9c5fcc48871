/** A scenario's text: bytes checked and decoded, and where each line begins. */

import type { Code } from './code.ts';
import { MAX_FILE_BYTES } from './limits.ts';
import type { Place } from './scenario.ts';

/** What makes bytes unreadable as text; `at` is where the readable part ends. */
export class UnreadableSource extends Error {
  override readonly name = 'UnreadableSource';
  readonly code: Code;
  /** The text before the trouble, to count lines in. */
  readonly source: Source;
  readonly at: number;
  readonly hint: string | null;

  constructor(code: Code, message: string, before: Source, at: number, hint: string | null = null) {
    super(message);
    this.code = code;
    this.source = before;
    this.at = at;
    this.hint = hint;
  }
}

export class Source {
  /** A path, `-`, or a bundled name: what messages call it. */
  readonly file: string;
  /** Without a byte order mark. */
  readonly text: string;
  readonly #lineStarts: number[] = [0];
  /** Where the last column was counted to: going on from there keeps a file of one endless line from being slow. */
  #counted = { line: 0, offset: 0, column: 1 };

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
  }

  /** Line and column of an offset, both from 1. Columns count characters (code points), as a person does. */
  placeOf(at: number): Place {
    // Between the halves of a surrogate pair begins no character.
    const offset = isLowSurrogate(this.text.charCodeAt(at)) ? at - 1 : at;
    const line = this.#lineOf(offset);
    const goesOn = this.#counted.line === line && this.#counted.offset <= offset;
    const from = goesOn ? this.#counted : { line, offset: this.#lineStarts[line] ?? 0, column: 1 };
    const column = from.column + countCharacters(this.text.slice(from.offset, offset));
    this.#counted = { line, offset, column };
    return { line: line + 1, column };
  }

  /** A line's text, without its end. Lines count from 1. */
  line(number: number): string {
    const start = this.#lineStarts[number - 1] ?? this.text.length;
    const next = this.#lineStarts[number];
    const text = this.text.slice(start, next === undefined ? undefined : next - 1);
    return text.endsWith('\r') ? text.slice(0, -1) : text;
  }

  /** The last line start at or before the offset, by halving. */
  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * Bytes or text as a source. UTF-8 only; a byte order mark is skipped; CRLF and LF both end a line. Throws
 * `UnreadableSource` for anything over 1 MiB, for broken UTF-8 (at the octet), and for control characters, which have
 * no business in a text that is shown on terminals.
 */
export function readSource(input: Uint8Array | string, file: string): Source {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
  const empty = new Source(file, '');
  if (bytes.length > MAX_FILE_BYTES) {
    throw new UnreadableSource(
      'PW0101',
      `the file has ${bytes.length} octets; at most ${MAX_FILE_BYTES} are read`,
      empty,
      0,
    );
  }
  if (typeof input === 'string') refuseLoneSurrogate(input, file);
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new UnreadableSource('PW0102', 'this is UTF-16 text (byte order mark at offset 0x0)', empty, 0, SAVE_AS_UTF8);
  }
  const source = new Source(file, decode(bytes, file));
  refuseControls(source, bytes);
  return source;
}

const SAVE_AS_UTF8 = 'save the file as UTF-8';

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const at = firstBadOctet(bytes);
    const before = new Source(file, new TextDecoder('utf-8').decode(bytes.subarray(0, at)));
    const octet = `0x${(bytes[at] ?? 0).toString(16).padStart(2, '0')}`;
    const message = `octet ${octet} at offset 0x${at.toString(16)} is not UTF-8`;
    throw new UnreadableSource('PW0102', message, before, before.text.length, SAVE_AS_UTF8);
  }
}

/** Where the first sequence begins that is no UTF-8: halving on "does everything up to here decode". */
function firstBadOctet(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (good < bad) {
    const middle = (good + bad + 1) >>> 1;
    if (decodes(bytes.subarray(0, middle), true)) good = middle;
    else bad = middle - 1;
  }
  // So far a sequence cut short counted as good; go back to where it begins.
  while (!decodes(bytes.subarray(0, good), false)) good--;
  return good;
}

function decodes(bytes: Uint8Array, mayBeCutShort: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: mayBeCutShort });
    return true;
  } catch {
    return false;
  }
}

function refuseLoneSurrogate(text: string, file: string): void {
  const found = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.exec(text);
  if (!found) return;
  const before = new Source(file, text.slice(0, found.index).replace(/^\ufeff/, ''));
  throw new UnreadableSource('PW0102', 'half of a surrogate pair is no character', before, before.text.length);
}

/** C0 but tab and line ends, a carriage return that ends no line, DEL and C1. */
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]|\r(?!\n)/;

function refuseControls(source: Source, bytes: Uint8Array): void {
  const found = CONTROL.exec(source.text);
  if (!found) return;
  const code = found[0].charCodeAt(0);
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const offset = mark + new TextEncoder().encode(source.text.slice(0, found.index)).length;
  const name = code === 0 ? 'a NUL' : `the control character U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const hint = code === 0 ? `if this is UTF-16, ${SAVE_AS_UTF8}` : 'inside double quotes it can be written as \\xNN';
  throw new UnreadableSource('PW0103', `${name} stands at offset 0x${offset.toString(16)}`, source, found.index, hint);
}
