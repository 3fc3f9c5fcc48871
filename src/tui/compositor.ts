/**
 * Turns the difference between two screens into one write. Only cells that changed are sent, in an update that the
 * terminal shows at once (mode 2026; terminals that do not know it ignore it).
 */

import type { ColourDepth } from '../projections/paint.ts';
import type { Canvas } from './canvas.ts';
import { asciiOf } from './glyphs.ts';
import { SgrTable } from './sgr.ts';
import { blankStyle, hasSameGround, type StyleId } from './style.ts';

const BEGIN = '\x1b[?2026h';
const END = '\x1b[?2026l';
/** Skipping this few unchanged cells of the same look costs more than sending them again. */
const GAP = 4;

/** Cells side by side that look alike. */
interface Run {
  readonly x: number;
  readonly y: number;
  end: number;
}

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

  /**
   * The bytes that make a terminal that shows the screen before show this one; '' when nothing changed. They go from
   * look to look and not from row to row: a change of colours takes three times the bytes of a move.
   */
  compose(canvas: Canvas): string {
    const { width, height } = canvas;
    const before = this.#before?.width === width && this.#before.height === height ? this.#before : null;
    this.#before = canvas;
    const runs = new Map<StyleId, Run[]>();
    for (let y = 0; y < height; y++) collectRow(runs, before, canvas, y);
    const pen = new Pen(this.#sgr, this.#isAscii);
    if (!before) pen.clear();
    for (const [style, list] of runs) {
      for (const run of list) draw(pen, canvas, run, style);
    }
    const text = pen.finish();
    return text === '' ? '' : BEGIN + text + END;
  }
}

/** Finds what changed in a row and puts it with what looks alike. */
function collectRow(runs: Map<StyleId, Run[]>, before: Canvas | null, canvas: Canvas, y: number): void {
  const { width, glyphs } = canvas;
  let run: Run | null = null;
  let runStyle = -1;
  for (let x = 0; x < width; x++) {
    const cell = y * width + x;
    // A wide character is sent whole even when only its second cell changed.
    const isWide = glyphs[cell + 1] === '' && x + 1 < width;
    const isChanged = !before || !isSame(before, canvas, cell) || (isWide && !isSame(before, canvas, cell + 1));
    if (glyphs[cell] === '' || !isChanged) continue;
    const style = canvas.styles[cell] as number;
    const end = x + (isWide ? 2 : 1);
    // A blank between words takes the look of the words where it has their ground.
    const fits: boolean =
      run !== null && (style === runStyle || (glyphs[cell] === ' ' && hasSameGround(style, runStyle)));
    if (run && fits && x - run.end <= GAP && isBridge(canvas, y, run.end, x, runStyle)) {
      run.end = end;
      continue;
    }
    run = { x, y, end };
    runStyle = glyphs[cell] === ' ' ? blankStyle(style) : style;
    const list = runs.get(runStyle);
    if (list) list.push(run);
    else runs.set(runStyle, [run]);
  }
}

/** Whether the cells between may be sent again in that look. */
function isBridge(canvas: Canvas, y: number, from: number, to: number, style: StyleId): boolean {
  for (let x = from; x < to; x++) {
    const cell = y * canvas.width + x;
    const own = canvas.styles[cell] as number;
    if (own !== style && !(canvas.glyphs[cell] === ' ' && hasSameGround(own, style))) return false;
    if (canvas.glyphs[cell] === '') return false;
  }
  return true;
}

function draw(pen: Pen, canvas: Canvas, { x: from, y, end }: Run, style: StyleId): void {
  const row = y * canvas.width;
  pen.move(from, y);
  for (let x = from; x < end; x++) {
    const glyph = canvas.glyphs[row + x] as string;
    if (glyph !== '') pen.put(glyph, style, canvas.glyphs[row + x + 1] === '' && x + 1 < canvas.width ? 2 : 1);
  }
  // After the last column a terminal's cursor is nowhere that all terminals agree on.
  if (end >= canvas.width) pen.lose();
}

/** Blanks are the same when their ground is: nobody sees their ink. */
function isSame(one: Canvas, other: Canvas, cell: number): boolean {
  if (one.glyphs[cell] !== other.glyphs[cell]) return false;
  const [style, own] = [one.styles[cell] as number, other.styles[cell] as number];
  return style === own || (one.glyphs[cell] === ' ' && hasSameGround(style, own));
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
