/** A gateway in a process of its own, with its doors, what it said, and what it recorded. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll } from 'vitest';

export const LAUNCHER = fileURLToPath(new URL('../../bin/packetwalk.cjs', import.meta.url));
export const has = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
export const HEAD = 'packetwalk: 1\ntitle: gateway\nseed: 3\n';

export let folder = '';

/** For the files of a test file, and to leave no gateway behind. */
export function withGateways(): void {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'packetwalk-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(() => {
    for (const { child } of started.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
  });
}

/** A gateway in a process of its own. */
export class Running {
  readonly child: ChildProcess;
  readonly ports: number[] = [];
  out = '';
  err = '';
  readonly #record: string;

  constructor(scenario: string, words: readonly string[]) {
    const file = join(folder, `${Math.random().toString(36).slice(2)}.pw.yaml`);
    writeFileSync(file, scenario);
    this.#record = file.replace('.pw.yaml', '-session.pw.yaml');
    const args = ['gateway', file, ...words, '--record', this.#record];
    this.child = spawn(process.execPath, [LAUNCHER, ...args], { env: { PATH: process.env.PATH } });
    this.child.stdout?.on('data', (text) => {
      this.out += text;
    });
    this.child.stderr?.on('data', (text) => {
      this.err += text;
    });
  }

  /** When all doors are open: the ports of those that chose one. */
  async open(doors: number): Promise<readonly number[]> {
    for (let tries = 0; tries < 400; tries++) {
      const lines = [...this.err.matchAll(/^packetwalk: (?:tcp|udp) (.*?):(\d+) leads/gm)];
      if (lines.length === doors) return lines.map(([, , port]) => Number(port));
      if (this.child.exitCode !== null) break;
      await sleep(50);
    }
    throw new Error(`the gateway did not open its doors: ${this.err}`);
  }

  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    const closed = once(this.child, 'close');
    this.child.kill(signal);
    const [code] = await closed;
    return code as number | null;
  }

  /** The hash that the gateway told, and that of the recorded session when it is run again. */
  get hashes(): readonly (string | undefined)[] {
    const told = /^journal ([0-9a-f]{64})$/m.exec(this.out)?.[1];
    const words = [LAUNCHER, 'run', this.#record, '--json'];
    const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8', maxBuffer: 1 << 28 });
    return [told, (JSON.parse(stdout) as { journal: string }).journal];
  }

  get recording(): string {
    return readFileSync(this.#record, 'utf8');
  }
}

const started: Running[] = [];

export async function start(
  scenario: string,
  ...words: string[]
): Promise<{ gateway: Running; ports: readonly number[] }> {
  const gateway = new Running(scenario, words);
  started.push(gateway);
  const ports = await gateway.open(words.filter((word) => word === '--listen' || word === '--connect').length);
  return { gateway, ports };
}
