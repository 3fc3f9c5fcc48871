/**
 * A run that goes on and on with recording off: `npm run bench -- endurance [--events 100000000] [--flows 10]
 * [--out FILE.json]`. Memory and speed at five points, and the speed of the first million events after the compiler has
 * warmed up: neither may change.
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createRun, type Run } from '../src/index.ts';
import { DUMBBELL, dumbbellScenario } from './dumbbell-scenario.ts';

const MILLION = 1_000_000;
const POINTS = 5;

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000000' },
    flows: { type: 'string', default: '10' },
    out: { type: 'string' },
  },
});
const events = Number(values.events);
const flows = Number(values.flows);

/** Runs until so many events have happened; events a second of CPU time. */
function advance(run: Run, until: number): number {
  const from = run.happened;
  const before = process.cpuUsage();
  while (run.happened < until) if (!run.step()) throw new Error(`the run is over after ${run.happened} events`);
  const { user, system } = process.cpuUsage(before);
  return ((run.happened - from) / (user + system)) * 1e6;
}

// A second of the dumbbell is about 50,000 events.
const seconds = Math.ceil(events / 40_000);
const run = createRun(dumbbellScenario({ ...DUMBBELL, message: 1_000_000, flows, seconds }), { record: false });
const first = advance(run, MILLION);
process.stdout.write(`the first million: ${Math.round(first / 1000)}k events/s\n`);
const rows = Array.from({ length: POINTS }, (_, index) => {
  const rate = advance(run, MILLION + ((events - MILLION) * (index + 1)) / POINTS);
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const [resident, living] = [rss, heapUsed + external].map((bytes) => Math.round(bytes / 1e5) / 10);
  const part = `${Math.round(rate / 1000)}k events/s (${(rate / first).toFixed(2)} of the first million)`;
  process.stdout.write(
    `${Math.round(run.happened / MILLION)} million: ${part}, ${living} MB live, ${resident} MB resident\n`,
  );
  return { events: run.happened, rate, living, resident };
});
if (values.out)
  writeFileSync(values.out, `${JSON.stringify({ node: process.version, flows, first, rows }, null, 1)}\n`);
