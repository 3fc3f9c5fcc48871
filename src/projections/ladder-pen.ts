/** What the drawing of a ladder needs everywhere: its signs, its colours, its measures. */

import type { NoteRow } from './ladder.ts';
import type { Columns } from './ladder-columns.ts';
import type { Paint } from './paint.ts';
import { cellsOf, fitted, paddedLeft, printable } from './printable.ts';
import { seconds } from './time.ts';

export interface LadderLook {
  /** Cells of a line; at least 40. */
  readonly width: number;
  /** True: nothing but ASCII. */
  readonly ascii: boolean;
  readonly paint: Paint;
  /** A second line under a node's name: its address. */
  readonly captions?: ReadonlyMap<string, string>;
}

export interface Glyphs {
  readonly line: string;
  readonly dash: string;
  readonly lifeline: string;
  readonly startRight: string;
  readonly startLeft: string;
  readonly tipRight: string;
  readonly tipLeft: string;
  readonly lost: string;
  readonly moving: string;
  readonly more: string;
  readonly fold: string;
  readonly notes: Readonly<Record<NoteRow['moment']['kind'], string>>;
}

export const UNICODE: Glyphs = {
  line: '─',
  dash: '╌',
  lifeline: '│',
  startRight: '├',
  startLeft: '┤',
  tipRight: '▶',
  tipLeft: '◀',
  lost: '✗',
  moving: '●',
  more: '…',
  fold: '┊',
  notes: { input: '▷', app: '◆', state: '◇', dropped: '✗' },
};

export const ASCII: Glyphs = {
  line: '-',
  dash: '.',
  lifeline: '|',
  startRight: '+',
  startLeft: '+',
  tipRight: '>',
  tipLeft: '<',
  lost: 'X',
  moving: 'o',
  more: '~',
  fold: ':',
  notes: { input: '>', app: '*', state: '=', dropped: 'X' },
};

export interface Pen {
  readonly paint: Paint;
  readonly ascii: boolean;
  readonly glyphs: Glyphs;
  readonly width: number;
  /** Cells of a time. */
  readonly times: number;
  /** Whether times of arrival are shown. */
  readonly hasArrivals: boolean;
}

const SPELT: Readonly<Record<string, string>> = {
  '→': '->',
  '←': '<-',
  '…': '...',
  '✗': 'X',
  '✓': 'ok',
  µ: 'u',
  '·': '-',
};

/** Text made safe for a terminal, and in ASCII where nothing else may be printed. */
export function words(text: string, ascii: boolean): string {
  const shown = printable(text).trimEnd();
  if (!ascii) return shown;
  return shown.replace(/[^\x20-\x7e]/gu, (sign) => {
    const code = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    return SPELT[sign] ?? `<U+${code}>`;
  });
}

export function timeOf(pen: Pen, atNs: number): string {
  return pen.paint('dim', paddedLeft(seconds(atNs), pen.times));
}

/** Lifelines and nothing else. */
export function lifelines(columns: Columns, glyph: string): string {
  let line = '';
  for (const at of columns.at) line += ' '.repeat(at - line.length) + glyph;
  return line;
}

/** What is shorter is not left alone on a last line: a unit stays with its number. */
const LEAST_REST = 4;

/** Text in lines of at most that many cells, broken at blanks where there are any; what is beyond `most` lines is cut. */
export function wrapped(pen: Pen, text: string, cells: number, most: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (cellsOf(rest) > cells && lines.length < most - 1) {
    const cut = cutOf(rest, fitted(rest, cells, '').length);
    lines.push(rest.slice(0, cut).trimEnd());
    rest = rest.slice(cut).trimStart();
  }
  return rest === '' ? lines : [...lines, fitted(rest, cells, pen.glyphs.more)];
}

/** Where to cut a text of which `fits` characters fit in a line: at a blank in the second half, else in a word. */
function cutOf(text: string, fits: number): number {
  const blank = text.lastIndexOf(' ', fits);
  const earlier = text.length - blank <= LEAST_REST ? text.lastIndexOf(' ', blank - 1) : blank;
  const cut = earlier > fits / 2 ? earlier : blank;
  return cut > fits / 2 ? cut : Math.max(1, fits);
}
