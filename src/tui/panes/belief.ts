/** Ground truth beside belief: what the simulator knows of each segment, and what its sender can know. */

import { type BelievedSegment, beliefOf, type Truth } from '../../projections/belief.ts';
import type { TcpEnd } from '../../projections/tcp-log.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { peerOf, shownEnd, type View } from '../view.ts';

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
  const columns = width >= 56 ? { belief: 20, truth: 36 } : { belief: 15, truth: 27 };
  let { y } = rect;
  const bottom = rect.y + rect.height;
  for (const end of ends) {
    const belief = beliefOf(chronicle, end, seq);
    if (y >= bottom) return;
    const at = canvas.text(x + 1, y, `${end.node}:${end.localPort} sends`, theme.strong, width - 2);
    canvas.text(at + 2, y, `acked ${belief.unacknowledged} of ${belief.next}`, theme.dim, width - (at - x) - 3);
    y++;
    if (y >= bottom) return;
    canvas.text(x + 3, y, 'segment', theme.dim);
    canvas.text(x + columns.belief, y, 'it believes', theme.dim, columns.truth - columns.belief - 1);
    canvas.text(x + columns.truth, y, 'in truth', theme.dim, width - columns.truth);
    y++;
    // The other end's share is kept free below.
    const kept = end === ends.at(-1) ? 0 : 4;
    const list = worthShowing(belief.outstanding, Math.max(1, bottom - y - kept));
    if (list.length === 0 && y < bottom)
      canvas.text(x + 3, y++, 'everything it sent is acknowledged', theme.dim, width - 4);
    for (const one of list) {
      if (y >= bottom) return;
      drawSegment(canvas, { x, y, width, height: 1 }, view, one, columns);
      y++;
    }
    y++;
  }
}

/** In order; where there is no room for all, those about which the sender is wrong before the others. */
function worthShowing(all: readonly BelievedSegment[], rows: number): readonly BelievedSegment[] {
  if (all.length <= rows) return all;
  const isWrong = ({ truth, belief }: BelievedSegment) => truth === 'lost' && belief === 'in flight';
  const first = Math.max(0, Math.min(all.findIndex(isWrong), all.length - rows));
  return all.slice(first, first + rows);
}

interface Columns {
  readonly belief: number;
  readonly truth: number;
}

function drawSegment(canvas: Canvas, rect: Rect, view: View, one: BelievedSegment, columns: Columns): void {
  const { theme } = view;
  const { x, y, width } = rect;
  const { segment, truth, belief, detail } = one;
  const isWrong = truth === 'lost' && belief === 'in flight';
  canvas.text(x + 1, y, isWrong ? '≠' : ' ', theme.errorStrong);
  canvas.text(
    x + 3,
    y,
    `${segment.from}+${segment.length}${segment.isRetransmission ? ' ⟲' : ''}`,
    theme.text,
    columns.belief - 4,
  );
  canvas.text(x + columns.belief, y, belief, belief === 'lost' ? theme.warning : theme.text);
  const style = truth === 'lost' ? theme.errorStrong : truth === 'arrived' ? theme.good : theme.text;
  const text = truth === 'lost' ? `✗ lost${detail === null ? '' : `: ${detail}`}` : truth;
  canvas.text(x + columns.truth, y, text, style, width - columns.truth);
}

function bothEnds({ chronicle, seq }: View, end: TcpEnd): TcpEnd[] {
  const peer = peerOf(chronicle.tcp.endsAt(seq), end);
  return peer ? [end, peer] : [end];
}
