/** The network: nodes, links between them, and the frames that are on their way. */

import { cellsOf } from '../../projections/printable.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { StyleId } from '../style.ts';
import type { View } from '../view.ts';
import { flightPart } from './ladder.ts';

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

interface Shape {
  /** Names of links have no place. */
  readonly isCrowded: boolean;
  /** Ranks stand side by side, not one below the other. */
  readonly isWide: boolean;
}

const BOX_ROWS = 3;

export function topologyNote({ chronicle }: View): string {
  const { nodes, links } = chronicle.topology;
  return `${nodes.length} nodes ${links.length} link${links.length === 1 ? '' : 's'}`;
}

export function drawTopology(canvas: Canvas, rect: Rect, view: View): void {
  const { topology } = view.chronicle;
  const { places, isWide } = layOut(rect, view);
  // Names of links stand beside vertical ones only where nothing else does.
  const isCrowded = new Set([...places.values()].map(({ y }) => y)).size < places.size;
  for (const { id, a, b } of topology.links) {
    drawLink(canvas, rect, view, id, places.get(a.node), places.get(b.node), { isCrowded, isWide });
  }
  for (const { name, kind } of topology.nodes) {
    const place = places.get(name);
    if (place) drawNode(canvas, rect, view, name, kind, place);
  }
}

/** Ranks by distance from the first node, side by side or one below the other, whichever there is room for. */
function layOut(rect: Rect, { chronicle }: View): { readonly places: Map<string, Place>; readonly isWide: boolean } {
  const { nodes, links } = chronicle.topology;
  const rank = new Map<string, number>();
  for (const { name } of nodes) {
    if (rank.has(name)) continue;
    rank.set(name, 0);
    const queue = [name];
    for (let from = queue.shift(); from !== undefined; from = queue.shift()) {
      for (const { a, b } of links) {
        const other = a.node === from ? b.node : b.node === from ? a.node : null;
        if (other === null || rank.has(other)) continue;
        rank.set(other, (rank.get(from) ?? 0) + 1);
        queue.push(other);
      }
    }
  }
  const ranks: string[][] = [];
  for (const { name } of nodes) {
    const at = rank.get(name) ?? 0;
    const list = ranks[at] ?? [];
    ranks[at] = list;
    list.push(name);
  }
  const places = new Map<string, Place>();
  const isWide = rect.width >= ranks.length * 20;
  for (const [at, names] of ranks.entries()) {
    for (const [index, name] of names.entries()) {
      const width = Math.max(9, cellsOf(name) + 4);
      const across = (position: number, of: number, room: number, size: number) =>
        Math.max(0, Math.min(room - size, Math.floor(((position + 0.5) / of) * room - size / 2)));
      const x = isWide ? across(at, ranks.length, rect.width, width) : across(index, names.length, rect.width, width);
      const y = isWide
        ? across(index, names.length, rect.height, BOX_ROWS + 1)
        : across(at, ranks.length, rect.height, BOX_ROWS + 1);
      places.set(name, { x: rect.x + x, y: rect.y + y, width });
    }
  }
  return { places, isWide };
}

function drawNode(canvas: Canvas, rect: Rect, view: View, name: string, kind: string, place: Place): void {
  const { theme, model, packet, entry } = view;
  const { x, y, width } = place;
  if (y + 2 >= rect.y + rect.height) return;
  const isHere = entry?.node === name;
  const isPart = packet?.sender === name || packet?.receiver === name;
  const style = model.node === name ? theme.accent : isHere ? theme.good : isPart ? theme.strong : theme.text;
  canvas.text(x, y, `┌${'─'.repeat(width - 2)}┐`, style);
  canvas.text(x, y + 1, '│', style);
  canvas.fill(x + 1, y + 1, width - 2, ' ', style);
  canvas.textIn(x + 1, y + 1, width - 2, name, style);
  canvas.text(x + width - 1, y + 1, '│', style);
  canvas.text(x, y + 2, `└${'─'.repeat(width - 2)}┘`, style);
  const facts = model.host.nodes.find((node) => node.name === name);
  const below = facts?.addresses[0] ?? kind;
  if (y + 3 < rect.y + rect.height) canvas.text(x, y + 3, below, theme.dim, rect.x + rect.width - x);
}

function drawLink(
  canvas: Canvas,
  rect: Rect,
  view: View,
  id: string,
  a: Place | undefined,
  b: Place | undefined,
  { isCrowded, isWide }: Shape,
): void {
  if (!a || !b) return;
  const { theme, chronicle, seq, nowNs, model } = view;
  const [left, right] = a.x <= b.x ? [a, b] : [b, a];
  const facts = model.host.links.find((link) => link.id === id)?.text ?? '';
  const isBusy = view.packet?.passage?.link === id;
  const style = isBusy ? theme.accent : theme.text;
  const isLevel = left.x + left.width < right.x && Math.abs(a.y - b.y) < right.x - left.x && isWide;
  const path = isLevel ? across(left, right) : down(a, b);
  for (const { x, y, glyph } of path) canvas.text(x, y, glyph, style);
  drawName(canvas, rect, view, { left, right, path, isLevel, isCrowded }, [id, facts]);
  const count = chronicle.crossings.countAt(seq);
  for (let index = Math.max(0, count - 200); index < count; index++) {
    const passage = chronicle.crossings.all[index];
    if (!passage || passage.link !== id || passage.departedSeq < 0 || passage.departedSeq > seq) continue;
    const hasEnded = passage.endedSeq >= 0 && passage.endedSeq <= seq;
    const isNew = passage.endedSeq === seq && passage.isLost;
    if (hasEnded && !isNew) continue;
    const link = chronicle.topology.links.find((one) => one.id === id);
    const isFromA = link?.a.node === passage.from.node;
    const part = isNew ? 0.5 : flightPart(chronicle, passage, nowNs);
    const first = isLevel ? left : a;
    const ordered = (isFromA ? a : b) === first ? part : 1 - part;
    const spot = path[Math.min(path.length - 1, Math.floor(ordered * path.length))];
    if (spot) canvas.text(spot.x, spot.y, isNew ? '✗' : '●', mark(view, isNew));
  }
}

interface Drawn {
  readonly left: Place;
  readonly right: Place;
  readonly path: readonly Cell[];
  readonly isLevel: boolean;
  readonly isCrowded: boolean;
}

/** A link's name and facts: above and below its line; of one with a step, beside the half that is its own. */
function drawName(
  canvas: Canvas,
  rect: Rect,
  { theme }: View,
  drawn: Drawn,
  [id, facts]: readonly [string, string],
): void {
  const { left, right, path, isLevel, isCrowded } = drawn;
  const from = left.x + left.width;
  const bottom = rect.y + rect.height - 1;
  if (isLevel) {
    const isStraight = left.y === right.y;
    const start = isStraight ? from : Math.floor((from + right.x) / 2) + 2;
    const room = right.x - start;
    canvas.textIn(start, right.y, room, id, theme.dim);
    canvas.textIn(start, Math.min(right.y + 2, bottom), room, facts, theme.dim);
    return;
  }
  const middle = path[Math.floor(path.length / 2)];
  if (!middle || isCrowded) return;
  canvas.text(middle.x + 2, middle.y, `${id} ${facts}`, theme.dim, rect.x + rect.width - middle.x - 2);
}

function mark({ theme }: View, isLost: boolean): StyleId {
  return isLost ? theme.errorStrong : theme.accent;
}

interface Cell {
  readonly x: number;
  readonly y: number;
  readonly glyph: string;
}

/** From the right side of one box to the left side of another, with a step where they are not level. */
function across(left: Place, right: Place): Cell[] {
  const cells: Cell[] = [];
  const from = { x: left.x + left.width, y: left.y + 1 };
  const to = { x: right.x - 1, y: right.y + 1 };
  const middle = Math.floor((from.x + to.x) / 2);
  for (let x = from.x; x < middle; x++) cells.push({ x, y: from.y, glyph: '─' });
  const step = to.y > from.y ? 1 : -1;
  if (to.y === from.y) cells.push({ x: middle, y: from.y, glyph: '─' });
  else {
    cells.push({ x: middle, y: from.y, glyph: step === 1 ? '╮' : '╯' });
    for (let y = from.y + step; y !== to.y; y += step) cells.push({ x: middle, y, glyph: '│' });
    cells.push({ x: middle, y: to.y, glyph: step === 1 ? '╰' : '╭' });
  }
  for (let x = middle + 1; x <= to.x; x++) cells.push({ x, y: to.y, glyph: '─' });
  return cells;
}

/** From under one box to above another, with a step where one is not below the other. */
function down(a: Place, b: Place): Cell[] {
  const [upper, lower] = a.y <= b.y ? [a, b] : [b, a];
  const from = upper.x + Math.floor(upper.width / 2);
  const to = lower.x + Math.floor(lower.width / 2);
  const top = upper.y + BOX_ROWS;
  const bend = lower.y - 2;
  const cells: Cell[] = [];
  for (let y = top; y < (from === to ? lower.y : bend); y++) cells.push({ x: from, y, glyph: '│' });
  if (from !== to) {
    const step = to > from ? 1 : -1;
    cells.push({ x: from, y: bend, glyph: step === 1 ? '╰' : '╯' });
    for (let x = from + step; x !== to; x += step) cells.push({ x, y: bend, glyph: '─' });
    cells.push({ x: to, y: bend, glyph: step === 1 ? '╮' : '╭' });
    for (let y = bend + 1; y < lower.y; y++) cells.push({ x: to, y, glyph: '│' });
  }
  return a.y <= b.y ? cells : cells.reverse();
}
