/** The field tree over the octets; a field is chosen in both at once. */

import { cellsOf } from '../../projections/printable.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { TreeRow } from '../field-tree.ts';
import type { StyleId } from '../style.ts';
import type { View } from '../view.ts';
import { drawRule } from './frame.ts';

/** Lines of the tree and of the hex below it, a rule between. */
export function split(
  rect: Rect,
  octets: number,
): { readonly tree: number; readonly hex: number; readonly perLine: number } {
  const perLine = rect.width >= 76 ? 16 : 8;
  const needed = Math.ceil(octets / perLine);
  const share = Math.max(3, Math.floor((rect.height - 1) * 0.4));
  const hex = Math.max(2, Math.min(needed, rect.height >= 20 ? share : Math.max(3, Math.floor(rect.height * 0.42))));
  return { tree: rect.height - 1 - hex, hex, perLine };
}

/** The first line shown of a list, so that the chosen one is in sight. */
export function firstShown(chosen: number, rows: number, lines: number): number {
  if (rows <= lines || chosen < 0) return 0;
  return Math.max(0, Math.min(rows - lines, chosen - Math.floor(lines / 2)));
}

/** Which row comes first: by the choice, else where the layer at the cursor begins. */
export function firstRow(view: View, lines: number): number {
  const { rows, chosen, layer, packet } = view;
  if (chosen) return firstShown(rows.indexOf(chosen), rows.length, lines);
  if (!packet || packet.phase === 'wire' || packet.phase === 'queued') return 0;
  const at = rows.findLastIndex((row) => row.kind === 'protocol' && row.layer === layer);
  return at < 0 ? 0 : Math.max(0, Math.min(at, rows.length - lines));
}

export function drawBytes(canvas: Canvas, rect: Rect, view: View, isFocused: boolean): void {
  const { packet, theme } = view;
  if (!packet) {
    canvas.text(rect.x + 1, rect.y, 'no packet yet', theme.dim);
    return;
  }
  const { tree, perLine } = split(rect, packet.bytes.length);
  drawTree(canvas, { ...rect, height: tree }, view);
  drawRule(canvas, rect, rect.y + tree, isFocused, theme);
  drawHex(canvas, { ...rect, y: rect.y + tree + 1, height: rect.height - tree - 1 }, view, perLine);
}

function drawTree(canvas: Canvas, rect: Rect, view: View): void {
  const { rows, theme } = view;
  // Where there is room for it, a MAC address stands in full beside the labels.
  const longest = Math.max(12, ...rows.map(({ label }) => cellsOf(label)));
  const labels = Math.min(longest, Math.max(14, rect.width - 23));
  const first = firstRow(view, rect.height);
  for (let line = 0; line < rect.height; line++) {
    const row = rows[first + line];
    if (row) drawTreeRow(canvas, { ...rect, y: rect.y + line, height: 1 }, view, row, labels);
  }
  if (rows.length === 0) canvas.text(rect.x + 1, rect.y, 'octets of an application', theme.dim);
  if (first + rect.height < rows.length) canvas.text(rect.x + rect.width - 1, rect.y + rect.height - 1, '↓', theme.dim);
}

function drawTreeRow(canvas: Canvas, rect: Rect, view: View, row: TreeRow, labels: number): void {
  const { theme, chosen } = view;
  const { x, y, width } = rect;
  const isChosen = row === chosen;
  const filled = theme.layerFilled(row.layer);
  if (isChosen) canvas.fill(x, y, width, ' ', filled);
  const valueAt = x + 3 + labels + 2;
  if (row.kind === 'protocol') {
    const style = isChosen ? filled : theme.layerStrong(row.layer);
    canvas.text(x, y, row.isFolded ? '▸' : '▾', style);
    canvas.text(x + 2, y, row.label, style, labels + 2);
    canvas.text(valueAt, y, row.value, isChosen ? filled : theme.dim);
    return;
  }
  canvas.text(x + 3, y, row.label, isChosen ? filled : theme.text, labels);
  const isBad = row.value.startsWith('✗');
  canvas.text(valueAt, y, row.value, isChosen ? filled : isBad ? theme.errorStrong : theme.strong, x + width - valueAt);
}

export function drawHex(canvas: Canvas, rect: Rect, view: View, perLine: number): void {
  const { packet, chosen, theme } = view;
  const bytes = packet?.bytes ?? new Uint8Array(0);
  const lines = Math.ceil(bytes.length / perLine);
  const first = chosen && chosen.length > 0 ? firstShown(Math.floor(chosen.at / perLine), lines, rect.height) : 0;
  const styles = octetStyles(view);
  const asciiAt = rect.x + 5 + perLine * 3 + 1;
  const hasAscii = asciiAt + perLine <= rect.x + rect.width;
  for (let line = 0; line < rect.height && first + line < lines; line++) {
    const y = rect.y + line;
    const offset = (first + line) * perLine;
    canvas.text(rect.x, y, offset.toString(16).padStart(4, '0'), theme.dim);
    for (let at = 0; at < perLine && offset + at < bytes.length; at++) {
      const octet = bytes[offset + at] as number;
      const style = styles(offset + at);
      const isJoined = isChosenOctet(view, offset + at) && isChosenOctet(view, offset + at + 1) && at < perLine - 1;
      canvas.text(rect.x + 5 + at * 3, y, octet.toString(16).padStart(2, '0') + (isJoined ? ' ' : ''), style);
      if (hasAscii)
        canvas.text(asciiAt + at, y, octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '·', style);
    }
  }
}

function isChosenOctet({ chosen }: View, at: number): boolean {
  return chosen !== null && at >= chosen.at && at < chosen.at + chosen.length;
}

/** Each octet in its layer's colour, the chosen field's filled; what a link damaged is marked. */
function octetStyles(view: View): (at: number) => StyleId {
  const { protocols, chosen, theme, packet, chronicle, frame } = view;
  const length = packet?.bytes.length ?? 0;
  const hasFcs = view.frame >= 0;
  const original = frame >= 0 ? chronicle.entries[chronicle.crossings.all[frame]?.takenSeq ?? -1]?.event : null;
  const sent = original && 'bytes' in original ? original.bytes : null;
  const messageLayer = packet?.nest[0]?.layer ?? 7;
  const innermost = protocols.reduce((end, { at, length: size }) => Math.max(end, at + size), 0);
  return (at) => {
    if (chosen && isChosenOctet(view, at)) return theme.layerFilled(chosen.layer);
    if (sent && packet?.phase !== 'wire' && sent[at] !== packet?.bytes[at]) return theme.errorStrong;
    const own = protocols.findLast((one) => at >= one.at && at < one.at + one.length);
    if (own && own.at + own.length > at) return theme.layer(own.layer);
    if (hasFcs && at >= length - 4) return theme.layer(2);
    return at >= innermost ? theme.layer(messageLayer) : theme.text;
  };
}
