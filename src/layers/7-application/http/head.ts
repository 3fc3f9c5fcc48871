/**
 * Start lines and header fields of HTTP/1.1 (RFC 9112 sections 2 to 5, RFC 9110 section 5), read strictly: what one
 * reader takes for one thing and the next for another is how requests are smuggled, so it is refused.
 */

/** What is wrong with a message, and the status that a server answers it with. */
export class HttpProblem {
  readonly status: number;
  readonly why: string;

  constructor(status: number, why: string) {
    this.status = status;
    this.why = why;
  }
}

export interface RequestLine {
  readonly kind: 'request';
  readonly method: string;
  /** As it stands in the line: `/path?query`, or a whole URL. */
  readonly target: string;
  /** 1.0 is 10, 1.1 is 11. */
  readonly version: number;
}

export interface StatusLine {
  readonly kind: 'response';
  readonly status: number;
  readonly reason: string;
  readonly version: number;
}

export type StartLine = RequestLine | StatusLine;

export interface HeaderField {
  /** In lower case: names are case-insensitive. */
  readonly name: string;
  readonly value: string;
}

export interface Head<Line extends StartLine = StartLine> {
  readonly line: Line;
  readonly fields: readonly HeaderField[];
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VERSION = /^HTTP\/(\d)\.(\d)$/;
const STATUS_LINE = /^(HTTP\/\d\.\d) ([1-5]\d\d) ([\t\x20-\x7e\x80-\xff]*)$/;
/** RFC 9110 section 5.5: field-vchar, blanks and tabs; every other control is refused. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const VISIBLE = /^[\x21-\x7e]+$/;

/** `GET /path HTTP/1.1`: three words with one blank between (RFC 9112 section 3). */
export function parseRequestLine(line: string): RequestLine | HttpProblem {
  const [method = '', target = '', version = '', ...more] = line.split(' ');
  if (!TOKEN.test(method)) return new HttpProblem(400, 'the request line does not begin with a method');
  if (more.length > 0 || !VISIBLE.test(target)) return new HttpProblem(400, 'the request line is not three words');
  const [, major, minor] = VERSION.exec(version) ?? [];
  if (major === undefined) return new HttpProblem(400, 'the request line does not end with an HTTP version');
  if (major !== '1') return new HttpProblem(505, `HTTP/${major}.${minor} is not spoken here`);
  return { kind: 'request', method, target, version: 10 + Math.min(Number(minor), 1) };
}

/** `HTTP/1.1 200 OK`; the reason may be empty, its blank may not (RFC 9112 section 4). */
export function parseStatusLine(line: string): StatusLine | HttpProblem {
  const [, version = '', status, reason = ''] = STATUS_LINE.exec(line) ?? [];
  const [, major, minor] = VERSION.exec(version) ?? [];
  if (status === undefined || major !== '1') return new HttpProblem(502, 'this is no status line of HTTP/1.1');
  return { kind: 'response', status: Number(status), reason, version: 10 + Math.min(Number(minor), 1) };
}

/** `Name: value`. No blank before the colon and no folding over lines: both MUST be refused (RFC 9112 section 5). */
export function parseField(line: string): HeaderField | HttpProblem {
  if (line.startsWith(' ') || line.startsWith('\t')) {
    return new HttpProblem(400, 'a header field is folded over two lines');
  }
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(colon, 0));
  if (!TOKEN.test(name)) return new HttpProblem(400, 'a header line does not begin with a name and a colon');
  const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '');
  if (!FIELD_VALUE.test(value)) return new HttpProblem(400, `the header field ${name} holds a control character`);
  return { name: name.toLowerCase(), value };
}

export function valuesOf(head: Head, name: string): readonly string[] {
  return head.fields.filter((field) => field.name === name).map(({ value }) => value);
}

/** The members of a comma-separated list over all fields of that name, in lower case, empty ones left out. */
export function listOf(head: Head, name: string): readonly string[] {
  return valuesOf(head, name)
    .flatMap((value) => value.split(','))
    .map((member) => member.trim().toLowerCase())
    .filter((member) => member !== '');
}

/** RFC 9112 section 9.3: from 1.1 on connections stay unless `close` is said; in 1.0 only where `keep-alive` is. */
export function wantsToStay(head: Head): boolean {
  const options = listOf(head, 'connection');
  if (options.includes('close')) return false;
  return head.line.version >= 11 || options.includes('keep-alive');
}

/** The octets of a head: start line, fields in their order, empty line. Text is latin1, as it is in the grammar. */
export function headBytes(startLine: string, fields: readonly (readonly [name: string, value: string])[]): Uint8Array {
  const text = [startLine, ...fields.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n');
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
