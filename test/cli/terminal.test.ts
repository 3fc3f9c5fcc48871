import { describe, expect, it } from 'vitest';
import { depthOf, isAsciiOnly } from '../../src/cli/terminal.ts';

describe('depthOf', () => {
  it.each([
    ['a pipe has none', false, {}, 'none'],
    ['a terminal has sixteen', true, { TERM: 'xterm' }, '16'],
    ['or 256', true, { TERM: 'xterm-256color' }, '256'],
    ['or all', true, { TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'true'],
    ['NO_COLOR means none', true, { TERM: 'xterm-256color', NO_COLOR: '1' }, 'none'],
    ['an empty NO_COLOR means nothing', true, { TERM: 'xterm', NO_COLOR: '' }, '16'],
    ['a dumb terminal has none', true, { TERM: 'dumb', COLORTERM: 'truecolor' }, 'none'],
    ['FORCE_COLOR gives a pipe some', false, { FORCE_COLOR: '1' }, '16'],
    ['FORCE_COLOR=3 gives it all', false, { FORCE_COLOR: '3' }, 'true'],
    ['FORCE_COLOR=0 takes them away', true, { FORCE_COLOR: '0', TERM: 'xterm' }, 'none'],
    ['FORCE_COLOR outranks NO_COLOR', false, { FORCE_COLOR: '2', NO_COLOR: '1' }, '256'],
  ] as const)('%s', (_title, isTerminal, environment, depth) => {
    expect(depthOf(isTerminal, environment)).toBe(depth);
  });
});

describe('isAsciiOnly', () => {
  it.each([
    [{}, false],
    [{ LANG: 'C' }, true],
    [{ LANG: 'POSIX' }, true],
    [{ LANG: 'C.UTF-8' }, false],
    [{ LANG: 'en_US.utf8' }, false],
    [{ LANG: 'de_DE.ISO-8859-1' }, true],
    [{ LANG: 'de_DE.ISO-8859-1', LC_CTYPE: 'de_DE.UTF-8' }, false],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, true],
    [{ LANG: 'de_DE' }, false],
    [{ LANG: 'en_US.UTF-8', TERM: 'linux' }, true],
    [{ LANG: 'en_US.UTF-8', TERM: 'vt100' }, true],
  ])('%j: %s', (environment, isAscii) => {
    expect(isAsciiOnly(environment)).toBe(isAscii);
  });
});
