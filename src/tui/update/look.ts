/** What is looked at: panes, rows, fields, layers. None of it moves time, but choosing a frame in a list of frames. */

import type { LayerNumber } from '../../kernel/journal.ts';
import { stackAt } from '../../projections/stack-at.ts';
import { protocolsOf, type TreeRow, treeRows } from '../field-tree.ts';
import { lessonOn } from '../lesson.ts';
import {
  cursorOf,
  isRoomy,
  LAYOUTS,
  type Leaf,
  type Model,
  type NumberedPane,
  PANES,
  type Slot,
  storyOf,
  told,
} from '../model.ts';
import { THEME_NAMES } from '../theme.ts';
import { previousPacket, setOut } from './time.ts';

/** Where a pane stands when it is asked for and not on the screen. */
const HOMES: Readonly<Record<NumberedPane, Slot>> = {
  ladder: 'left',
  layers: 'middle',
  bytes: 'right',
  events: 'below',
  tcp: 'beside',
  belief: 'beside',
  topology: 'left',
  tables: 'right',
  line: 'right',
  buffers: 'beside',
  lesson: 'right',
  secrecy: 'right',
};
/** On a small screen there are three places only. */
const SMALL_HOMES: Readonly<Record<NumberedPane, Slot>> = {
  ...HOMES,
  ladder: 'middle',
  tcp: 'right',
  belief: 'right',
  buffers: 'right',
  topology: 'middle',
};

const SLOTS: readonly Slot[] = ['left', 'middle', 'right', 'below', 'beside'];
const SMALL_SLOTS: readonly Slot[] = ['middle', 'right', 'below'];

/** The panes on the screen, in the order of reading. */
function shownPanes(model: Model): NumberedPane[] {
  return (isRoomy(model) ? SLOTS : SMALL_SLOTS).map((slot) => model.slots[slot]);
}

export function focusOn(model: Model, pane: NumberedPane): Model {
  const focused = { ...model, focus: pane, scroll: 0, leaf: null };
  if (shownPanes(model).includes(pane)) return focused;
  const home = homeOf(model, pane);
  return { ...focused, slots: { ...model.slots, [home]: pane } };
}

/** Not over the lesson: what stands at the right takes another place while it is on. */
function homeOf(model: Model, pane: NumberedPane): Slot {
  const home = (isRoomy(model) ? HOMES : SMALL_HOMES)[pane];
  if (home !== 'right' || pane === 'lesson' || !lessonOn(model)) return home;
  return isRoomy(model) ? 'beside' : 'middle';
}

export function focusNumber(model: Model, number: number): Model {
  const pane = PANES[number - 1];
  return pane ? focusOn(model, pane) : model;
}

export function focusNext(model: Model, by: 1 | -1): Model {
  const panes = shownPanes(model);
  const at = panes.indexOf(model.focus);
  const pane = panes[(at + by + panes.length) % panes.length];
  return pane ? { ...model, focus: pane, scroll: 0 } : model;
}

export function nextLayout(model: Model): Model {
  const at = LAYOUTS.findIndex((slots) => SLOTS.every((slot) => slots[slot] === model.slots[slot]));
  const slots = LAYOUTS[(at + 1) % LAYOUTS.length] ?? model.slots;
  const next = { ...model, slots, isZoomed: false };
  return shownPanes(next).includes(model.focus) ? next : { ...next, focus: slots.middle };
}

export function nextTheme(model: Model): Model {
  const theme = THEME_NAMES[(THEME_NAMES.indexOf(model.theme) + 1) % THEME_NAMES.length] ?? 'dark';
  return told({ ...model, theme }, `theme ${theme}`);
}

export function nextStackMode(model: Model): Model {
  const stackMode = model.stackMode === '7' ? '4' : model.stackMode === '4' ? 'as it is' : '7';
  return { ...model, stackMode };
}

export function openLeaf(model: Model, leaf: Leaf): Model {
  return { ...model, leaf: model.leaf === leaf ? null : leaf, scroll: 0 };
}

export function rowsOfTree(model: Model): TreeRow[] {
  const story = storyOf(model);
  const view = stackAt(story.entries, story.chronicle.crossings, cursorOf(model));
  return view ? treeRows(protocolsOf(story, view), model.collapsed) : [];
}

/** ↑ and ↓ by what is focused. */
export function moveRow(model: Model, by: number): Model {
  if (model.leaf === 'bits' || model.leaf === 'readings') return moveField(model, by);
  if (model.leaf) return scroll(model, by);
  switch (model.focus) {
    case 'bytes':
      return moveField(model, by);
    case 'layers':
    case 'line':
    case 'secrecy':
      return by > 1 || by < -1 ? model : moveLayer(model, by > 0 ? -1 : 1);
    case 'events':
    case 'ladder':
      return moveFrames(model, by);
    case 'tcp':
    case 'belief':
      return moveConnection(model, by);
    case 'topology':
      return moveNode(model, by);
    case 'tables':
    case 'buffers':
    case 'lesson':
      return scroll(model, by);
  }
}

function scroll(model: Model, by: number): Model {
  return { ...model, scroll: Math.max(0, model.scroll + by) };
}

function moveFrames(model: Model, by: number): Model {
  let next = model;
  for (let count = Math.abs(by); count > 0; count--) {
    next = by > 0 ? setOut(next, { kind: 'packet' }, 'to the next packet') : previousPacket(next);
  }
  return { ...next, journey: null };
}

function moveField(model: Model, by: number): Model {
  const rows = rowsOfTree(model);
  if (rows.length === 0) return model;
  const at = rows.findIndex(({ name }) => name === model.field);
  const to = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + by));
  // The same field may stand in a packet twice (an ICMP error quotes one): the first counts, the way goes on.
  let target = to;
  while (by > 0 && target < rows.length - 1 && rows.findIndex(({ name }) => name === rows[target]?.name) <= at)
    target++;
  return chooseField(model, rows[target]?.name ?? null);
}

export function chooseField(model: Model, field: string | null): Model {
  const row = rowsOfTree(model).find(({ name }) => name === field);
  return { ...model, field, layer: row?.layer ?? model.layer };
}

export function foldProtocol(model: Model): Model {
  const row = rowsOfTree(model).find(({ name }) => name === model.field);
  if (!row) return model;
  const { protocol } = row;
  const isFolded = model.collapsed.includes(protocol);
  const collapsed = isFolded ? model.collapsed.filter((one) => one !== protocol) : [...model.collapsed, protocol];
  return { ...model, collapsed, field: protocol };
}

/** The layer above (+1) or below (-1), among those the packet has. */
export function moveLayer(model: Model, by: number): Model {
  const rows = rowsOfTree(model).filter(({ kind }) => kind === 'protocol');
  if (rows.length === 0) return model;
  const chosen = rowsOfTree(model).find(({ name }) => name === model.field)?.protocol;
  const at = rows.findIndex(({ protocol }) => protocol === chosen);
  const to = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + by));
  const row = rows[to];
  return row ? { ...model, field: row.name, layer: row.layer } : model;
}

export function chooseLayer(model: Model, layer: LayerNumber): Model {
  const row = rowsOfTree(model).findLast((one) => one.kind === 'protocol' && one.layer === layer);
  return { ...model, layer, field: row?.name ?? null };
}

function moveConnection(model: Model, by: number): Model {
  const ends = storyOf(model).chronicle.tcp.endsAt(cursorOf(model));
  if (ends.length === 0) return model;
  const at = ends.findIndex(({ path }) => path === model.connection);
  const to = at < 0 ? 0 : (at + Math.sign(by) + ends.length) % ends.length;
  return { ...model, connection: ends[to]?.path ?? null };
}

function moveNode(model: Model, by: number): Model {
  const names = model.host.topology.nodes.map(({ name }) => name);
  const at = model.node === null ? -1 : names.indexOf(model.node);
  const to = (at + Math.sign(by) + names.length) % names.length;
  return { ...model, node: names[to] ?? null };
}
