/** A TLS record as it crosses the wire beside what it holds, and what somebody on the path learns all the same. */

import { type LearnedOnPath, learnedOnPath, portsOf, SEAL_BYTES } from '../../projections/on-path.ts';
import type { TlsRecord } from '../../projections/record-log.ts';
import { seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import type { View } from '../view.ts';
import { drawRule } from './frame.ts';

const HEADER_BYTES = 5;
const TAG_BYTES = 16;
const TYPES: Readonly<Record<number, string>> = {
  20: 'ChangeCipherSpec',
  21: 'alert',
  22: 'handshake',
  23: 'application data',
};

/** The record that the cursor is about, else the last that was made. */
function shownRecord({ chronicle, packet, entry, seq }: View): TlsRecord | null {
  const nested = packet?.nest.findLast(({ protocol }) => protocol === 'tls');
  const own = entry && entry.event.kind === 'encoded' ? entry.seq : -1;
  return (
    chronicle.records.recordOf(own) ??
    (nested && chronicle.records.recordOf(nested.seq)) ??
    chronicle.records.lastUntil(seq)
  );
}

/** Of the connection that the record goes over; of a capture, that of the frame at the cursor. */
function learnedAt(view: View): LearnedOnPath | null {
  const { chronicle, seq } = view;
  const ports = portsAt(view);
  const frame = chronicle.crossings.countAt(seq) - 1;
  return ports && learnedOnPath(chronicle, frame, ports);
}

function portsAt(view: View): readonly [number, number] | null {
  const { chronicle, seq, frame } = view;
  const record = shownRecord(view);
  if (!record) return frame >= 0 ? portsOf(chronicle.frames.dissectionOf(frame)) : null;
  const machine = record.machine.replace(/^tls\./, 'tcp.');
  const end = chronicle.tcp.endsAt(seq).find((one) => one.node === record.node && one.machine === machine);
  return end ? [end.localPort, end.remotePort] : null;
}

export function secrecyNote(view: View): string {
  const record = shownRecord(view);
  if (!record) return 'no record yet';
  return `${record.isProtected ? 'sealed' : 'in the clear'}: ${contentWords(record)}`;
}

function contentWords({ type, content }: TlsRecord): string {
  return `${TYPES[type] ?? `type ${type}`} ${content.length} B`;
}

export function drawSecrecy(canvas: Canvas, rect: Rect, view: View): void {
  const { theme } = view;
  const record = shownRecord(view);
  const learned = learnedAt(view);
  if (!record && !learned) {
    canvas.text(rect.x + 1, rect.y, 'Nobody has spoken TLS yet.', theme.dim, rect.width - 1);
    return;
  }
  const facts = learned ? factsOf(learned) : [];
  const below = Math.min(facts.length + (learned?.records.length ?? 0) + 2, Math.max(3, Math.floor(rect.height / 2)));
  const above = record ? Math.min(recordLines(record, rect.width) + 2, rect.height - below) : 0;
  if (record) drawRecord(canvas, { ...rect, height: above }, view, record);
  if (above > 0) drawRule(canvas, rect, rect.y + above, false, theme);
  const y = rect.y + above + (above > 0 ? 1 : 0);
  drawLearned(canvas, { ...rect, y, height: rect.y + rect.height - y }, view, learned, facts);
}

/** Octets in a line: of two columns beside each other, or of one where there is nothing to compare. */
function perLine(width: number, isProtected: boolean): number {
  if (!isProtected) return width >= 72 ? 16 : 8;
  return width >= 106 ? 16 : width >= 56 ? 8 : width >= 44 ? 6 : 4;
}

function recordLines({ bytes, content, isProtected }: TlsRecord, width: number): number {
  return Math.ceil(Math.max(bytes.length - HEADER_BYTES, content.length) / perLine(width, isProtected));
}

/** The same octets under the same place: what encrypts is added to what is said octet by octet. */
function drawRecord(canvas: Canvas, rect: Rect, view: View, record: TlsRecord): void {
  const { theme } = view;
  const { x, y, width, height } = rect;
  const { bytes, content, isProtected } = record;
  const octets = perLine(width, isProtected);
  const end = canvas.text(x + 1, y, hex(bytes.subarray(0, HEADER_BYTES)), theme.dim);
  const outer = TYPES[bytes[0] ?? 0] ?? '';
  canvas.text(end + 2, y, `${outer}, ${bytes.length - HEADER_BYTES} B`, theme.dim, x + width - end - 2);
  const right = x + 1 + octets * 3 + 1;
  canvas.text(x + 1, y + 1, isProtected ? 'on the wire' : 'for all to read', theme.strong, width - 2);
  if (isProtected) canvas.text(right, y + 1, 'inside', theme.strong, x + width - right);
  const sealed = bytes.subarray(HEADER_BYTES);
  const lines = Math.min(height - 2, recordLines(record, width));
  for (let line = 0; line < lines; line++) {
    const [at, row] = [line * octets, y + 2 + line];
    if (line === lines - 1 && at + octets < sealed.length) {
      canvas.text(x + 1, row, `… ${sealed.length - at} more`, theme.dim, width - 2);
      return;
    }
    canvas.text(x + 1, row, hex(sealed.subarray(at, at + octets)), theme.layer(6), octets * 3);
    const inside = content.subarray(at, at + octets);
    const text = isProtected ? right + octets * 3 : right;
    canvas.text(text, row, printed(inside), theme.strong, x + width - text);
    if (isProtected)
      drawInside(canvas, { x: right, y: row, width: x + width - right, height: 1 }, view, record, at, inside);
  }
}

/** What is inside; where it ends, its true type, and then what tells whether anything was changed. */
function drawInside(
  canvas: Canvas,
  rect: Rect,
  { theme }: View,
  record: TlsRecord,
  at: number,
  inside: Uint8Array,
): void {
  const { x, y, width } = rect;
  const end = canvas.text(x, y, hex(inside), theme.layer(7), width);
  const octets = perLine(width * 2, true);
  const left = record.content.length - at;
  const isTail = inside.length < octets && left > -TAG_BYTES;
  const tail = left >= 0 ? `${record.type.toString(16).padStart(2, '0')} tag` : 'tag';
  if (isTail) canvas.text(inside.length > 0 ? end + 1 : x, y, tail, theme.dim, width);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, '0')).join(' ');
}

function printed(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => (octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : '·')).join('');
}

interface Fact {
  readonly label: string;
  readonly text: string;
}

/** What the hellos told, and how much passed. */
function factsOf(learned: LearnedOnPath): Fact[] {
  const { client, server, serverName, protocols, suite, isResuming, records } = learned;
  const side = (isFromClient: boolean) => {
    const own = records.filter((record) => record.isFromClient === isFromClient);
    return `${own.length} of ${own.reduce((sum, { length }) => sum + length, 0)} B`;
  };
  return [
    { label: 'who', text: `${client} and ${server}` },
    { label: 'asks for', text: serverName === null ? 'no name' : `${serverName} (SNI)` },
    { label: 'offers', text: protocols.length === 0 ? 'no protocol' : `${protocols.join(', ')} (ALPN)` },
    { label: 'cipher', text: suite ?? 'not chosen yet' },
    ...(isResuming ? [{ label: 'knows', text: 'the client comes back: its ticket' }] : []),
    { label: 'records', text: `▶ ${side(true)}  ◀ ${side(false)}` },
  ];
}

function drawLearned(
  canvas: Canvas,
  rect: Rect,
  { theme, nowNs }: View,
  learned: LearnedOnPath | null,
  facts: readonly Fact[],
): void {
  const { x, width } = rect;
  const end = rect.y + rect.height;
  let { y } = rect;
  if (y >= end) return;
  canvas.text(x + 1, y++, 'Whoever listens on the path learns', theme.strong, width - 2);
  if (!learned) {
    if (y < end) canvas.text(x + 1, y, 'nothing yet: no record has passed', theme.dim, width - 2);
    return;
  }
  for (const { label, text } of facts) {
    if (y >= end) return;
    canvas.text(x + 1, y, label, theme.dim, 9);
    canvas.text(x + 11, y++, text, theme.text, width - 12);
  }
  // The newest first: what an observer sees come.
  for (const { atNs, isFromClient, length, isProtected } of [...learned.records].reverse()) {
    if (y >= end) return;
    const isNew = atNs === nowNs;
    canvas.text(x + 1, y, seconds(atNs), theme.dim, 10);
    canvas.text(x + 11, y, isFromClient ? '▶' : '◀', isNew ? theme.accent : theme.text);
    const size = isProtected
      ? `${length} B, at most ${Math.max(0, length - SEAL_BYTES)} inside`
      : `${length} B in the clear`;
    canvas.text(x + 13, y++, size, isNew ? theme.strong : theme.text, width - 14);
  }
}

/** The same in sentences; none where the cursor is not at the making of a record. */
export function secrecySentences(view: View): string[] {
  const { entry, chronicle } = view;
  const record = entry && chronicle.records.recordOf(entry.seq);
  if (!record) return [];
  const { node, bytes, content, isProtected } = record;
  const what = `${content.length} octets of ${TYPES[record.type] ?? `type ${record.type}`}`;
  const inside = beginning(content);
  const sealed = `${node} seals ${what} into a record of ${bytes.length} octets: inside ${inside}, on the wire ${beginning(bytes.subarray(HEADER_BYTES))}.`;
  const line = isProtected ? sealed : `${node} sends ${what} in the clear: ${inside}.`;
  const learned = learnedAt(view);
  return [
    line,
    learned ? learnedSentence(learned) : 'Whoever listens on the path has learned nothing of this connection yet.',
  ];
}

/** The first octets; as text where they are text. */
function beginning(bytes: Uint8Array): string {
  const start = bytes.subarray(0, 40);
  const text = printed(start);
  const isText =
    bytes.length > 0 && start.every((octet) => (octet >= 0x20 && octet < 0x7f) || octet === 10 || octet === 13);
  const more = bytes.length > (isText ? 40 : 8) ? ' …' : '';
  return isText ? `“${text}”${more}` : `${hex(bytes.subarray(0, 8))}${more}`;
}

function learnedSentence(learned: LearnedOnPath): string {
  const { client, server, serverName, protocols, suite, records } = learned;
  const last = records.at(-1);
  const said = [
    `that ${client} talks to ${server}`,
    serverName === null ? null : `that it asks for ${serverName}`,
    protocols.length === 0 ? null : `that it offers ${protocols.join(', ')}`,
    suite === null ? null : `that they use ${suite}`,
    `the length of ${records.length === 1 ? 'one record' : `each of ${records.length} records`}${last ? `, the last one ${last.length} octets at ${seconds(last.atNs)} s` : ''}`,
  ].filter((each) => each !== null);
  return `Whoever listens on the path has learned ${said.slice(0, -1).join(', ')}${said.length > 1 ? ' and ' : ''}${said.at(-1)}.`;
}
