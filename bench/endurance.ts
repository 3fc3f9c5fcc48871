/**
 * A run that goes on and on with recording off: `npm run bench -- endurance [--events 100000000] [--warmup 5000000]
 * [--flows 10] [--out FILE.json]`. Memory and speed at five points may not change.
 *
 * The first million events are told of the process, when V8 has compiled nothing yet, and at each point once more: of
 * fresh runs that take turns with the old one, so that what else the machine does slows both. That is what its speed is
 * held against.
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createRun, type Run } from '../src/index.ts';
import { DUMBBELL, dumbbellScenario } from './dumbbell-scenario.ts';
import { goal, tellGoals } from './goal.ts';

const MILLION = 1_000_000;
const POINTS = 5;
const TURNS = 4;
/** A second of the dumbbell is about 50,000 events: enough for a million. */
const FIRST_SECONDS = 30;

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000000' },
    warmup: { type: 'string', default: '5000000' },
    flows: { type: 'string', default: '10' },
    out: { type: 'string' },
  },
});
const events = Number(values.events);
const flows = Number(values.flows);
const warmSeconds = Math.ceil((MILLION + Number(values.warmup)) / 40_000);
const seconds = Math.ceil((events + POINTS * TURNS * MILLION) / 40_000);

/** `seconds`: a long run plans all that it will send before its first event, which is no event's cost. */
function fresh(seconds: number): Run {
  return createRun(dumbbellScenario({ ...DUMBBELL, message: 1_000_000, flows, seconds }), { record: false });
}

/** Runs until so many events have happened; events a second of CPU time. */
function advance(run: Run, until: number): number {
  const from = run.happened;
  const before = process.cpuUsage();
  while (run.happened < until) if (!run.step()) throw new Error(`the run is over after ${run.happened} events`);
  const { user, system } = process.cpuUsage(before);
  return ((run.happened - from) / (user + system)) * 1e6;
}

/** How fast the run goes on, and a fresh one begins: a million events each, in turn, some times. */
function turns(run: Run): { readonly old: number; readonly first: number } {
  const rates = Array.from({ length: TURNS }, () => {
    const old = advance(run, run.happened + MILLION);
    return { old, first: advance(fresh(FIRST_SECONDS), MILLION) };
  });
  const overall = (of: (rate: (typeof rates)[number]) => number) =>
    TURNS / rates.reduce((sum, rate) => sum + 1 / of(rate), 0);
  return { old: overall(({ old }) => old), first: overall(({ first }) => first) };
}

const thousands = (rate: number) => `${Math.round(rate / 1000)}k events/s`;

const warming = fresh(warmSeconds);
const cold = advance(warming, MILLION);
process.stdout.write(`the first million of the process: ${thousands(cold)}\n`);
advance(warming, Number(values.warmup));
const run = fresh(seconds);
advance(run, MILLION);
const rows = Array.from({ length: POINTS }, () => {
  const rate = advance(run, run.happened + events / POINTS);
  // Dead arrays are given back beside the program, and are surely when the next collection begins.
  for (let times = 0; times < 2; times++) {
    (globalThis as { gc?: () => void }).gc?.();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
  // The rest of what is resident is V8's compiler's, which keeps what it has used now and then.
  const [resident, held, living] = [rss, heapTotal + external, heapUsed + external].map(
    (bytes) => Math.round(bytes / 1e5) / 10,
  ) as [number, number, number];
  const reached = run.happened;
  const { old, first } = turns(run);
  const times = `${(old / first).toFixed(2)} of a first million now, ${(rate / cold).toFixed(2)} of the cold one`;
  const memory = `${living} MB live, ${held} MB held, ${resident} MB resident`;
  process.stdout.write(`${Math.round(reached / MILLION)} million: ${thousands(rate)} (${times}), ${memory}\n`);
  return { events: reached, rate, old, first, living, held, resident };
});
const most = (of: (row: (typeof rows)[number]) => number) => Math.max(...rows.map(of));
const least = (of: (row: (typeof rows)[number]) => number) => Math.min(...rows.map(of));
const goals = [
  goal(
    'slowest point, in times of a first million then',
    least(({ old, first }) => old / first),
    'at least',
    0.9,
  ),
  goal(
    'fastest point, in times of a first million then',
    most(({ old, first }) => old / first),
    'at most',
    1.1,
  ),
  goal(
    'greatest living memory, in times of the least',
    most((row) => row.living) / least((row) => row.living),
    'at most',
    1.1,
  ),
  goal(
    'greatest memory held by the heap, in times of the least',
    most((row) => row.held) / least((row) => row.held),
    'at most',
    1.1,
  ),
];
tellGoals(goals);
if (values.out) {
  const found = { node: process.version, flows, cold, rows, goals };
  writeFileSync(values.out, `${JSON.stringify(found, null, 1)}\n`);
}
