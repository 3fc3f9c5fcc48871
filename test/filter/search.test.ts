import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searcherOf } from '../../src/filter/search.ts';

describe('octets in octets', () => {
  const octets = (maxLength: number) =>
    fc.array(fc.integer({ min: 0, max: 2 }), { maxLength }).map((list) => Uint8Array.from(list));
  const searcher = searcherOf('bytes');

  it('are found where a plain search finds them', () => {
    let found = 0;
    fc.assert(
      fc.property(octets(30), octets(5), (haystack, needle) => {
        const expected = haystack.length > 0 && Buffer.from(haystack).includes(Buffer.from(needle));
        found += expected ? 1 : 0;
        expect(searcher.contains(haystack, needle)).toBe(expected);
      }),
      { numRuns: 5000 },
    );
    expect(found).toBeGreaterThan(500);
  });

  it('that repeat themselves are found behind a beginning that fails', () => {
    const text = (value: string) => new TextEncoder().encode(value);
    for (const [haystack, needle] of [
      ['aaab', 'aab'],
      ['ababac', 'abac'],
      ['aabaabaaab', 'aabaaab'],
    ] as const) {
      expect(searcher.contains(text(haystack), text(needle))).toBe(true);
    }
  });
});
