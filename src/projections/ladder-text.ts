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
import { ASCII, type LadderLook, lifelines, type Pen, timeOf, UNICODE, words, wrapped } from './ladder-pen.ts';
import type { Paint, Style } from './paint.ts';
import { cellsOf, fitted, padded, paddedLeft } from './printable.ts';
import { seconds } from './time.ts';
import type { Topology } from './topology.ts';

export type { LadderLook } from './ladder-pen.ts';

const LEAST_WIDTH = 40;
/** What an application says may be as long as it likes. */
const NOTE_LINES = 3;
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
  const below = columns.names.map((name) => words(captions?.get(name) ?? '', pen.ascii));
  const lines = staggered(pen, names, columns, 'strong');
  if (below.every((text) => text === '')) return lines;
  const captionLines = staggered(pen, below, columns, 'dim');
  // Half an address misleads: where they do not all fit there are none.
  return captionLines.some((line) => line.includes(pen.glyphs.more)) ? lines : [...lines, ...captionLines];
}

/** One line where all texts fit side by side, else two: every other text moves down. */
function staggered(pen: Pen, texts: readonly string[], columns: Columns, style: Style): string[] {
  const line = over(pen, texts, columns, style);
  if (!line.includes(pen.glyphs.more)) return [line];
  return [0, 1].map((parity) => {
    const isOn = (_: unknown, index: number) => index % 2 === parity;
    const every = { ...columns, at: columns.at.filter(isOn) };
    return over(pen, texts.filter(isOn), every, style);
  });
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
  if (row.kind === 'note') {
    return columns.labels === 'inside' ? insideNote(pen, columns, row) : besideNote(pen, columns, row);
  }
  return columns.labels === 'inside' ? insideLines(pen, columns, row) : besideLines(pen, columns, row);
}

function foldText({ glyphs }: Pen, row: FoldRow): string {
  const lost = row.lost > 0 ? ` (${row.lost} of them lost)` : '';
  const what = [
    row.frames > 0 ? `${row.frames} frame${row.frames === 1 ? '' : 's'}${lost}` : '',
    row.notes > 0 ? `${row.notes} note${row.notes === 1 ? '' : 's'}` : '',
  ];
  return `${glyphs.more} ${what.filter((part) => part !== '').join(' and ')} folded (see --full)`;
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

function insideNote(pen: Pen, columns: Columns, row: NoteRow): string[] {
  const { paint, glyphs } = pen;
  const [left = 0, right = 0] = columns.at;
  const inner = right - left - 1;
  const index = columns.names.indexOf(row.moment.node);
  const side = paint('dim', glyphs.lifeline);
  const lines = wrapped(pen, noteWords(pen, row, index >= 0), inner - 4, NOTE_LINES);
  return lines.map((text, at) => {
    const mark = at === 0 ? glyphs.notes[row.moment.kind] : ' ';
    const body =
      index === 1 ? `${paddedLeft(`${text} ${mark}`, inner - 1)} ` : ` ${padded(`${mark} ${text}`, inner - 1)}`;
    const start = at === 0 ? `${timeOf(pen, row.atNs)}${' '.repeat(left - pen.times)}` : ' '.repeat(left);
    return `${start}${side}${paint(noteStyle(row), body)}${side}`;
  });
}

/** The mark stands on the node's lifeline, the words beside. */
function besideNote(pen: Pen, columns: Columns, row: NoteRow): string[] {
  const { paint, glyphs, times } = pen;
  const index = columns.names.indexOf(row.moment.node);
  const style = noteStyle(row);
  const mark = glyphs.notes[row.moment.kind];
  const line = lifelines(columns, glyphs.lifeline);
  const at = columns.at[index];
  const text = `${index < 0 ? `${mark} ` : ''}${noteWords(pen, row, index >= 0)}`;
  const first = line.slice(times);
  const lanes = at === undefined ? paint('dim', first) : marked(paint, style, first, at - times, mark);
  return wrapped(pen, text, pen.width - columns.end - 2, NOTE_LINES).map((words, number) =>
    number === 0
      ? `${timeOf(pen, row.atNs)}${lanes}  ${paint(style, words)}`
      : `${paint('dim', line)}  ${paint(style, words)}`,
  );
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
