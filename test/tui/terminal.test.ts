/** The built command in a real terminal (tmux): where there is no tmux or no build, this is skipped and says so. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { canUseTmux, Tmux } from './tmux.ts';

const WALK = `${process.execPath} bin/packetwalk.cjs walk tcp-lost-segment`;

/** Three switches in a ring, and no cable takes any time. */
const LOOP = `packetwalk: 1
title: a loop
nodes:
  a: {}
  b: {}
  s1: { kind: switch }
  s2: { kind: switch }
  s3: { kind: switch }
links:
  - { between: [a, s1] }
  - { between: [b, s2] }
  - { between: [s1, s2] }
  - { between: [s2, s3] }
  - { between: [s3, s1] }
timeline:
  - { at: 0s, node: a, do: { ping: b } }
`;

describe.skipIf(!canUseTmux)('in tmux', { timeout: 60_000 }, () => {
  let tmux: Tmux | null = null;
  afterEach(() => tmux?.end());

  async function open(columns: number, rows: number): Promise<Tmux> {
    tmux = new Tmux();
    tmux.start(WALK, columns, rows);
    const own = tmux;
    await own.until(() => own.screen().includes('packetwalk'));
    return own;
  }

  it.each([
    [80, 24],
    [120, 40],
  ])(
    'shows the same after 30 steps forward and 30 back, and leaves the terminal as it was (%i×%i)',
    async (columns, rows) => {
      const own = await open(columns, rows);
      await own.until(() => own.screen().includes('q quit'));
      const before = own.screen();
      own.run(['send-keys', '-t', 's', '-N', '30', 'Right']);
      await own.until(() => own.screen() !== before && !own.screen().includes('step 1 '));
      own.run(['send-keys', '-t', 's', '-N', '30', 'Left']);
      await own.until(() => own.screen() === before);
      own.run(['send-keys', '-t', 's', 'q']);
      await own.until(() => own.file('stty') !== '');
      expect(own.file('status')).toBe('status 0\n');
      expect(own.file('stty')).toMatch(/ icanon/);
      expect(own.file('stty')).toMatch(/ echo\b/);
      expect(own.screen()).not.toContain('Ladder');
    },
  );

  it('ends with 130 at Ctrl-C', async () => {
    const own = await open(80, 24);
    own.run(['send-keys', '-t', 's', 'C-c']);
    await own.until(() => own.file('stty') !== '');
    expect(own.file('status')).toBe('status 130\n');
    expect(own.file('stty')).toMatch(/ icanon/);
  });

  it('ends with 143 at SIGTERM', async () => {
    const own = await open(80, 24);
    const shell = own.run(['display-message', '-p', '-t', 's', '#{pane_pid}']).trim();
    const child = execFileSync('ps', ['-o', 'pid=', '--ppid', shell], { encoding: 'utf8' }).trim().split('\n')[0] ?? '';
    process.kill(Number(child), 'SIGTERM');
    await own.until(() => own.file('stty') !== '');
    expect(own.file('status')).toBe('status 143\n');
    expect(own.file('stty')).toMatch(/ icanon/);
    expect(own.screen()).not.toContain('Layers');
  });

  it('redraws without debris when it is resized while it plays', async () => {
    const own = await open(120, 40);
    own.run(['send-keys', '-t', 's', 'Space', '+', '+']);
    for (const [columns, rows] of [
      [90, 30],
      [40, 10],
      [1, 1],
      [140, 45],
      [100, 30],
      [80, 24],
    ] as const) {
      own.run(['resize-window', '-t', 's', '-x', String(columns), '-y', String(rows)]);
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    own.run(['send-keys', '-t', 's', 'Space', 'g']);
    await own.until(() => own.screen().includes('step 1 '));
    const played = own.screen();
    own.run(['send-keys', '-t', 's', 'C-l']);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(own.screen()).toBe(played);
  });

  it('ends soon with 2 and a sentence where time stands still', async () => {
    const own = new Tmux();
    tmux = own;
    writeFileSync(join(own.folder, 'loop.pw.yaml'), LOOP);
    own.start(`${process.execPath} bin/packetwalk.cjs walk ${own.folder}/loop.pw.yaml`, 80, 24);
    await own.until(() => own.screen().includes('q quit'));
    own.run(['send-keys', '-t', 's', 'G']);
    await own.until(() => own.file('stty') !== '', 40);
    expect(own.file('status')).toBe('status 2\n');
    expect(own.file('stty')).toMatch(/ icanon/);
    expect(own.screen()).toContain('the run was stopped');
    expect(own.screen().replace(/\s+/g, ' ')).toContain('time does not pass');
    expect(own.screen()).not.toContain('Layers');
  });
});
