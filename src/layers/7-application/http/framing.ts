import { type Head, HttpProblem, listOf, type RequestLine, type StatusLine, valuesOf } from './head.ts';

/** How long a message's body is, and so where the next message begins: RFC 9112 section 6.3. */
export type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'until-close' };

const NO_BODY: Framing = { kind: 'length', bytes: 0 };
const DIGITS = /^\d+$/;

/** A request without a length has no body; what could be read in two ways is refused. */
export function requestFraming(head: Head<RequestLine>): Framing | HttpProblem {
  const codings = listOf(head, 'transfer-encoding');
  const hasCoding = valuesOf(head, 'transfer-encoding').length > 0;
  const lengths = valuesOf(head, 'content-length');
  if (hasCoding && lengths.length > 0) {
    return new HttpProblem(400, 'the request has both Content-Length and Transfer-Encoding');
  }
  if (hasCoding && head.line.version < 11) return new HttpProblem(400, 'HTTP/1.0 knows no Transfer-Encoding');
  if (hasCoding) {
    if (codings.length === 1 && codings[0] === 'chunked') return { kind: 'chunked' };
    if (codings.at(-1) !== 'chunked') return new HttpProblem(400, 'chunked is not the last transfer coding');
    return new HttpProblem(501, 'of the transfer codings only chunked is understood');
  }
  return lengths.length === 0 ? NO_BODY : parseLength(lengths);
}

/** RFC 9112 section 6.3: no body after HEAD, 1xx, 204, 304; without a length it ends with the connection. */
export function responseFraming(head: Head<StatusLine>, method: string): Framing | HttpProblem {
  const { status } = head.line;
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return NO_BODY;
  const codings = listOf(head, 'transfer-encoding');
  const lengths = valuesOf(head, 'content-length');
  if (valuesOf(head, 'transfer-encoding').length > 0) {
    if (lengths.length > 0) return new HttpProblem(502, 'the response has both Content-Length and Transfer-Encoding');
    if (codings.length === 1 && codings[0] === 'chunked') return { kind: 'chunked' };
    return new HttpProblem(502, `the transfer coding ${codings.join(', ')} is not understood`);
  }
  if (lengths.length === 0) return { kind: 'until-close' };
  const framing = parseLength(lengths);
  return framing instanceof HttpProblem ? new HttpProblem(502, framing.why) : framing;
}

/** RFC 9110 section 8.6: digits only, once. A list of equal values might be taken; refusing it is allowed and safer. */
function parseLength(lengths: readonly string[]): Framing | HttpProblem {
  const [length = ''] = lengths;
  if (lengths.length > 1) return new HttpProblem(400, 'Content-Length stands there twice');
  if (!DIGITS.test(length)) return new HttpProblem(400, 'Content-Length is not a number of octets');
  const bytes = Number(length);
  return Number.isSafeInteger(bytes) ? { kind: 'length', bytes } : new HttpProblem(400, 'Content-Length is too large');
}

/** `1a2b;extension`: hexadecimal digits, then perhaps extensions, which are ignored (RFC 9112 section 7.1). */
export function parseChunkSize(line: string): number | HttpProblem {
  const [, digits = ''] = /^([0-9a-fA-F]+)[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/.exec(line) ?? [];
  if (digits === '') return new HttpProblem(400, 'a chunk does not begin with its size in hexadecimal digits');
  const bytes = Number.parseInt(digits, 16);
  return Number.isSafeInteger(bytes) ? bytes : new HttpProblem(400, 'a chunk is too large');
}
