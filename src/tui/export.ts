/** The screen as a file: text, a picture, or the whole walk so far as an asciicast in virtual time. */

import { cellsOf } from '../projections/printable.ts';
import type { Canvas } from './canvas.ts';
import { type CastOptions, castOfWalk } from './cast.ts';
import type { Layout } from './layout.ts';
import type { Model } from './model.ts';
import { paint } from './paint.ts';
import { type Style, styleOf } from './style.ts';

export function exported(model: Model, layout: Layout, path: string, options: CastOptions): string {
  const screen: Model = { ...model, prompt: null, notice: null };
  if (path.endsWith('.cast')) return castOfWalk(screen, layout, options);
  const canvas = paint(screen, layout.placesOf(screen));
  return path.endsWith('.svg') ? svgOf(canvas) : `${canvas.rows().join('\n')}\n`;
}

const CELL_WIDTH = 8.4;
const CELL_HEIGHT = 18;
const MARGIN = 12;
const INK = 0xd1d5db;
const PAPER = 0x0d1117;

/** Cells as text runs on filled grounds; needs nothing but a monospace font. */
function svgOf(canvas: Canvas): string {
  const width = Math.ceil(canvas.width * CELL_WIDTH + 2 * MARGIN);
  const height = canvas.height * CELL_HEIGHT + 2 * MARGIN;
  const ground = styleOf(canvas.styles[canvas.styles.length - 1] ?? 0).background ?? PAPER;
  const grounds: string[] = [];
  const texts: string[] = [];
  for (let y = 0; y < canvas.height; y++) {
    for (const run of runsOf(canvas, y)) {
      const [ink, paper] = coloursOf(run.style);
      const x = MARGIN + run.x * CELL_WIDTH;
      const top = MARGIN + y * CELL_HEIGHT;
      const wide = (run.cells * CELL_WIDTH).toFixed(1);
      if (paper !== ground)
        grounds.push(
          `<rect x="${x.toFixed(1)}" y="${top}" width="${wide}" height="${CELL_HEIGHT}" fill="${hex(paper)}"/>`,
        );
      const weight = run.style.bold ? ' font-weight="bold"' : '';
      const faint = run.style.dim ? ' opacity="0.6"' : '';
      for (const { text, at, cells } of wordsOf(run.text)) {
        const place = `x="${(x + at * CELL_WIDTH).toFixed(1)}" y="${top + 13}"`;
        const length = `textLength="${(cells * CELL_WIDTH).toFixed(1)}"`;
        texts.push(`<text ${place} ${length} fill="${hex(ink)}"${weight}${faint}>${escaped(text)}</text>`);
      }
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="100%" height="100%" rx="8" fill="${hex(ground)}"/>`,
    ...grounds,
    `<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">`,
    ...texts,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

interface Run {
  readonly x: number;
  readonly cells: number;
  readonly text: string;
  readonly style: Style;
}

function runsOf(canvas: Canvas, y: number): Run[] {
  const runs: Run[] = [];
  const row = y * canvas.width;
  for (let x = 0; x < canvas.width; ) {
    const style = canvas.styles[row + x] as number;
    let end = x;
    let text = '';
    while (end < canvas.width && canvas.styles[row + end] === style) {
      const isAlone = isFromElsewhere(canvas.glyphs[row + end] as string);
      if (isAlone && end > x) break;
      text += canvas.glyphs[row + end++];
      if (isAlone) {
        if (canvas.glyphs[row + end] === '') end++;
        break;
      }
    }
    runs.push({ x, cells: end - x, text, style: styleOf(style) });
    x = end;
  }
  return runs;
}

/**
 * Words with single blanks between them, and the cell at which they begin. Browsers do not agree on blanks at the ends of
 * a text and on several of them: a text that lost some would be stretched over the cells of all.
 */
function wordsOf(text: string): { readonly text: string; readonly at: number; readonly cells: number }[] {
  return [...text.matchAll(/\S+(?: \S+)*/g)].map((match) => ({
    text: match[0],
    at: cellsOf(text.slice(0, match.index)),
    cells: cellsOf(match[0]),
  }));
}

/**
 * Fonts take such glyphs from other fonts, in which they are not as wide: in a run of their own they move nothing.
 * Letters, box drawing and block elements are in every monospace font.
 */
function isFromElsewhere(glyph: string): boolean {
  const code = glyph.codePointAt(0) ?? 0x20;
  return code >= 0x250 && !(code >= 0x2500 && code < 0x25a0) && code !== 0x2026 && code !== 0x2013;
}

function coloursOf({ foreground, background, reverse }: Style): [ink: number, paper: number] {
  const [ink, paper] = [foreground ?? INK, background ?? PAPER];
  return reverse ? [paper, ink] : [ink, paper];
}

function hex(colour: number): string {
  return `#${colour.toString(16).padStart(6, '0')}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
