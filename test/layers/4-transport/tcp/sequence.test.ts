import { describe, expect, it } from 'vitest';
import {
  add,
  after,
  atOrAfter,
  atOrBefore,
  before,
  distance,
  isAcceptable,
} from '../../../../src/layers/4-transport/tcp/sequence.ts';

const TOP = 0xffffffff;

describe('sequence numbers (RFC 9293 section 3.4)', () => {
  it('add and subtract in the circle of 2^32', () => {
    expect([add(1, 2), add(TOP, 1), add(TOP, 3), add(0, -1), add(5, -5)]).toEqual([3, 0, 2, TOP | 0, 0]);
    expect([add(0x7fffffff, 1), add(0, 0x80000000)]).toEqual([-0x80000000, -0x80000000]);
    expect([distance(3, 1), distance(1, 3), distance(2, TOP), distance(TOP, 2), distance(7, 7)]).toEqual([
      2, -2, 3, -3, 0,
    ]);
    expect(distance(0x7fffffff, 0)).toBe(0x7fffffff);
    expect(distance(0x80000001, 0)).toBe(-0x7fffffff);
  });

  it('compare by the shorter way round', () => {
    for (const [a, b] of [
      [1, 2],
      [2, 4],
      [0, 0x7fffffff],
      [TOP, 0],
      [TOP - 1, 1],
      [0xfffffff0, 0x10],
      [0x7fffffff, 0x80000000],
    ] as const) {
      const all = (one: number, other: number) =>
        [before, atOrBefore, after, atOrAfter].map((compare) => compare(one, other));
      expect(all(a, b), `${a} and ${b}`).toEqual([true, true, false, false]);
      expect(all(b, a), `${b} and ${a}`).toEqual([false, false, true, true]);
      expect(all(a, a)).toEqual([false, true, false, true]);
      expect(all(b, b)).toEqual([false, true, false, true]);
    }
  });

  it('table 6, at its edges, also where the window wraps', () => {
    for (const next of [1000, add(TOP, -4), 0x7ffffffc]) {
      const ok = (offset: number, length: number, window: number) =>
        isAcceptable(add(next, offset), length, next, window);
      expect([ok(0, 0, 0), ok(1, 0, 0), ok(-1, 0, 0)]).toEqual([true, false, false]);
      expect([ok(-1, 0, 10), ok(0, 0, 10), ok(9, 0, 10), ok(10, 0, 10)]).toEqual([false, true, true, false]);
      expect([ok(0, 1, 0), ok(-1, 2, 0), ok(0, 5, 0)]).toEqual([false, false, false]);
      expect([ok(-5, 5, 10), ok(-5, 6, 10), ok(9, 1, 10), ok(10, 1, 10)]).toEqual([false, true, true, false]);
      expect([ok(0, 1, 1), ok(1, 1, 1), ok(-1, 1, 1), ok(-1, 2, 1), ok(0, 0, 1), ok(1, 0, 1)]).toEqual([
        ...[true, false, false, true],
        ...[true, false],
      ]);
      // What begins before the window and ends behind it has neither edge in it: the table says no.
      expect(ok(-5, 100, 10)).toBe(false);
      expect(ok(5, 100, 10)).toBe(true);
    }
  });
});
