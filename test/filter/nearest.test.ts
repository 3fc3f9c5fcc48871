import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearest } from '../../src/filter/nearest.ts';

describe('edit distance', () => {
  it.each([
    ['', '', 0],
    ['abc', 'abc', 0],
    ['abc', '', 3],
    ['abc', 'abd', 1],
    ['abc', 'ab', 1],
    ['abc', 'xabc', 1],
    ['ab', 'ba', 1],
    ['dealy', 'delay', 1],
    ['kitten', 'sitting', 3],
  ])('%s %s', (one, other, distance) => {
    expect(editDistance(one, other)).toBe(distance);
  });

  it('is the same both ways, and at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (one, other) => {
        const distance = editDistance(one, other);
        expect(distance).toBe(editDistance(other, one));
        expect(distance).toBeLessThanOrEqual(Math.max(one.length, other.length));
        expect(distance === 0).toBe(one === other);
      }),
    );
  });
});

describe('nearest', () => {
  const words = ['delay', 'jitter', 'rate', 'loss'];

  it.each([
    ['dealy', 'delay'],
    ['DELAY', 'delay'],
    ['jiter', 'jitter'],
    ['los', 'loss'],
    ['rat', 'rate'],
    ['quux', null],
    ['', null],
    ['x'.repeat(65), null],
  ])('%s', (word, found) => {
    expect(nearest(word, words)).toBe(found);
  });

  it('takes the first of two that are as near', () => {
    expect(nearest('ab', ['ac', 'ad'])).toBe('ac');
  });
});
