/**
 * The package as `npm pack` makes it, in a folder of somebody else's: a vitest file there tests a chat. Its dependencies
 * are this repository's; by hand, `npm install` of the same file in an empty folder does the same.
 */

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIXTURE = fileURLToPath(new URL('outside', import.meta.url));

let folder = '';

function call(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { PATH = '', HOME = '' } = process.env;
  const options = { cwd: folder, encoding: 'utf8', env: { PATH, HOME, NO_COLOR: '1', ...env } } as const;
  const { status, stdout, stderr } = spawnSync(command, args, options);
  return { status, text: `${stdout}${stderr}` };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'packetwalk-outside-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '.bin' && name !== 'packetwalk') symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  const packed = call('npm', ['pack', ROOT, '--ignore-scripts', '--pack-destination', folder]);
  if (packed.status !== 0) throw new Error(packed.text);
  const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  mkdirSync(join(modules, 'packetwalk'));
  call('tar', ['xzf', file, '--strip-components=1', '-C', join(modules, 'packetwalk')]);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  copyFileSync(join(FIXTURE, 'chat.mjs'), join(folder, 'chat.mjs'));
  copyFileSync(join(FIXTURE, 'chat-test.mjs'), join(folder, 'chat.test.mjs'));
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const vitest = (env: Readonly<Record<string, string>> = {}) =>
  call(process.execPath, [join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), 'run'], env);

describe('outside of the repository', () => {
  it('a chat that loses a member fails, with the seed and the commands', () => {
    const { status, text } = vitest();
    expect(status).toBe(1);
    expect(text).toContain('expected [] to deeply equal');
    expect(text).toMatch(/seed 7, 63\.0000\d\d s of virtual time/);
    const again =
      'PACKETWALK_SEED=7 npx vitest run chat.test.mjs -t "everybody reads everything again after a partition"';
    expect(text).toContain(again);
    const recording = /walk: {2}npx packetwalk walk (\S+\.pw\.yaml)/.exec(text)?.[1] ?? '';
    expect(existsSync(join(folder, recording))).toBe(true);
    const launcher = join(folder, 'node_modules', 'packetwalk', 'bin', 'packetwalk.cjs');
    const walked = call(process.execPath, [launcher, 'walk', recording]);
    expect(walked.text).toContain('WebSocket Text');
  }, 120_000);

  it('the chat that is mended passes', () => {
    const { status, text } = vitest({ MENDED: '1' });
    expect([status, text]).toEqual([0, expect.stringContaining('1 passed')]);
  }, 120_000);
});
