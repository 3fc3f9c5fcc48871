/** Layer 1: the bits as they stand on the line, coded; and the sum that finds damage. */

import type { Canvas, Rect } from '../canvas.ts';
import type { View } from '../view.ts';
import { wrapped } from './scenery.ts';

const PREAMBLE = [0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5];

export function lineNote({ packet }: View): string {
  return packet ? `${(packet.bytes.length + 8) * 8} bits with preamble` : '';
}

/**
 * The chosen field's octets (else the frame's first) in Manchester code, as 10BASE-T sent them (IEEE 802.3 section 7.3.1:
 * a 0 falls in the middle of its bit, a 1 rises), least significant bit first; and the FCS.
 */
export function drawLine(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, packet, chosen, frame } = view;
  const { x, width } = rect;
  let { y } = rect;
  if (!packet || frame < 0) {
    for (const line of wrapped('No bits on a line yet: the packet is still being made.', width - 2, rect.height)) {
      canvas.text(x + 1, y++, line, theme.dim);
    }
    return;
  }
  const at = chosen && chosen.length > 0 ? chosen.at : 0;
  const octets = Math.max(1, Math.min(4, Math.floor((width - 2) / 16)));
  const rows = Math.max(1, Math.floor((rect.height - 7) / 5));
  canvas.text(x + 1, y++, 'preamble 7 × 55, start delimiter D5', theme.dim, width - 1);
  y = drawOctets(canvas, rect, y, view, PREAMBLE.slice(8 - octets), 'wire', -octets);
  for (let row = 0; row < rows - 1; row++) {
    const from = at + row * octets;
    const part = [...packet.bytes.subarray(from, from + octets)];
    if (part.length > 0 && y + 5 < rect.y + rect.height) y = drawOctets(canvas, rect, y, view, part, 'frame', from);
  }
  drawFcs(canvas, { ...rect, y: rect.y + rect.height - 3, height: 3 }, view);
}

function drawOctets(
  canvas: Canvas,
  rect: Rect,
  y: number,
  view: View,
  octets: readonly number[],
  what: 'wire' | 'frame',
  offset: number,
): number {
  const { theme } = view;
  const name = what === 'wire' ? '' : offset.toString(16).padStart(4, '0');
  let x = rect.x + 1;
  for (const [index, octet] of octets.entries()) {
    const bits = Array.from({ length: 8 }, (_, bit) => (octet >>> bit) & 1);
    const head = `${octet.toString(16).padStart(2, '0')}${index === 0 && name !== '' ? ` at ${name}` : ''}`;
    canvas.text(x, y, head, theme.accent, 15);
    canvas.text(x, y + 1, bits.join(' '), theme.strong);
    // Two half-bits each: high is drawn above, low below.
    let upper = '';
    let lower = '';
    for (const bit of bits) {
      upper += bit === 1 ? ' ▁' : '▁ ';
      lower += bit === 1 ? '▁▏' : '▏▁';
    }
    canvas.text(x, y + 2, upper, theme.layer(1));
    canvas.text(x, y + 3, lower, theme.layer(1));
    x += 16;
  }
  return y + 4 + (rect.height > 16 ? 1 : 0);
}

function drawFcs(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, packet, chronicle, frame, seq } = view;
  const bytes = packet?.bytes ?? new Uint8Array(0);
  const fcs = [...bytes.subarray(-4)].map((octet) => octet.toString(16).padStart(2, '0')).join(' ');
  const passage = chronicle.crossings.all[frame];
  const crossing = passage ? chronicle.crossings.at(passage, seq) : null;
  canvas.text(rect.x + 1, rect.y, `FCS ${fcs}`, theme.layerStrong(2));
  const flipped = crossing?.arrivedBytes ? damage(crossing.bytes, crossing.arrivedBytes) : null;
  const text =
    flipped !== null
      ? `✗ octet ${flipped} came damaged: CRC-32 does not fit`
      : crossing?.arrivedBytes
        ? '✓ CRC-32 over all before it: undamaged'
        : 'CRC-32 over all octets before it';
  canvas.text(rect.x + 1, rect.y + 1, text, flipped === null ? theme.text : theme.errorStrong, rect.width - 1);
}

function damage(sent: Uint8Array, arrived: Uint8Array): number | null {
  const at = sent.findIndex((octet, index) => octet !== arrived[index]);
  return at < 0 ? null : at;
}
