/** What a proxy makes of a response on its way to the client (RFC 9110 sections 7.6 and 8.6, RFC 9112 section 6). */

import { describe, expect, it } from 'vitest';
import { HttpProblem } from '../../../../src/layers/7-application/http/head.ts';
import { responseReader } from '../../../../src/layers/7-application/http/reader.ts';
import { responseBytes } from '../../../../src/layers/7-application/proxy/rewrite.ts';

function passedOn(text: string, { method = 'GET', stays = true } = {}): string {
  const reader = responseReader(() => method);
  reader.push(Uint8Array.from(Buffer.from(text, 'latin1')));
  const response = reader.next() ?? reader.end();
  if (response === null || response instanceof HttpProblem) throw new Error('it is no response');
  return Buffer.from(responseBytes(response, stays, method)).toString('latin1');
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('a response that is passed on', () => {
  it('keeps its length, and says how this connection goes on', () => {
    const text = `${OK}Content-Length: 2\r\nConnection: close\r\n\r\nhi`;
    expect(passedOn(text)).toBe(`${OK}Content-Length: 2\r\nConnection: keep-alive\r\n\r\nhi`);
    expect(passedOn(text, { stays: false })).toBe(`${OK}Content-Length: 2\r\nConnection: close\r\n\r\nhi`);
  });

  it('gets a length where chunks or the end of the connection told it', () => {
    const wanted = `${OK}Content-Length: 5\r\nConnection: keep-alive\r\n\r\nhello`;
    expect(passedOn(`${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n`)).toBe(wanted);
    expect(passedOn(`${OK}\r\nhello`)).toBe(wanted);
  });

  it('gets none where it has no content: an answer to HEAD, 204, 304', () => {
    expect(passedOn(`${OK}\r\n`, { method: 'HEAD' })).toBe(`${OK}Connection: keep-alive\r\n\r\n`);
    expect(passedOn(`${OK}Content-Length: 7\r\n\r\n`, { method: 'HEAD' })).toBe(
      `${OK}Content-Length: 7\r\nConnection: keep-alive\r\n\r\n`,
    );
    for (const line of ['HTTP/1.1 204 No Content\r\n', 'HTTP/1.1 304 Not Modified\r\n']) {
      expect(passedOn(`${line}\r\n`)).toBe(`${line}Connection: keep-alive\r\n\r\n`);
    }
  });

  it('loses what was for the connection behind, and what that connection names', () => {
    const fields =
      'Keep-Alive: timeout=5\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nX-End: 2\r\nContent-Length: 0\r\n';
    const passed = passedOn(`${OK}${fields}\r\n`);
    expect(passed.split('\r\n').slice(1, -2).sort()).toEqual([
      'Connection: keep-alive',
      'Content-Length: 0',
      'X-End: 2',
    ]);
  });
});
