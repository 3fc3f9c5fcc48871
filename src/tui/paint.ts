/** Draws a model on a canvas: a pure function of (journal, cursor, what is looked at, where things stand). */

import { Canvas, type Rect } from './canvas.ts';
import { LEAST_COLUMNS, LEAST_ROWS, type Model, type NumberedPane, PANES } from './model.ts';
import { beliefNote, drawBelief } from './panes/belief.ts';
import { buffersNote, drawBuffers } from './panes/buffers.ts';
import { drawBytes } from './panes/bytes.ts';
import { drawEvents } from './panes/events.ts';
import { drawFrame } from './panes/frame.ts';
import { drawLadderPane } from './panes/ladder.ts';
import { drawLayers, layersNote } from './panes/layers.ts';
import { drawLeaf, LEAF_TITLES } from './panes/leaves.ts';
import { drawLesson, lessonNote } from './panes/lesson.ts';
import { drawLine, lineNote } from './panes/line.ts';
import { drawInject, drawPrompt } from './panes/overlays.ts';
import { drawQuiz } from './panes/quiz.ts';
import { drawHints, drawTimeline, drawTitleBar, drawWhy } from './panes/scenery.ts';
import { drawSecrecy, secrecyNote } from './panes/secrecy.ts';
import { drawStream, streamNote } from './panes/stream.ts';
import { drawTables, tablesNote } from './panes/tables.ts';
import { drawTcp, tcpNote } from './panes/tcp.ts';
import { drawTopology, topologyNote } from './panes/topology.ts';
import type { Places } from './screen.tsx';
import { themeOf } from './theme.ts';
import { type View, viewOf } from './view.ts';

interface Pane {
  readonly title: string;
  note(view: View): string;
  draw(canvas: Canvas, rect: Rect, view: View, isFocused: boolean): void;
}

const DRAWN: Readonly<Record<NumberedPane, Pane>> = {
  ladder: { title: 'Ladder', note: () => 'time ↓', draw: drawLadderPane },
  layers: { title: 'Layers', note: layersNote, draw: drawLayers },
  bytes: { title: 'Bytes', note: ({ packet }) => (packet ? `${packet.bytes.length} B` : ''), draw: drawBytes },
  events: { title: 'Events', note: filterNote, draw: drawEvents },
  tcp: {
    title: 'TCP',
    note: (view) => (view.story.run.source ? streamNote(view) : tcpNote(view)),
    draw: (canvas, rect, view) =>
      view.story.run.source ? drawStream(canvas, rect, view) : drawTcp(canvas, rect, view),
  },
  belief: { title: 'Truth and belief', note: beliefNote, draw: drawBelief },
  topology: { title: 'Topology', note: topologyNote, draw: drawTopology },
  tables: { title: 'Tables', note: tablesNote, draw: drawTables },
  line: { title: 'Line', note: lineNote, draw: drawLine },
  buffers: { title: 'Buffers', note: buffersNote, draw: drawBuffers },
  secrecy: { title: 'Secrecy', note: secrecyNote, draw: drawSecrecy },
  lesson: { title: 'Lesson', note: lessonNote, draw: drawLesson },
};

/** Keys of panes that have no number. */
const LETTERS: Readonly<Partial<Record<NumberedPane, string>>> = { lesson: 'e', secrecy: 'o' };

function filterNote({ model }: View): string {
  const stops =
    model.breakpoints.length > 0
      ? `${model.breakpoints.length} stop${model.breakpoints.length === 1 ? '' : 's'} · `
      : '';
  const done = model.matches?.done ?? 1;
  const part = done < 1 ? ` ${Math.floor(done * 100)} %` : '';
  return `${stops}${model.filter ? `filter: ${model.filter.text}${part}` : 'no filter'}`;
}

export function paint(model: Model, places: Places): Canvas {
  const { columns, rows } = model.size;
  const canvas = new Canvas(Math.max(1, columns), Math.max(1, rows), themeOf(model.theme).text);
  if (places.has('too small')) {
    drawTooSmall(canvas, model);
    return canvas;
  }
  const view = viewOf(model);
  for (const [id, rect] of places) drawPlace(canvas, view, id, rect);
  drawQuiz(canvas, view, places.get('lesson') ?? null);
  drawPrompt(canvas, view);
  drawInject(canvas, view);
  return canvas;
}

const SCENERY: Readonly<Record<string, (canvas: Canvas, rect: Rect, view: View) => void>> = {
  title: drawTitleBar,
  why: drawWhy,
  timeline: drawTimeline,
  hints: drawHints,
  whole: drawWhole,
};

function drawPlace(canvas: Canvas, view: View, id: string, rect: Rect): void {
  const scenery = SCENERY[id];
  if (scenery) scenery(canvas, rect, view);
  else drawPane(canvas, view, id as NumberedPane, rect);
}

function drawWhole(canvas: Canvas, rect: Rect, view: View): void {
  const { leaf } = view.model;
  if (!leaf) return;
  const heading = { number: '', title: LEAF_TITLES[leaf], note: 'esc closes' };
  drawLeaf(canvas, drawFrame(canvas, rect, heading, true, view.theme), view, leaf);
}

function drawPane(canvas: Canvas, view: View, pane: NumberedPane, rect: Rect): void {
  const { title, note, draw } = DRAWN[pane];
  const isFocused = view.model.focus === pane;
  const number = LETTERS[pane] ?? String((PANES.indexOf(pane) + 1) % 10);
  const heading = { number, title, note: note(view) };
  const inner = drawFrame(canvas, rect, heading, isFocused, view.theme);
  if (inner.width > 4 && inner.height > 0) draw(canvas, inner, view, isFocused);
}

function drawTooSmall(canvas: Canvas, { size, theme }: Model): void {
  const { text } = themeOf(theme);
  const lines = [
    `terminal too small (need ${LEAST_COLUMNS}×${LEAST_ROWS})`,
    `it is ${size.columns}×${size.rows}`,
    'q quits',
  ];
  const top = Math.max(0, Math.floor((canvas.height - lines.length) / 2));
  for (const [index, line] of lines.entries()) canvas.textIn(0, top + index, canvas.width, line, text);
}
