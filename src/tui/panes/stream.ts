/** The conversation that a captured frame belongs to, as far as it has come: how much each side sent, and what. */

import type { Dissection, Field } from '../../projections/fields.ts';
import { duration } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { View } from '../view.ts';

interface Side {
  readonly address: string;
  readonly port: number;
  frames: number;
  bytes: number;
  retransmissions: number;
}

interface Line {
  readonly isFirst: boolean;
  readonly text: string;
}

interface Conversation {
  readonly protocol: 'tcp' | 'udp';
  readonly stream: number;
  readonly sides: readonly [Side, Side];
  readonly startNs: number;
  endNs: number;
  rttNs: number | null;
  readonly lines: Line[];
}

/** Of its data so much is shown. */
const MOST_LINES = 400;

export function streamNote(view: View): string {
  const key = keyOf(view);
  return key ? `${key.protocol}.stream ${key.stream}` : 'no conversation';
}

export function drawStream(canvas: Canvas, rect: Rect, view: View): void {
  const { theme } = view;
  const conversation = conversationAt(view);
  if (!conversation) {
    canvas.text(rect.x + 1, rect.y, 'This frame belongs to no conversation.', theme.dim, rect.width - 1);
    return;
  }
  let { y } = rect;
  const end = rect.y + rect.height;
  for (const side of conversation.sides) {
    const again = side.retransmissions > 0 ? `, ${side.retransmissions} again` : '';
    const text = `${side.address}:${side.port}  ${side.frames} frames, ${side.bytes} B${again}`;
    if (y < end) canvas.text(rect.x + 1, y++, text, theme.strong, rect.width - 2);
  }
  const { startNs, endNs, rttNs } = conversation;
  const rtt = rttNs === null ? '' : ` · handshake ${duration(rttNs)}`;
  if (y < end) canvas.text(rect.x + 1, y++, `lasts ${duration(endNs - startNs)}${rtt}`, theme.dim, rect.width - 2);
  const shown = conversation.lines.slice(-Math.max(0, end - y));
  for (const { isFirst, text } of shown) {
    canvas.text(rect.x + 1, y, isFirst ? '▶' : '◀', isFirst ? theme.accent : theme.layer(7));
    canvas.text(rect.x + 3, y++, text, theme.text, rect.width - 4);
  }
}

function fieldOf({ layers }: Dissection, name: string): Field | undefined {
  for (const { fields } of layers) {
    const found = fields.find(({ type }) => type.name === name);
    if (found) return found;
  }
  return undefined;
}

function keyOf(view: View): { protocol: 'tcp' | 'udp'; stream: number } | null {
  if (view.frame < 0) return null;
  const dissection = view.chronicle.frames.dissectionOf(view.frame);
  for (const protocol of ['tcp', 'udp'] as const) {
    const field = fieldOf(dissection, `${protocol}.stream`);
    if (field) return { protocol, stream: Number(field.value) };
  }
  return null;
}

/** All frames up to the cursor are looked through: what comes later is not told. */
function conversationAt(view: View): Conversation | null {
  const key = keyOf(view);
  if (!key) return null;
  const { chronicle } = view;
  let conversation: Conversation | null = null;
  for (let index = 0; index <= view.frame; index++) {
    const dissection = chronicle.frames.dissectionOf(index);
    if (Number(fieldOf(dissection, `${key.protocol}.stream`)?.value ?? -1) !== key.stream) continue;
    const atNs = chronicle.entries[chronicle.crossings.all[index]?.takenSeq ?? 0]?.atNs ?? 0;
    conversation ??= begun(dissection, key, atNs);
    add(conversation, dissection, atNs);
  }
  return conversation;
}

function begun(
  dissection: Dissection,
  { protocol, stream }: { protocol: 'tcp' | 'udp'; stream: number },
  startNs: number,
): Conversation {
  const side = (address: string, end: string): Side => ({
    address,
    port: Number(fieldOf(dissection, `${protocol}.${end}`)?.value ?? 0),
    frames: 0,
    bytes: 0,
    retransmissions: 0,
  });
  const sides = [side(dissection.source, 'srcport'), side(dissection.destination, 'dstport')] as const;
  return { protocol, stream, sides, startNs, endNs: startNs, rttNs: null, lines: [] };
}

function add(conversation: Conversation, dissection: Dissection, atNs: number): void {
  const { protocol, sides, lines } = conversation;
  const port = Number(fieldOf(dissection, `${protocol}.srcport`)?.value ?? 0);
  const [first, second] = sides;
  const isFirst = first.port === port && first.address === dissection.source;
  const side = isFirst ? first : second;
  const payload = fieldOf(dissection, `${protocol}.payload`)?.value;
  const isAgain = ['retransmission', 'fast_retransmission', 'spurious_retransmission'].some((name) =>
    fieldOf(dissection, `tcp.analysis.${name}`),
  );
  side.frames++;
  if (isAgain) side.retransmissions++;
  conversation.endNs = atNs;
  const rtt = fieldOf(dissection, 'tcp.analysis.initial_rtt')?.value;
  if (typeof rtt === 'number') conversation.rttNs = rtt;
  if (!(payload instanceof Uint8Array)) return;
  side.bytes += payload.length;
  if (isAgain) return;
  for (const text of textLines(payload)) lines.push({ isFirst, text });
  if (lines.length > MOST_LINES) lines.splice(0, lines.length - MOST_LINES);
}

/** Text by its lines; other octets in hex, the first of them. */
function textLines(bytes: Uint8Array): string[] {
  const start = bytes.subarray(0, 4096);
  const isText = start.every((octet) => octet === 9 || octet === 10 || octet === 13 || (octet >= 32 && octet < 127));
  if (isText) {
    return new TextDecoder('latin1')
      .decode(start)
      .split(/\r?\n/)
      .filter((line) => line !== '');
  }
  const shown = Array.from(bytes.subarray(0, 32), (octet) => octet.toString(16).padStart(2, '0')).join(' ');
  return [bytes.length > 32 ? `${shown} … ${bytes.length} B` : shown];
}
