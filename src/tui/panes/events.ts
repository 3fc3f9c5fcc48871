/** The frames so far as tshark lists them, one a line; with a filter, those that match. */

import { padded } from '../../projections/printable.ts';
import { seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { flaggedFrames } from '../lesson.ts';
import { isRoomy } from '../model.ts';
import type { View } from '../view.ts';
import { framesInSight } from './sight.ts';

/** The frames on the lines of the pane, from the top. */
export function eventRows(view: View, rows: number): number[] {
  const { chronicle, seq, model, frame } = view;
  const count = chronicle.crossings.countAt(seq);
  return framesInSight({ count, frame, ahead: Math.floor(rows / 4), matches: model.matches, seq }, rows);
}

export function hasHeading(view: View, rect: Rect): boolean {
  return isRoomy(view.model) || rect.height > 5;
}

export function drawEvents(canvas: Canvas, rect: Rect, view: View): void {
  const { theme } = view;
  const { x, width } = rect;
  let { y, height } = rect;
  const node = Math.max(
    6,
    Math.min(10, ...[Math.max(...view.chronicle.topology.nodes.map(({ name }) => name.length))]),
  );
  const columns = { number: x + 1, time: x + 6, source: x + 16, protocol: x + 18 + node, info: x + 25 + node };
  if (hasHeading(view, rect)) {
    canvas.text(columns.number + 1, y, 'No', theme.dim);
    canvas.text(columns.time, y, 'Time', theme.dim);
    canvas.text(columns.source, y, 'Src', theme.dim);
    canvas.text(columns.protocol, y, 'Proto', theme.dim);
    canvas.text(columns.info, y, 'Info', theme.dim);
    y++;
    height--;
  }
  const rows = eventRows(view, height);
  const flagged = flaggedFrames(view.model);
  if (rows.length === 0) {
    const text = view.model.filter ? 'no frame so far matches' : 'no frame has left yet';
    canvas.text(columns.info, y, text, theme.dim, x + width - columns.info);
  }
  for (const [line, index] of rows.entries())
    drawRow(canvas, { x, y: y + line, width, height: 1 }, view, index, columns, node, flagged.has(index));
}

interface Columns {
  readonly number: number;
  readonly time: number;
  readonly source: number;
  readonly protocol: number;
  readonly info: number;
}

function drawRow(
  canvas: Canvas,
  rect: Rect,
  view: View,
  index: number,
  columns: Columns,
  node: number,
  isFlagged: boolean,
): void {
  const { theme, chronicle, seq, frame } = view;
  const { x, y, width } = rect;
  const passage = chronicle.crossings.all[index];
  if (!passage) return;
  const crossing = chronicle.crossings.at(passage, seq);
  const { protocol, info } = chronicle.frames.textOf(index);
  const isChosen = index === frame;
  const isLost = crossing.fate === 'lost' || crossing.fate === 'damaged';
  const isQuiet = chronicle.frames.isPassedOn(passage) && !isLost;
  const ground = isChosen ? theme.selected : theme.text;
  if (isChosen) canvas.fill(x, y, width, ' ', theme.selected);
  const base = isLost ? theme.errorStrong : isFlagged ? theme.warning : isQuiet ? theme.dim : theme.text;
  const style = isChosen ? (isLost ? theme.on(theme.errorStrong, ground) : theme.selected) : base;
  if (isChosen) canvas.text(x, y, '▶', style);
  if (isFlagged) canvas.text(columns.time - 1, y, '!', isChosen ? theme.on(theme.warning, ground) : theme.warning);
  canvas.textBefore(columns.time - 2, y, String(index + 1), isChosen || isLost ? style : theme.dim, 5);
  canvas.text(columns.time, y, seconds(crossing.takenNs), style, 9);
  canvas.text(columns.source, y, padded(passage.from.node, node), style);
  const protocolStyle =
    isLost || isChosen || isQuiet || isFlagged ? style : theme.layer(chronicle.frames.textOf(index).layer);
  canvas.text(columns.protocol, y, padded(protocol, 6), protocolStyle);
  const lost = crossing.fate === 'lost' ? '✗ LOST  ' : crossing.fate === 'damaged' ? '✗ DAMAGED  ' : '';
  const state = crossing.departedNs === null && crossing.fate === 'in-flight' ? 'waits  ' : '';
  const room = x + width - columns.info;
  canvas.text(columns.info, y, `${lost}${state}${info}`, style, room);
}
