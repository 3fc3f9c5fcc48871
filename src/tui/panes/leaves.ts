/** What fills the screen for a while: keys, the way of a message, two branches side by side, one header at large. */

import { type LineageStep, lineageOf, messageOf } from '../../projections/lineage.ts';
import { padded } from '../../projections/printable.ts';
import { seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { COMMAND_NAMES, COMMANDS, keyText } from '../commands.ts';
import type { Leaf } from '../model.ts';
import type { StyleId } from '../style.ts';
import { drawnProtocol, type View } from '../view.ts';
import { bitRows, drawBits } from './bits.ts';
import { drawDiff } from './diff.ts';
import { pduText } from './staircase.ts';

export const LEAF_TITLES: Readonly<Record<Leaf, string>> = {
  help: 'Keys (: finds commands by name or by what they do)',
  lineage: 'Where is my message now?',
  diff: 'Two branches',
  bits: 'Header',
};

const LEAVES: Readonly<Record<Leaf, (canvas: Canvas, rect: Rect, view: View) => void>> = {
  help: drawHelp,
  lineage: drawLineage,
  diff: drawDiff,
  bits: drawHeader,
};

export function drawLeaf(canvas: Canvas, rect: Rect, view: View, leaf: Leaf): void {
  LEAVES[leaf](canvas, rect, view);
}

const GROUPS = {
  time: 'Time',
  look: 'Looking',
  find: 'Finding',
  change: 'Changing the run',
  program: 'packetwalk',
} as const;

function drawHelp(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, model } = view;
  const lines: { readonly keys: string; readonly text: string; readonly style: StyleId }[] = [];
  for (const group of Object.keys(GROUPS) as (keyof typeof GROUPS)[]) {
    lines.push({ keys: '', text: GROUPS[group], style: theme.accent });
    for (const name of COMMAND_NAMES) {
      const { keys, title, group: own } = COMMANDS[name];
      if (own === group) lines.push({ keys: keys.map(keyText).join(' '), text: title, style: theme.text });
    }
  }
  const columns = rect.width >= 110 ? 2 : 1;
  const perColumn = Math.ceil(lines.length / columns);
  const cells = Math.floor((rect.width - 2) / columns);
  const first = Math.min(model.scroll, Math.max(0, perColumn - rect.height));
  for (const [index, { keys, text, style }] of lines.entries()) {
    const column = Math.floor(index / perColumn);
    const row = (index % perColumn) - first;
    if (row < 0 || row >= rect.height) continue;
    const x = rect.x + 1 + column * cells;
    const isHeading = keys === '';
    if (!isHeading) canvas.text(x, rect.y + row, keys, theme.strong, 12);
    canvas.text(isHeading ? x : x + 13, rect.y + row, text, style, cells - (isHeading ? 1 : 14));
  }
}

const STEP_MARKS: Readonly<Record<LineageStep['kind'], string>> = {
  made: '◆',
  carried: '▾',
  waits: '░',
  sent: '▶',
  lost: '✗',
  arrived: '●',
  taken: '▲',
  delivered: '✓',
  ended: '✗',
};

function drawLineage(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, chronicle, seq, model } = view;
  const { x, y, width, height } = rect;
  const message = messageOf(chronicle.entries, seq);
  if (!message) {
    canvas.text(x + 1, y, 'This moment is about no message.', theme.dim);
    return;
  }
  const lineage = lineageOf(chronicle, message, seq);
  const inner = view.packet?.nest.find((pdu) => pdu.seq === message.seq);
  const at = canvas.text(
    x + 1,
    y,
    inner ? pduText(inner) : `made by ${message.node}`,
    theme.layerStrong(message.event.layer),
    width - 2,
  );
  canvas.text(at + 2, y, `of ${message.node}, at ${seconds(message.atNs)} s`, theme.dim, width - (at - x) - 3);
  canvas.text(x + 1, y + 1, `now: ${lineage.now}`, theme.strong, width - 2);
  const rows = height - 3;
  const last = Math.max(0, lineage.steps.length - rows);
  const first = Math.max(0, last - model.scroll);
  for (const [row, step] of lineage.steps.slice(first, first + rows).entries()) {
    const line = y + 3 + row;
    const isBad = step.kind === 'lost' || step.kind === 'ended';
    const style = isBad ? theme.errorStrong : step.kind === 'delivered' ? theme.good : theme.text;
    canvas.text(x + 1, line, seconds(step.atNs), theme.dim, 10);
    canvas.text(x + 12, line, padded(step.node, 10), step.seq === seq ? theme.accent : theme.text);
    canvas.text(x + 23 + step.depth * 2, line, STEP_MARKS[step.kind], style);
    canvas.text(x + 25 + step.depth * 2, line, step.text, style, width - 26 - step.depth * 2);
  }
}

function drawHeader(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, packet, chosen } = view;
  const protocol = drawnProtocol(view);
  if (!packet || !protocol) {
    canvas.text(rect.x + 1, rect.y, 'No header here.', theme.dim);
    return;
  }
  const isFine = rect.width >= 68;
  canvas.text(
    rect.x + 1,
    rect.y,
    `${protocol.title}  ${protocol.length} B  layer ${protocol.layer}`,
    theme.layerStrong(protocol.layer),
  );
  const rows = bitRows(protocol, packet, isFine);
  const room = rect.height - 6;
  drawBits(canvas, { ...rect, y: rect.y + 2, height: room }, view, protocol, rows);
  const y = rect.y + Math.min(room, rows.length + 1) + 3;
  if (!chosen) {
    canvas.text(rect.x + 1, y, 'J K choose a layer, ↑ ↓ in pane 3 a field', theme.dim, rect.width - 2);
    return;
  }
  canvas.text(rect.x + 1, y, `▸ ${chosen.label} = ${chosen.value}`, theme.strong, rect.width - 2);
  canvas.text(rect.x + 3, y + 1, chosen.meaning, theme.text, rect.width - 4);
  if (chosen.filter)
    canvas.text(rect.x + 3, y + 2, `${chosen.filter}    y copies it as a filter`, theme.dim, rect.width - 4);
}
