/** One header at large: as its RFC draws it, the octets beside each line, what the chosen field means, and the frame. */

import type { Canvas, Rect } from '../canvas.ts';
import type { TreeProtocol } from '../field-tree.ts';
import { drawnProtocol, type View } from '../view.ts';
import { type BitRow, bitRows, drawBits, fittingText } from './bits.ts';
import { drawHex } from './bytes.ts';

const BITS = 32;
/** Two cells a bit and the last border. */
const BOX = BITS * 2 + 1;

/** Where the octets are drawn. */
const DRAWINGS: Readonly<Record<string, string>> = {
  eth: 'IEEE 802.3 §3.2',
  ethernet: 'IEEE 802.3 §3.2',
  vlan: 'IEEE 802.1Q §9.6',
  arp: 'RFC 826',
  ip: 'RFC 791 §3.1',
  ipv4: 'RFC 791 §3.1',
  ipv6: 'RFC 8200 §3',
  icmp: 'RFC 792',
  icmpv6: 'RFC 4443 §2.1',
  udp: 'RFC 768',
  tcp: 'RFC 9293 §3.1',
  dns: 'RFC 1035 §4.1.1',
  websocket: 'RFC 6455 §5.2',
  mqtt: 'OASIS MQTT §2',
  dhcp: 'RFC 2131 §2',
};

export function drawHeader(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, packet } = view;
  const protocol = drawnProtocol(view);
  if (!packet || !protocol) {
    canvas.text(rect.x + 1, rect.y, 'No header here.', theme.dim);
    return;
  }
  const title = `${protocol.title} header  ${protocol.length} B  layer ${protocol.layer}`;
  const at = canvas.text(rect.x + 1, rect.y, title, theme.layerStrong(protocol.layer), rect.width - 2);
  canvas.text(at + 3, rect.y, DRAWINGS[protocol.name] ?? '', theme.dim, rect.x + rect.width - at - 4);
  const isFine = rect.width >= BOX + 3;
  const rows = bitRows(protocol, packet, isFine);
  const room = rect.height - 5;
  const isRuled = isFine && rows.length * 2 + 3 <= room;
  const top = { ...rect, y: rect.y + 1, height: room };
  if (isRuled) drawRuled(canvas, { ...top, x: rect.x + 2 }, view, protocol, rows);
  else drawBits(canvas, top, view, protocol, rows);
  const y = top.y + Math.min(room, isRuled ? rows.length * 2 + 3 : rows.length + 1) + (isRuled ? 0 : 1);
  drawMeaning(canvas, { ...rect, y }, view);
  drawFrameOctets(canvas, { ...rect, y: y + 3, height: rect.y + rect.height - y - 3 }, view);
}

/** Tens and units above, then a line with a rule above each row, as RFCs have drawn headers since 1981. */
function drawRuled(canvas: Canvas, { x, y }: Rect, view: View, protocol: TreeProtocol, rows: readonly BitRow[]): void {
  const { theme, chosen, packet } = view;
  for (let bit = 0; bit < BITS; bit++) {
    if (bit % 10 === 0) canvas.text(x + 1 + bit * 2, y, String(bit / 10), theme.dim);
    canvas.text(x + 1 + bit * 2, y + 1, String(bit % 10), theme.dim);
  }
  for (let line = 0; line <= rows.length; line++) {
    canvas.text(x, y + 2 + line * 2, ruleBetween(rows[line - 1], rows[line]), theme.dim, BOX);
  }
  for (const [line, row] of rows.entries()) {
    const at = y + 3 + line * 2;
    for (const { from, to, field, text } of row) {
      const cells = (to - from) * 2 - 1;
      const isChosen = field !== null && chosen?.name === field.type.name;
      const filled = theme.layerFilled(protocol.layer);
      const style = field === null ? theme.dim : isChosen ? filled : theme.layer(protocol.layer);
      canvas.text(x + from * 2, at, '│', theme.dim);
      if (isChosen) canvas.fill(x + from * 2 + 1, at, cells, ' ', style);
      canvas.textIn(x + from * 2 + 1, at, cells, fittingText(text, cells), style);
    }
    canvas.text(x + (row.at(-1)?.to ?? BITS) * 2, at, '│', theme.dim);
    const start = protocol.at + line * 4;
    const octets = packet?.bytes.subarray(start, Math.min(start + 4, protocol.at + protocol.length)) ?? [];
    canvas.text(
      x + BOX + 2,
      at,
      [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join(' '),
      theme.layer(protocol.layer),
    );
  }
}

/** A rule, with a joint wherever a border above or below meets it; a field that goes on below has none between. */
function ruleBetween(above: BitRow | undefined, below: BitRow | undefined): string {
  const borders = (row: BitRow | undefined) => new Set((row ?? []).flatMap(({ from, to }) => [from, to]));
  const over = borders(above);
  const under = borders(below);
  const isOpen = (bit: number) => {
    const upper = above?.find(({ from, to }) => bit >= from && bit < to)?.field;
    const lower = below?.find(({ from, to }) => bit >= from && bit < to)?.field;
    return upper !== undefined && upper !== null && upper === lower;
  };
  const widest = Math.max(0, ...over, ...under);
  let rule = '';
  for (let bit = 0; bit <= widest; bit++) {
    const left = bit > 0 && !isOpen(bit - 1);
    const right = bit < widest && !isOpen(bit);
    rule += joint(over.has(bit), under.has(bit), left, right);
    if (bit < widest) rule += right ? '─' : ' ';
  }
  return rule;
}

/** By which of up, down, left and right there is a line. */
const JOINTS = ' ╴╶─╷┐┌┬╵┘└┴│┤├┼';

function joint(up: boolean, down: boolean, left: boolean, right: boolean): string {
  return JOINTS[(up ? 8 : 0) + (down ? 4 : 0) + (right ? 2 : 0) + (left ? 1 : 0)] as string;
}

function drawMeaning(canvas: Canvas, { x, y, width }: Rect, { theme, chosen }: View): void {
  if (!chosen) {
    canvas.text(x + 1, y, '↑ ↓ choose a field, J K a layer', theme.dim, width - 2);
    return;
  }
  const at = canvas.text(x + 1, y, `▸ ${chosen.label} = ${chosen.value}`, theme.strong, width - 2);
  canvas.text(at + 3, y, chosen.meaning, theme.text, x + width - at - 4);
  if (chosen.filter) canvas.text(x + 3, y + 1, `${chosen.filter}    y copies it as a filter`, theme.dim, width - 4);
}

function drawFrameOctets(canvas: Canvas, rect: Rect, view: View): void {
  if (rect.height < 3) return;
  canvas.text(rect.x, rect.y - 1, '─'.repeat(rect.width), view.theme.dim);
  drawHex(canvas, { ...rect, x: rect.x + 1, width: rect.width - 1 }, view, rect.width >= 76 ? 16 : 8);
}
