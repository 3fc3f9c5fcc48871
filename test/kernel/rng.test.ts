import { describe, expect, it } from 'vitest';
import { Rng } from '../../src/kernel/rng.ts';

describe('random streams', () => {
  it('the seed contract, version 1: these numbers never change', () => {
    const draw = (seed: string, stream: string) => {
      const rng = new Rng(seed, stream);
      return [rng.u32(), rng.u32(), rng.u32()];
    };
    expect(draw('1', 'link:wan/loss')).toEqual(CONTRACT);
    expect(draw('2', 'link:wan/loss')).not.toEqual(CONTRACT);
    expect(draw('1', 'link:lan/loss')).not.toEqual(CONTRACT);
  });

  it('below(n) is even: chi-squared over 7 and 1000 boxes', () => {
    for (const [boxes, limit] of [
      [7, 22.5],
      [1000, 1143],
    ] as const) {
      const rng = new Rng('12345', `boxes ${boxes}`);
      const counts = new Array<number>(boxes).fill(0);
      const draws = boxes * 1000;
      for (let draw = 0; draw < draws; draw++) {
        const box = rng.below(boxes);
        counts[box] = (counts[box] as number) + 1;
      }
      const chi = counts.reduce((total, count) => total + (count - 1000) ** 2 / 1000, 0);
      expect(chi).toBeLessThan(limit);
    }
  });

  it.each([3_000_000_000, 6_000_000_000, 5_000_000_000_000_000])(
    'below(%i) reaches both ends and nothing beyond',
    (n) => {
      const rng = new Rng('1', 'wide');
      let least = n;
      let greatest = 0;
      for (let draw = 0; draw < 20_000; draw++) {
        const value = rng.below(n);
        expect(Number.isSafeInteger(value) && value >= 0 && value < n).toBe(true);
        least = Math.min(least, value);
        greatest = Math.max(greatest, value);
      }
      expect(least).toBeLessThan(n / 1000);
      expect(greatest).toBeGreaterThan(n - n / 1000);
    },
  );

  it('chance: parts per million, within four standard deviations; 0 and all draw nothing', () => {
    const rng = new Rng('9', 'chance');
    let hits = 0;
    for (let draw = 0; draw < 100_000; draw++) if (rng.chance(50_000)) hits++;
    expect(Math.abs(hits - 5000)).toBeLessThan(4 * Math.sqrt(100_000 * 0.05 * 0.95));
    expect([rng.chance(0), rng.chance(1_000_000)]).toEqual([false, true]);
  });

  it('extreme seeds mix well and differ (bad-input H12)', () => {
    const seeds = ['0', '1', '4294967295', '9007199254740992', '18446744073709551615'];
    const firsts = seeds.map((seed) => new Rng(seed, 'x').u32());
    expect(new Set(firsts).size).toBe(seeds.length);
    for (const seed of seeds) {
      const rng = new Rng(seed, 'x');
      const ones = new Array<number>(32).fill(0);
      for (let draw = 0; draw < 4000; draw++) {
        const value = rng.u32();
        for (let bit = 0; bit < 32; bit++) ones[bit] = (ones[bit] as number) + ((value >>> bit) & 1);
      }
      // Six standard deviations around half of them, for each of the 32 bits.
      for (const count of ones) expect(Math.abs(count - 2000)).toBeLessThan(6 * Math.sqrt(1000));
    }
  });
});

const CONTRACT = [1861736926, 1078271395, 830491443];
