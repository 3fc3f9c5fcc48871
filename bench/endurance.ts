/**
 * A run that goes on and on with recording off: `npm run bench -- endurance [--events 100000000] [--warmup 5000000]
 * [--flows 10] [--out FILE.json]`. Memory and speed at five points may not change.
 *
 * The first million events are told twice: of the process, when V8 has compiled nothing yet, and of a third run behind two
 * that have warmed it up, for a second run still meets shapes that the first did not. The latter is what the rest is held
 * against.
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createRun, type Run } from '../src/index.ts';
import { DUMBBELL, dumbbellScenario } from './dumbbell-scenario.ts';
import { goal, tellGoals } from './goal.ts';

const MILLION = 1_000_000;
const POINTS = 5;

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
// A second of the dumbbell is about 50,000 events.
const seconds = Math.ceil(events / 40_000);

function fresh(): Run {
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

const thousands = (rate: number) => `${Math.round(rate / 1000)}k events/s`;

const warming = fresh();
const cold = advance(warming, MILLION);
process.stdout.write(`the first million of the process: ${thousands(cold)}\n`);
advance(warming, Number(values.warmup));
advance(fresh(), MILLION);
const run = fresh();
const first = advance(run, MILLION);
process.stdout.write(`the first million of a third run: ${thousands(first)}\n`);
const rows = Array.from({ length: POINTS }, (_, index) => {
  const rate = advance(run, MILLION + ((events - MILLION) * (index + 1)) / POINTS);
  // Dead arrays are given back beside the program, and are surely when the next collection begins.
  for (let times = 0; times < 2; times++) (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const [resident, living] = [rss, heapUsed + external].map((bytes) => Math.round(bytes / 1e5) / 10) as [
    number,
    number,
  ];
  const times = `${(rate / first).toFixed(2)} of the first million, ${(rate / cold).toFixed(2)} of the cold one`;
  const memory = `${living} MB live, ${resident} MB resident`;
  process.stdout.write(`${Math.round(run.happened / MILLION)} million: ${thousands(rate)} (${times}), ${memory}\n`);
  return { events: run.happened, rate, living, resident };
});
const most = (of: (row: (typeof rows)[number]) => number) => Math.max(...rows.map(of));
const least = (of: (row: (typeof rows)[number]) => number) => Math.min(...rows.map(of));
const goals = [
  goal('slowest fifth, in times of the first million', least(({ rate }) => rate) / first, 'at least', 0.9),
  goal('fastest fifth, in times of the first million', most(({ rate }) => rate) / first, 'at most', 1.1),
  goal(
    'greatest living memory, in times of the least',
    most((row) => row.living) / least((row) => row.living),
    'at most',
    1.1,
  ),
  goal(
    'greatest resident memory, in times of the least',
    most((row) => row.resident) / least((row) => row.resident),
    'at most',
    1.1,
  ),
];
tellGoals(goals);
if (values.out) {
  const found = { node: process.version, flows, cold, first, rows, goals };
  writeFileSync(values.out, `${JSON.stringify(found, null, 1)}\n`);
}
