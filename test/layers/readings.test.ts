/** What the same octets are to whoever reads them. */

import { deflateSync, gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readingsOf } from '../../src/layers/dissect/readings.ts';
import { Stage } from '../tui/stage.ts';

const said = (bytes: Uint8Array) =>
  readingsOf(bytes).map(({ as, text, isWrong }) => `${isWrong ? '✗ ' : ''}${as}: ${text}`);
const text = (value: string) => new TextEncoder().encode(value);

it.each([
  [Uint8Array.of(7), ['a number: 7', 'UTF-8: “\u0007”', 'in Base64: Bw==, 4 characters for 1 octet']],
  [
    Uint8Array.of(1, 0xbb),
    [
      'big endian: 443, the order of networks',
      'little endian: 47873',
      '✗ UTF-8: no: octet 1 (bb) begins no character',
      'in Base64: Abs=, 4 characters for 2 octets',
    ],
  ],
  [
    text('é'),
    [
      'big endian: 50089, the order of networks',
      'little endian: 43459',
      'UTF-8: “é”',
      ': 1 character in 2 octets',
      'in Base64: w6k=, 4 characters for 2 octets',
    ],
  ],
  [
    text('é').subarray(0, 1),
    ['a number: 195', '✗ UTF-8: no: it ends inside a character', 'in Base64: ww==, 4 characters for 1 octet'],
  ],
  [
    Uint8Array.of(0xe2, 0x82, 0x41),
    [
      'big endian: 14844481, the order of networks',
      'little endian: 4293346',
      '✗ UTF-8: no: octet 2 (41) does not go on with the character before it',
      'in Base64: 4oJB, 4 characters for 3 octets',
    ],
  ],
  [
    text('{"a": [1, 2}'),
    [
      'UTF-8: “{"a": [1, 2}”',
      '✗ JSON: no: at character 11 there should be a comma or ]',
      'in Base64: eyJhIjogWzEsIDJ9, 16 characters for 12 octets',
    ],
  ],
  [
    text('aGVsbG8gd29ybGQ='),
    [
      'UTF-8: “aGVsbG8gd29ybGQ=”',
      'from Base64: 11 octets: “hello world”',
      'in Base64: YUdWc2JHOGdkMjl5YkdRPQ==, 24 characters for 16 octets',
    ],
  ],
])('%j', (bytes, expected) => {
  expect(said(bytes)).toEqual(expected);
});

it('JSON that is whole is told what it is', () => {
  expect(said(text('{"a": 1}')).find((each) => each.startsWith('JSON'))).toBe('JSON: an object');
});

it('of long text and long octets the beginning is shown', () => {
  expect(said(gzipSync('x'.repeat(100))).at(-1)).toMatch(/“x{60}…”$/);
  expect(said(gzipSync(new Uint8Array(20).fill(0xff))).at(-1)).toMatch(/: (ff ){16}…$/);
  expect(said(gzipSync(new Uint8Array(3).fill(0xff))).at(-1)).toMatch(/: ff ff ff$/);
});

it('what zlib compressed is undone, and what only begins like it is left', () => {
  expect(said(deflateSync('to be or not to be')).at(-1)).toMatch(/^zlib: 18 octets/);
  expect(said(deflateSync('to be or not to be').subarray(0, 12)).some((each) => each.startsWith('zlib'))).toBe(false);
  expect(said(Uint8Array.of(0x78, 1, 2)).some((each) => each.startsWith('zlib'))).toBe(false);
});

it('what is compressed is undone', () => {
  expect(said(gzipSync('to be or not to be')).at(-1)).toMatch(/^gzip: 18 octets in \d\d: “to be or not to be”$/);
});

it('stands on the screen for the chosen field', () => {
  const stage = Stage.of('tcp-handshake').does('next packet', 'next packet', 'next packet').keys('3');
  for (let moves = 0; moves < 40 && stage.model.field !== 'tcp.dstport'; moves++) stage.keys('down');
  const screen = stage.keys('B').screen();
  expect(screen).toContain('big endian      80, the order of networks');
  expect(screen).toContain('little endian   20480');
  expect(stage.keys('esc').screen()).not.toContain('little endian');
});
