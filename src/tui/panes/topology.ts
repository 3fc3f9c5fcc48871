/** The network: nodes, links between them, and the frames that are on their way. */

import { cellsOf } from '../../projections/printable.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { View } from '../view.ts';
import { flightPart } from './ladder.ts';
import { type Cell, Wires } from './wires.ts';

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
  readonly wires: Wires;
}

const BOX_ROWS = 3;

export function topologyNote({ chronicle }: View): string {
  const { nodes, links } = chronicle.topology;
  return `${nodes.length} nodes ${links.length} link${links.length === 1 ? '' : 's'}`;
}

export function drawTopology(canvas: Canvas, rect: Rect, view: View): void {
  const { topology } = view.chronicle;
  const layout = layOut(rect, view);
  if (!layout) {
    drawLinkList(canvas, rect, view);
    return;
  }
  const { places, isWide } = layout;
  const wires = new Wires();
  // Names of links stand beside vertical ones only where nothing else does.
  const isCrowded = new Set([...places.values()].map(({ y }) => y)).size < places.size;
  for (const { id, a, b } of topology.links) {
    const ends = [places.get(a.node), places.get(b.node)] as const;
    drawLink(canvas, rect, view, id, ends, { isCrowded, isWide, wires });
  }
  wires.draw(canvas, view);
  for (const { id } of topology.links) drawFlights(canvas, view, id, wires.pathOf(id));
  for (const { name, kind } of topology.nodes) {
    const place = places.get(name);
    if (place) drawNode(canvas, rect, view, name, kind, place);
  }
}

interface Layout {
  readonly places: ReadonlyMap<string, Place>;
  readonly isWide: boolean;
}

/**
 * Ranks by distance from the first node, side by side or one below the other, whichever there is room for. Null: there
 * is room for neither.
 */
function layOut(rect: Rect, { chronicle }: View): Layout | null {
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
  const tallest = Math.max(...ranks.map((names) => names.length)) * (BOX_ROWS + 1);
  const broadest = Math.max(...ranks.map((names) => names.reduce((sum, name) => sum + boxCells(name) + 1, 0)));
  const isWide = rect.width >= ranks.length * 20 && tallest <= rect.height;
  if (!isWide && (broadest > rect.width || ranks.length * (BOX_ROWS + 2) > rect.height)) return null;
  for (const [at, names] of ranks.entries()) {
    for (const [index, name] of names.entries()) {
      const width = boxCells(name);
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

function boxCells(name: string): number {
  return Math.max(9, cellsOf(name) + 4);
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
  [a, b]: readonly [Place | undefined, Place | undefined],
  { isCrowded, isWide, wires }: Shape,
): void {
  if (!a || !b) return;
  const [left, right] = a.x <= b.x ? [a, b] : [b, a];
  const facts = view.model.host.links.find((link) => link.id === id)?.text ?? '';
  const isLevel = left.x + left.width < right.x && Math.abs(a.y - b.y) < right.x - left.x && isWide;
  const path = isLevel ? across(left, right) : down(a, b);
  wires.add(id, isLevel && left !== a ? [...path].reverse() : path, isLevel);
  drawName(canvas, rect, view, { left, right, path, isLevel, isCrowded }, [id, facts]);
}

/** The frames on a link: where they are, and where one has just been lost. */
function drawFlights(canvas: Canvas, view: View, id: string, path: readonly Cell[]): void {
  const { theme } = view;
  for (const { part, isLost, isFromA } of flightsOn(view, id)) {
    const ordered = isFromA ? part : 1 - part;
    const spot = path[Math.min(path.length - 1, Math.floor(ordered * path.length))];
    if (spot) canvas.text(spot.x, spot.y, isLost ? '✗' : '●', isLost ? theme.errorStrong : theme.accent);
  }
}

interface Flight {
  readonly part: number;
  readonly isLost: boolean;
  readonly isFromA: boolean;
}

function flightsOn({ chronicle, seq, nowNs }: View, id: string): Flight[] {
  const flights: Flight[] = [];
  const link = chronicle.topology.links.find((one) => one.id === id);
  const count = chronicle.crossings.countAt(seq);
  for (let index = Math.max(0, count - 200); index < count; index++) {
    const passage = chronicle.crossings.all[index];
    if (!passage || passage.link !== id || passage.departedSeq < 0 || passage.departedSeq > seq) continue;
    const isLost = passage.endedSeq === seq && passage.isLost;
    if (passage.endedSeq >= 0 && passage.endedSeq <= seq && !isLost) continue;
    const part = isLost ? 0.5 : flightPart(chronicle, passage, nowNs);
    flights.push({ part, isLost, isFromA: link?.a.node === passage.from.node });
  }
  return flights;
}

/** A link a line, where there is no room to draw the network: the one in use in sight. */
function drawLinkList(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, chronicle, model, packet } = view;
  const { links } = chronicle.topology;
  const cells = (names: readonly string[]) => Math.min(12, Math.max(...names.map(cellsOf)));
  const left = cells(links.map(({ a }) => a.node));
  const right = cells(links.map(({ b }) => b.node));
  const track = Math.max(4, Math.min(16, rect.width - left - right - 4));
  const busy = links.findIndex(({ id }) => id === packet?.passage?.link);
  const last = Math.max(0, links.length - rect.height);
  const first = Math.max(0, Math.min(last, busy - Math.floor(rect.height / 2)));
  for (const [row, { id, a, b }] of links.slice(first, first + rect.height).entries()) {
    const y = rect.y + row;
    const isBusy = first + row === busy;
    const style = (node: string) => (model.node === node ? theme.accent : isBusy ? theme.strong : theme.text);
    canvas.textBefore(rect.x + 1 + left, y, a.node, style(a.node), left);
    const x = rect.x + 2 + left;
    canvas.text(x, y, '─'.repeat(track), isBusy ? theme.accent : theme.dim, track);
    canvas.text(x + track + 1, y, b.node, style(b.node), right);
    const facts = model.host.links.find((link) => link.id === id)?.text ?? '';
    const at = x + track + 2 + right + 1;
    canvas.text(at, y, facts, theme.dim, rect.x + rect.width - at);
    drawFlights(
      canvas,
      view,
      id,
      Array.from({ length: track }, (_, cell) => ({ x: x + cell, y })),
    );
  }
  if (first < last) canvas.text(rect.x + rect.width - 1, rect.y + rect.height - 1, '↓', theme.dim);
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

/** From the right side of one box to the left side of another, with a step where they are not level. */
function across(left: Place, right: Place): Cell[] {
  const cells: Cell[] = [];
  const from = { x: left.x + left.width, y: left.y + 1 };
  const to = { x: right.x - 1, y: right.y + 1 };
  const middle = Math.floor((from.x + to.x) / 2);
  for (let x = from.x; x <= middle; x++) cells.push({ x, y: from.y });
  const step = to.y > from.y ? 1 : -1;
  for (let y = from.y; y !== to.y; y += step) cells.push({ x: middle, y: y + step });
  for (let x = middle + 1; x <= to.x; x++) cells.push({ x, y: to.y });
  return cells;
}

/** From under one box to above another, with a step where one is not below the other; from the first to the second. */
function down(a: Place, b: Place): Cell[] {
  const [upper, lower] = a.y <= b.y ? [a, b] : [b, a];
  const from = upper.x + Math.floor(upper.width / 2);
  const to = lower.x + Math.floor(lower.width / 2);
  // Under the box stands an address; the line begins below it where there is a step to make.
  const top = upper.y + BOX_ROWS;
  const bend = Math.max(top, lower.y - 2);
  const cells: Cell[] = [];
  for (let y = top; y <= bend; y++) cells.push({ x: from, y });
  const step = to > from ? 1 : -1;
  for (let x = from; x !== to; x += step) cells.push({ x: x + step, y: bend });
  for (let y = bend + 1; y < lower.y; y++) cells.push({ x: to, y });
  return a.y <= b.y ? cells : cells.reverse();
}
