import { describe, expect, it } from 'vitest';
import { sackedBytes } from '../../../../src/layers/4-transport/tcp/option-fields.ts';

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
