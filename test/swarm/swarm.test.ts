/** The swarm itself; `.ci/run` runs thousands of its seeds, `npm run swarm:self` plants bugs for it to find. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BUNDLED, loadBundled } from '../bundled.ts';
import { draw } from './draw/draw.ts';
import { FAULT_KINDS } from './draw/faults.ts';
import { compose } from './draw/plan.ts';
import { BUGS } from './self/bugs.mjs';
import { runScenario, runSeed, textOf } from './trial.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Of the first million, and of what they showed. */
const FAILED_ONCE = [114590, 197124, 227915, 233702, 284913, 483645, 594883, 667396, 902370].map(String);

describe('the swarm', () => {
  it('knows twenty kinds of faults and more, and draws the same for a seed each time', () => {
    expect(FAULT_KINDS.length).toBeGreaterThanOrEqual(20);
    const plan = draw('5');
    expect(compose(plan, plan.jobs, plan.faults)).toEqual(compose(draw('5'), draw('5').jobs, draw('5').faults));
    expect(textOf(plan)).not.toBe(textOf(draw('6')));
  });

  it('leaves no draw changed when a part is left out', () => {
    const plan = draw('5');
    const text = textOf(plan, plan.jobs, plan.faults.slice(1));
    for (const { timeline = [] } of plan.faults.slice(1)) {
      for (const { at } of timeline) if (at !== undefined) expect(text).toContain(String(at));
    }
  });

  it('finds nothing in 24 seeds, looked at from all sides', { timeout: 120_000 }, () => {
    for (let seed = 1; seed <= 24; seed++) {
      const { violations } = runSeed(String(seed), { hash: true, twice: true, deep: seed % 4 === 0 });
      expect([seed, violations]).toEqual([seed, []]);
    }
  });

  it.each(FAILED_ONCE)('finds nothing in seed %s any more (docs/swarm.md says what it found)', (seed) => {
    const { violations } = runSeed(seed, { twice: true });
    expect(violations).toEqual([]);
  });

  it('plants twenty bugs and more, each in a text that is there exactly once', () => {
    expect(BUGS.length).toBeGreaterThanOrEqual(20);
    for (const { name, file, replace } of BUGS) {
      const source = readFileSync(`${ROOT}/${file}`, 'utf8');
      for (const [text] of replace) expect([name, source.split(text).length]).toEqual([name, 2]);
    }
  });
});

describe('every bundled scenario', () => {
  it.each(BUNDLED)('%s keeps the invariants', (name) => {
    // Nobody heals what a scenario breaks.
    const ofHealing = new Set(['stalled', 'unanswered', 'not-converged', 'message-lost']);
    const { violations } = runScenario(loadBundled(name), { twice: true });
    expect(violations.filter(({ kind }) => !ofHealing.has(kind))).toEqual([]);
  });
});
