/**
 * Draws a ladder as lines of text.
 *
 *     0.000000 ├── TCP  49152 → 80 [SYN] Seq=0 ──────────────▶│ 0.020000
 *     1.000000 ├╌╌ TCP  [TCP Retransmission] … ╌╌✗ loss 5%    │
 *
 * On the left the time at which a frame was sent, on the right the time at which it arrived. Two nodes leave room for
 * the words inside the arrow; with more, the words stand right of the lifelines.
 */

import type { Nanos } from '../kernel/journal.ts';
import type { FoldRow, LadderRow, NoteRow } from './ladder.ts';
import { besideLines, insideLines, isWell, outcome, styleOf } from './ladder-arrows.ts';
import { type Columns, columnOrder, columnsFor } from './ladder-columns.ts';
import { ASCII, type LadderLook, lifelines, type Pen, timeOf, UNICODE, words } from './ladder-pen.ts';
import type { Paint, Style } from './paint.ts';
import { cellsOf, fitted, padded, paddedLeft } from './printable.ts';
import { seconds } from './time.ts';
import type { Topology } from './topology.ts';

export type { LadderLook } from './ladder-pen.ts';

const LEAST_WIDTH = 40;
const ROOMY_WIDTH = 64;

export function drawLadder(rows: readonly LadderRow[], topology: Topology, look: LadderLook): string[] {
  const { paint, ascii } = look;
  const width = Math.max(LEAST_WIDTH, look.width);
  const times = timeCells(rows);
  const names = columnOrder(topology);
  // The times of arrival stand right of the second of two nodes, where there is room.
  const hasArrivals = names.length === 2 && width >= ROOMY_WIDTH;
  const pen: Pen = { paint, ascii, glyphs: ascii ? ASCII : UNICODE, width, times, hasArrivals };
  const columns = columnsFor(names, times + 1, hasArrivals ? width - times : width);
  if (!columns) return rows.map((row) => listRow(pen, row));
  return [...header(pen, columns, look.captions), ...rows.flatMap((row) => drawRow(pen, columns, row))];
}

/** Every time of a ladder takes as many cells as its latest. */
function timeCells(rows: readonly LadderRow[]): number {
  let latest: Nanos = 0;
  for (const row of rows) {
    if (row.kind === 'fold') continue;
    latest = Math.max(latest, row.atNs, row.kind === 'frame' ? (row.crossing.endedNs ?? 0) : 0);
  }
  return seconds(latest).length + 1;
}

function header(pen: Pen, columns: Columns, captions: LadderLook['captions']): string[] {
  const names = columns.names.map((name) => words(name, pen.ascii));
  const seconds = columns.names.map((name) => words(captions?.get(name) ?? '', pen.ascii));
  const lines = [over(pen, names, columns, 'strong')];
  if (seconds.every((text) => text === '')) return lines;
  const line = over(pen, seconds, columns, 'dim');
  // Half an address misleads: where they do not all fit there are none.
  if (!line.includes(pen.glyphs.more)) lines.push(line);
  return lines;
}

/** Texts centred over the lifelines; the first and the last stay inside the line. */
function over(pen: Pen, texts: readonly string[], columns: Columns, style: Style): string {
  let line = '';
  let used = 0;
  for (const [index, text] of texts.entries()) {
    const at = columns.at[index] ?? 0;
    const next = columns.at[index + 1];
    const room = (next === undefined ? pen.width : Math.floor((at + next) / 2)) - used;
    const shown = fitted(text, Math.max(1, room - 1), pen.glyphs.more);
    const cells = cellsOf(shown);
    const start = Math.max(used + (used > 0 ? 1 : 0), Math.min(at - Math.floor(cells / 2), pen.width - cells));
    if (shown === '') continue;
    line += ' '.repeat(start - used) + pen.paint(style, shown);
    used = start + cells;
  }
  return line;
}

function drawRow(pen: Pen, columns: Columns, row: LadderRow): string[] {
  if (row.kind === 'fold') return [foldLine(pen, columns, row)];
  if (row.kind === 'note')
    return [columns.labels === 'inside' ? insideNote(pen, columns, row) : besideNote(pen, columns, row)];
  return columns.labels === 'inside' ? insideLines(pen, columns, row) : besideLines(pen, columns, row);
}

function foldText({ glyphs }: Pen, row: FoldRow): string {
  const lost = row.lost > 0 ? ` (${row.lost} of them lost)` : '';
  const what = [
    row.frames > 0 ? `${row.frames} frame${row.frames === 1 ? '' : 's'}${lost}` : '',
    row.notes > 0 ? `${row.notes} note${row.notes === 1 ? '' : 's'}` : '',
  ];
  return `${glyphs.more} ${what.filter((part) => part !== '').join(' and ')} folded, --full shows all`;
}

function foldLine(pen: Pen, columns: Columns, row: FoldRow): string {
  const { paint, glyphs, width } = pen;
  const text = foldText(pen, row);
  if (columns.labels === 'beside') {
    return paint('dim', `${lifelines(columns, glyphs.fold)}  ${fitted(text, width - columns.end - 2, glyphs.more)}`);
  }
  const [left = 0, right = 0] = columns.at;
  const inner = right - left - 1;
  const shown = fitted(text, inner - 2, glyphs.more);
  const middle = padded(' '.repeat(Math.floor((inner - cellsOf(shown)) / 2)) + shown, inner);
  return paint('dim', `${' '.repeat(left)}${glyphs.fold}${middle}${glyphs.fold}`);
}

function noteStyle({ moment }: NoteRow): Style {
  return moment.kind === 'dropped' ? 'error' : moment.kind === 'input' ? 'strong' : moment.layer;
}

/** What is noted of a node that has no lifeline, or of a link, starts with its name. */
function noteWords(pen: Pen, { moment }: NoteRow, hasLifeline: boolean): string {
  const { node, text } = moment;
  return words(hasLifeline || text.includes(node) ? text : `${node}: ${text}`, pen.ascii);
}

function insideNote(pen: Pen, columns: Columns, row: NoteRow): string {
  const { paint, glyphs } = pen;
  const [left = 0, right = 0] = columns.at;
  const inner = right - left - 1;
  const index = columns.names.indexOf(row.moment.node);
  const mark = glyphs.notes[row.moment.kind];
  const text = fitted(noteWords(pen, row, index >= 0), inner - 4, glyphs.more);
  const body =
    index === 1 ? `${paddedLeft(`${text} ${mark}`, inner - 1)} ` : ` ${padded(`${mark} ${text}`, inner - 1)}`;
  const margin = ' '.repeat(left - pen.times);
  return `${timeOf(pen, row.atNs)}${margin}${glyphs.lifeline}${paint(noteStyle(row), body)}${glyphs.lifeline}`;
}

/** The mark stands on the node's lifeline, the words beside. */
function besideNote(pen: Pen, columns: Columns, row: NoteRow): string {
  const { paint, glyphs, times } = pen;
  const index = columns.names.indexOf(row.moment.node);
  const style = noteStyle(row);
  const mark = glyphs.notes[row.moment.kind];
  const line = lifelines(columns, glyphs.lifeline).slice(times);
  const at = columns.at[index];
  const text = fitted(
    `${index < 0 ? `${mark} ` : ''}${noteWords(pen, row, index >= 0)}`,
    pen.width - columns.end - 2,
    glyphs.more,
  );
  const lanes = at === undefined ? paint('dim', line) : marked(paint, style, line, at - times, mark);
  return `${timeOf(pen, row.atNs)}${lanes}  ${paint(style, text)}`;
}

function marked(paint: Paint, style: Style, line: string, at: number, mark: string): string {
  return `${paint('dim', line.slice(0, at))}${paint(style, mark)}${paint('dim', line.slice(at + 1))}`;
}

/** Too many nodes for columns: a line says from where to where. */
function listRow(pen: Pen, row: LadderRow): string {
  const { paint, glyphs, width, times } = pen;
  if (row.kind === 'fold') return paint('dim', `${' '.repeat(times)}  ${foldText(pen, row)}`);
  const time = timeOf(pen, row.atNs);
  const room = width - times - 2;
  if (row.kind === 'note') {
    const text = `${words(row.moment.node, pen.ascii)} ${glyphs.notes[row.moment.kind]} ${noteWords(pen, row, true)}`;
    return `${time}  ${paint(noteStyle(row), fitted(text, room, glyphs.more))}`;
  }
  const { from, to } = row.crossing;
  const arrow = isWell(row.crossing) ? `${glyphs.line}${glyphs.tipRight}` : `${glyphs.dash}${glyphs.lost}`;
  const why = outcome(pen, row.crossing);
  const where = `${words(from.node, pen.ascii)} ${arrow} ${words(to.node, pen.ascii)}`;
  const text = `${where}  ${words(row.protocol, pen.ascii)}  ${words(row.info, pen.ascii)}`;
  return `${time}  ${paint(styleOf(row), fitted(why === '' ? text : `${text}  ${glyphs.lost} ${why}`, room, glyphs.more))}`;
}
