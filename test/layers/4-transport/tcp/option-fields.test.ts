import { describe, expect, it } from 'vitest';
import { optionInfo, sackedBytes } from '../../../../src/layers/4-transport/tcp/option-fields.ts';
import { readSynOptions, synOptionBytes, writeSynOptions } from '../../../../src/layers/4-transport/tcp/options.ts';

/** A header whose SACK option has blocks of these lengths, one behind the other with holes between. */
function headerWith(lengths: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(20 + 2 + 8 * lengths.length + 2).fill(1, 20);
  const view = new DataView(bytes.buffer);
  bytes.set([5, 2 + 8 * lengths.length], 20);
  for (const [index, length] of lengths.entries()) {
    view.setUint32(22 + 8 * index, 10_000 * index);
    view.setUint32(26 + 8 * index, 10_000 * index + length);
  }
  return bytes;
}

describe('octets in SACK blocks', () => {
  it.each([
    [[], 0],
    [[100], 100],
    [[100, 20, 3], 123],
    [[100, 20, 3, 1460], 123],
  ])('of blocks %j are %d: tshark does not count the fourth', (lengths, sum) => {
    const header = headerWith(lengths);
    expect(sackedBytes(header, 0, header.length)).toBe(sum);
  });
});

describe('options in words', () => {
  it.each([
    ['02 04 05b4', ' MSS=1460'],
    ['02 03 05', ''],
    ['03 03 07', ' WS=128'],
    ['03 04 07 00', ''],
    ['04 02', ' SACK_PERM'],
    ['04 03 00', ''],
    ['08 0a 00000001 00000002', ' TSval=1 TSecr=2'],
    ['08 06 00000001', ''],
    ['05 0a 000003e9 000007d1', ' SLE=1 SRE=1001'],
    ['05 06 000003e9', ''],
    ['fd 04 0000', ''],
  ])('%s: "%s"', (hex, words) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(optionInfo(bytes, 0, bytes.length, 1000)).toBe(words);
  });
});

describe('the options of a SYN (RFC 9293 section 3.2, RFC 2018, RFC 7323)', () => {
  it.each([null, 1460])('are read as they were written, of the length that was counted; MSS %s', (mss) => {
    for (const sackPermitted of [true, false]) {
      for (const timestamps of [null, { value: 7, echo: 9 }]) {
        for (const windowScale of [null, 5]) {
          const options = { mss, sackPermitted, timestamps, windowScale };
          const length = synOptionBytes(options);
          const bytes = new Uint8Array(length);
          expect(writeSynOptions(bytes, 0, options)).toBe(length);
          expect(length % 4).toBe(0);
          expect(readSynOptions(bytes, 0, length)).toEqual(options);
        }
      }
    }
  });
});
