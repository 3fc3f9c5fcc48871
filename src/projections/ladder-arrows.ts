/** Draws one crossing: inside the gap between two lifelines, or with its words beside the lifelines. */

import type { Crossing } from './crossings.ts';
import type { FrameRow } from './ladder.ts';
import type { Columns } from './ladder-columns.ts';
import { lifelines, type Pen, timeOf, words, wrapped } from './ladder-pen.ts';
import type { Paint, Style } from './paint.ts';
import { cellsOf, fitted, padded, paddedLeft } from './printable.ts';
import { seconds } from './time.ts';

/** An arrow shows at least this much of itself besides its words: two dashes, three, a tip and blanks. */
const BARE_CELLS = 8;

/** What became of a frame, in a few words; empty when it simply arrived. */
export function outcome(pen: Pen, crossing: Crossing): string {
  if (crossing.fate === 'damaged') return 'damaged';
  if (crossing.fate === 'in-flight') return crossing.departedNs === null ? 'still waits' : 'still on its way';
  return crossing.loss ? words(shortLoss(crossing.loss.detail, crossing.link), pen.ascii) : '';
}

/** The detail without what the picture shows already: which link it was. */
function shortLoss(detail: string, link: string): string {
  const prefix = `lost on ${link}`;
  if (!detail.startsWith(prefix)) return detail;
  const rest = detail.slice(prefix.length).replace(/^[ :]*\(?|\)$/g, '');
  return rest === '' ? 'lost' : rest;
}

export function isWell(crossing: Crossing): boolean {
  return crossing.fate === 'arrived' || crossing.fate === 'in-flight';
}

export function styleOf(row: FrameRow): Style {
  return isWell(row.crossing) ? row.layer : 'error';
}

function labelOf(pen: Pen, row: FrameRow): string {
  const copy = row.crossing.isCopy ? ' (copy made by the network)' : '';
  return `${words(row.protocol, pen.ascii)}  ${words(row.info, pen.ascii)}${copy}`;
}

/**
 * Two nodes. The words stand in the arrow. Where they do not fit, the line above takes a part of them: what the analysis
 * says (`[TCP Retransmission]`) if that makes the rest fit, else as much as it holds.
 */
export function insideLines(pen: Pen, columns: Columns, row: FrameRow): string[] {
  const { paint, glyphs } = pen;
  const { crossing } = row;
  const [left = 0, right = 0] = columns.at;
  const inner = right - left - 1;
  const why = outcome(pen, crossing);
  const reason = why === '' ? '' : ` ${why} `;
  const toRight = crossing.from.node === columns.names[0];
  const { above, label } = splitLabel(pen, labelOf(pen, row), inner, reason);
  const { fate, endedNs } = crossing;
  const arrived = pen.hasArrivals && fate === 'arrived' && endedNs !== null ? ` ${seconds(endedNs)}` : '';
  const arrow = insideArrow(pen, row, inner, toRight, label === '' ? '' : ` ${label} `, reason);
  const side = paint('dim', glyphs.lifeline);
  const bodies = above.map((text) => {
    const body = toRight ? `  ${padded(text, inner - 2)}` : `${paddedLeft(text, inner - 2)}  `;
    return `${side}${paint(styleOf(row), body)}${side}`;
  });
  const lines = [...bodies, `${arrow}${paint('dim', arrived)}`];
  const start = `${timeOf(pen, row.atNs)}${' '.repeat(left - pen.times)}`;
  return lines.map((line, index) => `${index === 0 ? start : ' '.repeat(left)}${line}`);
}

interface SplitLabel {
  readonly above: readonly string[];
  /** What stands in the arrow. */
  readonly label: string;
}

function splitLabel(pen: Pen, whole: string, inner: number, reason: string): SplitLabel {
  const room = inner - BARE_CELLS - cellsOf(reason);
  if (cellsOf(whole) <= room) return { above: [], label: whole };
  const [, protocol = '', found = '', rest = ''] = /^(\S+) {2}((?:\[TCP [^\]]+\] ?)+)(.+)$/.exec(whole) ?? [];
  if (found !== '' && cellsOf(protocol) + 2 + cellsOf(rest) <= room) {
    return { above: [found.trim()], label: `${protocol}  ${rest}` };
  }
  const lines = wrapped(pen, whole, inner - 4, 4);
  const last = lines.at(-1) ?? '';
  return lines.length > 1 && cellsOf(last) <= room
    ? { above: lines.slice(0, -1), label: last }
    : { above: lines, label: '' };
}

/** From lifeline to lifeline: `├── label ───▶│`, `│◀─── label ──┤`, `├╌╌ label ╌╌╌✗ loss 5%  │`. */
function insideArrow(
  { paint, glyphs }: Pen,
  row: FrameRow,
  inner: number,
  toRight: boolean,
  label: string,
  reason: string,
): string {
  const { crossing } = row;
  const isWhole = crossing.fate === 'arrived';
  const dash = isWell(crossing) ? glyphs.line : glyphs.dash;
  // A frame that does not arrive stops short of the other side, far enough for its reason to stand there.
  const room = Math.max(0, inner - BARE_CELLS + 2 - cellsOf(label));
  const short = isWhole ? 0 : Math.min(room, Math.max(cellsOf(reason), Math.floor(inner / 6)));
  const shown = fitted(reason, room, glyphs.more);
  const length = inner - short;
  const tail = dash.repeat(Math.max(0, length - cellsOf(label) - 3));
  const tip = tipOf(glyphs, crossing, toRight);
  const begin = crossing.isCopy ? glyphs.lifeline : toRight ? glyphs.startRight : glyphs.startLeft;
  const start = dash.repeat(2);
  const style = styleOf(row);
  const rest: Style = isWell(crossing) ? 'dim' : 'error';
  const side = paint('dim', glyphs.lifeline);
  const gap = inner - length;
  if (toRight) return paint(style, `${begin}${start}${label}${tail}${tip}`) + paint(rest, padded(shown, gap)) + side;
  return side + paint(rest, paddedLeft(shown, gap)) + paint(style, `${tip}${tail}${label}${start}${begin}`);
}

/** An arrow's end says what became of the frame. */
function tipOf(glyphs: Pen['glyphs'], { fate }: Crossing, toRight: boolean): string {
  if (fate === 'arrived') return toRight ? glyphs.tipRight : glyphs.tipLeft;
  return fate === 'in-flight' ? glyphs.moving : glyphs.lost;
}

/** More nodes: the arrow joins two lifelines, the words stand right of all of them, over several lines when need be. */
export function besideLines(pen: Pen, columns: Columns, row: FrameRow): string[] {
  const { paint, glyphs, times } = pen;
  const { crossing } = row;
  const room = pen.width - columns.end - 2;
  const named = words(row.protocol, pen.ascii);
  // ICMPv6 would lose what tells it from ICMP.
  const cells = cellsOf(named) === 6 ? 6 : 5;
  const protocol = padded(named, cells);
  const copy = crossing.isCopy ? ' (copy made by the network)' : '';
  const why = outcome(pen, crossing);
  const info = `${words(row.info, pen.ascii)}${copy}`;
  const lines = wrapped(pen, info, room - cells - 1, row.isPassedOn ? 1 : 3);
  const style = styleOf(row);
  // What a switch passes on says what it said before: the arrow counts, the words step back.
  const wordStyle: Style = row.isPassedOn && isWell(crossing) ? 'dim' : style;
  const texts = lines.map((line, index) => paint(wordStyle, `${index === 0 ? protocol : ' '.repeat(cells)} ${line}`));
  if (why !== '') {
    const reason = `${isWell(crossing) ? glyphs.moving : glyphs.lost} ${why}`;
    const last = lines.at(-1) ?? '';
    const rest: Style = isWell(crossing) ? 'dim' : 'error';
    if (cellsOf(last) + cellsOf(reason) + 8 <= room) texts.push(`${texts.pop() ?? ''}  ${paint(rest, reason)}`);
    else texts.push(paint(rest, `      ${fitted(reason, room - 6, glyphs.more)}`));
  }
  const arrow = paintSpan(paint, style, arrowLine(pen, columns, crossing), times);
  const blank = paint('dim', lifelines(columns, glyphs.lifeline));
  return texts.map((text, index) => `${index === 0 ? timeOf(pen, row.atNs) + arrow : blank}  ${text}`);
}

/** A line, and the part of it, from cell to before cell, that is the arrow. */
interface Span {
  readonly line: string;
  readonly from: number;
  readonly to: number;
}

/** Lifelines with an arrow from one to another; it passes behind those between them. */
function arrowLine({ glyphs }: Pen, columns: Columns, crossing: Crossing): Span {
  const cells = [...lifelines(columns, glyphs.lifeline)];
  const from = columns.at[columns.names.indexOf(crossing.from.node)] ?? 0;
  const to = columns.at[columns.names.indexOf(crossing.to.node)] ?? 0;
  const toRight = from < to;
  const step = toRight ? 1 : -1;
  const isWhole = crossing.fate === 'arrived';
  const dash = isWell(crossing) ? glyphs.line : glyphs.dash;
  const last = isWhole ? to - step : from + step * Math.max(2, Math.floor((Math.abs(to - from) * 2) / 3));
  for (let at = from + step; at !== last; at += step) {
    if (cells[at] !== glyphs.lifeline) cells[at] = dash;
  }
  cells[last] = tipOf(glyphs, crossing, toRight);
  if (!crossing.isCopy) cells[from] = toRight ? glyphs.startRight : glyphs.startLeft;
  return { line: cells.join(''), from: Math.min(from, last), to: Math.max(from, last) + 1 };
}

/** The arrow in its colour, the lifelines left and right of it dim; the first `skip` cells belong to the time. */
function paintSpan(paint: Paint, style: Style, { line, from, to }: Span, skip: number): string {
  return `${paint('dim', line.slice(skip, from))}${paint(style, line.slice(from, to))}${paint('dim', line.slice(to))}`;
}
