/** Ctrl-Z as somebody types it in a shell: the shell is back with a sane terminal, and `fg` brings the screen back. */

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
