/** What is told, and what is left, when a test on the simulated network fails. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRun, journalHash, loadScenario, scenarioHash } from '../../src/index.ts';
import {
  assertSeen,
  hashOf,
  matchers,
  type runTwice as runTwiceFromSource,
  type Simulation,
  simulate,
  trial,
} from '../../src/realnet/index.ts';

const net = await import('node:net');

const PAIR = {
  title: 'two hosts',
  nodes: { client: {}, server: {} },
  links: [{ id: 'wire', between: ['client', 'server'], delay: '20ms', loss: '5%' }],
  timeline: [{ at: '1s', node: 'client', do: { ping: 'server' } }],
} as const;

expect.extend(matchers as never);

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: the declaration of vitest has it so
  interface Matchers<T = any> {
    toHaveSeen(filter: string, seen?: { times?: number; atLeast?: number; atMost?: number }): T;
  }
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'packetwalk-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** A talk with faults, for the recording. */
async function talk(world: Simulation): Promise<void> {
  world.host('server').run(() => net.createServer((socket) => socket.pipe(socket)).listen(7));
  world.host('client').run(() => {
    const socket = net.connect(7, 'server');
    socket.on('error', () => {});
    setInterval(() => socket.write(`${Math.random()}\n`), 300);
  });
  await world.advance('3s');
  const mend = world.partition('client', 'server');
  await world.advance('2s');
  mend();
  world.link('wire').set({ loss: '30%', 'a-to-b': { delay: '80ms' } });
  await world.advance('5s');
}

describe('toHaveSeen', () => {
  it('counts frames that match', async () => {
    const world = await simulate(PAIR as never);
    await world.advance('2s');
    expect(world).toHaveSeen('icmp.type == 8', { times: 1 });
    expect(world).toHaveSeen('arp', { atLeast: 1, atMost: 6 });
    expect(world).not.toHaveSeen('tcp');
    assertSeen(world, 'icmp');
    world.close();
  });

  it('fails with the seed, the commands and the files', async () => {
    vi.stubEnv('PACKETWALK_OUT', folder);
    const world = await simulate(PAIR as never, { seed: 5 });
    await talk(world);
    const fail = () => expect(world).toHaveSeen('tcp.flags.syn == 1', { times: 17 });
    expect(fail).toThrow(/frames? match(es)? tcp\.flags\.syn == 1 \(expected exactly 17\), at /);
    expect(fail).toThrow(/PACKETWALK_SEED=5 npx vitest run test\/realnet\/test-helpers\.test\.ts -t "toHaveSeen/);
    expect(() => expect(world).not.toHaveSeen('tcp')).toThrow(/^not expected: .*\n.*seed 5/s);
    world.close();
  });
});

describe('trial', () => {
  it('tells of any failure how to see it again, and leaves the run as a scenario with the same journal', async () => {
    vi.stubEnv('PACKETWALK_OUT', folder);
    let hash = '';
    const failed = trial(PAIR as never, { seed: 9, name: 'a talk' }, async (world) => {
      await talk(world);
      hash = hashOf(world);
      expect(1).toBe(2);
    });
    const error = await failed.then(
      () => null,
      (reason: Error) => reason,
    );
    expect(error?.message).toContain('expected 1 to be 2');
    expect(error?.message).toMatch(/seed 9, 10\.0000\d\d s of virtual time/);
    expect(error?.message).toContain('PACKETWALK_SEED=9 npx vitest run test/realnet/test-helpers.test.ts -t "a talk"');
    const path = join(folder, 'a-talk-9.pw.yaml');
    expect(error?.message).toContain('npx packetwalk walk ');
    expect(existsSync(join(folder, 'a-talk-9.pcapng'))).toBe(true);
    const loaded = loadScenario(readFileSync(path), path);
    if (loaded.scenario === null) throw new Error('the recording is a scenario');
    expect(loaded.warnings).toEqual([]);
    const run = createRun(loaded.scenario);
    run.runToEnd();
    const header = { title: 'two hosts', seed: '9', scenario: scenarioHash(loaded.scenario) };
    expect(journalHash(header, run.entries)).toBe(hash);
    expect(readFileSync(join(folder, 'a-talk-9.jsonl'), 'utf8').split('\n').length - 2).toBe(run.entries.length);
  });

  it('takes the seed of the environment first', async () => {
    vi.stubEnv('PACKETWALK_SEED', '77');
    const seed = await trial(PAIR as never, { seed: 9 }, (world) => world.seed);
    expect(seed).toBe('77');
  });
});

describe('runTwice', () => {
  const program = (name: string) => new URL(`programs/${name}.mjs`, import.meta.url);
  const built = pathToFileURL(join(process.cwd(), 'dist/realnet/twice.js')).href;
  const load = async () => ((await import(built)) as { runTwice: typeof runTwiceFromSource }).runTwice;

  it('finds nothing where there is nothing', async () => {
    expect(await (await load())(program('twice-same'))).toBeNull();
  }, 30_000);

  it('stops at the first difference', async () => {
    const divergence = await (await load())(program('twice-different'));
    expect(divergence?.at).toBeGreaterThan(5);
    expect(divergence?.lines[0]).toContain('"kind":"encoded"');
    expect(divergence?.lines[0]).not.toBe(divergence?.lines[1]);
  }, 30_000);
});
