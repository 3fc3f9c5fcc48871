/** Brokers and applications: what waits in queues and sessions, for whom, and what nobody has acknowledged yet. */

import { buffersAt, type Gauge, type Outstanding, type Store } from '../../projections/buffers.ts';
import { duration } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { isBroker } from '../model.ts';
import type { View } from '../view.ts';
import { courseOf } from './course.ts';

/** States in which nobody is there to take what waits. */
const AWAY: ReadonlySet<string> = new Set([
  'offline',
  'ended',
  'disconnected',
  'closed',
  'CLOSED',
  'CLOSING',
  'waiting',
]);

export function buffersNote(view: View): string {
  const { stores, outstanding } = buffersAt(view.chronicle, view.seq);
  if (stores.length === 0) return '';
  const kept = stores.filter(({ gauges }) => gauges.some(({ value }) => value > 0)).length;
  return `${kept} of ${stores.length} keep something · ${outstanding.length} in flight`;
}

interface Line {
  draw(canvas: Canvas, rect: Rect): void;
  readonly isNews: boolean;
}

export function drawBuffers(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, model } = view;
  const lines = linesOf(view, rect.width);
  if (lines.length === 0) {
    canvas.text(rect.x + 1, rect.y, 'No broker, session or WebSocket keeps anything yet.', theme.dim, rect.width - 1);
    return;
  }
  const last = Math.max(0, lines.length - rect.height);
  const news = lines.findIndex(({ isNews }) => isNews);
  const wanted = news < rect.height ? 0 : news - Math.floor(rect.height / 2);
  const first = Math.min(last, model.focus === 'buffers' ? model.scroll : wanted);
  if (model.focus === 'buffers') canvas.scrolled = first;
  for (const [row, line] of lines.slice(first, first + rect.height).entries()) {
    line.draw(canvas, { x: rect.x, y: rect.y + row, width: rect.width, height: 1 });
  }
  if (last > first) canvas.text(rect.x + rect.width - 1, rect.y + rect.height - 1, '↓', theme.dim);
}

function linesOf(view: View, width: number): Line[] {
  const { chronicle, seq, model } = view;
  const { stores, outstanding } = buffersAt(chronicle, seq);
  const own = stores.filter(({ node }) => model.node === null || node === model.node);
  const brokers = new Set(model.host.nodes.filter(({ apps }) => apps.some(isBroker)).map(({ name }) => name));
  const lines: Line[] = [];
  const names = model.host.nodes.map(({ name }) => name);
  const rank = ({ node }: Store) => (brokers.has(node) ? 0 : names.length) + names.indexOf(node);
  const ordered = [...own].sort((one, other) => rank(one) - rank(other));
  let before = '';
  for (const store of ordered) {
    if (store.node !== before) {
      if (lines.length > 0 && width >= 70) lines.push(blank());
      lines.push(headingLine(view, store.node));
    }
    before = store.node;
    lines.push(...storeLines(view, store, width));
  }
  const list = outstanding.filter(({ node }) => model.node === null || node === model.node);
  if (list.length === 0) return lines;
  if (width >= 70) lines.push(blank());
  lines.push(ruleLine(view, `in flight ${list.length}`));
  return [...lines, ...list.map((one) => outstandingLine(view, one, width))];
}

function blank(): Line {
  return { draw: () => {}, isNews: false };
}

/** A node with what runs on it and what ended there. */
function headingLine(view: View, node: string): Line {
  const { theme, model } = view;
  const apps = model.host.nodes.find(({ name }) => name === node)?.apps.join(' ') ?? '';
  const lost = lostText(view, node);
  return {
    isNews: false,
    draw(canvas, { x, y, width }) {
      const at = canvas.text(x + 1, y, node, theme.layerStrong(7), width - 2);
      const end = lost === '' ? x + width : canvas.textBefore(x + width - 1, y, lost, theme.errorStrong, width - 12);
      canvas.text(at + 2, y, apps, theme.dim, end - at - 3);
    },
  };
}

/** Messages that ended in a node, by reason. */
function lostText({ chronicle, seq }: View, node: string): string {
  const reasons = new Map<string, number>();
  for (const loss of chronicle.lossesUntil(seq)) {
    const entry = chronicle.entries[loss];
    if (entry?.node !== node || entry.event.kind !== 'dropped' || entry.event.layer !== 7) continue;
    reasons.set(entry.event.reason, (reasons.get(entry.event.reason) ?? 0) + 1);
  }
  return [...reasons].map(([reason, count]) => `✗ ${count} ${reason}`).join('  ');
}

function storeLines(view: View, store: Store, width: number): Line[] {
  const { nowNs, chronicle } = view;
  const isNews = chronicle.entries[store.changedSeq]?.atNs === nowNs;
  const [first, ...rest] = store.gauges;
  const shown: (Gauge | null)[] = [first ?? null, ...rest.filter(({ most }) => most > 0)];
  const lines = shown.map((gauge, at) => gaugeLine(view, store, gauge, at === 0, isNews, width));
  return store.notes.length > 0 && width < ROOMY ? [...lines, notesLine(view, store)] : lines;
}

/** Cells from where a machine's name, state, gauge, bar, amount and course stand. */
interface Columns {
  readonly state: number;
  readonly gauge: number;
  readonly bar: number;
  readonly cells: number;
  readonly amount: number;
  readonly course: number;
  readonly courseCells: number;
  readonly notes: number;
}

const ROOMY = 100;
const NARROW: Columns = { state: 13, gauge: 15, bar: 26, cells: 5, amount: 34, course: 0, courseCells: 0, notes: 0 };
const MEDIUM: Columns = { state: 18, gauge: 32, bar: 47, cells: 8, amount: 58, course: 68, courseCells: 8, notes: 0 };
const WIDE: Columns = { state: 20, gauge: 35, bar: 51, cells: 14, amount: 68, course: 78, courseCells: 16, notes: 96 };

function columnsOf(width: number): Columns {
  return width >= ROOMY ? WIDE : width >= 70 ? MEDIUM : NARROW;
}

function notesLine({ theme }: View, store: Store): Line {
  return {
    isNews: false,
    draw: (canvas, { x, y, width }) => canvas.text(x + 4, y, store.notes.join('  '), theme.dim, width - 5),
  };
}

function gaugeLine(
  view: View,
  store: Store,
  gauge: Gauge | null,
  isFirst: boolean,
  isNews: boolean,
  width: number,
): Line {
  const { theme } = view;
  const columns = columnsOf(width);
  return {
    isNews: isNews && isFirst,
    draw(canvas, rect) {
      const { x, y } = rect;
      if (isFirst) {
        if (isNews) canvas.text(x, y, '●', theme.warning);
        canvas.text(x + 2, y, store.machine, theme.strong, columns.state - 3);
        if (store.state !== null) {
          const isAway = AWAY.has(store.state);
          const mark = isAway ? '○' : '●';
          const text = width >= 70 ? `${mark} ${store.state}` : mark;
          canvas.text(
            x + columns.state,
            y,
            text,
            isAway ? theme.warning : theme.good,
            columns.gauge - columns.state - 1,
          );
        }
        if (columns.notes > 0)
          canvas.text(x + columns.notes, y, store.notes.join('  '), theme.dim, width - columns.notes);
      }
      if (gauge) drawGauge(canvas, rect, view, gauge, columns);
    },
  };
}

/** Name, bar, how much of how much; where there is room its course as well. */
function drawGauge(canvas: Canvas, rect: Rect, view: View, gauge: Gauge, columns: Columns): void {
  const { theme, model } = view;
  const { name, path, value, most, isOctets } = gauge;
  const { x, y } = rect;
  const limit = model.host.limitOf?.(path) ?? null;
  const isFull = limit !== null && value >= limit;
  const { cells } = columns;
  const filled = Math.min(cells, Math.ceil((value / Math.max(1, limit ?? most)) * cells));
  const style = isFull ? theme.errorStrong : value > 0 ? theme.warning : theme.dim;
  canvas.text(x + columns.gauge, y, name, value > 0 ? theme.text : theme.dim, columns.bar - columns.gauge - 1);
  let at = canvas.text(x + columns.bar, y, '▐', theme.dim);
  at = canvas.text(at, y, '█'.repeat(filled), style, filled);
  at = canvas.text(at, y, '░'.repeat(cells - filled), theme.dim, cells - filled);
  canvas.text(at, y, '▌', theme.dim);
  const amount = `${value}${limit === null ? '' : `/${limit}`}${isFull ? ' FULL' : isOctets ? ' B' : ''}`;
  const room = (columns.courseCells > 0 ? columns.course : rect.width) - columns.amount;
  canvas.text(x + columns.amount, y, amount, isFull ? style : value > 0 ? theme.strong : theme.dim, room);
  if (columns.courseCells === 0) return;
  canvas.text(x + columns.course, y, courseOf(view, path, columns.courseCells), theme.layer(7), columns.courseCells);
}

function ruleLine({ theme }: View, title: string): Line {
  return {
    isNews: false,
    draw(canvas, { x, y, width }) {
      canvas.text(x, y, '─'.repeat(width), theme.dim);
      canvas.text(x + 2, y, ` ${title} `, theme.text, width - 3);
    },
  };
}

function outstandingLine({ theme, nowNs }: View, one: Outstanding, width: number): Line {
  return {
    isNews: one.sinceNs === nowNs,
    draw(canvas, { x, y }) {
      if (one.sinceNs === nowNs) canvas.text(x, y, '●', theme.warning);
      const start = canvas.textBefore(x + width - 1, y, duration(nowNs - one.sinceNs), theme.warning, 12);
      canvas.text(x + 2, y, `${one.node} ${one.machine}`, theme.strong, width >= 70 ? 22 : 15);
      const at = x + (width >= 70 ? 25 : 18);
      canvas.textBefore(at + 4, y, one.key, theme.text, 5);
      canvas.text(at + 6, y, one.text, theme.text, start - at - 7);
    },
  };
}
