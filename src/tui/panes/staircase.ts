/** The encapsulation staircase: each layer's header in front of what it was handed, sizes on the right. */

import { cellsOf } from '../../projections/printable.ts';
import type { NestedPdu, PacketView } from '../../projections/stack-at.ts';
import { osiLayer } from '../../projections/stack-at.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { View } from '../view.ts';

export interface Stair {
  readonly pdu: NestedPdu;
  /** How many headers stand in front of it in the frame. */
  readonly depth: number;
  /** What the layer above calls what lies inside. */
  readonly inside: string;
}

/** From the inside out: the message first, the frame last. */
export function staircaseRows(packet: PacketView): Stair[] {
  const { nest } = packet;
  return nest.map((pdu, index): Stair => {
    const inner = nest[index - 1];
    const insideBytes = Math.max(0, pdu.bytes.length - pdu.headerBytes - pdu.trailerBytes);
    const name = inner && inner.layer !== 7 ? osiLayer(inner.layer).pdu : 'data';
    return { pdu, depth: nest.length - 1 - index, inside: insideBytes === 0 ? '' : `${name} ${insideBytes} B` };
  });
}

const SIZE_CELLS = 7;

export function drawStaircase(canvas: Canvas, rect: Rect, view: View, stairs: readonly Stair[]): void {
  const headers = stairs.filter(({ pdu }) => pdu.headerBytes < pdu.bytes.length || pdu.layer < 7).length;
  const start = rect.x + 3;
  const end = rect.x + rect.width - SIZE_CELLS - 1;
  const hasFcs = stairs.some(({ pdu }) => pdu.trailerBytes > 0);
  const fcs = hasFcs ? 4 : 0;
  const header = Math.max(4, Math.min(9, Math.floor((end - start - fcs - 8) / Math.max(1, headers)), 7));
  const payloadEnd = end - fcs;
  for (const [line, stair] of stairs.slice(0, rect.height).entries()) {
    const y = rect.y + line;
    const { pdu, depth, inside } = stair;
    const { theme, packet } = view;
    const isGone = packet?.phase === 'up' && packet.layer > pdu.layer;
    const filled = isGone ? theme.dim : theme.layerFilled(pdu.layer);
    canvas.text(rect.x + 1, y, String(pdu.layer), isGone ? theme.dim : theme.layerStrong(pdu.layer));
    const from = start + depth * header;
    const isWhole = pdu.headerBytes >= pdu.bytes.length - pdu.trailerBytes;
    if (isWhole) {
      const isMessage = pdu.layer === 7;
      const cells = isMessage ? payloadEnd - from : pdu.protocol === 'tcp' ? header : payloadEnd - from;
      canvas.fill(from, y, cells, ' ', filled);
      const text = isMessage ? pduText(pdu) : headerText(pdu, cells);
      canvas.textIn(from, y, cells, text, filled);
      if (!isMessage && cells < payloadEnd - from)
        canvas.textIn(from + cells, y, payloadEnd - from - cells, 'no data', theme.dim);
    } else {
      canvas.fill(from, y, header, ' ', filled);
      canvas.text(from, y, headerText(pdu, header), filled, header);
      const ground = isGone ? theme.dim : theme.layerOn(pdu.layer, theme.payload);
      canvas.fill(from + header, y, payloadEnd - from - header, ' ', ground);
      canvas.textIn(from + header, y, payloadEnd - from - header, inside, ground);
    }
    if (pdu.trailerBytes > 0) canvas.text(payloadEnd, y, 'FCS ', filled, fcs);
    canvas.textBefore(rect.x + rect.width - 1, y, `${pdu.bytes.length} B`, theme.dim, SIZE_CELLS);
  }
}

function headerText(pdu: NestedPdu, cells: number): string {
  const name = pduName(pdu.protocol);
  const text = `${name} ${pdu.headerBytes}`;
  return cellsOf(text) <= cells ? text : name;
}

const NAMES: Readonly<Record<string, string>> = { ethernet: 'Eth', eth: 'Eth', ipv4: 'IPv4', ip: 'IPv4', data: 'data' };

export function pduName(protocol: string): string {
  return NAMES[protocol] ?? protocol.toUpperCase();
}

/** A PDU in a few words: a message by its text, another by its header. */
export function pduText(pdu: NestedPdu): string {
  if (pdu.layer >= 5) return messageText(pdu);
  return `${pduName(pdu.protocol)} ${pdu.headerBytes} B`;
}

/** The first line where it is text; else protocol and size. */
function messageText({ protocol, bytes }: NestedPdu): string {
  let text = '';
  for (let at = 0; at < Math.min(bytes.length, 48); at++) {
    const octet = bytes[at] as number;
    if (octet === 13 || octet === 10) break;
    if (octet < 0x20 || octet > 0x7e) return `${pduName(protocol)} ${bytes.length} B`;
    text += String.fromCharCode(octet);
  }
  return text.trim() === '' || protocol === 'dns'
    ? `${pduName(protocol)} ${bytes.length} B`
    : text.replace(/ HTTP\/1\.1$/, '');
}
