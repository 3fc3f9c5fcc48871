/** What fills the screen for a while: keys, the way of a message, two branches side by side, one header at large. */

import { type LineageStep, lineageOf, messageOf } from '../../projections/lineage.ts';
import { padded } from '../../projections/printable.ts';
import { seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { COMMAND_NAMES, COMMANDS, keyText } from '../commands.ts';
import type { Leaf } from '../model.ts';
import type { StyleId } from '../style.ts';
import type { View } from '../view.ts';
import { drawHeader } from './anatomy.ts';
import { drawDiff } from './diff.ts';
import { drawReadings } from './readings.ts';
import { pduText } from './staircase.ts';

export const LEAF_TITLES: Readonly<Record<Leaf, string>> = {
  help: 'Keys',
  lineage: 'Where is my message now?',
  diff: 'Two branches',
  bits: 'Header',
  readings: 'The same octets, read in many ways',
};

const LEAVES: Readonly<Record<Leaf, (canvas: Canvas, rect: Rect, view: View) => void>> = {
  help: drawHelp,
  lineage: drawLineage,
  diff: drawDiff,
  bits: drawHeader,
  readings: drawReadings,
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

function drawHelp(canvas: Canvas, whole: Rect, view: View): void {
  const { theme, model } = view;
  const search = model.prompt?.kind === 'keys' ? model.prompt.line.text.trim().toLowerCase() : '';
  const lines = helpLines(view, search);
  const at = canvas.text(whole.x + 1, whole.y, 'search ', theme.dim);
  const end = canvas.text(at, whole.y, model.prompt?.line.text ?? '', theme.strong, whole.width - 12);
  canvas.text(end, whole.y, ' ', theme.selected);
  if (lines.length === 0) canvas.text(whole.x + 1, whole.y + 2, 'no key does that; : finds commands', theme.text);
  const rect = { ...whole, y: whole.y + 1, height: whole.height - 1 };
  const columns = rect.width >= 110 ? 2 : 1;
  const perColumn = Math.ceil(lines.length / columns);
  const cells = Math.floor((rect.width - 2) / columns);
  const first = Math.min(model.scroll, Math.max(0, perColumn - rect.height));
  canvas.scrolled = first;
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

interface HelpLine {
  readonly keys: string;
  readonly text: string;
  readonly style: StyleId;
}

/** By groups; searched for by key, by what it does, or by the command's name. */
function helpLines({ theme }: View, search: string): HelpLine[] {
  return (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).flatMap((group) => {
    const found = COMMAND_NAMES.filter((name) => {
      const { keys, title, group: own } = COMMANDS[name];
      const isKey = (keys as readonly string[]).some((key) => key.toLowerCase() === search);
      return own === group && (isKey || `${name} ${title}`.toLowerCase().includes(search));
    });
    const lines = found.map((name) => {
      const { keys, title } = COMMANDS[name];
      return { keys: keys.map(keyText).join(' '), text: title, style: theme.text };
    });
    return lines.length === 0 ? [] : [{ keys: '', text: GROUPS[group], style: theme.accent }, ...lines];
  });
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
  canvas.scrolled = last - first;
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
