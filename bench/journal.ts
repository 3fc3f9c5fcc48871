/**
 * What it costs to keep everything: `npm run bench -- journal [--flows 10] [--seconds 20] [--rounds 3] [--out FILE.json]`.
 *
 * The dumbbell with and without a journal, in turn, each in a process of its own: CPU time of the simulation, and the
 * memory that lives at its end. Then a long upload: how long until a branch stands at its millionth entry, and how long a
 * step back there takes on the screen.
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createRun, loadScenario } from '../src/index.ts';
import { toldByTwin } from './child.ts';
import { DUMBBELL, dumbbellScenario } from './dumbbell-scenario.ts';
import { goal, tellGoals } from './goal.ts';
import { LONG, Screen } from './screen.ts';
import { spread, spreadText } from './spread.ts';

interface Sample {
  readonly seconds: number;
  readonly entries: number;
  /** That live at the end, the network itself included. */
  readonly bytes: number;
}

const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});

function living(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The child: one run, told in a line of JSON. */
function measured(flows: number, seconds: number, record: boolean): Sample {
  const run = createRun(dumbbellScenario({ ...DUMBBELL, offered: 1, flows, seconds }), { record });
  const before = process.cpuUsage();
  run.runToEnd();
  const { user, system } = process.cpuUsage(before);
  const bytes = living();
  return { seconds: (user + system) / 1e6, entries: run.journal.length, bytes };
}

const MILLION = 1_000_000;

/** At the millionth entry of a long upload: seconds until a branch stands there, milliseconds of steps back. */
function lateMoments(): { readonly branchSeconds: number; readonly backMs: ReturnType<typeof spread> } {
  const loaded = loadScenario(LONG, 'long');
  if (loaded.scenario === null) throw new Error(JSON.stringify(loaded.problems));
  const run = createRun(loaded.scenario);
  while (run.journal.length <= MILLION && run.step());
  const start = performance.now();
  const verdict = { drop: 'a fault at the cursor', reason: 'scripted' } as const;
  const branch = run.branch(MILLION, { kind: 'frame', crossing: Number.MAX_SAFE_INTEGER, verdict });
  const branchSeconds = (performance.now() - start) / 1000;
  if (branch.journal.length <= MILLION) throw new Error(`the upload has only ${branch.journal.length} entries`);
  process.stdout.write(`a branch at entry ${MILLION}: ${branchSeconds.toFixed(2)} s\n`);
  const screen = new Screen(LONG, 'long');
  screen.press('G');
  const backMs = spread(Array.from({ length: 100 }, () => screen.press('left').ms));
  screen.close();
  process.stdout.write(`a step back there, to the screen: ${spreadText(backMs, 1)} ms\n`);
  return { branchSeconds, backMs };
}

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    out: { type: 'string' },
    child: { type: 'string' },
  },
});
const [flows, seconds] = [Number(values.flows), Number(values.seconds)];
if (values.child !== undefined) {
  process.stdout.write(`${JSON.stringify(measured(flows, seconds, values.child === 'full'))}\n`);
} else {
  const words = ['--flows', values.flows, '--seconds', values.seconds];
  const child = (kind: string) => toldByTwin(null, ['--child', kind, ...words]) as Sample;
  const rounds = Array.from({ length: Number(values.rounds) }, () => ({ none: child('none'), full: child('full') }));
  const times = spread(rounds.map(({ none, full }) => full.seconds / none.seconds));
  const sizes = spread(rounds.map(({ none, full }) => (full.bytes - none.bytes) / full.entries));
  const [first] = rounds;
  process.stdout.write(`entries: ${first?.full.entries}\n`);
  for (const kind of ['none', 'full'] as const) {
    const text = spreadText(spread(rounds.map((round) => round[kind].seconds)), 2);
    process.stdout.write(`${kind} journal: ${text} s\n`);
  }
  process.stdout.write(`full ÷ none: ${spreadText(times, 2)}\n`);
  process.stdout.write(`bytes an entry: ${spreadText(sizes, 0)}\n`);
  const late = lateMoments();
  const goals = [
    goal('time with a full journal, in times of none', times.median, 'at most', 2.5),
    goal('bytes an entry', sizes.median, 'at most', 200),
    goal('s until a branch stands at entry 1,000,000', late.branchSeconds, 'at most', 3),
    goal('ms for a step back there', late.backMs.median, 'at most', 50),
  ];
  tellGoals(goals);
  if (values.out) {
    const found = { node: process.version, times, sizes, late, rounds, goals };
    writeFileSync(values.out, `${JSON.stringify(found, null, 1)}\n`);
  }
}
