/**
 * Turns the difference between two screens into one write. Only cells that changed are sent, in an update that the
 * terminal shows at once (mode 2026; terminals that do not know it ignore it).
 */

import type { ColourDepth } from '../projections/paint.ts';
import type { Canvas } from './canvas.ts';
import { asciiOf } from './glyphs.ts';
import { SgrTable } from './sgr.ts';

const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
/** Skipping this few unchanged cells costs more than sending them again. */
const GAP = 4;

export class Compositor {
  readonly #sgr: SgrTable;
  readonly #isAscii: boolean;
  #before: Canvas | null = null;

  constructor(depth: ColourDepth, isAscii: boolean) {
    this.#sgr = new SgrTable(depth);
    this.#isAscii = isAscii;
  }

  /** What is on the terminal is not known any more: the next screen is sent whole. */
  forget(): void {
    this.#before = null;
  }

  /** The bytes that make a terminal that shows the screen before show this one; '' when nothing changed. */
  compose(canvas: Canvas): string {
    const { width, height } = canvas;
    const before = this.#before?.width === width && this.#before.height === height ? this.#before : null;
    this.#before = canvas;
    const pen = new Pen(this.#sgr, this.#isAscii);
    if (!before) pen.clear();
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; ) {
        if (before && isSame(before, canvas, y * width + x)) x++;
        else x = run(pen, before, canvas, x, y);
      }
    }
    const text = pen.finish();
    return text === '' ? '' : BEGIN + text + END;
  }
}

/** Sends cells from one that changed to the last that did, over small gaps. Returns where to go on. */
function run(pen: Pen, before: Canvas | null, canvas: Canvas, from: number, y: number): number {
  const { width } = canvas;
  const row = y * width;
  // A wide character is sent whole even when only its second cell changed.
  let start = from;
  if (start > 0 && canvas.glyphs[row + start] === '') start--;
  let end = start;
  for (let x = start, same = 0; x < width && same <= GAP; x++) {
    const isUnchanged = before !== null && x > from && isSame(before, canvas, row + x);
    same = isUnchanged ? same + 1 : 0;
    if (!isUnchanged) end = x + 1;
  }
  if (canvas.glyphs[row + end] === '' && end < width) end++;
  pen.move(start, y);
  for (let x = start; x < end; x++) {
    const glyph = canvas.glyphs[row + x] as string;
    if (glyph !== '') pen.put(glyph, canvas.styles[row + x] as number, canvas.glyphs[row + x + 1] === '' ? 2 : 1);
  }
  // After the last column a terminal's cursor is nowhere that all terminals agree on.
  if (end >= width) pen.lose();
  return end;
}

function isSame(one: Canvas, other: Canvas, cell: number): boolean {
  return one.styles[cell] === other.styles[cell] && one.glyphs[cell] === other.glyphs[cell];
}

/** Writes with the fewest moves and attributes: it knows where the terminal's cursor is and what its pen looks like. */
class Pen {
  readonly #sgr: SgrTable;
  readonly #isAscii: boolean;
  #text = '';
  #style = -1;
  #x = -1;
  #y = -1;

  constructor(sgr: SgrTable, isAscii: boolean) {
    this.#sgr = sgr;
    this.#isAscii = isAscii;
  }

  clear(): void {
    this.#text += '\x1b[0m\x1b[2J';
    this.#style = 0;
  }

  move(x: number, y: number): void {
    if (this.#x === x && this.#y === y) return;
    const isAhead = this.#y === y && x > this.#x && this.#x >= 0;
    this.#text += isAhead ? `\x1b[${x - this.#x === 1 ? '' : x - this.#x}C` : `\x1b[${y + 1};${x + 1}H`;
    this.#x = x;
    this.#y = y;
  }

  put(glyph: string, style: number, cells: number): void {
    if (style !== this.#style) {
      this.#text += this.#sgr.change(this.#style, style);
      this.#style = style;
    }
    if (this.#isAscii) this.#text += asciiOf(glyph) + (cells === 2 ? ' ' : '');
    else this.#text += glyph;
    this.#x += cells;
  }

  lose(): void {
    this.#x = -1;
  }

  finish(): string {
    if (this.#text === '') return '';
    return this.#text + (this.#style === 0 ? '' : '\x1b[0m');
  }
}
