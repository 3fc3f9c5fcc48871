/** The built command in a real terminal (tmux): where there is no tmux or no build, this is skipped and says so. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const hasTmux = spawnSync('tmux', ['-V']).status === 0;
const isBuilt = existsSync(join(ROOT, 'dist/cli/main.js'));

class Tmux {
  readonly #socket = `pw-${process.pid}-${Math.floor(performance.now())}`;
  readonly folder = mkdtempSync(join(tmpdir(), 'packetwalk-tmux-'));

  start(command: string, columns: number, rows: number): void {
    const shell = `sh -c '${command}; echo "status $?" > ${this.folder}/status; stty -a > ${this.folder}/stty; sleep 30'`;
    const size = ['-x', String(columns), '-y', String(rows)];
    this.run(['-f', '/dev/null', 'new-session', '-d', '-s', 's', ...size, shell]);
  }

  run(words: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...words], { encoding: 'utf8', cwd: ROOT });
  }

  screen(): string {
    return this.run(['capture-pane', '-p', '-t', 's']);
  }

  /** Waits for something to be true, for ten seconds at most. */
  async until(isTrue: () => boolean): Promise<void> {
    for (let tries = 0; tries < 200 && !isTrue(); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isTrue()).toBe(true);
  }

  file(name: string): string {
    return existsSync(join(this.folder, name)) ? readFileSync(join(this.folder, name), 'utf8') : '';
  }

  end(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

describe.skipIf(!hasTmux || !isBuilt)('in tmux', { timeout: 60_000 }, () => {
  let tmux: Tmux | null = null;
  afterEach(() => tmux?.end());

  const walk = `exec ${process.execPath} bin/packetwalk.cjs walk tcp-lost-segment`;
  async function open(columns: number, rows: number): Promise<Tmux> {
    tmux = new Tmux();
    tmux.start(walk.replace('exec ', ''), columns, rows);
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
});
