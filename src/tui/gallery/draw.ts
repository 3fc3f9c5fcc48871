/** Draws the courses: a pure function of their state. */

import { padded } from '../../projections/printable.ts';
import { Canvas, type Rect } from '../canvas.ts';
import { drawFrame } from '../panes/frame.ts';
import { wrapped } from '../panes/scenery.ts';
import { type Theme, themeOf } from '../theme.ts';
import { type Course, chosenIn, type Gallery, isDone } from './gallery.ts';

const HINTS: readonly (readonly [string, string])[] = [
  ['↑↓', 'choose'],
  ['←→', 'course'],
  ['enter', 'begin'],
  ['w', 'walk, no lesson'],
  ['T', 'theme'],
  ['q', 'quit'],
];

const LEAST_ROWS = 12;
const LEAST_COLUMNS = 40;

export function drawGallery(gallery: Gallery): Canvas {
  const { columns, rows } = gallery.size;
  const theme = themeOf(gallery.theme);
  const canvas = new Canvas(Math.max(1, columns), Math.max(1, rows), theme.text);
  if (columns < LEAST_COLUMNS || rows < LEAST_ROWS) {
    canvas.textIn(
      0,
      Math.floor(rows / 2),
      columns,
      `terminal too small (need ${LEAST_COLUMNS}×${LEAST_ROWS})`,
      theme.text,
    );
    return canvas;
  }
  drawTitle(canvas, gallery, theme);
  drawTabs(canvas, gallery, theme);
  drawList(canvas, gallery, theme);
  drawAbout(canvas, gallery, theme);
  drawHints(canvas, gallery, theme);
  return canvas;
}

function drawTitle(canvas: Canvas, { host, standings }: Gallery, theme: Theme): void {
  canvas.fill(0, 0, canvas.width, ' ', theme.bar);
  const at = canvas.text(1, 0, '◆ packetwalk', theme.barAccent);
  canvas.text(at + 2, 0, 'courses', theme.barStrong);
  const names = [...new Set(host.courses.flatMap(({ scenarios }) => scenarios.map(({ name }) => name)))];
  const done = names.filter((name) => isDone(standings.get(name))).length;
  canvas.textBefore(canvas.width - 1, 0, `${done} of ${names.length} lessons done`, theme.bar);
}

function drawTabs(canvas: Canvas, gallery: Gallery, theme: Theme): void {
  let x = 1;
  for (const [index, { title }] of gallery.host.courses.entries()) {
    const isChosen = index === gallery.course;
    x = canvas.text(x, 1, ` ${title} `, isChosen ? theme.selected : theme.text) + 1;
  }
}

/** How many rows the text about a scenario has, its border included. */
function aboutRows(rows: number): number {
  return rows >= 30 ? 10 : rows >= 20 ? 8 : 5;
}

export function listRect({ size }: Gallery): Rect {
  return { x: 0, y: 2, width: size.columns, height: size.rows - 3 - aboutRows(size.rows) };
}

/** The first scenario in sight: lists turn over by halves, as they do on the other screen. */
export function firstInSight(gallery: Gallery): number {
  const places = listRect(gallery).height - 2;
  const row = gallery.rows[gallery.course] ?? 0;
  const half = Math.max(1, Math.floor(places / 2));
  return Math.max(0, Math.ceil((row - places + 1) / half) * half);
}

function drawList(canvas: Canvas, gallery: Gallery, theme: Theme): void {
  const course = gallery.host.courses[gallery.course] as Course;
  const done = course.scenarios.filter(({ name }) => isDone(gallery.standings.get(name))).length;
  const rect = listRect(gallery);
  const heading = { number: '', title: course.title, note: `${done} of ${course.scenarios.length} done` };
  const inner = drawFrame(canvas, rect, heading, true, theme);
  const first = firstInSight(gallery);
  const cells = Math.max(12, ...course.scenarios.map(({ name }) => name.length));
  for (const [line, { name, title }] of course.scenarios.slice(first, first + inner.height).entries()) {
    const isChosen = first + line === gallery.rows[gallery.course];
    const y = inner.y + line;
    const style = isChosen ? theme.selected : theme.text;
    if (isChosen) canvas.fill(inner.x, y, inner.width, ' ', style);
    const standing = gallery.standings.get(name);
    const on = (tone: typeof style) => (isChosen ? theme.on(tone, style) : tone);
    canvas.text(inner.x, y, isChosen ? '▶' : ' ', style);
    if (isDone(standing)) canvas.text(inner.x + 2, y, '✓', on(theme.good));
    else canvas.text(inner.x + 2, y, standing ? '·' : '○', on(standing ? theme.warning : theme.dim));
    canvas.text(inner.x + 4, y, padded(name, cells), isChosen ? style : theme.accent);
    const score = standing ? `${standing.right} of ${standing.all} right` : '';
    const end = canvas.textBefore(inner.x + inner.width - 1, y, score, isChosen ? style : theme.dim);
    canvas.text(inner.x + 6 + cells, y, title, style, Math.max(0, end - inner.x - 7 - cells));
  }
}

function drawAbout(canvas: Canvas, gallery: Gallery, theme: Theme): void {
  const height = aboutRows(gallery.size.rows);
  const chosen = chosenIn(gallery);
  const rect = { x: 0, y: canvas.height - 1 - height, width: canvas.width, height };
  const inner = drawFrame(
    canvas,
    rect,
    { number: '', title: chosen?.title ?? '', note: chosen?.name ?? '' },
    false,
    theme,
  );
  if (!chosen) return;
  const { summary, question } = gallery.host.about(chosen.name);
  const asked = question === null ? [] : wrapped(question, inner.width - 2, 2);
  const lines = wrapped(summary, inner.width - 2, Math.max(1, inner.height - asked.length));
  for (const [row, text] of asked.entries())
    canvas.text(inner.x + 1, inner.y + row, text, theme.strong, inner.width - 2);
  for (const [row, text] of lines.slice(0, inner.height - asked.length).entries()) {
    canvas.text(inner.x + 1, inner.y + asked.length + row, text, theme.text, inner.width - 2);
  }
}

function drawHints(canvas: Canvas, { notice }: Gallery, theme: Theme): void {
  const y = canvas.height - 1;
  if (notice) {
    canvas.text(1, y, notice.text, notice.isError ? theme.errorStrong : theme.good, canvas.width - 2);
    return;
  }
  let x = 1;
  for (const [keys, what] of HINTS) {
    x = canvas.text(x, y, keys, theme.accent);
    x = canvas.text(x + 1, y, what, theme.text) + 2;
  }
}
