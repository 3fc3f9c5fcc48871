import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pattern, patternMismatch } from '../../../../src/layers/7-application/bulk/pattern.ts';

describe('the bulk pattern', () => {
  it('is the same whichever way it is cut', () => {
    const whole = pattern(0, 5000);
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(200), (offset, length) => {
        const part = pattern(offset, Math.min(length, 5000 - offset));
        expect(part).toEqual(whole.subarray(offset, offset + part.length));
      }),
    );
  });

  it('never changes: captures and golden journals hold it', () => {
    // Computed with another program, in Python's integers of any size.
    expect(Buffer.from(pattern(0, 8)).toString('hex')).toBe('8ad738cf249173ce');
    expect(Buffer.from(pattern(2 ** 34 + 8, 8)).toString('hex')).toBe('7f1d7238f607469f');
    expect(createHash('sha256').update(pattern(0, 100_000)).digest('hex').slice(0, 16)).toBe('d44446433b5ed806');
  });

  it('is another at places that are round numbers of octets apart', () => {
    const places = [0, 2 ** 32, 2 ** 34, 2 ** 40].map((offset) => Buffer.from(pattern(offset, 32)).toString('hex'));
    expect(new Set(places).size).toBe(4);
  });

  it('shows a byte that is missing, doubled, moved or damaged', () => {
    const whole = pattern(700, 4000);
    expect(patternMismatch(whole, 700)).toBe(-1);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3800 }), fc.integer({ min: 1, max: 199 }), (at, length) => {
        const missing = Uint8Array.of(...whole.subarray(0, at), ...whole.subarray(at + length));
        const doubled = Uint8Array.of(...whole.subarray(0, at + length), ...whole.subarray(at));
        expect(patternMismatch(missing, 700)).toBeGreaterThanOrEqual(at);
        expect(patternMismatch(missing, 700)).toBeLessThan(at + 16);
        expect(patternMismatch(doubled, 700)).toBeLessThan(at + length + 16);
        const damaged = whole.slice();
        damaged[at] = (damaged[at] ?? 0) ^ 1;
        expect(patternMismatch(damaged, 700)).toBe(at);
      }),
    );
  });

  it('looks like noise: octets and steps are spread evenly', () => {
    const bytes = pattern(0, 65_536);
    const counts = new Array<number>(256).fill(0);
    const steps = new Array<number>(256).fill(0);
    bytes.forEach((octet, index) => {
      counts[octet] = (counts[octet] ?? 0) + 1;
      const step = (octet - (bytes[index - 1] ?? 0)) & 255;
      steps[step] = (steps[step] ?? 0) + 1;
    });
    for (const count of [...counts, ...steps]) {
      expect(count).toBeGreaterThan(170);
      expect(count).toBeLessThan(350);
    }
  });
});
