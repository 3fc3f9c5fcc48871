/**
 * The one place through which text from outside (packets, scenario files, file names) passes on its way to a terminal.
 * What a terminal would obey rather than show is written as its code point, `<U+001B>`: escape sequences, C0 and C1
 * controls, line ends, bidirectional overrides ("Trojan Source"), zero-width and private-use characters, lone surrogates.
 */

/**
 * Cc, Cf, Cs, Co; line and paragraph separators; the combining grapheme joiner, Hangul fillers and variation selectors,
 * which are invisible without being format characters.
 */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]|\u034f|[\u115f\u1160\u3164\uffa0]|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/u;
const COMBINING = /[\p{Mn}\p{Me}]/u;
/** More marks than this on one letter would climb over the lines above ("Zalgo"). */
const MAX_MARKS = 4;

export function printable(text: string): string {
  if (isPlain(text)) return text;
  let shown = '';
  let marks = 0;
  for (const character of text) {
    marks = COMBINING.test(character) ? marks + 1 : 0;
    shown += HIDDEN.test(character) || marks > MAX_MARKS ? escaped(character) : character;
  }
  return shown;
}

function escaped(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}

function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** Code points that a terminal shows two cells wide: East Asian Width W and F (Unicode TR 11), as pairs from–to. */
const WIDE = (
  '1100-115f 231a-231b 2329-232a 23e9-23ec 23f0 23f3 25fd-25fe 2614-2615 2648-2653 267f 2693 26a1 26aa-26ab 26bd-26be ' +
  '26c4-26c5 26ce 26d4 26ea 26f2-26f3 26f5 26fa 26fd 2705 270a-270b 2728 274c 274e 2753-2755 2757 2795-2797 27b0 27bf ' +
  '2b1b-2b1c 2b50 2b55 2e80-303e 3041-3247 3250-4dbf 4e00-a4c6 a960-a97c ac00-d7a3 f900-fad9 fe10-fe19 fe30-fe6b ' +
  'ff01-ff60 ffe0-ffe6 16fe0-1b2fb 1f004 1f0cf 1f18e 1f191-1f19a 1f200-1f320 1f32d-1f335 1f337-1f37c 1f37e-1f393 ' +
  '1f3a0-1f3ca 1f3cf-1f3d3 1f3e0-1f3f0 1f3f4 1f3f8-1f43e 1f440 1f442-1f4fc 1f4ff-1f53d 1f54b-1f54e 1f550-1f567 1f57a ' +
  '1f595-1f596 1f5a4 1f5fb-1f64f 1f680-1f6c5 1f6cc 1f6d0-1f6d2 1f6d5-1f6df 1f6eb-1f6ec 1f6f4-1f6fc 1f7e0-1f7f0 ' +
  '1f90c-1f93a 1f93c-1f945 1f947-1f9ff 1fa70-1faff 20000-3fffd'
)
  .split(' ')
  .map((range) => range.split('-').map((hex) => Number.parseInt(hex, 16)));

function isWide(code: number): boolean {
  if (code < 0x1100) return false;
  return WIDE.some(([from = 0, to = from]) => code >= from && code <= to);
}

/** Cells that printable text takes on a terminal. */
export function cellsOf(text: string): number {
  if (isPlain(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOfCharacter(character);
  return cells;
}

function cellsOfCharacter(character: string): number {
  if (COMBINING.test(character)) return 0;
  return isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
}

/** Cut to at most that many cells, the last one `…` where something was cut off; `mark` has one cell or none. */
export function fitted(text: string, cells: number, mark = '…'): string {
  if (cellsOf(text) <= cells) return text;
  if (cells <= 0) return '';
  let shown = '';
  let used = 0;
  for (const character of text) {
    const width = cellsOfCharacter(character);
    if (used + width > cells - mark.length) break;
    shown += character;
    used += width;
  }
  return shown + mark;
}

/** Fitted and filled with blanks to exactly that many cells. */
export function padded(text: string, cells: number, mark = '…'): string {
  const shown = fitted(text, cells, mark);
  return shown + ' '.repeat(Math.max(0, cells - cellsOf(shown)));
}

/** As `padded`, with the blanks in front. */
export function paddedLeft(text: string, cells: number, mark = '…'): string {
  const shown = fitted(text, cells, mark);
  return ' '.repeat(Math.max(0, cells - cellsOf(shown))) + shown;
}
