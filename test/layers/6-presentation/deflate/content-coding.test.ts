/** gzip and zlib's format as content codings: zlib and gzip(1) read ours, and we read theirs. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTENT_CODINGS } from '../../../../src/layers/6-presentation/deflate/content-coding.ts';
import type { ContentCoding } from '../../../../src/layers/6-presentation/service.ts';

const MIB = 1024 * 1024;
const CODINGS: readonly ContentCoding[] = ['gzip', 'deflate'];
const { encode, decode } = CONTENT_CODINGS;
const UNDO = { gzip: gunzipSync, deflate: inflateSync } as const;
const DO = { gzip: gzipSync, deflate: deflateSync } as const;
const contents = fc.oneof(
  fc.uint8Array({ maxLength: 3_000 }),
  fc
    .array(fc.constantFrom('to be ', 'or not ', '\n', 'é'), { maxLength: 500 })
    .map((words) => Buffer.from(words.join(''))),
);
const plain = (bytes: Uint8Array) => Uint8Array.from(bytes);

describe.each(CODINGS)('%s', (coding) => {
  it('is read by zlib, and zlib is read', () => {
    fc.assert(
      fc.property(contents, fc.integer({ min: 0, max: 9 }), (content, level) => {
        expect(plain(UNDO[coding](encode(coding, content)))).toEqual(plain(content));
        expect(decode(coding, DO[coding](content, { level }), MIB)).toEqual(plain(content));
      }),
      { numRuns: 200 },
    );
  });

  it('never grows by more than a few octets, and stores what does not get shorter', () => {
    const noise = new Uint8Array(200_000);
    for (let at = 0, state = 1; at < noise.length; at++) {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      noise[at] = state >>> 24;
    }
    const coded = encode(coding, noise);
    expect(coded.length).toBeLessThanOrEqual(noise.length + 4 * 5 + 18);
    expect(decode(coding, coded, MIB)).toEqual(noise);
  });

  it('that was changed or cut is damaged, whatever was changed', () => {
    const content = new TextEncoder().encode('to be or not to be, that is the question: '.repeat(20));
    const coded = encode(coding, content);
    // gzip's time, extra flags and operating system say nothing of the content.
    const says = coding === 'gzip' ? (at: number) => at < 4 || at > 9 : () => true;
    for (let bit = 0; bit < 8 * coded.length; bit++) {
      if (!says(bit >> 3)) continue;
      const changed = coded.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      const read = decode(coding, changed, MIB);
      // A bit that pads the last octet of the body is nobody's.
      if (read instanceof Uint8Array) expect(read).toEqual(content);
    }
    for (let end = 0; end < coded.length; end++) expect(decode(coding, coded.subarray(0, end), MIB)).toBe('damaged');
  });

  it('does not make more of it than is allowed', () => {
    const bomb = DO[coding](new Uint8Array(8 * MIB), { level: 9 });
    expect(decode(coding, bomb, MIB)).toBe('too-big');
  });

  it('has the same octets whatever zlib Node has', () => {
    const text = JSON.stringify(Array.from({ length: 300 }, (_, id) => ({ id, name: `n${id % 7}` })));
    const hash = createHash('sha256')
      .update(encode(coding, new TextEncoder().encode(text)))
      .digest('hex');
    expect(hash).toMatchSnapshot();
  });
});

describe('what others write', () => {
  it('may have a name, a comment, extra octets and a checksum in front (RFC 1952 section 2.3)', () => {
    const body = gzipSync('hello');
    const more = [Uint8Array.of(3, 0, 1, 2, 3), Buffer.from('name\0'), Buffer.from('comment\0'), Uint8Array.of(9, 9)];
    const head = body.subarray(0, 10).fill(4 | 8 | 16 | 2, 3, 4);
    expect(decode('gzip', Buffer.concat([head, ...more, body.subarray(10)]), 100)).toEqual(plain(Buffer.from('hello')));
    expect(decode('gzip', Buffer.concat([head, more[0] as Uint8Array]), 100)).toBe('damaged');
    expect(decode('gzip', Buffer.from(body).fill(0x20, 3, 4), 100)).toBe('damaged');
    expect(decode('gzip', Buffer.concat([head, Uint8Array.of(3)]), 100)).toBe('damaged');
  });

  it('may be DEFLATE without anything around it (RFC 9110 section 8.4.1.2)', () => {
    expect(decode('deflate', deflateRawSync('hello'), 100)).toEqual(plain(Buffer.from('hello')));
  });
});

it.skipIf(spawnSync('gzip', ['--version']).status !== 0)('gzip(1) unpacks ours', () => {
  const { status, stdout } = spawnSync('gzip', ['-dc'], { input: encode('gzip', Buffer.from('hello hello hello')) });
  expect([status, String(stdout)]).toEqual([0, 'hello hello hello']);
});
