/** What a click means, by what is drawn where it fell. */

import type { Rect } from './canvas.ts';
import type { Msg } from './message.ts';
import type { Model, NumberedPane } from './model.ts';
import { firstRow, firstShown, split } from './panes/bytes.ts';
import { eventRows, hasHeading } from './panes/events.ts';
import { ladderFrames } from './panes/ladder.ts';
import { stackRows } from './panes/layers.ts';
import { timeAt, timelineScale } from './panes/scenery.ts';
import type { Places } from './screen.tsx';
import { type View, viewOf } from './view.ts';

function placeAt(places: Places, x: number, y: number): { readonly id: string; readonly rect: Rect } | null {
  for (const [id, rect] of places) {
    if (x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height) return { id, rect };
  }
  return null;
}

const PLAIN: ReadonlySet<string> = new Set(['title', 'why', 'hints', 'timeline', 'whole', 'too small']);

export function paneAt(places: Places, x: number, y: number): NumberedPane | null {
  const place = placeAt(places, x, y);
  return place && !PLAIN.has(place.id) ? (place.id as NumberedPane) : null;
}

/** The messages of a click, in order: the pane gets the focus, and what was hit is chosen. */
export function clickMessages(model: Model, places: Places, x: number, y: number): Msg[] {
  const place = placeAt(places, x, y);
  if (!place) return [];
  const view = viewOf(model);
  if (place.id === 'timeline') return seekMessages(view, place.rect, x);
  const pane = paneAt(places, x, y);
  if (!pane) return [];
  const { rect } = place;
  const inner = { x: rect.x + 1, y: rect.y + 1, width: rect.width - 2, height: rect.height - 2 };
  const hit = hitIn(view, pane, inner, x, y);
  return [{ kind: 'focus', pane }, ...(hit ? [hit] : [])];
}

/** Only what has happened can be sought. */
function seekMessages(view: View, rect: Rect, x: number): Msg[] {
  const { model, nowNs, chronicle, seq } = view;
  const scale = timelineScale(rect, nowNs);
  if (x < scale.from || x > scale.to) return [];
  const atNs = Math.min(nowNs, timeAt(scale, x, model.isLogTime));
  const to = Math.max(0, Math.min(seq, chronicle.lastAt(atNs)));
  return [{ kind: 'seek', seq: to }];
}

function hitIn(view: View, pane: NumberedPane, rect: Rect, x: number, y: number): Msg | null {
  const row = y - rect.y;
  if (row < 0 || row >= rect.height) return null;
  switch (pane) {
    case 'events': {
      const heading = hasHeading(view, rect) ? 1 : 0;
      return frameMessage(view, eventRows(view, rect.height - heading)[row - heading]);
    }
    case 'ladder': {
      const { chronicle, theme, seq, nowNs, frame, model } = view;
      const frames = ladderFrames({ chronicle, theme, seq, nowNs, frame, matches: model.matches }, rect.height - 1);
      return frameMessage(view, frames[Math.floor((row - 1) / 2)]);
    }
    case 'layers': {
      const line = stackRows(view.model.stackMode, view.packet)[row - 1];
      const layer = line?.layers.find((one) => view.packet?.nest.some((pdu) => pdu.layer === one));
      return layer ? { kind: 'layer', layer } : null;
    }
    case 'bytes':
      return bytesMessage(view, rect, x, row);
    default:
      return null;
  }
}

function frameMessage({ chronicle, seq }: View, index: number | undefined): Msg | null {
  const passage = index === undefined ? undefined : chronicle.crossings.all[index];
  if (!passage || passage.takenSeq > seq) return null;
  const hasLeft = passage.departedSeq >= 0 && passage.departedSeq <= seq;
  return { kind: 'seek', seq: hasLeft ? passage.departedSeq : passage.takenSeq };
}

function bytesMessage(view: View, rect: Rect, x: number, row: number): Msg | null {
  const { rows, packet, chosen } = view;
  if (!packet) return null;
  const { tree, hex, perLine } = split(rect, packet.bytes.length);
  if (row < tree) {
    const name = rows[firstRow(view, tree) + row]?.name;
    return name === undefined ? null : { kind: 'field', name };
  }
  const column = Math.floor((x - rect.x - 5) / 3);
  if (row === tree || column < 0 || column >= perLine) return null;
  const lines = Math.ceil(packet.bytes.length / perLine);
  const first = chosen && chosen.length > 0 ? firstShown(Math.floor(chosen.at / perLine), lines, hex) : 0;
  const octet = (first + row - tree - 1) * perLine + column;
  const over = rows.filter(({ kind, at, length }) => kind === 'field' && octet >= at && octet < at + length);
  const least = over.sort((one, other) => one.length - other.length)[0];
  return least ? { kind: 'field', name: least.name } : null;
}
