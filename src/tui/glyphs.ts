/** Text as a terminal's cells hold it: one string a cell, '' for the second cell of a wide character. */

import { cellsOf, printable } from '../projections/printable.ts';

/** The same words are drawn again and again; beyond this many they are forgotten all at once. */
const REMEMBERED = 8192;
const remembered = new Map<string, readonly string[]>();

const MARK = /[\p{Mn}\p{Me}]/u;

/**
 * The choke point of the screen: whatever is drawn comes through here, so that nothing in a packet, a file name or a
 * scenario can reach the terminal as anything but its own cells.
 */
export function glyphsOf(text: string): readonly string[] {
  const before = remembered.get(text);
  if (before) return before;
  const glyphs = split(printable(text));
  if (remembered.size >= REMEMBERED) remembered.clear();
  remembered.set(text, glyphs);
  return glyphs;
}

function split(text: string): string[] {
  const glyphs: string[] = [];
  for (const character of text) {
    if (MARK.test(character)) {
      // A mark belongs to the letter before it; at the beginning of a text it gets a blank to stand on.
      let at = glyphs.length - 1;
      while (at >= 0 && glyphs[at] === '') at--;
      if (at < 0) glyphs.push(` ${character}`);
      else glyphs[at] += character;
    } else {
      glyphs.push(character);
      if (cellsOf(character) === 2) glyphs.push('');
    }
  }
  return glyphs;
}

/** What stands for a glyph where the terminal knows ASCII only. */
const ASCII: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '─': '-',
    '━': '=',
    '│': '|',
    '┃': '|',
    '┊': ':',
    '╌': '-',
    '╮': '.',
    '╭': '.',
    '╯': "'",
    '╰': '`',
    '├': '|',
    '┤': '|',
    '┬': '+',
    '┴': '+',
    '┼': '+',
    '┌': '+',
    '┐': '+',
    '└': '+',
    '┘': '+',
    '▶': '>',
    '◀': '<',
    '▷': '>',
    '▼': 'v',
    '▲': '^',
    '▾': 'v',
    '▸': '>',
    '●': 'o',
    '○': '-',
    '§': 'S',
    '◆': '*',
    '◇': '*',
    '✗': 'x',
    '✓': 'v',
    '…': '.',
    '·': '.',
    '→': '>',
    '←': '<',
    '↑': '^',
    '↓': 'v',
    '█': '#',
    '▓': '#',
    '▒': '+',
    '░': '.',
    '▐': '[',
    '▌': ']',
    '▏': '|',
    '⟲': 'r',
    '‖': '=',
    '■': '#',
    '▁': '_',
    '▂': '_',
    '▃': '-',
    '▄': '-',
    '▅': '=',
    '▆': '=',
    '▇': '#',
    '×': 'x',
    '¼': '4',
    µ: 'u',
    '’': "'",
    '–': '-',
    '≠': '#',
    '≥': '>',
    '≤': '<',
  }),
);

export function asciiOf(glyph: string): string {
  const code = glyph.charCodeAt(0);
  if (glyph.length === 1 && code >= 0x20 && code <= 0x7e) return glyph;
  // Braille dots of the plots.
  if (code > 0x2800 && code <= 0x28ff) return '*';
  return ASCII.get(glyph) ?? '?';
}
