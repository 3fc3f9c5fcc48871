/** HTTP in streams, whole, cut and odd: tshark reads each message as we do. */

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { pcap } from '../capture/build.ts';
import { captureDifferences } from './captures.ts';
import { bytesOf, joined } from './frames.ts';
import { Heard, type Way } from './streams.ts';
import { tsharkVersion } from './tshark.ts';

const version = tsharkVersion();
type Piece = readonly [way: Way, bytes: Uint8Array];
const asks = (text: string): Piece => ['>', bytesOf(text.replaceAll('\n', '\r\n'))];
const says = (text: string): Piece => ['<', bytesOf(text.replaceAll('\n', '\r\n'))];
const GET = asks('GET / HTTP/1.1\nHost: a\n\n');
const OK = says('HTTP/1.1 200 OK\nContent-Length: 2\nContent-Type: text/plain\n\nok');
const CHUNKED = 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nContent-Type: text/plain\n\n';
const ZIPPED = gzipSync('hello hello hello');
const zipped = (body: Uint8Array): Piece => [
  '<',
  joined(
    bytesOf(
      `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`,
    ),
    body,
  ),
];

const STREAMS: Readonly<Record<string, readonly Piece[]>> = {
  'a question and its answer': [GET, OK],
  'HEAD, whose answer has no body': [
    asks('HEAD / HTTP/1.1\nHost: a\n\n'),
    says('HTTP/1.1 200 OK\nContent-Length: 500\n\n'),
  ],
  'answers that never have a body': [
    GET,
    says('HTTP/1.1 204 No Content\n\n'),
    GET,
    says('HTTP/1.1 304 Not Modified\n\n'),
  ],
  'a form': [
    asks(
      'POST /f?a=1&b HTTP/1.1\nHost: a\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 7\n\nx=1&y=2',
    ),
    OK,
  ],
  JSON: [GET, says('HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 7\n\n{"a":1}')],
  'something without a type': [GET, says('HTTP/1.1 200 OK\nContent-Length: 3\n\n\x7f~|')],
  'a whole address and no host': [asks('GET http://b/x HTTP/1.1\n\n'), OK],
  'an old question': [asks('GET /old HTTP/1.0\n\n'), says('HTTP/1.0 404 Not Found\n\n')],
  chunks: [GET, says(`${CHUNKED}2\nok\n3\nyes\n0\n\n`)],
  'chunks in pieces': [GET, says(`${CHUNKED}2\nok\n`), says('3\nye'), says('s\n0\n\n')],
  'a chunk whose size is cut': [GET, says(`${CHUNKED}2`), says('\nok\n0\n\n')],
  'zipped content': [GET, zipped(ZIPPED)],
  'a head in pieces': [asks('GET / HTTP/1.1\nHost'), asks(': a\n\n'), OK],
  'a body in pieces': [GET, says('HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 6\n\nabc'), says('def')],
  'several in a segment': [asks('GET /1 HTTP/1.1\nHost: a\n\nGET /2 HTTP/1.1\nHost: a\n\n'), OK, OK],
  'a proxy that is asked for a tunnel': [
    asks('CONNECT b:9000 HTTP/1.1\nHost: b:9000\n\n'),
    says('HTTP/1.1 200 Connected\n\n'),
    asks('whatever'),
    says('comes'),
  ],
  'a proxy that refuses': [
    asks('CONNECT b:443 HTTP/1.1\nHost: b:443\n\n'),
    says('HTTP/1.1 403 Forbidden\nContent-Length: 2\n\nno'),
  ],
  'a header that nobody knows': [asks('GET / HTTP/1.1\nHost: a\nX-Odd: 1\nCookie: a=1; b=2\nRange: bytes=0-1\n\n'), OK],
  'a status that nobody knows': [GET, says('HTTP/1.1 599 Odd\nContent-Length: 0\n\n')],
  'content that is said to be zipped and is not': [GET, zipped(bytesOf('plain words'))],
  'an empty line before a question': [asks('\nGET / HTTP/1.1\nHost: a\n\n'), OK],
  'lines that end with LF alone': [['>', bytesOf('GET / HTTP/1.1\nHost: a\n\n')], OK],
  trailers: [GET, says(`${CHUNKED}2\nok\n0\nX-After: 1\n\n`)],
  'an answer to HEAD in chunks': [asks('HEAD / HTTP/1.1\nHost: a\n\n'), says(CHUNKED)],
  'what is no HTTP': [asks('hello there\n'), says('and here\n')],
};

describe.skipIf(version === null)(`tshark (${version ?? 'not installed'})`, { timeout: 60_000 }, () => {
  it.each(Object.entries(STREAMS))('%s', (_, pieces) => {
    const heard = new Heard();
    heard.stream(80, pieces);
    expect(captureDifferences(pcap(heard.records))).toEqual([]);
  });

  it('until the connection ends', () => {
    const heard = new Heard();
    heard.stream(80, [GET, says('HTTP/1.1 200 OK\nContent-Type: text/plain\n\nuntil'), says(' the end')]);
    heard.stream(80, [GET, says('HTTP/1.0 200 OK\nContent-Type: text/plain\n\nat once')]);
    expect(captureDifferences(pcap(heard.records))).toEqual([]);
  });
});
