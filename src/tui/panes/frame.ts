/** A pane's border with its number, name and what it tells of. */

import type { Canvas, Rect } from '../canvas.ts';
import type { Theme } from '../theme.ts';

export interface Heading {
  /** Its key; '' for what has none. */
  readonly number: string;
  readonly title: string;
  readonly note: string;
}

/** Draws the border and returns what is inside. */
export function drawFrame(canvas: Canvas, rect: Rect, heading: Heading, isFocused: boolean, theme: Theme): Rect {
  const { x, y, width, height } = rect;
  const line = isFocused ? theme.focus : theme.border;
  const right = x + width - 1;
  canvas.text(x, y, `╭─${'─'.repeat(Math.max(0, width - 3))}╮`, line);
  for (let row = y + 1; row < y + height - 1; row++) {
    canvas.text(x, row, '│', line);
    canvas.text(right, row, '│', line);
  }
  canvas.text(x, y + height - 1, `╰${'─'.repeat(Math.max(0, width - 2))}╯`, line);
  const number = heading.number === '' ? '' : `${heading.number} `;
  let at = canvas.text(x + 2, y, ' ', line);
  at = canvas.text(at, y, number, theme.accent);
  at = canvas.text(at, y, `${heading.title} `, isFocused ? theme.strong : theme.text, right - at);
  const room = right - at - 4;
  if (heading.note !== '' && room > 3) canvas.textBefore(right - 1, y, ` ${heading.note} `, theme.dim, room);
  return { x: x + 1, y: y + 1, width: width - 2, height: height - 2 };
}

/** A line across a pane, joined to its border. */
export function drawRule(canvas: Canvas, rect: Rect, row: number, isFocused: boolean, theme: Theme): void {
  const line = isFocused ? theme.focus : theme.border;
  canvas.text(rect.x - 1, row, `├${'─'.repeat(rect.width)}┤`, line);
}
