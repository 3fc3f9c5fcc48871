import { describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/cli/limits.ts';
import { Journal } from '../../src/kernel/journal.ts';
import { Kernel } from '../../src/kernel/kernel.ts';

describe('the limits that `packetwalk limits` prints', () => {
  const all = LIMITS.flatMap(({ limits }) => Object.entries(limits));

  it('have names of their own: a program that reads them as JSON gets every one', () => {
    expect(new Set(all.map(([name]) => name)).size).toBe(all.length);
    expect(all.length).toBeGreaterThan(40);
    for (const [name, value] of all) expect([name, value > 0]).toEqual([name, true]);
  });

  it('are those that hold: a loop without end in one instant ends at its round', () => {
    const { MAX_ROUNDS_AT_ONE_INSTANT } = Object.fromEntries(all);
    const kernel = new Kernel('1', new Journal(false));
    kernel.untilNs = 1;
    let rounds = 0;
    const again = () => {
      rounds++;
      kernel.after(0, again);
    };
    kernel.after(0, again);
    expect(() => {
      while (kernel.step());
    }).toThrow('time does not pass');
    expect(Math.abs(rounds - (MAX_ROUNDS_AT_ONE_INSTANT as number))).toBeLessThan(3);
  });
});
