/** The screen on terminals that stop it, go away and can do little (rows B13, G8, G9 and G12). */

import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { canUseTmux, Tmux } from '../tui/tmux.ts';

describe.skipIf(!canUseTmux)('in tmux', { timeout: 60_000 }, () => {
  let tmux: Tmux | null = null;
  afterEach(() => tmux?.end());

  async function open(words: string, before = ''): Promise<{ readonly own: Tmux; readonly pid: number }> {
    const own = new Tmux();
    tmux = own;
    own.start(`${before}${process.execPath} bin/packetwalk.cjs ${words}`, 100, 30);
    await own.until(() => / q (quit|leaves)/.test(own.screen()));
    const shell = own.run(['display-message', '-p', '-t', 's', '#{pane_pid}']).trim();
    const child = execFileSync('ps', ['-o', 'pid=', '--ppid', shell], { encoding: 'utf8' }).trim().split('\n')[0] ?? '';
    return { own, pid: Number(child) };
  }

  const isGone = (pid: number) => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };

  it('goes on after it was stopped, at the step where it was', async () => {
    const { own, pid } = await open('walk tcp-lost-segment');
    own.run(['send-keys', '-t', 's', '-N', '5', 'Right']);
    await own.until(() => /step 6 /.test(own.screen()));
    process.kill(pid, 'SIGSTOP');
    own.run(['send-keys', '-t', 's', '-N', '2', 'Right']);
    process.kill(pid, 'SIGCONT');
    await own.until(() => /step 8 /.test(own.screen()));
    own.run(['send-keys', '-t', 's', 'q']);
    await own.until(() => own.file('stty') !== '');
    expect(own.file('status')).toBe('status 0\n');
    expect(own.file('stty')).toMatch(/ icanon/);
  });

  const GATEWAY = 'gateway tcp-handshake --listen 127.0.0.1:0=server:80 --walk';

  it.each(['walk tcp-lost-segment', 'courses', GATEWAY])(
    'leaves when its terminal is closed, as SIGHUP ends a process: %s',
    async (words) => {
      // The shell stays to tell how it ended; Node by itself would abort, with 134.
      const { own, pid } = await open(words, 'trap : HUP; ');
      own.run(['kill-session', '-t', 's']);
      const endMs = Date.now() + 5000;
      while (!isGone(pid) && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(isGone(pid)).toBe(true);
      await own.until(() => own.file('status') !== '');
      expect(own.file('status')).toBe('status 129\n');
    },
  );

  it.each(
    ['walk tcp-lost-segment', 'courses', GATEWAY].flatMap((words) => [
      ['SIGHUP', 129, words] as const,
      ['SIGQUIT', 131, words] as const,
      ['SIGTERM', 143, words] as const,
      ['SIGINT', 130, words] as const,
    ]),
  )('gives its terminal back at %s and ends with %i: %s', async (signal, status, words) => {
    const { own, pid } = await open(words, 'ulimit -c 0; ');
    process.kill(pid, signal);
    await own.until(() => own.file('stty') !== '');
    expect(own.file('status')).toBe(`status ${status}\n`);
    expect(own.file('stty')).toMatch(/ icanon/);
    expect(own.file('stty')).toMatch(/ echo\b/);
    expect(['alternate_on', 'cursor_flag', 'mouse_any_flag', 'wrap_flag'].map((flag) => own.flag(flag))).toEqual([
      '0',
      '1',
      '0',
      '1',
    ]);
  });

  it('a gateway whose time is over gives its terminal back before it tells', async () => {
    const { own } = await open(`${GATEWAY} --until 3s`);
    await own.until(() => own.file('stty') !== '');
    expect(own.file('status')).toBe('status 0\n');
    expect(own.file('stty')).toMatch(/ icanon/);
    expect(own.flag('alternate_on')).toBe('0');
    expect(own.screen()).toMatch(/^journal [0-9a-f]+/m);
  });

  it('a gateway has its screen in ASCII where the locale has no more, and none on a dumb terminal', async () => {
    for (const environment of ['LC_ALL=C', 'LC_ALL=de_DE.ISO-8859-1', 'TERM=vt100']) {
      const { own } = await open(GATEWAY, `env -u LC_ALL -u LANG ${environment} `);
      expect(own.screen()).toMatch(/^[\x20-\x7e\n]*$/);
      own.end();
    }
    const own = new Tmux();
    tmux = own;
    own.start(`env TERM=dumb ${process.execPath} bin/packetwalk.cjs ${GATEWAY}`, 100, 30);
    await own.until(() => own.file('stty') !== '');
    expect(own.file('status')).toBe('status 2\n');
    expect(own.screen()).toContain('--walk needs a terminal that can draw a screen');
  });
});
