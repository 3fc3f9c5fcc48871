/**
 * What more flows and more hosts cost: `npm run bench -- growth [--flows 1,10,100,1000] [--hosts 10,100,1000,10000]
 * [--seconds 20] [--frames 400000] [--rounds 3] [--core 1] [--out FILE.json]`.
 *
 * Flows share the dumbbell of `dumbbell`; its bottleneck carries the same number of frames, whoever sends them. Hosts
 * stand around switches and a router, and the same number of frames crosses their links. CPU time of each run alone, one
 * process for each, all in turn.
 */

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createRun, type Scenario } from '../src/index.ts';
import { campusScenario } from './campus-scenario.ts';
import { toldByTwin } from './child.ts';
import { DUMBBELL, dumbbellScenario } from './dumbbell-scenario.ts';
import { goal, tellGoals } from './goal.ts';
import { type Spread, spread, spreadText } from './spread.ts';

/** Links that a datagram crosses on its way through the campus. */
const HOPS = 4;

interface Sample {
  /** Seconds of CPU from nothing to a run that can begin. */
  readonly building: number;
  readonly running: number;
  /** What lives then, beside what lived before. */
  readonly bytes: number;
  /** Each counted once for each link that it has crossed. */
  readonly frames: number;
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function living(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The child. */
function measured(scenarioOf: () => Scenario): Sample {
  const [before, start] = [living(), cpuSeconds()];
  const run = createRun(scenarioOf(), { record: false });
  const building = cpuSeconds() - start;
  const bytes = living() - before;
  const from = cpuSeconds();
  run.runToEnd();
  const running = cpuSeconds() - from;
  const frames = run.links.reduce((sum, { aToB, bToA }) => sum + aToB.delivered + bToA.delivered, 0);
  return { building, running, bytes, frames };
}

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '1,10,100,1000' },
    hosts: { type: 'string', default: '10,100,1000,10000' },
    seconds: { type: 'string', default: '20' },
    frames: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '3' },
    core: { type: 'string', default: '1' },
    out: { type: 'string' },
    child: { type: 'string' },
    count: { type: 'string', default: '0' },
  },
});
const seconds = Number(values.seconds);
const datagrams = Number(values.frames) / HOPS;

function row(cells: readonly string[]): void {
  process.stdout.write(`${cells.map((cell, index) => cell.padStart([14, 10, 24, 10, 14][index] ?? 10)).join(' ')}\n`);
}

function table(kind: 'flows' | 'hosts') {
  row([kind, 'frames', 'ns a frame (min–max)', 'build', 'KB of memory']);
  const counts = values[kind].split(',').map(Number);
  const samples = counts.map((): Sample[] => []);
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [index, count] of counts.entries()) {
      const words = ['--child', kind, '--count', String(count), '--seconds', values.seconds, '--frames', values.frames];
      samples[index]?.push(toldByTwin(values.core, words) as Sample);
    }
  }
  return counts.map((count, index) => {
    const own = samples[index] ?? [];
    const ns = spread(own.map(({ running, frames }) => (running / frames) * 1e9));
    const building = spread(own.map((sample) => sample.building));
    const bytes = spread(own.map((sample) => sample.bytes / count));
    row([
      String(count),
      String(own[0]?.frames),
      spreadText(ns, 0),
      `${building.median.toFixed(2)} s`,
      `${(bytes.median / 1024).toFixed(1)} each`,
    ]);
    return { count, frames: own[0]?.frames ?? 0, ns, building, bytesEach: bytes };
  });
}

if (values.child !== undefined) {
  const count = Number(values.count);
  const flows = () => dumbbellScenario({ ...DUMBBELL, flows: count, seconds });
  const sample = measured(values.child === 'flows' ? flows : () => campusScenario(count, datagrams));
  process.stdout.write(`${JSON.stringify(sample)}\n`);
} else {
  const flows = table('flows');
  const hosts = table('hosts');
  const costAt = (rows: readonly { readonly count: number; readonly ns: Spread }[], count: number) =>
    rows.find((each) => each.count === count)?.ns.median ?? Number.NaN;
  const times = costAt(flows, 1000) / costAt(flows, 10);
  const goals = Number.isNaN(times)
    ? []
    : [goal('a frame at 1,000 flows, in times of one at 10', times, 'at most', 1.5)];
  tellGoals(goals);
  if (values.out)
    writeFileSync(values.out, `${JSON.stringify({ node: process.version, flows, hosts, goals }, null, 1)}\n`);
}
