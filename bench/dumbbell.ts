/**
 * The dumbbell on both sides in turn, ns-3 3.37 as Debian builds it against packetwalk, each pinned to one core:
 * `npm run bench -- dumbbell [--flows 1,10,100] [--rounds 5] [--seconds 20] [--core 1] [--out FILE.json] [--ours]`.
 *
 * Time is the CPU time of the simulation alone, user and system, garbage collection and compilation of hot code included,
 * as other programs on the machine disturb it less than time on the clock. Ratios are of neighbours in time. That both
 * sides do the same work shows in the goodput. `--ours` leaves ns-3 out.
 *
 * Each process of ours runs the scenario twice, and both are told: the first run, in which V8 compiles our code for the
 * better part of its time, as for a single `packetwalk run`; and the second, which finds it compiled, as each
 * seed of a sweep does but the first. ns-3 was compiled when Debian built it.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRun, type Run, type Scenario } from '../src/index.ts';
import { told } from './child.ts';
import { DUMBBELL, dumbbellScenario } from './dumbbell-scenario.ts';
import { type Goal, goal, tellGoals } from './goal.ts';
import { spread, spreadText } from './spread.ts';

/** How many times ns-3's frames per second ours shall be, by the number of flows. */
const LEAST_RATIO: ReadonlyMap<number, number> = new Map([
  [1, 5],
  [10, 5],
  [100, 8],
]);
/** How far goodputs may lie apart for the work to be the same. */
const NEAR_GOODPUT = 0.03;

/** What either side says of one run. */
interface Sample {
  /** Each counted once for each link that it has crossed. */
  readonly frames: number;
  /** That arrived at the receiving applications. */
  readonly octets: number;
  readonly drops: number;
  readonly events: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /** The same run once more in the same process, user and system; of ours only. */
  readonly againSeconds?: number;
  readonly residentMegabytes: number;
}

/** The simulation alone: building the world is start-up. */
function timed(scenario: Scenario): { run: Run; user: number; system: number } {
  const run = createRun(scenario, { record: false });
  const before = process.cpuUsage();
  run.runToEnd();
  return { run, ...process.cpuUsage(before) };
}

/** The child: one run of ours, and the same again, told in one line of JSON. */
function runOurs(flows: number, seconds: number): Sample {
  const scenario = dumbbellScenario({ ...DUMBBELL, flows, seconds });
  const { run, user, system } = timed(scenario);
  global.gc?.();
  const again = timed(scenario);
  const directions = run.links.flatMap(({ aToB, bToA }) => [aToB, bToA]);
  const sum = (numbers: readonly number[]) => numbers.reduce((one, other) => one + other, 0);
  return {
    frames: sum(directions.map(({ delivered }) => delivered)),
    octets: sum(run.applications.map(({ receivedBytes }) => receivedBytes)),
    drops: sum(directions.map(({ dropped }) => dropped)),
    events: run.happened,
    userSeconds: user / 1e6,
    systemSeconds: system / 1e6,
    againSeconds: (again.user + again.system) / 1e6,
    residentMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** Builds ns-3's side once; null where ns-3 is not installed. */
function peer(): string | null {
  if (!existsSync('/usr/include/ns3.37') && !existsSync('/usr/include/ns3')) return null;
  const folder = join(tmpdir(), 'packetwalk-bench');
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'dumbbell-ns3');
  const built = spawnSync('sh', ['bench/peers/ns3/build.sh', program], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
  return program;
}

const rate = ({ frames, userSeconds, systemSeconds }: Sample) => frames / (userSeconds + systemSeconds);
const rateAgain = ({ frames, againSeconds = Number.NaN }: Sample) => frames / againSeconds;

function row(cells: readonly (string | number)[]): void {
  const widths = [6, 8, 24, 24, 24, 18, 18, 10, 11, 11];
  process.stdout.write(`${cells.map((cell, index) => String(cell).padStart(widths[index] ?? 10)).join(' ')}\n`);
}

const thousands = (values: readonly number[]) => {
  const { median, min, max } = spread(values);
  const text = (value: number) => `${Math.round(value / 1000)}k`;
  return `${text(median)} (${text(min)}–${text(max)})`;
};
const goodput = ({ octets }: Sample, seconds: number) => (octets * 8) / seconds / 1e6;

function compare(flows: number, options: { rounds: number; seconds: number; core: string; program: string | null }) {
  const { rounds, seconds, core, program } = options;
  const ours: Sample[] = [];
  const theirs: Sample[] = [];
  const self = process.argv[1] ?? '';
  for (let round = 0; round < rounds; round++) {
    if (program) theirs.push(told(core, program, [`--flows=${flows}`, `--seconds=${seconds}`]) as Sample);
    ours.push(
      told(core, process.execPath, [
        '--expose-gc',
        self,
        '--child',
        String(flows),
        '--seconds',
        String(seconds),
      ]) as Sample,
    );
  }
  const ratios = (of: (sample: Sample) => number) =>
    spread(theirs.map((sample, index) => of(ours[index] as Sample) / rate(sample)));
  const [our, their] = [ours[0] as Sample, theirs[0] ?? null];
  const ratio = ratios(rate);
  const ratioAgain = ratios(rateAgain);
  row([
    flows,
    our.frames,
    thousands(ours.map(rate)),
    thousands(ours.map(rateAgain)),
    their ? thousands(theirs.map(rate)) : '–',
    their ? spreadText(ratio, 2) : '–',
    their ? spreadText(ratioAgain, 2) : '–',
    `${goodput(our, seconds).toFixed(1)}${their ? `/${goodput(their, seconds).toFixed(1)}` : ''}`,
    `${our.drops}${their ? `/${their.drops}` : ''}`,
    `${our.residentMegabytes}${their ? `/${their.residentMegabytes}` : ''} MB`,
  ]);
  const goals: Goal[] = [];
  const least = LEAST_RATIO.get(flows);
  if (their && least !== undefined) {
    const what = `frames per second in times of ns-3's, flows: ${flows}`;
    goals.push(goal(`${what}, first run of a process`, ratio.median, 'at least', least));
    goals.push(goal(`${what}, second run`, ratioAgain.median, 'at least', least));
  }
  if (their) {
    const apart = Math.abs(our.octets / their.octets - 1);
    goals.push(goal(`goodputs apart, flows: ${flows}`, apart, 'at most', NEAR_GOODPUT));
  }
  return { flows, seconds, ratio, ratioAgain, ours, ns3: theirs, goals };
}

const { values } = parseArgs({
  options: {
    flows: { type: 'string', default: '1,10,100' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '20' },
    core: { type: 'string', default: '1' },
    out: { type: 'string' },
    ours: { type: 'boolean', default: false },
    child: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
if (values.child !== undefined) process.stdout.write(`${JSON.stringify(runOurs(Number(values.child), seconds))}\n`);
else {
  const program = values.ours ? null : peer();
  if (!program && !values.ours)
    process.stderr.write('ns-3 is not here (apt-get install ns3 libns3-dev g++): only ours\n');
  row([
    'flows',
    'frames',
    'frames/s, first run',
    'frames/s, second run',
    'frames/s, ns-3',
    'ratio, first run',
    'ratio, second run',
    'Mbit/s',
    'drops',
    'memory',
  ]);
  const options = { rounds: Number(values.rounds), seconds, core: values.core, program };
  const results = values.flows.split(',').map((flows) => compare(Number(flows), options));
  const goals = results.flatMap((result) => result.goals);
  tellGoals(goals);
  if (values.out) writeFileSync(values.out, `${JSON.stringify({ node: process.version, results, goals }, null, 1)}\n`);
}
