import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HttpProblem } from '../../../../src/layers/7-application/http/head.ts';
import { type HttpMessage, requestReader, responseReader } from '../../../../src/layers/7-application/http/reader.ts';

const latin1 = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

/** What a reader makes of a stream in those pieces: start line and content of each message, or status of the problem. */
function read(
  reader: ReturnType<typeof requestReader> | ReturnType<typeof responseReader>,
  pieces: readonly Uint8Array[],
  ends = true,
) {
  const seen: string[] = [];
  const note = (result: HttpMessage | HttpProblem | null) => {
    if (result instanceof HttpProblem) seen.push(`${result.status} ${result.why}`);
    else if (result) {
      const { line } = result.head;
      const first = line.kind === 'request' ? `${line.method} ${line.target}` : String(line.status);
      seen.push(`${first} ${result.contentBytes} ${Buffer.from(result.bytes).toString('latin1')}`);
    }
    return result !== null;
  };
  for (const piece of pieces) {
    reader.push(piece);
    while (note(reader.next()));
  }
  if (ends) note(reader.end());
  return seen;
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    pieces.push(bytes.slice(at, at + size));
    at += size;
  }
  return pieces;
}

const request = (text: string) => read(requestReader(), [latin1(text)]);
const response = (text: string, method = 'GET') =>
  read(
    responseReader(() => method),
    [latin1(text)],
  );
const statusOf = (seen: readonly string[]) => seen.map((line) => line.slice(0, 3));

const STREAM = [
  'GET /a HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello',
  '\r\nPOST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;ext="x"\r\nhello\r\n0A\r\n0123456789\r\n0\r\nTrailer: y\r\n\r\n',
  'HEAD / HTTP/1.0\r\n\r\n',
];

describe('reading messages from a stream (RFC 9112)', () => {
  it('gives the same messages however the stream is cut, and loses no octet', () => {
    const bytes = latin1(STREAM.join(''));
    const whole = read(requestReader(), [bytes]);
    expect(whole.map((line) => line.slice(0, 9).trim())).toEqual(['GET /a 0', 'POST /b 5', 'POST /c 1', 'HEAD / 0']);
    expect(whole.map((line) => line.replace(/^\S+ \S+ \d+ /, '')).join('')).toBe(STREAM.join(''));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }), (sizes) => {
        expect(read(requestReader(), cut(bytes, sizes))).toEqual(whole);
      }),
    );
  });

  it('reads responses by length, in chunks and until the end', () => {
    expect(response('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')).toEqual([
      '200 2 HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
    ]);
    expect(response('HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n')).toHaveLength(1);
    expect(response('HTTP/1.0 200 OK\r\n\r\nall the rest')[0]).toMatch(/^200 12 /);
  });

  it('knows that HEAD, 1xx, 204 and 304 have no content (RFC 9112 section 6.3)', () => {
    const long = 'Content-Length: 1000\r\n\r\n';
    expect(response(`HTTP/1.1 200 OK\r\n${long}`, 'HEAD')[0]).toMatch(/^200 0 /);
    expect(response(`HTTP/1.1 304 Not Modified\r\n${long}`)[0]).toMatch(/^304 0 /);
    const two = response('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n');
    expect(statusOf(two)).toEqual(['100', '204']);
  });

  it.each([
    ['a response cut in its head', 'HTTP/1.1 200 OK\r\nContent-Le'],
    ['a response cut in its content', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi'],
    ['a response cut in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi'],
    ['a response cut before the last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n'],
  ])('tells that %s is broken off', (_, text) => {
    expect(response(text)).toEqual(['400 the connection ended inside a message']);
  });

  it.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of no class', 'HTTP/1.1 600 OK\r\n\r\n'],
    ['no blank before the reason', 'HTTP/1.1 200\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n'],
    ['length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['an unknown coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n'],
  ])('refuses a response with %s', (_, text) => {
    expect(statusOf(response(text))).toEqual(['502']);
  });
});

describe('requests that are refused', () => {
  const head = (fields: string) => `GET / HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n`;

  it.each([
    ['a line that ends with LF alone', 'GET / HTTP/1.1\nHost: x\n\n'],
    ['a header line that ends with LF alone', 'GET / HTTP/1.1\r\nHost: x\n\r\n'],
    ['a CR inside a line', head('A: b\rc')],
    ['a folded header field', head('A: b\r\n c')],
    ['a blank before the colon', head('A : b')],
    ['a header line without a colon', head('nonsense')],
    ['a header line without a name', head(': b')],
    ['a NUL in a value', head('A: b\0c')],
    ['a NUL in the request line', 'GET /\0 HTTP/1.1\r\n\r\n'],
    ['HTTP/0.9', 'GET /\r\n'],
    ['two blanks', 'GET  / HTTP/1.1\r\n'],
    ['no method', ' / HTTP/1.1\r\n'],
    ['a version in small letters', 'GET / http/1.1\r\n'],
    ['two lengths', head('Content-Length: 5\r\nContent-Length: 5')],
    ['a list of lengths', head('Content-Length: 5, 5')],
    ['a negative length', head('Content-Length: -5')],
    ['a length with a sign', head('Content-Length: +5')],
    ['a length with an exponent', head('Content-Length: 1e9')],
    ['a length beyond 2^53', head('Content-Length: 99999999999999999999')],
    ['an empty length', head('Content-Length:')],
    ['length and chunks', head('Content-Length: 5\r\nTransfer-Encoding: chunked')],
    ['chunked that is not last', head('Transfer-Encoding: chunked, gzip')],
    ['an empty transfer coding', head('Transfer-Encoding:')],
    ['chunks in HTTP/1.0', 'GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a chunk size with 0x', `${head('Transfer-Encoding: chunked')}0x5\r\n`],
    ['a negative chunk size', `${head('Transfer-Encoding: chunked')}-5\r\n`],
    ['an empty chunk size', `${head('Transfer-Encoding: chunked')}\r\n`],
    ['a chunk size of 2^64', `${head('Transfer-Encoding: chunked')}10000000000000000\r\n`],
    ['a chunk without its line end', `${head('Transfer-Encoding: chunked')}2\r\nhello`],
    ['a chunk that is longer than its size', `${head('Transfer-Encoding: chunked')}2\r\nhell\r\n`],
  ])('with 400: %s', (_, text) => {
    const seen = request(text);
    expect(statusOf(seen)).toEqual(['400']);
    expect(statusOf(read(requestReader(), cut(latin1(text), [1])))).toEqual(['400']);
  });

  it.each([
    [431, 'a header line of 8 KiB', head(`A: ${'x'.repeat(8192)}`)],
    [431, 'a header of 16 KiB', head(Array.from({ length: 9 }, (_, i) => `A${i}: ${'x'.repeat(2000)}`).join('\r\n'))],
    [431, '101 header fields', head(Array.from({ length: 101 }, () => 'A: b').join('\r\n'))],
    [431, '3,000 header fields', head(Array.from({ length: 3000 }, () => 'A: b').join('\r\n'))],
    [414, 'a target of 8 KiB', `GET /${'x'.repeat(8192)} HTTP/1.1\r\n`],
    [501, 'a method of 1 MiB', `${'M'.repeat(1 << 20)} / HTTP/1.1\r\n`],
    [501, 'an unknown transfer coding', head('Transfer-Encoding: gzip, chunked')],
    [505, 'HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [413, 'content of 2 MiB', head('Content-Length: 2097152')],
    [413, 'a chunk of 2 MiB', `${head('Transfer-Encoding: chunked')}200000\r\n`],
  ])('with %i: %s', (status, _, text) => {
    expect(statusOf(request(text))).toEqual([String(status)]);
  });

  it('reads nothing more after a problem: nothing is understood twice', () => {
    const reader = requestReader();
    expect(statusOf(read(reader, [latin1('GET / HTTP/1.1\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n')]))).toEqual([
      '400',
    ]);
    expect(read(reader, [latin1('GET /later HTTP/1.1\r\nHost: x\r\n\r\n')])).toEqual([]);
  });

  it('takes headers just below the limits', () => {
    const fields = Array.from({ length: 99 }, (_, i) => `A${i}: ${'x'.repeat(100)}`).join('\r\n');
    expect(statusOf(request(head(fields)))).toEqual(['GET']);
    expect(statusOf(request(head(`A: ${'x'.repeat(8192 - 10)}`)))).toEqual(['GET']);
  });

  it('any octets at all give messages or one problem, never more and never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(STREAM.join('').length), (noise, at) => {
        const bytes = latin1(STREAM.join(''));
        const seen = read(requestReader(), [Uint8Array.of(...bytes.subarray(0, at), ...noise, ...bytes.subarray(at))]);
        const problems = seen.filter((line) => /^[45]\d\d /.test(line));
        expect(problems.length).toBeLessThanOrEqual(1);
        if (problems.length === 1) expect(seen.at(-1)).toBe(problems[0]);
      }),
    );
  });
});
