import { describe, expect, it } from 'vitest';
import { cellsOf, fitted, padded, paddedLeft, printable } from '../../src/projections/printable.ts';

describe('printable', () => {
  it.each([
    ['plain text stays', 'GET / HTTP/1.1', 'GET / HTTP/1.1'],
    ['an escape sequence that sets colours', '\x1b[31mred', '<U+001B>[31mred'],
    ['OSC 52, which would write the clipboard', '\x1b]52;c;aGk=\x07', '<U+001B>]52;c;aGk=<U+0007>'],
    ['NUL, backspace, carriage return, line feed, tab', '\0\b\r\n\t', '<U+0000><U+0008><U+000D><U+000A><U+0009>'],
    ['C1: CSI as one character', '\u009b31m', '<U+009B>31m'],
    ['DEL', 'a\x7fb', 'a<U+007F>b'],
    ['a bidirectional override', 'user\u202etxt.exe', 'user<U+202E>txt.exe'],
    ['isolates', '\u2066a\u2069', '<U+2066>a<U+2069>'],
    ['zero-width space and joiner', 'a\u200bb\u200dc', 'a<U+200B>b<U+200D>c'],
    ['line and paragraph separators', '\u2028\u2029', '<U+2028><U+2029>'],
    ['a byte order mark', '\ufeffx', '<U+FEFF>x'],
    ['tags', '\u{e0041}', '<U+E0041>'],
    ['private use', '\ue000', '<U+E000>'],
    ['a lone surrogate', 'a\ud800b', 'a<U+D800>b'],
    ['variation selectors', '\u2764\ufe0f', '\u2764<U+FE0F>'],
    ['letters of other scripts stay', 'Grüße 東京 עברית', 'Grüße 東京 עברית'],
  ])('%s', (_title, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('keeps four combining marks on a letter and writes out the rest', () => {
    const zalgo = `e${'\u0301'.repeat(6)}`;
    expect(printable(zalgo)).toBe(`e${'\u0301'.repeat(4)}<U+0301><U+0301>`);
  });

  it('leaves no character of the C0 and C1 sets as it is', () => {
    for (let code = 0; code < 0xa0; code++) {
      if (code >= 0x20 && code < 0x7f) continue;
      expect(printable(String.fromCharCode(code))).toMatch(/^<U\+00[0-9A-F]{2}>$/);
    }
  });
});

describe('cells', () => {
  it.each([
    ['abc', 3],
    ['東京', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['한국', 4],
    ['Ａ', 2],
    ['→✗│', 3],
    ['😀', 2],
  ])('%s takes %i', (text, cells) => {
    expect(cellsOf(text)).toBe(cells);
  });

  it('cuts so that the mark still fits, and never half a wide character', () => {
    expect(fitted('abcdef', 6)).toBe('abcdef');
    expect(fitted('abcdef', 5)).toBe('abcd…');
    expect(fitted('東京都', 4)).toBe('東…');
    expect(fitted('abc', 0)).toBe('');
    expect(fitted('abcdef', 4, '~')).toBe('abc~');
  });

  it('fills up to a width', () => {
    expect(padded('東京', 6)).toBe('東京  ');
    expect(paddedLeft('7', 3)).toBe('  7');
    expect(padded('abcdef', 3)).toBe('ab…');
  });
});
