/** The README tells the truth: its picture is what the program prints, its scenario runs as written. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadScenario, simulate, verdictsOf } from '../src/index.ts';
import { frameTester } from '../src/projections/frame-tests.ts';
import { formatProblems } from '../src/scenario/problem.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const README = readFileSync(`${ROOT}README.md`, 'utf8');

describe('README', () => {
  it('its picture is what the program prints (npm run picture writes it)', () => {
    const match = /<!-- picture: npx packetwalk (.+?) -->\n```\n([\s\S]*?)```\n<!-- \/picture -->/.exec(README);
    const [, command = '', picture] = match ?? [];
    const { stdout, status } = spawnSync(process.execPath, ['bin/packetwalk.cjs', ...command.split(' ')], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    expect(status).toBe(0);
    expect(picture).toBe(stdout);
  });

  it('its scenario runs as written', () => {
    const yaml = /```yaml\n([\s\S]*?)```/.exec(README)?.[1] ?? '';
    const loaded = loadScenario(yaml, 'README.md');
    if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
    const run = simulate(loaded.scenario);
    const verdicts = verdictsOf(loaded.scenario, run.entries, frameTester(loaded.scenario, run.entries));
    expect(verdicts.map(({ pass }) => pass)).toEqual([true, true]);
  });
});
