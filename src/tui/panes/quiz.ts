/** The lesson's cards over the panes: what to ask oneself first, questions, and what was to be learned. */

import type { Canvas, Rect } from '../canvas.ts';
import { boxOf, type LessonState, lessonOn, type Pending, scoreOf, verdictsAt } from '../lesson.ts';
import type { View } from '../view.ts';
import { drawFrame } from './frame.ts';
import { type Said, saidLines, toneStyle, verdictSaid } from './lesson.ts';

const WIDEST = 72;

/** A line of a card; `choice`: a click on it answers. */
interface CardLine extends Said {
  readonly choice: number | null;
  readonly isChosen: boolean;
}

interface Card {
  readonly rect: Rect;
  readonly title: string;
  readonly note: string;
  readonly hint: string;
  readonly lines: readonly CardLine[];
}

/** `room`: where the lesson's pane stands; null: it is not in sight. */
export function drawQuiz(canvas: Canvas, view: View, room: Rect | null): void {
  const card = cardOf(view, canvas.width, canvas.height, room);
  if (!card) return;
  const { theme } = view;
  const { rect, title, note, hint, lines } = card;
  canvas.rectangle(rect, theme.text);
  const inner = drawFrame(canvas, rect, { number: '', title, note }, true, theme);
  for (const [row, { text, tone, isChosen }] of lines.slice(0, inner.height).entries()) {
    const style = isChosen ? theme.selected : toneStyle(view, tone);
    if (isChosen) canvas.fill(inner.x, inner.y + row, inner.width, ' ', theme.selected);
    canvas.text(inner.x + 1, inner.y + row, text, style, inner.width - 2);
  }
  canvas.textBefore(rect.x + rect.width - 2, rect.y + rect.height - 1, ` ${hint} `, theme.accent, rect.width - 4);
}

/** The choice whose words stand at a cell; null: none. */
export function choiceAt(view: View, room: Rect | null, x: number, y: number): number | null {
  const { columns, rows } = view.model.size;
  const card = cardOf(view, columns, rows, room);
  if (!card || x <= card.rect.x || x >= card.rect.x + card.rect.width - 1) return null;
  return card.lines[y - card.rect.y - 1]?.choice ?? null;
}

function cardOf(view: View, columns: number, rows: number, room: Rect | null): Card | null {
  const { model } = view;
  const box = model.prompt || model.inject ? null : boxOf(model);
  const lesson = lessonOn(model);
  if (!box || !lesson) return null;
  if (box.kind === 'question') return questionCard(view, lesson, box.pending, room);
  const width = Math.min(columns - 4, WIDEST);
  const said = box.kind === 'opening' ? openingSaid(lesson) : closingSaid(view, lesson);
  const lines = plainLines(said, width - 4, rows);
  const height = Math.min(rows - 4, lines.length + 2);
  const x = Math.floor((columns - width) / 2);
  const rect = { x, y: Math.max(1, Math.floor((rows - height) / 2)), width, height };
  if (box.kind === 'opening') {
    return { rect, title: model.host.title, note: '', hint: 'enter begins  esc look around  e no lesson', lines };
  }
  const packet = lesson.view.misconceptions.some(({ seq }) => seq !== null) ? 'E that very packet  ' : '';
  const hint = `${packet}enter closes  q ${model.host.leave ?? 'leaves'}`;
  return { rect, title: 'What this run shows', note: scoreNote(view, lesson), hint, lines };
}

function scoreNote({ model }: View, lesson: LessonState): string {
  const { right, told } = scoreOf(model, lesson);
  return told === 0 ? '' : `${right}/${told} right`;
}

/**
 * In the lesson's own pane where that is large enough, else over the events: the panes that the question is about stay in
 * sight.
 */
function questionCard(view: View, lesson: LessonState, pending: Pending, room: Rect | null): Card {
  const { columns, rows } = view.model.size;
  const isInside = room !== null && room.width >= 38 && room.height >= 20;
  const width = isInside ? room.width : Math.min(columns - 4, WIDEST);
  const lines = questionLines(lesson, pending, width - 4, isInside ? room.height : rows);
  const height = Math.min(isInside ? room.height : rows - 4, lines.length + 2);
  const below = rows - height - (columns >= 110 ? 3 : 4);
  const place = isInside
    ? { x: room.x, y: room.y + room.height - height }
    : { x: Math.floor((columns - width) / 2), y: Math.max(1, below) };
  const { all } = scoreOf(view.model, lesson);
  return {
    rect: { ...place, width, height },
    title: `${pending.isPrediction ? 'Predict' : 'Question'} ${pending.number} of ${all}`,
    note: scoreNote(view, lesson),
    hint: questionHint(pending, isInside),
    lines,
  };
}

function plainLines(said: readonly Said[], cells: number, rows: number): CardLine[] {
  const roomy = saidLines(said, cells, true);
  const lines = roomy.length <= rows - 6 ? roomy : saidLines(said, cells, false);
  return lines.map((line) => ({ ...line, choice: null, isChosen: false }));
}

export function openingSaid({ view }: LessonState): Said[] {
  const { question, objective, checks } = view;
  const wrong = checks.filter(({ pass }) => !pass).length;
  return [
    ...(question === null ? [] : [said(question, 'strong')]),
    ...(objective === null ? [] : [said(`You will: ${objective}`, 'plain')]),
    said('Before something happens you are asked what will. → steps on, ← back; c goes on to what comes next.', 'dim'),
    ...(wrong === 0
      ? []
      : [said(`These words were written for another run: in ${wrong} places they do not fit.`, 'bad')]),
  ];
}

export function closingSaid(view: View, lesson: LessonState): Said[] {
  const { misconceptions, takeaway } = lesson.view;
  return [
    ...verdictsAt(view.model).flatMap(verdictSaid),
    ...misconceptions.flatMap(({ claim, because }) => [
      said(`Often believed: “${claim}” It is not so.`, 'flag'),
      ...(because === null ? [] : [said(because, 'plain')]),
    ]),
    ...(takeaway === null ? [] : [said(`Remember: ${takeaway}`, 'strong')]),
  ];
}

function said(text: string, tone: Said['tone']): Said {
  return { text, tone };
}

function questionHint({ question }: Pending, isShort: boolean): string {
  const { choices, hint } = question;
  const key = choices.length > 0 ? 'h' : 'tab';
  const help = hint === null ? '' : `  ${key} hint`;
  if (isShort) return `${choices.length > 0 ? `1-${choices.length}` : 'enter'}${help}  ? skip  esc`;
  const answer = choices.length > 0 ? `1-${choices.length} or ↑↓ enter` : 'type, enter';
  return `${answer}${help}  ? skip  esc look around`;
}

function questionLines(lesson: LessonState, { question }: Pending, cells: number, rows: number): CardLine[] {
  const { choices, hint, id } = question;
  const isHinted = hint !== null && lesson.hinted.includes(id);
  const blank = { ...said('', 'plain'), choice: null, isChosen: false };
  const asked = plainLines([said(question.question, 'strong')], cells, rows);
  const options = choices.flatMap((choice, index): CardLine[] => {
    const isChosen = index === lesson.choice;
    return saidLines([said(choice, 'plain')], cells - 6, false).map(({ text, tone }, row) => {
      const head = row === 0 ? `${isChosen ? '▸' : ' '} ${index + 1}  ` : '     ';
      return { text: head + text, tone, choice: index, isChosen };
    });
  });
  const typed: CardLine[] =
    choices.length > 0 ? [] : [{ ...said(`› ${lesson.line.text}▏`, 'strong'), choice: null, isChosen: true }];
  const help = isHinted ? [blank, ...plainLines([said(`Hint: ${hint}`, 'flag')], cells, rows)] : [];
  return [...asked, blank, ...options, ...typed, ...help];
}
