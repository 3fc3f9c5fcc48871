/** The screen on terminals that stop it and go away (rows G9 and G12). */

import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { canUseTmux, Tmux } from '../tui/tmux.ts';

describe.skipIf(!canUseTmux)('in tmux', { timeout: 60_000 }, () => {
  let tmux: Tmux | null = null;
  afterEach(() => tmux?.end());

  async function open(words: string): Promise<{ readonly own: Tmux; readonly pid: number }> {
    const own = new Tmux();
    tmux = own;
    own.start(`${process.execPath} bin/packetwalk.cjs ${words}`, 100, 30);
    await own.until(() => own.screen().includes('q quit'));
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

  it.each(['walk tcp-lost-segment', 'gateway tcp-handshake --listen 127.0.0.1:0=server:80 --walk'])(
    'leaves when its terminal is closed: %s',
    async (words) => {
      const { own, pid } = await open(words);
      own.run(['kill-session', '-t', 's']);
      const endMs = Date.now() + 5000;
      while (!isGone(pid) && Date.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 50));
      expect(isGone(pid)).toBe(true);
    },
  );
});
