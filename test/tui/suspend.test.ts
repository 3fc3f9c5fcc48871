/**
 * Ctrl-Z as somebody types it in a shell, and the signals that stop: the shell is back with a sane terminal, and `fg` brings
 * the screen back, whose keys work.
 */

import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import { canUseTmux, Tmux } from './tmux.ts';

const PACKETWALK = `${process.execPath} bin/packetwalk.cjs`;
const PROMPT = /ready> *$/;

describe.skipIf(!canUseTmux)('Ctrl-Z in a shell', { timeout: 60_000 }, () => {
  let tmux: Tmux | null = null;
  afterEach(() => tmux?.end());

  const enter = (own: Tmux, line: string) => {
    own.type('-l', line);
    own.type('Enter');
  };

  /** Everything that a screen may have changed of a terminal: what tmux knows, and what the kernel does. */
  async function stateOf(own: Tmux, name: string): Promise<readonly string[]> {
    await own.until(() => PROMPT.test(own.screen().trimEnd()));
    enter(own, `stty -g > ${own.folder}/${name}`);
    await own.until(() => own.file(name) !== '');
    const flags = ['alternate_on', 'cursor_flag', 'mouse_any_flag', 'keypad_flag', 'keypad_cursor_flag', 'wrap_flag'];
    return [own.file(name), ...flags.map((flag) => `${flag} ${own.flag(flag)}`)];
  }

  /** What the shell in the terminal has started. */
  function childOf(own: Tmux): number {
    const shell = own.run(['display-message', '-p', '-t', 's', '#{pane_pid}']).trim();
    return Number(execFileSync('ps', ['-o', 'pid=', '--ppid', shell], { encoding: 'utf8' }).trim().split('\n').at(-1));
  }

  it.each([
    ['SIGTSTP', 'walk tcp-lost-segment', /step 1 /, 'Right', /step 2 /],
    ['SIGSTOP', 'walk tcp-lost-segment', /step 1 /, 'Right', /step 2 /],
    ['SIGTSTP', 'courses', / q /, 'Down', /arp-before-ip/],
    ['SIGTSTP', 'gateway tcp-handshake --listen 127.0.0.1:0=server:80 --walk', / q quit/, '+', / q quit/],
  ] as const)('%s stops %s, and keys and size are right after fg', async (signal, words, isThere, key, isDone) => {
    const own = new Tmux();
    tmux = own;
    own.startShell(110, 32);
    const before = await stateOf(own, 'before');
    enter(own, `${PACKETWALK} ${words}`);
    await own.until(() => own.flag('alternate_on') === '1' && isThere.test(own.screen()));
    process.kill(childOf(own), signal);
    // Nothing can be done on the way to a SIGSTOP: there the shell is on the other screen, and knows its own modes only.
    if (signal === 'SIGTSTP') {
      await own.until(() => own.screen().includes('Stopped'));
      expect(await stateOf(own, 'stopped')).toEqual(before);
    } else await own.until(() => own.screen().includes('Stopped'));
    own.run(['resize-window', '-t', 's', '-x', '130', '-y', '40']);
    enter(own, 'fg');
    await own.until(() => isThere.test(own.screen()));
    // The last line is the screen's own only when it knows how high it is.
    await own.until(() => / q /.test(own.screen().split('\n')[39] ?? ''));
    own.type(key);
    await own.until(() => isDone.test(own.screen()));
    own.type('q');
    await own.until(() => own.flag('alternate_on') === '0');
    expect(await stateOf(own, 'after')).toEqual(before);
  });

  it.each([
    ['walk tcp-lost-segment', 'Right', /step 2 /],
    ['courses', 'Down', /Networking 101/],
    ['gateway tcp-handshake --listen 127.0.0.1:0=server:80 --walk', '+', /q quit/],
  ] as const)('%s: the shell has its terminal, and fg brings back the screen', async (words, key, isThere) => {
    const own = new Tmux();
    tmux = own;
    own.startShell(110, 32);
    const before = await stateOf(own, 'before');
    enter(own, `${PACKETWALK} ${words}`);
    await own.until(() => own.flag('alternate_on') === '1' && own.screen().includes(' q '));
    own.type(key);
    await own.until(() => isThere.test(own.screen()));
    expect(own.flag('alternate_on')).toBe('1');

    own.type('C-z');
    await own.until(() => own.screen().includes('Stopped'));
    expect(await stateOf(own, 'stopped')).toEqual(before);

    enter(own, 'fg');
    await own.until(() => own.flag('alternate_on') === '1' && isThere.test(own.screen()));
    own.type('q');
    await own.until(() => own.flag('alternate_on') === '0');
    expect(await stateOf(own, 'after')).toEqual(before);
  });
});
