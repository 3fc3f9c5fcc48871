/** The screen as cells: what panes draw on and the compositor compares. */

import { glyphsOf } from './glyphs.ts';
import type { StyleId } from './style.ts';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export class Canvas {
  readonly width: number;
  readonly height: number;
  readonly glyphs: string[];
  readonly styles: Uint16Array;
  /** How far the list that scrolls is scrolled, as far as it goes; null: nothing here scrolls. */
  scrolled: number | null = null;

  constructor(width: number, height: number, background: StyleId = 0) {
    this.width = width;
    this.height = height;
    this.glyphs = new Array<string>(width * height).fill(' ');
    this.styles = new Uint16Array(width * height).fill(background);
  }

  /**
   * Draws text from a cell on, cut off at `limit` cells (the rest of the row without one). Where it is cut there is an
   * ellipsis. Returns the cell after it.
   */
  text(x: number, y: number, text: string, style: StyleId, limit = this.width - x): number {
    const room = Math.min(limit, this.width - x);
    if (y < 0 || y >= this.height || room <= 0) return x;
    // Most of a text that is much too long is not even looked at; four marks a letter and an escape are allowed for.
    const glyphs = glyphsOf(text.length > room * 12 + 64 ? text.slice(0, room * 12 + 64) : text);
    const isCut = glyphs.length > room;
    let at = x;
    for (let index = 0; index < glyphs.length; index++) {
      const glyph = glyphs[index] as string;
      const isWide = glyphs[index + 1] === '';
      if (isCut && at + (isWide ? 2 : 1) > x + room - 1) break;
      this.#set(at, y, glyph, style);
      if (isWide) this.#set(at + 1, y, '', style);
      if (isWide) index++;
      at += isWide ? 2 : 1;
    }
    if (isCut) this.#set(at++, y, '…', style);
    return at;
  }

  /** As `text`, ending before a cell. */
  textBefore(end: number, y: number, text: string, style: StyleId, limit = end): number {
    const cells = Math.min(glyphsOf(text).length, limit);
    this.text(end - cells, y, text, style, cells);
    return end - cells;
  }

  /** In the middle of `width` cells. */
  textIn(x: number, y: number, width: number, text: string, style: StyleId): void {
    const cells = Math.min(glyphsOf(text).length, width);
    this.text(x + Math.floor((width - cells) / 2), y, text, style, cells);
  }

  fill(x: number, y: number, width: number, glyph: string, style: StyleId): void {
    for (let at = Math.max(0, x); at < x + width; at++) this.#set(at, y, glyph, style);
  }

  rectangle({ x, y, width, height }: Rect, style: StyleId): void {
    for (let row = y; row < y + height; row++) this.fill(x, row, width, ' ', style);
  }

  /** Changes how cells look and keeps what stands in them. */
  restyle(x: number, y: number, width: number, change: (style: StyleId) => StyleId): void {
    if (y < 0 || y >= this.height) return;
    for (let at = Math.max(0, x); at < Math.min(this.width, x + width); at++) {
      const cell = y * this.width + at;
      this.styles[cell] = change(this.styles[cell] as number);
    }
  }

  /** The text of a row, without what follows the last character. */
  row(y: number): string {
    return this.glyphs
      .slice(y * this.width, (y + 1) * this.width)
      .join('')
      .trimEnd();
  }

  rows(): string[] {
    return Array.from({ length: this.height }, (_, y) => this.row(y));
  }

  #set(x: number, y: number, glyph: string, style: StyleId): void {
    if (x < 0 || x >= this.width || y < 0 || y >= this.height) return;
    const cell = y * this.width + x;
    // Half of a wide character is no character: what is left of it becomes blank.
    if (this.glyphs[cell] === '' && glyph !== '' && x > 0) this.glyphs[cell - 1] = ' ';
    if (glyph !== '' && x + 1 < this.width && this.glyphs[cell + 1] === '') this.glyphs[cell + 1] = ' ';
    this.glyphs[cell] = glyph;
    this.styles[cell] = style;
  }
}
