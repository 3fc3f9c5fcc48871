/** Boxes over the screen: what is typed, what can be injected. */

import { cellsOf, padded } from '../../projections/printable.ts';
import { seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { faultChoices } from '../faults.ts';
import type { Line, PromptKind } from '../model.ts';
import { suggestions } from '../update/prompt.ts';
import type { View } from '../view.ts';
import { drawFrame } from './frame.ts';

const TITLES: Readonly<Record<PromptKind, string>> = {
  filter: '/ filter',
  break: 'stop at frames that match',
  palette: ': command',
  time: 'go to time or event',
  seed: 'rerun with seed',
  export: 'write to file',
  keys: 'keys',
};
const EXAMPLES: Readonly<Record<PromptKind, string>> = {
  filter: 'tcp.flags.syn == 1 and ip.src == client',
  break: 'tcp.analysis.retransmission',
  palette: '',
  time: '1.5s   200ms   +20ms   #120',
  seed: 'a whole number',
  export: 'screen.svg   walk.cast   screen.txt   branch.pw.yaml',
  keys: '',
};

function box(canvas: Canvas, cells: number, rows: number): Rect {
  const width = Math.min(canvas.width - 4, cells);
  const height = Math.min(canvas.height - 4, rows);
  return {
    x: Math.floor((canvas.width - width) / 2),
    y: Math.max(1, Math.floor((canvas.height - height) / 3)),
    width,
    height,
  };
}

export function drawPrompt(canvas: Canvas, view: View): void {
  const { model, theme } = view;
  const { prompt, filterProblem } = model;
  // What is searched for among the keys stands above them.
  if (!prompt || prompt.kind === 'keys') return;
  const list = suggestions(model);
  const most = prompt.kind === 'palette' ? 12 : 8;
  const shown = Math.min(list.length, most, canvas.height - 9);
  const isFilter = prompt.kind === 'filter' || prompt.kind === 'break';
  const rect = box(canvas, 72, 4 + shown + (isFilter || shown > 0 ? 1 : 0));
  canvas.rectangle(rect, theme.text);
  const inner = drawFrame(canvas, rect, { number: '', title: TITLES[prompt.kind], note: '' }, true, theme);
  drawInput(canvas, inner, view, prompt.line, EXAMPLES[prompt.kind]);
  let y = inner.y + 1;
  if (isFilter && filterProblem)
    canvas.text(inner.x + 1, y, `✗ ${filterProblem.message}`, theme.errorStrong, inner.width - 2);
  else if (isFilter && prompt.line.text !== '') canvas.text(inner.x + 1, y, '✓', theme.good);
  y++;
  const first = Math.max(0, Math.min(prompt.choice - Math.floor(shown / 2), list.length - shown));
  for (const [row, one] of list.slice(first, first + shown).entries()) {
    const isChosen = first + row === prompt.choice;
    const style = isChosen ? theme.selected : theme.text;
    if (isChosen) canvas.fill(inner.x, y + row, inner.width, ' ', style);
    const name = Math.min(30, Math.max(20, cellsOf(one.text) + 2));
    canvas.text(inner.x + 1, y + row, isChosen ? '▸' : ' ', style);
    canvas.text(inner.x + 3, y + row, padded(one.text, name), style);
    canvas.text(inner.x + 4 + name, y + row, one.note, isChosen ? style : theme.dim, inner.width - name - 10);
    canvas.textBefore(inner.x + inner.width - 1, y + row, one.key, isChosen ? style : theme.accent, 6);
  }
  const hint = list.length > 0 ? ' ↑↓ choose  tab complete  enter  esc ' : ' enter  esc ';
  canvas.textBefore(rect.x + rect.width - 2, rect.y + rect.height - 1, hint, theme.dim, rect.width - 4);
}

/** The line with its cursor; what is wrong in a filter is red where it is wrong. */
function drawInput(canvas: Canvas, rect: Rect, view: View, line: Line, example: string): void {
  const { theme, model } = view;
  const room = rect.width - 3;
  const cut = Math.max(0, line.at - room + 2);
  const text = line.text.slice(cut, cut + room);
  const problem = model.filterProblem;
  canvas.text(rect.x + 1, rect.y, text, problem ? theme.error : theme.strong, room);
  if (line.text === '') canvas.text(rect.x + 2, rect.y, example, theme.dim, room - 1);
  if (problem && problem.at < line.text.length) {
    const from = Math.max(0, problem.at - cut);
    canvas.text(
      rect.x + 1 + from,
      rect.y,
      text.slice(from, from + problem.length),
      theme.errorStrong,
      Math.max(0, room - from),
    );
  }
  const at = rect.x + 1 + cellsOf(text.slice(0, line.at - cut));
  const under = line.text.slice(line.at, line.at + 1);
  canvas.text(at, rect.y, under === '' ? ' ' : under, theme.selected, 2);
}

export function drawInject(canvas: Canvas, view: View): void {
  const { model, theme, nowNs } = view;
  if (!model.inject) return;
  const choices = faultChoices(model);
  const rect = box(canvas, 62, choices.length + 7);
  canvas.rectangle(rect, theme.text);
  const title = `Inject a fault at t ${seconds(nowNs)} s`;
  const inner = drawFrame(canvas, rect, { number: '', title, note: '' }, true, theme);
  for (const [row, { key, label }] of choices.entries()) {
    const isChosen = row === model.inject.choice;
    const style = isChosen ? theme.selected : theme.text;
    if (isChosen) canvas.fill(inner.x, inner.y + 1 + row, inner.width, ' ', style);
    canvas.text(inner.x + 1, inner.y + 1 + row, isChosen ? '▸' : ' ', style);
    canvas.text(inner.x + 3, inner.y + 1 + row, key, isChosen ? style : theme.accent);
    canvas.text(inner.x + 6, inner.y + 1 + row, label, style, inner.width - 7);
  }
  const y = inner.y + choices.length + 2;
  canvas.text(inner.x + 1, y, 'The future is computed again from here, as a branch;', theme.dim, inner.width - 2);
  canvas.text(
    inner.x + 1,
    y + 1,
    'this one stays as it is. x saves a branch as a scenario.',
    theme.dim,
    inner.width - 2,
  );
  canvas.textBefore(
    rect.x + rect.width - 2,
    rect.y + rect.height - 1,
    ' enter apply  esc cancel ',
    theme.dim,
    rect.width - 4,
  );
}
