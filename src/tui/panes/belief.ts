/** Ground truth beside belief: what the simulator knows of each segment, and what its sender can know. */

import { type BelievedSegment, beliefOf, type Truth } from '../../projections/belief.ts';
import { padded } from '../../projections/printable.ts';
import type { TcpEnd } from '../../projections/tcp-log.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { shownEnd, type View } from '../view.ts';

export const BELIEF_GLYPHS: Readonly<Record<Truth, string>> = { 'on its way': '▓', arrived: '█', lost: '░' };

export function beliefNote(view: View): string {
  const end = shownEnd(view);
  if (!end) return 'no connection yet';
  const { differs } = beliefOf(view.chronicle, end, view.seq);
  return differs ? `${end.node} is wrong` : `${end.node} is right`;
}

export function drawBelief(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, chronicle, seq } = view;
  const { x, width } = rect;
  const shown = shownEnd(view);
  if (!shown) {
    canvas.text(x + 1, rect.y, 'No TCP connection has begun.', theme.dim, width - 1);
    return;
  }
  const ends = bothEnds(view, shown);
  const half = Math.floor((width - 2) / 2);
  let { y } = rect;
  const bottom = rect.y + rect.height;
  for (const end of ends) {
    const belief = beliefOf(chronicle, end, seq);
    if (y >= bottom) return;
    const at = canvas.text(x + 1, y, `${end.node}:${end.localPort} sends`, theme.strong, half + 8);
    canvas.text(at + 2, y, `acked ${belief.unacknowledged} of ${belief.next}`, theme.dim, width - (at - x) - 3);
    y++;
    if (y >= bottom) return;
    canvas.text(x + 1, y, padded('  segment', 16), theme.dim);
    canvas.text(x + 17, y, `${end.node} believes`, theme.dim, half - 6);
    canvas.text(x + 12 + half, y, 'in truth', theme.dim, width - half - 12);
    y++;
    const room = Math.max(1, Math.floor((bottom - y - (end === ends.at(-1) ? 0 : 3)) / (end === ends.at(-1) ? 1 : 1)));
    const list = belief.outstanding.slice(0, Math.min(room, end === ends.at(-1) ? room : Math.ceil(room * 0.7)));
    if (list.length === 0 && y < bottom)
      canvas.text(x + 3, y++, 'everything it sent is acknowledged', theme.dim, width - 4);
    for (const one of list) {
      if (y >= bottom) return;
      drawSegment(canvas, { x, y, width, height: 1 }, view, one, half);
      y++;
    }
    y++;
  }
}

function drawSegment(canvas: Canvas, rect: Rect, view: View, one: BelievedSegment, half: number): void {
  const { theme } = view;
  const { x, y, width } = rect;
  const { segment, truth, belief, detail } = one;
  const isWrong = truth === 'lost' && belief === 'in flight';
  canvas.text(x + 1, y, isWrong ? '≠' : ' ', theme.errorStrong);
  canvas.text(x + 3, y, `${segment.from}+${segment.length}${segment.isRetransmission ? ' ⟲' : ''}`, theme.text, 13);
  canvas.text(x + 17, y, belief, belief === 'lost' ? theme.warning : theme.text, half - 6);
  const style = truth === 'lost' ? theme.errorStrong : truth === 'arrived' ? theme.good : theme.text;
  const text = truth === 'lost' ? `✗ lost${detail === null ? '' : `: ${detail}`}` : truth;
  canvas.text(x + 12 + half, y, text, style, width - half - 12);
}

function bothEnds({ chronicle, seq }: View, end: TcpEnd): TcpEnd[] {
  const peer = chronicle.tcp
    .endsAt(seq)
    .find((one) => one !== end && one.localPort === end.remotePort && one.remotePort === end.localPort);
  return peer ? [end, peer] : [end];
}
