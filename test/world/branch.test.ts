/** Another run from the same seed with one more input: what was done before happens in it as it did. */

import { describe, expect, it } from 'vitest';
import { createRun, loadScenario, type Run } from '../../src/index.ts';
import type { Action } from '../../src/scenario/scenario.ts';

const MS = 1_000_000;
const { scenario } = loadScenario(
  JSON.stringify({
    packetwalk: 1,
    title: 't',
    until: '5s',
    nodes: { a: { ip: '10.0.0.1/24' }, b: { ip: '10.0.0.2/24' } },
    links: [{ id: 'l', between: ['a', 'b'], delay: '10ms' }],
    timeline: ['0s', '1s', '2s'].map((at) => ({ at, node: 'a', do: { ping: 'b' } })),
  }),
  't.json',
  {},
);
if (scenario === null) throw new Error('the scenario does not load');
const ping: Action = {
  kind: 'ping',
  node: 'b',
  target: 'a',
  count: 1,
  intervalNs: 1000 * MS,
  bytes: 56,
} as unknown as Action;
const pause: Action = { kind: 'pause', node: 'b' };

const told = (run: Run, node: string) =>
  run.entries.flatMap((entry) => (entry.node === node && entry.event.kind === 'app' ? [entry.event.text] : []));
const crossings = (run: Run) => run.entries.flatMap(({ event }) => (event.kind === 'departed' ? [event.frame] : []));

describe('a branch', () => {
  it('has the actions that came before, at their moments, and not those that came later', () => {
    const run = createRun(scenario);
    run.runUntil(500 * MS);
    const early = run.entries.length - 1;
    run.inject({ kind: 'action', action: ping });
    run.runUntil(1500 * MS);
    run.inject({ kind: 'action', action: pause });
    run.runToEnd();
    const late = run.entries.length - 1;
    const before = run.branch(early, { kind: 'action', action: pause });
    before.runToEnd();
    expect(told(before, 'b')).toEqual([]);
    const after = run.branch(late, { kind: 'action', action: ping });
    expect(after.entries.slice(0, late + 1)).toEqual(run.entries.slice(0, late + 1));
  });

  it('has the fates of frames that were decided, whenever that was', () => {
    const run = createRun(scenario);
    run.runUntil(100 * MS);
    const [first] = crossings(run);
    if (first === undefined) throw new Error('no frame has left');
    run.inject({ kind: 'frame', crossing: first + 4, verdict: 'corrupt' });
    run.runToEnd();
    const branch = run.branch(2, { kind: 'frame', crossing: first + 2, verdict: 'corrupt' });
    branch.runToEnd();
    const damaged = (of: Run) =>
      of.entries.filter(({ event }) => event.kind === 'dropped' && event.reason === 'corrupted').length;
    expect([damaged(run), damaged(branch)]).toEqual([1, 2]);
  });

  it('of an action among frames that were struck still strikes them', () => {
    const run = createRun(scenario);
    run.inject({ kind: 'frame', crossing: 3, verdict: 'corrupt' });
    run.runToEnd();
    const branch = run.branch(1, { kind: 'action', action: pause });
    branch.runToEnd();
    expect(branch.entries.length).toBeGreaterThan(2);
    expect(branch.entries.slice(0, 2)).toEqual(run.entries.slice(0, 2));
  });
});
