/**
 * HTTP/1 messages as one reads them who only watches (RFC 9112), by Wireshark's rules: what can be read is shown, and
 * how far a message reaches is found from its header. The programs themselves are strict, see `head.ts`.
 */

import { u8 } from '../../../wire/reader.ts';
import { asciiText } from '../../../wire/text.ts';

/** A line without its end, and where the next one starts. */
export interface Line {
  readonly at: number;
  readonly end: number;
  readonly next: number;
}

const LF = 10;
const CR = 13;

/** The line at `at`; null when no line end is there. CR LF, LF and CR all end a line, but a CR at the end may go on. */
export function lineAt(bytes: Uint8Array, at: number, limit: number): Line | null {
  for (let end = at; end < limit; end++) {
    const octet = u8(bytes, end);
    if (octet === LF) return { at, end, next: end + 1 };
    if (octet !== CR) continue;
    if (end + 1 >= limit) return null;
    return { at, end, next: u8(bytes, end + 1) === LF ? end + 2 : end + 1 };
  }
  return null;
}

const METHODS: ReadonlySet<string> = new Set(
  `GET PUT COPY HEAD LOCK MOVE POLL POST BCOPY BMOVE MKCOL TRACE PATCH LABEL MERGE DELETE SEARCH UNLOCK REPORT UPDATE
  NOTIFY BDELETE CONNECT OPTIONS CHECKIN PROPFIND CHECKOUT CCM_POST SUBSCRIBE PROPPATCH BPROPFIND BPROPPATCH UNCHECKOUT
  MKACTIVITY MKWORKSPACE UNSUBSCRIBE RPC_CONNECT VERSION-CONTROL BASELINE-CONTROL`.split(/\s+/),
);
const LONGEST_METHOD = 16;

/** What a first line begins: null when it is no HTTP. */
export function kindOf(bytes: Uint8Array, { at, end }: Pick<Line, 'at' | 'end'>): 'request' | 'response' | null {
  if (asciiText(bytes.subarray(at, Math.min(end, at + 5))) === 'HTTP/') return 'response';
  const start = asciiText(bytes.subarray(at, Math.min(end, at + LONGEST_METHOD + 1)));
  const space = start.indexOf(' ');
  return space > 0 && METHODS.has(start.slice(0, space)) ? 'request' : null;
}

/** Does a stream that begins with this line look like HTTP? Wireshark asks so on ports that it does not know. */
export function looksLikeHttp(bytes: Uint8Array, { at, end }: Line): boolean {
  const line = asciiText(bytes.subarray(at, end)).toUpperCase();
  return line.length !== 8 && (line.startsWith('HTTP/1.') || line.slice(-8).startsWith('HTTP/1.'));
}

export interface Header {
  readonly at: number;
  readonly name: string;
  readonly value: string;
  /** The whole line with its end. */
  readonly line: string;
  readonly length: number;
}

/** The headers of a message; `end` null: more octets are needed to find the empty line behind them. */
export interface HeaderBlock {
  readonly headers: readonly Header[];
  /** Where the body starts: behind the empty line, or at the first line that is no header. */
  readonly end: number | null;
}

/** `lenient`: a header at the very end needs no line end. */
export function headersAt(bytes: Uint8Array, start: number, limit: number, lenient: boolean): HeaderBlock {
  const headers: Header[] = [];
  let at = start;
  while (at < limit) {
    const line = lineAt(bytes, at, limit) ?? (lenient ? lastLine(bytes, at, limit) : null);
    if (!line) return { headers, end: null };
    if (line.end === at) return { headers, end: line.next };
    const next = unfolded(bytes, line.next, limit);
    const text = asciiText(bytes.subarray(at, next));
    const colon = text.indexOf(':');
    const cut = lenient && lineAt(bytes, at, limit) === null;
    if (colon < 0 || at + colon >= line.end) return { headers, end: cut ? null : at };
    const value = asciiText(bytes.subarray(at + colon + 1, line.end)).replace(/^[ \t]+/, '');
    headers.push({ at, name: text.slice(0, colon), value, line: text, length: next - at });
    at = next;
  }
  return { headers, end: lenient ? limit : null };
}

/** What stands behind the last line end; a CR at the very end counts as one. */
function lastLine(bytes: Uint8Array, at: number, limit: number): Line {
  return { at, end: u8(bytes, limit - 1) === CR ? limit - 1 : limit, next: limit };
}

/** Lines that begin with a space or tab go on with the header before (RFC 9112 section 5.2). */
function unfolded(bytes: Uint8Array, start: number, limit: number): number {
  let at = start;
  while (at < limit && (u8(bytes, at) === 0x20 || u8(bytes, at) === 0x09)) {
    const line = lineAt(bytes, at, limit);
    if (!line) return at;
    at = line.next;
  }
  return at;
}

/** The value of a header; of several, the last. */
export function headerValue(headers: readonly Header[], name: string): string | null {
  return headers.findLast((header) => header.name.toLowerCase() === name)?.value ?? null;
}

/** The number that a Content-Length says, or null where there is none or it is no number. */
export function contentLength(headers: readonly Header[]): number | null {
  const value = headerValue(headers, 'content-length');
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null;
}

export function isChunked(headers: readonly Header[]): boolean {
  return (headerValue(headers, 'transfer-encoding') ?? '').toLowerCase().startsWith('chunked');
}

export interface Chunk {
  /** The line with the size. */
  readonly at: number;
  readonly size: number;
  readonly dataAt: number;
  /** Of the last chunk: where the trailer section ends. */
  readonly trailerEnd: number;
  /** Behind the line end that follows the data. */
  readonly next: number;
}

/**
 * The chunk at `at` (RFC 9112 section 7.1). 'more': it is not all there. null: that is no chunk. The last one has size 0
 * and ends with the trailer section.
 */
export function chunkAt(bytes: Uint8Array, at: number, limit: number): Chunk | 'more' | null {
  const line = lineAt(bytes, at, limit);
  if (!line) return 'more';
  const [, digits] = /^\s*([0-9a-f]{1,8})/i.exec(asciiText(bytes.subarray(at, Math.min(line.end, at + 64)))) ?? [];
  if (digits === undefined) return null;
  const size = Number.parseInt(digits, 16);
  if (size > 0) {
    const next = line.next + size + 2;
    return next > limit ? 'more' : { at, size, dataAt: line.next, trailerEnd: line.next, next };
  }
  for (let next = line.next; ; ) {
    // Wireshark does not wait for the empty line behind a trailer.
    if (next === limit && next > line.next) return { at, size, dataAt: line.next, trailerEnd: next, next };
    const trailer = lineAt(bytes, next, limit);
    if (!trailer) return 'more';
    if (trailer.end === next) return { at, size, dataAt: line.next, trailerEnd: next, next: trailer.next };
    next = trailer.next;
  }
}
