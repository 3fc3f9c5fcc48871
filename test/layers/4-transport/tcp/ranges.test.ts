import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ranges } from '../../../../src/layers/4-transport/tcp/ranges.ts';

/** What ranges say, octet by octet. */
const octetsOf = (ranges: Ranges) =>
  ranges.starts.flatMap((start, index) => {
    const end = ranges.ends[index] ?? 0;
    return Array.from({ length: end - start }, (_, offset) => start + offset);
  });

const range = fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 12 })).map(([start, length]) => [start, start + length]);

describe('ranges', () => {
  it('are what a set of octets would be: disjoint, in order, never touching', () => {
    fc.assert(
      fc.property(
        fc.array(range, { maxLength: 12, size: 'max' }),
        fc.nat(80),
        range,
        (added, cut, [from = 0, to = 0]) => {
          const ranges = new Ranges();
          const model = new Set<number>();
          for (const [start = 0, end = 0] of added) {
            const index = ranges.add(start, end);
            expect([ranges.starts[index] ?? 0, -(ranges.ends[index] ?? 0)]).toEqual([
              Math.min(start, ranges.starts[index] ?? 0),
              -Math.max(end, ranges.ends[index] ?? 0),
            ]);
            for (let octet = start; octet < end; octet++) model.add(octet);
          }
          const sorted = () => [...model].sort((one, other) => one - other);
          expect(octetsOf(ranges)).toEqual(sorted());
          ranges.starts.slice(1).forEach((start, index) => {
            expect(start).toBeGreaterThan(ranges.ends[index] ?? 0);
          });
          const isCovered = Array.from({ length: to - from }, (_, offset) => model.has(from + offset)).every(Boolean);
          expect(ranges.covers(from, to)).toBe(isCovered);
          const behind = ranges.ends.findIndex((end) => end > cut);
          expect(ranges.indexAfter(cut)).toBe(behind < 0 ? ranges.count : behind);
          ranges.cutBefore(cut);
          for (const octet of model) if (octet < cut) model.delete(octet);
          expect(octetsOf(ranges)).toEqual(sorted());
          ranges.clear();
          expect(ranges.count).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('once cleared they begin anew', () => {
    const ranges = new Ranges();
    ranges.add(10, 20);
    ranges.add(30, 40);
    ranges.clear();
    ranges.add(50, 60);
    expect([ranges.starts, ranges.ends]).toEqual([[50], [60]]);
  });
});
