/**
 * What a second worker brings a sweep, and that nobody can tell from the results who made them: `npm run build && npm run
 * bench -- sweep [--scenario sio-offline-emit] [--seeds 1..2000] [--rounds 3] [--out FILE.json]`.
 *
 * Time on the clock, for that is what workers are for: the machine has to be quiet. One worker and two take turns. Then
 * the same sweep with four, with two of which one is killed, and over Redis with two processes of which one is killed.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isListening } from '../test/cli/listening.ts';
import { goal, tellGoals } from './goal.ts';
import { spread, spreadText } from './spread.ts';

const COMMAND = 'bin/packetwalk.cjs';

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'sio-offline-emit' },
    seeds: { type: 'string', default: '1..2000' },
    rounds: { type: 'string', default: '3' },
    out: { type: 'string' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'packetwalk-sweep-'));
const file = join(folder, 'sweep.json');
const running = new Set<ChildProcess>();

function started(program: string, words: readonly string[]): ChildProcess {
  const child = spawn(program, words, { stdio: 'ignore' });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

interface Sample {
  readonly seconds: number;
  readonly hash: string;
}

/** `meanwhile`: what is done to the sweep while it works. */
async function swept(words: readonly string[], meanwhile = async (_: ChildProcess) => {}): Promise<Sample> {
  const all = ['sweep', values.scenario, '--seeds', values.seeds, '--quiet', '--force', '-o', file, ...words];
  const begin = performance.now();
  const child = started(process.execPath, [COMMAND, ...all]);
  const over = once(child, 'close') as Promise<[number | null]>;
  await meanwhile(child);
  const [status] = await over;
  const seconds = (performance.now() - begin) / 1000;
  // 1: some seed did not hold what its scenario expects, which is no matter here.
  if (status !== 0 && status !== 1) throw new Error(`${all.join(' ')}: status ${status}`);
  return { seconds, hash: createHash('sha256').update(readFileSync(file)).digest('hex') };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A worker that is at work: what it has used of the processor is more than starting takes. */
async function killWorker(sweep: ChildProcess): Promise<void> {
  for (; sweep.exitCode === null; await pause(20)) {
    const { stdout } = spawnSync('ps', ['-o', 'pid=,cputimes=', '--ppid', String(sweep.pid)], { encoding: 'utf8' });
    const found = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
    const worker = found.find(([, seconds = 0]) => seconds >= 1)?.[0];
    if (worker === undefined) continue;
    process.kill(worker, 'SIGKILL');
    return;
  }
  throw new Error('the sweep was over before a worker could be killed: give it more seeds');
}

async function overRedis(): Promise<Sample | null> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return null;
  const port = 20_000 + (process.pid % 20_000);
  const url = `redis://127.0.0.1:${port}`;
  const redis = started('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1']);
  while (!(await isListening(port))) await pause(20);
  const workers = [0, 1].map(() => started(process.execPath, [COMMAND, 'worker', '--quiet', '--redis', url]));
  try {
    return await swept(['--engine', 'bullmq', '--redis', url], async (sweep) => {
      await pause(2000);
      if (sweep.exitCode !== null) throw new Error('the sweep was over within 2 s: give it more seeds');
      workers[0]?.kill('SIGKILL');
    });
  } finally {
    for (const worker of workers) worker.kill('SIGKILL');
    redis.kill('SIGKILL');
  }
}

try {
  const rounds: { readonly one: Sample; readonly two: Sample }[] = [];
  for (let round = 0; round < Number(values.rounds); round++)
    rounds.push({ one: await swept(['--jobs', '1']), two: await swept(['--jobs', '2']) });
  const [one, two] = [spread(rounds.map((each) => each.one.seconds)), spread(rounds.map((each) => each.two.seconds))];
  const ratio = spread(rounds.map((each) => each.one.seconds / each.two.seconds));
  process.stdout.write(`1 worker: ${spreadText(one, 2)} s, 2 workers: ${spreadText(two, 2)} s\n`);
  process.stdout.write(`speed of 2 in times of 1: ${spreadText(ratio, 2)}\n`);
  const others = {
    'four workers': await swept(['--jobs', '4']),
    'two workers, one of them killed': await swept(['--jobs', '2'], killWorker),
    'two processes over Redis, one of them killed': await overRedis(),
  };
  const expected = rounds[0]?.one.hash;
  const hashes = new Set(rounds.flatMap((each) => [each.one.hash, each.two.hash]));
  for (const [name, sample] of Object.entries(others)) {
    const text = sample
      ? `${sample.seconds.toFixed(2)} s, ${sample.hash === expected ? 'the same' : 'OTHER'} octets`
      : 'not run';
    process.stdout.write(`${name}: ${text}\n`);
    if (sample) hashes.add(sample.hash);
  }
  const goals = [
    goal('speed of 2 workers in times of 1', ratio.median, 'at least', 1.7),
    goal('different results of the same sweep', hashes.size, 'at most', 1),
  ];
  tellGoals(goals);
  if (values.out) {
    const found = {
      node: process.version,
      scenario: values.scenario,
      seeds: values.seeds,
      one,
      two,
      ratio,
      others,
      goals,
    };
    writeFileSync(values.out, `${JSON.stringify(found, null, 1)}\n`);
  }
} finally {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
