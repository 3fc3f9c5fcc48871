import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandTable } from '../../src/cli/command-table.ts';
import { bashCompletion } from '../../src/cli/completion/bash.ts';
import { fishCompletion } from '../../src/cli/completion/fish.ts';
import { zshCompletion } from '../../src/cli/completion/zsh.ts';
import { manualPage } from '../../src/cli/manual.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { packageVersion, Session } from '../../src/cli/session.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/packetwalk.cjs', import.meta.url));
const table = commandTable(buildProgram(new Session([])));

describe('the command table', () => {
  it('knows what each command takes', () => {
    const run = table.find(({ name }) => name === 'run');
    expect(run?.arguments).toMatchObject([{ usage: '<scenario>', takes: 'scenario' }]);
    expect(run?.options.find(({ long }) => long === '--out')).toMatchObject({
      short: '-o',
      takesValue: true,
      takes: 'file',
    });
    expect(
      table.find(({ name }) => name === 'test')?.options.find(({ long }) => long === '--reporter')?.choices,
    ).toContain('tap');
  });

  it.each(table.map(({ name }) => name))('leads the help of %s with examples', (name) => {
    const { stdout, status } = spawnSync(process.execPath, [LAUNCHER, name, '--help'], { encoding: 'utf8' });
    expect([status, stdout.slice(0, 10)]).toEqual([0, 'Examples:\n']);
    expect(stdout).toContain(`  packetwalk ${name}`);
  });

  it('gives bash completions that bash understands', () => {
    const script = `${bashCompletion(table)}
packetwalk() { echo "tcp-handshake tcp-lost-segment"; }
complete_line() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _packetwalk; echo "\${COMPREPLY[@]}"; }
complete_line packetwalk ru
complete_line packetwalk run tcp-l
complete_line packetwalk test --reporter ju
complete_line packetwalk run --see`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8', cwd: '/' });
    expect([stdout, stderr]).toEqual(['run\ntcp-lost-segment\njunit\n--seed\n', '']);
  });

  it('gives zsh and fish every command and option', () => {
    for (const script of [zshCompletion(table), fishCompletion(table)]) {
      for (const { name, options } of table) {
        expect(script).toContain(name);
        for (const { long } of options) expect(script).toContain(long.slice(2));
      }
    }
  });
});

it('docs/packetwalk.1 is the manual page of this table (npm run manual)', () => {
  const page = readFileSync(new URL('../../docs/packetwalk.1', import.meta.url), 'utf8');
  expect(page).toBe(manualPage(table, packageVersion()));
});
