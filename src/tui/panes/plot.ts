/** The time-sequence plot of what one end sent, in dots of which each cell has eight. */

import type { Chronicle } from '../../projections/chronicle.ts';
import type { TcpEnd } from '../../projections/tcp-log.ts';
import { seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { StyleId } from '../style.ts';
import type { View } from '../view.ts';
import { axisEnd } from './scenery.ts';

/** Bits of a braille cell, by column and row (Unicode 16, block 2800). */
const DOTS: readonly (readonly number[])[] = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];
/** More segments than this are thinned: there are not as many dots. */
const MOST_DOTS = 4000;
const SECOND = 1_000_000_000;

export function drawPlot(canvas: Canvas, rect: Rect, view: View, end: TcpEnd): void {
  const { theme, chronicle, seq, nowNs } = view;
  const left = rect.x + 9;
  const cells = rect.x + rect.width - 2 - left;
  const rows = rect.height - 2;
  const first = end.sent[0]?.atNs ?? 0;
  const spanNs = axisEnd(Math.max(1000, nowNs - first));
  const count = end.sentUntil(seq);
  const most = Math.max(1, end.sent[count - 1]?.next ?? 1);
  const top = axisEnd(most * SECOND) / SECOND;
  const dots = new Uint8Array(cells * rows);
  const spot = (atNs: number, octet: number) => ({
    x: Math.min(cells * 2 - 1, Math.floor(((atNs - first) / spanNs) * cells * 2)),
    y: rows * 4 - 1 - Math.min(rows * 4 - 1, Math.floor((octet / top) * rows * 4)),
  });
  const dot = (atNs: number, octet: number) => {
    const { x, y } = spot(atNs, octet);
    const cell = Math.floor(y / 4) * cells + Math.floor(x / 2);
    dots[cell] = (dots[cell] as number) | (DOTS[x % 2]?.[y % 4] ?? 0);
  };
  const stride = Math.max(1, Math.floor(count / MOST_DOTS));
  for (let at = 0; at < count; at += stride) {
    const segment = end.sent[at];
    if (segment && segment.length > 0) dot(segment.atNs, segment.from + segment.length);
  }
  canvas.text(rect.x + 1, rect.y, 'bytes ▲ time-sequence', theme.dim);
  canvas.textBefore(
    rect.x + rect.width - 1,
    rect.y,
    '⠂ data  ─ acknowledged  ✗ lost  ⟲ again',
    theme.dim,
    rect.width - 26,
  );
  for (let row = 0; row < rows; row++) {
    const y = rect.y + 1 + row;
    if (row % 3 === 0) canvas.textBefore(left - 1, y, octetText((top * (rows - row)) / rows), theme.dim, 7);
    canvas.text(left - 1, y, '┤', theme.dim);
    for (let cell = 0; cell < cells; cell++) {
      const bits = dots[row * cells + cell] as number;
      if (bits !== 0) canvas.text(left + cell, y, String.fromCharCode(0x2800 + bits), theme.layer(4));
    }
  }
  const cellOf = (atNs: number, octet: number) => {
    const { x, y } = spot(atNs, octet);
    return { x: left + Math.floor(x / 2), y: rect.y + 1 + Math.floor(y / 4) };
  };
  drawAcknowledgments(canvas, view, end, cellOf);
  const put = (index: number, glyph: string, style: StyleId) => {
    const segment = end.sent[index];
    if (!segment || segment.length === 0) return;
    const place = cellOf(segment.atNs, segment.from + segment.length);
    canvas.text(place.x, place.y, glyph, style);
  };
  for (const index of thinned(end.again)) if (index < count) put(index, '⟲', theme.warning);
  for (const index of lostOf(chronicle, end, seq)) put(index, '✗', theme.errorStrong);
  const axis = rect.y + rect.height - 1;
  canvas.text(left - 1, axis, `┼${'─'.repeat(Math.max(0, cells))}`, theme.dim);
  canvas.text(left, axis, `${seconds(first, 2)} s`, theme.dim);
  canvas.textBefore(left + cells, axis, ` ${seconds(first + spanNs, 2)} s `, theme.dim);
}

function drawAcknowledgments(
  canvas: Canvas,
  { theme, seq }: View,
  end: TcpEnd,
  cellOf: (atNs: number, octet: number) => { readonly x: number; readonly y: number },
): void {
  const count = end.heardUntil(seq);
  const stride = Math.max(1, Math.floor(count / MOST_DOTS));
  for (let at = 0; at < count; at += stride) {
    const heard = end.heard[at];
    if (!heard || heard.acknowledged === null || heard.acknowledged === 0) continue;
    const { x, y } = cellOf(heard.atNs, heard.acknowledged);
    if (canvas.glyphs[y * canvas.width + x] === ' ') canvas.text(x, y, '─', theme.layer(3));
  }
}

/** Which of the segments that an end sent were lost by a moment. */
function lostOf(chronicle: Chronicle, end: TcpEnd, seq: number): number[] {
  const lost: number[] = [];
  const look = (carries: readonly number[]) => {
    for (const carried of carries) {
      const event = chronicle.entries[carried]?.event;
      if (event?.kind !== 'encoded' || event.layer < 2) continue;
      if (event.protocol !== 'tcp') look(event.layer < 4 ? event.carries : []);
      else if (end.indexOf(carried) >= 0) lost.push(end.indexOf(carried));
    }
  };
  for (const loss of thinned(chronicle.lossesUntil(seq))) {
    const event = chronicle.entries[loss]?.event;
    if (event?.kind === 'dropped') look(event.carries);
  }
  return lost;
}

/** At most as many as there are dots. */
function thinned(list: readonly number[]): readonly number[] {
  const stride = Math.ceil(list.length / MOST_DOTS);
  return stride <= 1 ? list : list.filter((_, at) => at % stride === 0);
}

function octetText(count: number): string {
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
  return count >= 10_000 ? `${Math.round(count / 1000)} k` : String(Math.round(count));
}
