/** Sweeps and hunts as processes: the same octets whoever did the work, and whatever became of the workers. */

import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shrunk } from '../../src/cli/hunt/shrink.ts';
import { parseSeeds, pointsOf, tasksOf } from '../../src/cli/sweep/plan.ts';
import { spreadOf } from '../../src/cli/sweep/summary.ts';
import { wilson } from '../../src/projections/observed.ts';
import { BuiltPackage, ended } from './built.ts';
import { isListening } from './listening.ts';

/** A request that no retransmission saves: UDP, and nobody asks again. */
const FRAGILE = `packetwalk: 1
title: Twenty datagrams over a poor link
params: { loss: { default: 2%, sweep: [0%, 2%] } }
nodes:
  a: { ip: 10.0.0.1/24 }
  b: { ip: 10.0.0.2/24, apps: { sink: { port: 9, transport: udp } } }
links: [{ between: [a, b], delay: 20ms, loss: "\${loss}", duplicate: 5%, corrupt: 1% }]
timeline:
  - { at: 0s, node: a, do: { udp-send: { to: "b:9", data: "number {n}", times: 20, every: 10ms } } }
expect:
  - { name: the seventh arrives, match: udp contains "number 7", at-least: 1, at: received }
`;

let built: BuiltPackage;
beforeAll(() => {
  built = new BuiltPackage();
  writeFileSync(join(built.folder, 'fragile.pw.yaml'), FRAGILE);
}, 240_000);
afterAll(() => built.remove());

const SWEEP = ['sweep', 'fragile.pw.yaml', '--seeds', '1..400', '--measure', 'b.app.received.messages', '--quiet'];
const file = (name: string) => readFileSync(join(built.folder, name), 'utf8');

describe('the plan of a sweep', () => {
  it('reads seeds, and values of parameters into a grid', () => {
    expect(parseSeeds('3..5,9,4')).toEqual(['3', '4', '5', '9']);
    expect(parseSeeds('18446744073709551614..18446744073709551615')).toHaveLength(2);
    expect(pointsOf(['a=1,2', 'b=x'], new Map([['a', ['7']]]))).toEqual([
      { a: '1', b: 'x' },
      { a: '2', b: 'x' },
    ]);
    expect(pointsOf([], new Map([['a', ['7', '8']]]))).toEqual([{ a: '7' }, { a: '8' }]);
  });

  it('parts of it are all of it, each once', () => {
    const plan = { points: [{}, {}], seeds: ['1', '2', '3', '4', '5'] };
    const whole = tasksOf(plan, { index: 1, count: 1 });
    const parts = [1, 2, 3].flatMap((index) => tasksOf(plan, { index, count: 3 }));
    const text = ({ point, seed }: { readonly point: number; readonly seed: string }) => `${point} ${seed}`;
    expect(parts.map(text).toSorted()).toEqual(whole.map(text).toSorted());
  });
});

describe('the numbers of a summary', () => {
  it("Wilson's interval, as published for 1 of 29 and 0 of 20", () => {
    // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
    const [one, none, some] = [wilson(1, 29), wilson(0, 20), wilson(81, 263)];
    expect([one.low, one.high].map((share) => share.toFixed(4))).toEqual(['0.0061', '0.1718']);
    expect([none.low, none.high].map((share) => share.toFixed(4))).toEqual(['0.0000', '0.1611']);
    expect([some.low, some.high].map((share) => share.toFixed(4))).toEqual(['0.2553', '0.3662']);
  });

  it("the mean's interval by Student's t, quartiles on the line between values", () => {
    const spread = spreadOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    // t(9) = 2.262, s = 3.02765: 2.262 * 3.02765 / sqrt(10) = 2.1659.
    expect(spread.halfWidth).toBeCloseTo(2.166, 2);
    expect([spread.quarter, spread.median, spread.threeQuarters]).toEqual([3.25, 5.5, 7.75]);
  });
});

describe('shrinking', () => {
  it('finds exactly the things that it takes, of a hundred', async () => {
    const all = Array.from({ length: 100 }, (_, index) => index);
    let asked = 0;
    const still = (kept: readonly number[]) => {
      asked++;
      return [3, 41, 97].every((needed) => kept.includes(needed));
    };
    expect(await shrunk(all, still, async () => true)).toEqual([3, 41, 97]);
    expect(asked).toBeLessThan(200);
    expect(
      await shrunk(
        all,
        () => true,
        async () => true,
      ),
    ).toEqual([]);
  });
});

describe('packetwalk sweep', { timeout: 240_000 }, () => {
  it('gives the same octets for one worker and for three, in parts, and after a worker was killed', async () => {
    const one = built.call([
      ...SWEEP,
      '--jobs',
      '1',
      '-o',
      'one.json',
      '-o',
      'one.csv',
      '--plot',
      'cdf',
      '-o',
      'one.svg',
    ]);
    expect([one.code, one.stderr]).toEqual([1, '']);
    const saved = JSON.parse(file('one.json')) as { trials: { point: number; outcome: string; seed: string }[] };
    expect(saved.trials).toHaveLength(800);
    const share = saved.trials.filter(({ point, outcome }) => point === 1 && outcome === 'failed').length / 400;
    // 2 % lost and 1 % damaged, less what a copy saves: five standard deviations around 3 %.
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(0.11);
    const bad = saved.trials.find(({ outcome }) => outcome === 'failed');
    expect(one.stdout).toContain(`packetwalk run fragile.pw.yaml --seed ${bad?.seed} --set loss=`);
    expect(one.stdout).toMatch(/configured {2}delay 20 ms, loss 2%, duplicate 5%, corrupt 1%/);
    expect(file('one.csv').split('\r\n')).toHaveLength(802);
    expect(file('one.svg')).toContain('</svg>');

    built.call([...SWEEP, '--jobs', '3', '-o', 'three.json']);
    expect(file('three.json')).toBe(file('one.json'));

    for (const part of [1, 2]) built.call([...SWEEP, '--shard', `${part}/2`, '-o', `part-${part}.json`]);
    built.call(['merge', 'part-2.json', 'part-1.json', '-o', 'merged.json']);
    expect(file('merged.json')).toBe(file('one.json'));

    const child = built.start([...SWEEP, '--jobs', '2', '-o', 'killed.json']);
    const over = ended(child);
    // Its children are found in /proc.
    await until(() => child.exitCode !== null || killOneChild(child.pid ?? 0));
    const { stderr } = await over;
    expect(stderr).toContain('a worker died in seed');
    expect(file('killed.json')).toBe(file('one.json'));
  });

  it('goes on after Ctrl-C where it stopped', async () => {
    const child = built.start(SWEEP.map((word) => (word === '1..400' ? '1..20000' : word)));
    const over = ended(child);
    await new Promise((resolve) => setTimeout(resolve, 4000));
    child.kill('SIGINT');
    const { code, stderr } = await over;
    expect([code, stderr]).toEqual([130, expect.stringContaining("packetwalk sweep --resume 'fragile.resume.json'")]);
    const done = JSON.parse(file('fragile.resume.json')) as { trials: unknown[]; seeds: string[] };
    expect(done.trials.length).toBeLessThan(40_000);
    // Shorter, so that the rest does not take a minute.
    const seeds = done.seeds.slice(0, 40);
    const fewer = { ...done, seeds, trials: done.trials.slice(0, 20) };
    writeFileSync(join(built.folder, 'fewer.json'), JSON.stringify(fewer));
    built.call(['sweep', '--resume', 'fewer.json', '--quiet', '-o', 'rest.json']);
    built.call([...SWEEP.map((word) => (word === '1..400' ? '1..40' : word)), '-o', 'forty.json']);
    expect(file('rest.json')).toBe(file('forty.json'));
  });
});

describe('packetwalk hunt', { timeout: 120_000 }, () => {
  it('shrinks a planted bug to the fault that it takes, and writes a scenario that fails alike', () => {
    const settings = ['--set', 'loss=8%', '--seeds', '1..', '--timeout', '60s'];
    const { code, stdout } = built.call(['hunt', 'fragile.pw.yaml', ...settings, '-o', 'small.pw.yaml']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/seed \d+ fails: the seventh arrives/);
    expect(stdout).toMatch(/1 of \d+ faults are enough:\n {2}frame \d+ of a-b a-to-b (lost|damaged)/);
    expect(file('small.pw.yaml')).toMatch(/loss: "?0%/);
    const again = built.call(['run', 'small.pw.yaml', '--json']);
    expect(again.code).toBe(1);
    const { expectations } = JSON.parse(again.stdout) as { expectations: { name: string; pass: boolean }[] };
    expect(expectations.map(({ name, pass }) => [name, pass])).toEqual([['the seventh arrives', false]]);
  });
});

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

describe.skipIf(!hasRedis)('a sweep over Redis (skipped without redis-server)', { timeout: 240_000 }, () => {
  it('two workers, one of them killed midway: the same octets as locally', async () => {
    const port = 20_000 + (process.pid % 20_000);
    const redis = spawn('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1'], {
      stdio: 'ignore',
    });
    const url = `redis://127.0.0.1:${port}`;
    await until(() => isListening(port));
    const workers = [0, 1].map(() => built.start(['worker', '--quiet', '--redis', url]));
    try {
      const child = built.start([...SWEEP, '--engine', 'bullmq', '--redis', url, '-o', 'redis.json']);
      const over = ended(child);
      await new Promise((resolve) => setTimeout(resolve, 3000));
      workers[0]?.kill('SIGKILL');
      const { code, stderr } = await over;
      expect([code, stderr]).toEqual([1, '']);
      built.call([...SWEEP, '--jobs', '2', '-o', 'local.json']);
      expect(file('redis.json')).toBe(file('local.json'));
    } finally {
      for (const worker of workers) worker.kill('SIGKILL');
      redis.kill('SIGKILL');
    }
  });
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Kills a child of a process that is at work: what it has used of the processor is more than starting takes. */
function killOneChild(parent: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(parent)], { encoding: 'utf8' });
  for (const pid of stdout.split('\n').map(Number).filter(Boolean)) {
    const ticks = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[13]);
    if (ticks < 40) continue;
    process.kill(pid, 'SIGKILL');
    return true;
  }
  return false;
}
