/** Which coding a response gets, what both sides tell of it, and what Wireshark makes of it. */

import { describe, expect, it } from 'vitest';
import { loadScenario, type Run, simulate } from '../../../../src/index.ts';
import { chooseCoding, codingOf } from '../../../../src/layers/7-application/http/coding.ts';
import type { Head, StartLine } from '../../../../src/layers/7-application/http/head.ts';
import { formatProblems } from '../../../../src/scenario/problem.ts';
import { captureBytes, capturedFrames } from '../../../bundled.ts';
import { claimedNames, differences, tsharkCells, tsharkVersion } from '../../../referee/tshark.ts';

const headOf = (name: string, value: string | null): Head =>
  ({ line: {} as StartLine, fields: value === null ? [] : [{ name, value }] }) as Head;

describe('Accept-Encoding (RFC 9110 section 12.5.3)', () => {
  it.each([
    [null, null],
    ['', null],
    ['gzip', 'gzip'],
    ['deflate', 'deflate'],
    ['deflate, gzip', 'gzip'],
    ['gzip;q=0.5, deflate;q=0.8', 'deflate'],
    ['gzip;q=0, deflate', 'deflate'],
    ['gzip; q=0', null],
    ['*', 'gzip'],
    ['gzip;q=0, *', 'deflate'],
    ['br, x-gzip', 'gzip'],
    ['identity', null],
    ['gzip;q=7', null],
    ['GZIP', 'gzip'],
  ] as const)('%j gets %s', (welcome, coding) => {
    expect(chooseCoding(headOf('accept-encoding', welcome), ['gzip', 'deflate'])).toBe(coding);
  });
});

it.each([
  [null, null],
  ['identity', null],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['br', { unknown: 'br' }],
  ['gzip, deflate', { unknown: 'gzip, deflate' }],
] as const)('Content-Encoding %j is %j', (value, coding) => {
  expect(codingOf(headOf('content-encoding', value))).toEqual(coding);
});

const TEXT = 'to be or not to be, that is the question. '.repeat(8);

function run(): Run {
  const text = `packetwalk: 1
title: Codings
seed: 3
nodes:
  client: { ip: 10.0.0.1/24 }
  web:
    ip: 10.0.0.2/24
    apps: { http-server: { compress: [gzip, deflate], pages: { /: "${TEXT}", /big: { size: 20KB } } } }
links: [{ between: [client, web], delay: 1ms }]
timeline:
  - { at: 0s, node: client, do: { get: { url: "http://web/", as: gzip, compressed: [gzip] } } }
  - { at: 1s, node: client, do: { get: { url: "http://web/", as: deflate, compressed: [deflate] } } }
  - { at: 2s, node: client, do: { get: { url: "http://web/", as: plain } } }
  - { at: 3s, node: client, do: { get: { url: "http://web/big", as: big, compressed: [deflate, gzip] } } }
  - { at: 4s, node: client, do: { get: { url: "http://web/none", as: none, compressed: [gzip] } } }
expect:
  - { name: before, state: web.content.http-server.plainBytes, is: ${TEXT.length}, at: 500ms }
  - { name: and after, state: client.content.gzip.codedBytes, is: "<= 100", at: 500ms }
`;
  const loaded = loadScenario(text, 'codings.pw.yaml');
  if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
  return simulate(loaded.scenario);
}

describe('a run', () => {
  const made = run();
  const vantage = { node: 'client', interface: 'eth0' };
  const capture = captureBytes(made, vantage);

  it('tells sizes before and after on both sides', () => {
    const told = (node: string) =>
      made.entries.flatMap((entry) => (entry.event.kind === 'app' && entry.node === node ? [entry.event.text] : []));
    const [gzip, deflate, plain, big, none] = told('web');
    expect(gzip).toMatch(/^GET \/: 200 OK, 336 octets as \d\d of gzip$/);
    expect(deflate).toMatch(/^GET \/: 200 OK, 336 octets as \d\d of deflate$/);
    expect(plain).toBe('GET /: 200 OK, 336 octets');
    expect(big).toMatch(/^GET \/big: 200 OK, 20000 octets as \d+ of gzip$/);
    expect(none).toBe('GET /none: 404 Not Found, 14 octets');
    expect(told('client').map((text) => text.replace(/ after .*/, ''))).toEqual([
      gzip?.replace('GET /: 200 OK', 'GET http://web/: 200'),
      deflate?.replace('GET /: 200 OK', 'GET http://web/: 200'),
      'GET http://web/: 200, 336 octets',
      big?.replace('GET /big: 200 OK', 'GET http://web/big: 200'),
      'GET http://web/none: 404, 14 octets',
    ]);
    const metrics = made.entries.filter(({ event }) => event.kind === 'metric' && event.layer === 6);
    expect(metrics.length).toBe(2 * 2 * 3);
  });

  describe.skipIf(tsharkVersion() === null)('and tshark', () => {
    it('decodes it to the same text', () => {
      const rows = tsharkCells(capture, ['http.content_encoding', 'http.file_data', 'http.response.code'], []);
      const responses = rows.filter(([, , code]) => code === '200').slice(0, 3);
      expect(responses.map(([coding, text]) => [coding, text])).toEqual([
        ['gzip', TEXT],
        ['deflate', TEXT],
        ['', TEXT],
      ]);
    });

    it('agrees on every field of every frame', () => {
      const frames = capturedFrames(made, vantage).map(({ port, ...frame }, index) => ({
        ...frame,
        number: index + 1,
        fcs: true,
        interfaceId: 0,
        interfaceName: `${port.node}:${port.interface}`,
      }));
      expect(differences(capture, frames, {}, claimedNames())).toEqual([]);
    });
  });
});
