/** Two stacks with the packet between them, what each header adds, and the bits of one header. */

import type { LayerNumber } from '../../kernel/journal.ts';
import { cellsOf } from '../../projections/printable.ts';
import { type NestedPdu, OSI, type PacketView } from '../../projections/stack-at.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { Model } from '../model.ts';
import { drawnProtocol, type View } from '../view.ts';
import { bitRows, drawBits } from './bits.ts';
import { drawStaircase, pduName, pduText, staircaseRows } from './staircase.ts';

/** One line of the stacks. */
interface StackRow {
  readonly badge: string;
  readonly name: string;
  readonly layers: readonly LayerNumber[];
  /** Null: everything of these layers; else one PDU of the nest. */
  readonly pdu: NestedPdu | null;
}

export function layersNote({ packet, frame }: View): string {
  if (!packet) return '';
  const number = frame < 0 ? 'in the making' : `packet ${frame + 1}`;
  return `${number} · ${phaseText(packet)}`;
}

function phaseText({ phase, layer, passage }: PacketView): string {
  switch (phase) {
    case 'down':
      return `going down, layer ${layer}`;
    case 'queued':
      return 'waits in a queue';
    case 'wire':
      return 'on the wire';
    case 'arrived':
      return 'arrived';
    case 'up':
      return `going up, layer ${layer}`;
    case 'dropped':
      return passage?.isLost ? `✗ lost on ${passage.link}` : `✗ ends at layer ${layer}`;
  }
}

export function stackRows(mode: Model['stackMode'], packet: PacketView | null): StackRow[] {
  if (mode === '7')
    return OSI.map(({ number, name }) => ({ badge: String(number), name, layers: [number], pdu: null }));
  if (mode === '4') {
    const names = ['Application', 'Transport', 'Internet', 'Link'] as const;
    return names.map((name) => {
      const layers = OSI.filter(({ tcpIp }) => tcpIp === name).map(({ number }) => number);
      const badge = layers.length > 1 ? `${layers.at(-1)}-${layers[0]}` : `${layers[0]}`;
      return { badge, name, layers, pdu: null };
    });
  }
  const nest = packet?.nest ?? [];
  const rows = nest.map(
    (pdu): StackRow => ({ badge: String(pdu.layer), name: pduName(pdu.protocol), layers: [pdu.layer], pdu }),
  );
  return [...rows, { badge: '1', name: 'the line', layers: [1], pdu: null }];
}

export function drawLayers(canvas: Canvas, rect: Rect, view: View): void {
  const { packet, model } = view;
  const isRoomy = rect.height >= 18;
  const rows = stackRows(model.stackMode, packet);
  let y = drawStacks(canvas, rect, view, rows);
  y = drawWire(canvas, { ...rect, y, height: 1 }, view);
  if (!packet) return;
  if (isRoomy) y++;
  const stairs = staircaseRows(packet);
  drawStaircase(canvas, { ...rect, y, height: Math.min(stairs.length, rect.y + rect.height - y) }, view, stairs);
  y += stairs.length + 1;
  const protocol = drawnProtocol(view);
  const room = rect.y + rect.height - y;
  if (protocol && room >= 3)
    drawBits(canvas, { ...rect, y, height: room }, view, protocol, bitRows(protocol, packet, false));
}

function columnsOf(rect: Rect): {
  readonly left: number;
  readonly right: number;
  readonly cells: number;
  readonly names: number;
} {
  const cells = Math.max(8, Math.min(24, Math.floor((rect.width - 18) / 2)));
  const left = rect.x + 1;
  return { left, right: rect.x + rect.width - 1 - cells, cells, names: left + cells + 1 };
}

/** Returns the line below. */
function drawStacks(canvas: Canvas, rect: Rect, view: View, rows: readonly StackRow[]): number {
  const { theme, packet, model } = view;
  const { left, right, cells, names } = columnsOf(rect);
  const address = (name: string | null) => model.host.nodes.find((node) => node.name === name)?.addresses[0] ?? '';
  const isDown = packet?.phase === 'down' || packet?.phase === 'queued';
  const isUp =
    packet?.phase === 'up' || packet?.phase === 'arrived' || (packet?.phase === 'dropped' && packet.taken.length > 0);
  let at = rect.x + 1;
  if (packet) {
    canvas.text(at, rect.y, isUp ? ' ' : '▼', theme.accent);
    at = canvas.text(at + 2, rect.y, packet.sender, theme.strong, cells);
    canvas.text(at + 1, rect.y, address(packet.sender), theme.dim, Math.max(0, names + 8 - at));
    const receiver = packet.receiver ?? '';
    const end = rect.x + rect.width - 1;
    const start = canvas.textBefore(end - 2, rect.y, receiver, theme.strong, cells);
    canvas.textBefore(start - 1, rect.y, address(receiver), theme.dim, Math.max(0, start - at - 18));
    if (isUp) canvas.text(end - 1, rect.y, '▲', theme.accent);
  }
  for (const [index, row] of rows.entries()) {
    const y = rect.y + 1 + index;
    const isCurrent =
      packet !== null && row.layers.includes(packet.layer) && (row.pdu === null || row.pdu.layer === packet.layer);
    const layer = row.pdu?.layer ?? row.layers.find((one) => hasLayer(packet, one)) ?? row.layers[0] ?? 1;
    canvas.fill(left, y, cells, ' ', theme.sender);
    canvas.fill(right, y, cells, ' ', theme.receiver);
    const name = `${row.badge} ${row.name}`;
    const isUsed = packet !== null && row.layers.some((one) => hasLayer(packet, one));
    canvas.text(names, y, name, isUsed ? theme.layerStrong(layer) : theme.dim, right - names - 1);
    if (!packet) continue;
    const text = cellText(packet, row);
    if (text === '') continue;
    const isHere = isCurrent && (isDown || !isUp);
    canvas.text(left + 1, y, text, theme.layerOn(layer, theme.sender), cells - 2);
    if (isHere) drawHere(canvas, left, y, cells, text, view, layer);
    const isTaken = packet.taken.some((one) => row.layers.includes(one.layer));
    if (isTaken || (isUp && isCurrent)) {
      canvas.text(right + 1, y, text, theme.layerOn(layer, theme.receiver), cells - 2);
      if (isUp && isCurrent) drawHere(canvas, right, y, cells, text, view, layer);
    }
  }
  return rect.y + 1 + rows.length;
}

/** Where the packet is now: the cell is filled, in red where it ended. */
function drawHere(
  canvas: Canvas,
  x: number,
  y: number,
  cells: number,
  text: string,
  view: View,
  layer: LayerNumber,
): void {
  const { theme, packet } = view;
  const isEnd = packet?.phase === 'dropped';
  const style = isEnd ? theme.on(theme.errorStrong, theme.selected) : theme.layerFilled(layer);
  canvas.fill(x, y, cells, ' ', style);
  canvas.text(x + 1, y, isEnd ? `✗ ${text}` : text, style, cells - 2);
}

function hasLayer(packet: PacketView | null, layer: LayerNumber): boolean {
  if (!packet) return false;
  if (layer === 1) return packet.phase !== 'down';
  return packet.nest.some((pdu) => pdu.layer === layer);
}

function cellText(packet: PacketView, row: StackRow): string {
  if (row.pdu) return pduText(row.pdu);
  if (row.layers.includes(1) && row.layers.length === 1)
    return packet.phase === 'down' ? '' : `${packet.bytes.length * 8} bits`;
  const pdus = packet.nest.filter(({ layer }) => row.layers.includes(layer));
  const [first] = pdus;
  if (first && pdus.length === 1) return pduText(first);
  return pdus.map(({ protocol }) => pduName(protocol)).join('+');
}

/** The wire under the stacks, and the packet as far along as it has come. Returns the line below. */
function drawWire(canvas: Canvas, rect: Rect, view: View): number {
  const { theme, packet } = view;
  const { left, right, cells } = columnsOf(rect);
  const from = left + Math.floor(cells / 2);
  const to = right + Math.floor(cells / 2);
  const { y } = rect;
  canvas.text(from, y, `╰${'─'.repeat(Math.max(0, to - from - 1))}╯`, theme.text);
  const isOnWire = packet && (packet.phase === 'wire' || (packet.phase === 'dropped' && packet.passage?.isLost));
  if (!packet || !isOnWire) return y + 1;
  const inner = packet.nest[0];
  const name = inner ? pduName(inner.protocol) : '';
  const isLost = packet.phase === 'dropped';
  const label = isLost ? ` ✗ ${name} ` : ` ${name} ${packet.bytes.length} B `;
  const room = to - from - 2 - cellsOf(label);
  const at = from + 1 + Math.max(0, Math.round(packet.travelled * room));
  const style = isLost ? theme.errorStrong : theme.layerFilled(inner?.layer ?? 2);
  const end = canvas.text(at, y, label, style);
  if (!isLost) canvas.text(end, y, '▶', theme.accent);
  return y + 1;
}
