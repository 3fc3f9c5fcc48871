import { describe, expect, it } from 'vitest';
import { Ranges } from '../../../../src/layers/4-transport/tcp/ranges.ts';
import { SackBlocks } from '../../../../src/layers/4-transport/tcp/sack.ts';

function receiver() {
  const islands = new Ranges();
  const blocks = new SackBlocks();
  const reported = (atMost = 4) => {
    const indices = Array.from({ length: Math.min(atMost, blocks.count) }, (_, index) => index);
    const all = indices.map((index) => `${index} ${blocks.startOf(index)}-${blocks.endOf(index)}`);
    blocks.onReported();
    return all;
  };
  const take = (start: number, end: number) => {
    islands.add(start, end);
    blocks.onAhead(islands, start);
  };
  return { islands, blocks, reported, take };
}

describe('blocks to report (RFC 2018 section 4)', () => {
  it('nothing at first', () => {
    const { blocks, reported, islands } = receiver();
    expect([blocks.count, reported()]).toEqual([0, []]);
    // A place behind all that waits is no block.
    blocks.onAhead(islands, 10);
    expect(blocks.count).toBe(0);
  });

  it('the latest first, four at most; a fifth makes the oldest fall off for good', () => {
    const { blocks, reported, take } = receiver();
    for (const start of [10, 30, 50, 70]) take(start, start + 10);
    expect([blocks.count, reported()]).toEqual([4, ['0 70-80', '1 50-60', '2 30-40', '3 10-20']]);
    expect(reported(2)).toEqual(['0 70-80', '1 50-60']);
    expect(reported(0)).toEqual([]);
    take(90, 100);
    expect([blocks.count, reported()]).toEqual([4, ['0 90-100', '1 70-80', '2 50-60', '3 30-40']]);
    // Two become one, and there is room for a fourth; the oldest does not come back.
    take(60, 70);
    expect([blocks.count, reported()]).toEqual([3, ['0 50-80', '1 90-100', '2 30-40']]);
    blocks.onInOrder(80);
    expect([blocks.count, reported()]).toEqual([1, ['0 90-100']]);
  });

  it('a block that grows comes to the front and takes those in that it has swallowed', () => {
    const { blocks, reported, take } = receiver();
    take(10, 20);
    take(30, 40);
    take(50, 60);
    take(20, 30);
    expect(reported()).toEqual(['0 10-40', '1 50-60']);
    take(40, 50);
    expect([blocks.count, reported()]).toEqual([1, ['0 10-60']]);
  });

  it('what is in order is no block; what reaches further stays', () => {
    const { blocks, reported, take } = receiver();
    take(10, 20);
    take(30, 40);
    blocks.onInOrder(10);
    expect(blocks.count).toBe(2);
    blocks.onInOrder(19);
    expect(reported()).toEqual(['0 30-40', '1 10-20']);
    blocks.onInOrder(20);
    expect(reported()).toEqual(['0 30-40']);
    blocks.onInOrder(40);
    expect(blocks.count).toBe(0);
  });

  it('RFC 2883 section 4: a duplicate in front, in one ACK only, also at offset 0', () => {
    const { blocks, reported, take } = receiver();
    take(10, 20);
    blocks.onDuplicate(0, 5);
    expect(blocks.count).toBe(2);
    expect(reported()).toEqual(['0 0-5', '1 10-20']);
    expect([blocks.count, reported()]).toEqual([1, ['0 10-20']]);
    for (const start of [30, 50, 70]) take(start, start + 10);
    blocks.onDuplicate(70, 80);
    expect(blocks.count).toBe(4);
    expect(reported()).toEqual(['0 70-80', '1 70-80', '2 50-60', '3 30-40']);
    blocks.onDuplicate(70, 80);
    expect(reported(1)).toEqual(['0 70-80']);
    expect(reported(1)).toEqual(['0 70-80']);
    // Where there is no room it is gone too: a later ACK is about something else.
    blocks.onDuplicate(1, 2);
    expect(reported(0)).toEqual([]);
    expect(reported(1)).toEqual(['0 70-80']);
  });
});
