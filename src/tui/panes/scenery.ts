/** Around the panes: the title bar, the Why line, the timeline and the key hints. */

import { cellsOf, fitted } from '../../projections/printable.ts';
import { seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { lessonOn } from '../lesson.ts';
import { branchOf, type Model, SPEEDS } from '../model.ts';
import type { View } from '../view.ts';

export function drawTitleBar(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, model, seq } = view;
  const { x, y, width } = rect;
  const branch = branchOf(model);
  canvas.fill(x, y, width, ' ', theme.bar);
  const isAtEnd = view.story.isLast(seq);
  const state = model.journey
    ? `▷ ${model.journey.label}`
    : model.isPlaying
      ? `▶ ×${SPEEDS[model.speed]}`
      : isAtEnd
        ? '■ end'
        : '‖ paused';
  const right = `${state}   step ${seq + 1}   t ${grouped(view.nowNs)} s `;
  const start = canvas.textBefore(x + width, y, right, theme.barStrong);
  let at = canvas.text(x + 1, y, '◆ packetwalk', theme.barAccent);
  at = canvas.text(at + 2, y, model.host.name, theme.barStrong, Math.max(0, start - at - 4));
  const facts = [
    model.branches.length > 1 ? `branch ${branch.name}` : '',
    view.story.run.source ? '' : `seed ${branch.seed ?? model.host.seed}`,
    model.host.profile,
  ].filter((fact) => fact !== '');
  for (const [index, fact] of facts.entries()) {
    if (at + 2 + cellsOf(fact) >= start - 1) break;
    const isBranch = index === 0 && model.branches.length > 1;
    at = canvas.text(at + 2, y, fact, isBranch ? theme.barAccent : theme.bar);
  }
}

/** `1.255 000`: thousands apart, so that digits can be counted. */
function grouped(atNs: number): string {
  const text = seconds(atNs);
  return `${text.slice(0, -3)} ${text.slice(-3)}`;
}

export function drawWhy(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, model } = view;
  const { x, y, width, height } = rect;
  const problem = model.notice;
  const label = problem ? (problem.isError ? ' No ' : ' ›   ') : ' Why ';
  const style = problem?.isError ? theme.errorStrong : theme.good;
  canvas.text(x, y, label, style);
  const text = problem?.text ?? view.why;
  const lines = wrapped(text, width - 7, height);
  for (const [index, line] of lines.entries()) canvas.text(x + 6, y + index, line, theme.strong, width - 7);
}

/** In lines of at most that many cells, broken at blanks; what is too much is cut off. */
export function wrapped(text: string, cells: number, most: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const next = line === '' ? word : `${line} ${word}`;
    if (cellsOf(next) <= cells || line === '') {
      line = next;
    } else {
      lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), fitted(lines.slice(most - 1).join(' '), cells)];
}

export interface TimelineScale {
  readonly from: number;
  readonly to: number;
  readonly startNs: number;
  readonly endNs: number;
}

/**
 * Time from left to right as far as it has passed, and a little of what is to come, of which nothing is shown. The scale
 * depends on the cursor only: where the run ends is not told.
 */
export function timelineScale(rect: Rect, nowNs: number): TimelineScale {
  const endNs = axisEnd(nowNs);
  return { from: rect.x + 8, to: rect.x + rect.width - 10, startNs: 0, endNs };
}

/** The next round time: 1, 1.5, 2, 3, 5, 7 of a power of ten, with some room. */
export function axisEnd(nowNs: number): number {
  const least = Math.max(1000, nowNs + Math.floor(nowNs / 16));
  for (let unit = 1000; ; unit *= 10) {
    for (const tenths of [10, 12, 15, 20, 25, 30, 40, 50, 60, 80]) {
      const end = (unit / 10) * tenths;
      if (end >= least) return end;
    }
  }
}

function columnOf(scale: TimelineScale, atNs: number, isLog: boolean): number {
  const cells = scale.to - scale.from;
  if (!isLog) return scale.from + Math.min(cells, Math.floor((atNs / scale.endNs) * cells));
  const part = Math.log1p(atNs / 1000) / Math.log1p(scale.endNs / 1000);
  return scale.from + Math.min(cells, Math.floor(part * cells));
}

/** The time at a column, for a click. */
export function timeAt(scale: TimelineScale, column: number, isLog: boolean): number {
  const part = Math.max(0, Math.min(1, (column - scale.from) / (scale.to - scale.from)));
  return isLog ? Math.floor(Math.expm1(part * Math.log1p(scale.endNs / 1000)) * 1000) : Math.floor(part * scale.endNs);
}

export function drawTimeline(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, chronicle, seq, nowNs, model } = view;
  const { x, y, width } = rect;
  const scale = timelineScale(rect, nowNs);
  const column = (atNs: number) => columnOf(scale, atNs, model.isLogTime);
  canvas.text(x + 1, y, model.isLogTime ? 'log 0' : '0.000', theme.dim);
  canvas.textBefore(x + width - 1, y, `${endText(scale.endNs)} s`, theme.dim);
  const here = column(nowNs);
  for (let at = scale.from; at <= scale.to; at++)
    canvas.text(at, y, at < here ? '━' : '─', at < here ? theme.focus : theme.border);
  const { entries } = chronicle;
  const { all } = chronicle.crossings;
  const packetColumn = (index: number) => column(entries[all[index]?.takenSeq ?? 0]?.atNs ?? 0);
  for (const at of distinct(chronicle.crossings.countAt(seq), packetColumn)) canvas.text(at, y, '┃', theme.focus);
  for (const mark of branchOf(model).marks) {
    if (mark <= seq) canvas.text(column(entries[mark]?.atNs ?? 0), y, '▼', theme.warning);
  }
  const losses = chronicle.lossesUntil(seq);
  const lossColumn = (index: number) => column(entries[losses[index] ?? 0]?.atNs ?? 0);
  for (const at of distinct(losses.length, lossColumn)) canvas.text(at, y, '✗', theme.errorStrong);
  canvas.text(here, y, '◆', theme.strong);
}

/** In five characters, however long it is. */
function endText(endNs: number): string {
  const whole = String(Math.floor(endNs / 1e9)).length;
  return seconds(endNs, Math.max(0, Math.min(3, 4 - whole)));
}

/** The columns that ascending columns fall into, each once: as many looks as there are columns, not as many as items. */
function* distinct(count: number, columnAt: (index: number) => number): Generator<number> {
  for (let index = 0; index < count; ) {
    const here = columnAt(index);
    yield here;
    let low = index + 1;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (columnAt(middle) <= here) low = middle + 1;
      else high = middle;
    }
    index = low;
  }
}

const HINTS: readonly (readonly [keys: string, what: string])[] = [
  ['←→', 'step'],
  ['n N', 'packet'],
  ['↑↓', 'field'],
  ['space', 'play'],
  ['g G', 'ends'],
  ['1-9', 'pane'],
  ['z', 'zoom'],
  ['/', 'filter'],
  ['i', 'inject'],
  [':', 'command'],
  ['?', 'help'],
  ['q', 'quit'],
];

/** What a lesson adds stands in front: who is learning needs it first. */
function hintsOf(model: Model): typeof HINTS {
  const hints = HINTS.map(([keys, what]) => [keys, keys === 'q' ? (model.host.leave ?? what) : what] as const);
  if (lessonOn(model)) return [...LESSON_HINTS, ...hints];
  return model.host.lesson && !model.lesson?.isOn ? [['e', 'lesson'], ...hints] : hints;
}

const LESSON_HINTS: typeof HINTS = [
  ['c C', 'on, back'],
  ['e', 'lesson off'],
];

/** What fits, `?` always among it: who forgets the rest finds it there. */
export function drawHints(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, model } = view;
  const hints = hintsOf(model);
  const { x, y, width } = rect;
  const cells = ([keys, what]: (typeof HINTS)[number]) => cellsOf(keys) + 1 + cellsOf(what) + 2;
  const help = hints.filter(([key]) => key === '?' || key === 'q');
  let room = width - 1 - help.reduce((sum, hint) => sum + cells(hint), 0) + 2;
  const shown = hints.filter((hint) => {
    if (help.includes(hint)) return true;
    if (room < cells(hint)) {
      room = 0;
      return false;
    }
    room -= cells(hint);
    return true;
  });
  let at = x + 1;
  for (const [keys, what] of shown) {
    at = canvas.text(at, y, keys, theme.accent);
    at = canvas.text(at + 1, y, what, theme.text) + 2;
  }
}
