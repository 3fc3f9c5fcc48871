/** Every bundled scenario: what it expects holds, nothing is lost without a reason, and one seed is one journal. */

import { describe, expect, it } from 'vitest';
import type { Entry, Event } from '../src/kernel/journal.ts';
import { verdictsOf } from '../src/projections/expectations.ts';
import { frameTester } from '../src/projections/frame-tests.ts';
import { statisticsOf } from '../src/projections/statistics.ts';
import { BUNDLED, hashOf, loadBundled, runToEnd } from './bundled.ts';

describe.each(BUNDLED)('%s', (name) => {
  const scenario = loadBundled(name);
  const run = runToEnd(scenario);

  it('what it expects holds', () => {
    expect(scenario.expect.length).toBeGreaterThan(0);
    const failed = verdictsOf(scenario, run.entries, frameTester(scenario, run.entries)).filter(({ pass }) => !pass);
    expect(failed.map(({ name: what, sentence }) => `${what}: ${sentence}`)).toEqual([]);
  });

  it('frames are conserved: sent = delivered + dropped with a reason + waiting + in flight', () => {
    expect(statisticsOf(run.entries, scenario).leaks).toEqual([]);
  });

  it('the journal is in order: numbers, times and causes', () => {
    const broken: string[] = [];
    let previousNs = 0;
    run.entries.forEach((entry, index) => {
      if (entry.seq !== index) broken.push(`${index}: seq ${entry.seq}`);
      if (entry.atNs < previousNs || !Number.isSafeInteger(entry.atNs)) broken.push(`${index}: time ${entry.atNs}`);
      if (entry.cause !== null && entry.cause >= index) broken.push(`${index}: caused by ${entry.cause}`);
      if (carriesOf(entry.event).some((carried) => carried >= index)) broken.push(`${index}: carries the future`);
      previousNs = entry.atNs;
    });
    expect(broken).toEqual([]);
  });

  it('every frame has a cause that leads back to the timeline, an application or a timer', () => {
    const rootless = run.entries
      .filter(({ event }) => event.kind === 'departed')
      .filter((entry) => !isRoot(rootOf(entry, run.entries).event));
    expect(rootless.map(({ seq }) => seq)).toEqual([]);
  });

  it('twice equal, byte for byte; another seed has its own bytes', () => {
    const hash = hashOf(run);
    expect(hashOf(runToEnd(loadBundled(name)))).toBe(hash);
    expect(hashOf(runToEnd(scenario, { seed: '987654321' }))).not.toBe(hash);
  });

  it('golden hash: the same journal on every machine, Node and day', () => expect(hashOf(run)).toMatchSnapshot());

  it('without a journal the same events happen', () => {
    const silent = runToEnd(scenario, { record: false });
    expect([silent.happened, silent.nowNs, silent.entries.length]).toEqual([run.happened, run.nowNs, 0]);
  });

  it('step by step is the same as in one go', () => {
    const stepped = runToEnd(scenario);
    expect([stepped.happened, stepped.journal.length]).toEqual([run.happened, run.journal.length]);
    expect(hashOf(stepped.branch(-1, { kind: 'frame', crossing: 2 ** 40, verdict: 'corrupt' })).length).toBe(64);
  });
});

function carriesOf(event: Event): readonly number[] {
  return 'carries' in event ? event.carries : [];
}

function rootOf(entry: Entry, entries: readonly Entry[]): Entry {
  let root = entry;
  while (root.cause !== null) root = entries[root.cause] as Entry;
  return root;
}

function isRoot(event: Event): boolean {
  return event.kind === 'input' || event.kind === 'timer' || event.kind === 'app' || event.kind === 'table';
}
