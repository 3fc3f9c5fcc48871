/** What the lesson says where the cursor stands. */

import type { Canvas, Rect } from '../canvas.ts';
import {
  type Answered,
  boxOf,
  type LessonState,
  lessonOn,
  openPrediction,
  pendingAt,
  refutedHere,
  scoreOf,
  stepAt,
  verdictsAt,
} from '../lesson.ts';
import type { StyleId } from '../style.ts';
import type { View } from '../view.ts';
import { wrapped } from './scenery.ts';

export interface Said {
  readonly text: string;
  readonly tone: 'plain' | 'strong' | 'dim' | 'good' | 'bad' | 'flag';
}

export function lessonNote(view: View): string {
  const lesson = lessonOn(view.model);
  if (!lesson) return '';
  const { right, told } = scoreOf(view.model, lesson);
  const step = stepAt(lesson, view.seq) + 1;
  return `${step}/${lesson.view.steps.length} · ${right}/${told} right`;
}

/** What was answered, whether it was right, and why. */
export function verdictSaid({ question, answer, isPrediction }: Answered): Said[] {
  const { given, result } = answer;
  const said = result === 'skipped' ? question.question : `You ${isPrediction ? 'predicted' : 'said'}: ${given}`;
  const truth: Said =
    result === 'right'
      ? { text: '✓ That is so.', tone: 'good' }
      : {
          text: `${result === 'wrong' ? '✗ No. ' : ''}It is: ${question.answer}.`,
          tone: result === 'wrong' ? 'bad' : 'strong',
        };
  const more = question.explain ?? (result === 'right' ? null : question.hint);
  return [{ text: said, tone: 'plain' }, truth, ...(more === null ? [] : [{ text: more, tone: 'plain' as const }])];
}

/** A paragraph each, at the cursor. */
export function lessonSaid(view: View): Said[] {
  const { model, seq, frame } = view;
  const lesson = lessonOn(model);
  if (!lesson) return [{ text: 'The lesson tells of branch A; { and } switch branches.', tone: 'dim' }];
  const step = lesson.view.steps[stepAt(lesson, seq)];
  const said: Said[] = [];
  for (const verdict of verdictsAt(model).filter(({ isPrediction }) => isPrediction))
    said.push(...verdictSaid(verdict));
  if (step?.say) said.push({ text: step.say, tone: 'strong' });
  if (!step) said.push(...beforeSteps(lesson));
  for (const verdict of verdictsAt(model).filter(({ isPrediction }) => !isPrediction))
    said.push(...verdictSaid(verdict));
  const open = openPrediction(model);
  if (open) said.push(...openSaid(open));
  for (const { claim } of refutedHere(model, frame)) {
    said.push({ text: `! Often believed: “${claim}” This very packet says otherwise.`, tone: 'flag' });
  }
  if (lesson.hasBegun && pendingAt(lesson, seq) && !boxOf(model))
    said.push({ text: 'A question waits: → asks it again.', tone: 'flag' });
  return said;
}

function beforeSteps({ view }: LessonState): Said[] {
  return [view.question, view.objective].flatMap((text, index): Said[] =>
    text === null ? [] : [{ text, tone: index === 0 ? 'strong' : 'plain' }],
  );
}

function openSaid({ question, answer }: Answered): Said[] {
  return [
    { text: question.question, tone: 'plain' },
    answer.result === 'skipped'
      ? { text: 'Go on and see.', tone: 'dim' }
      : { text: `Your prediction: ${answer.given}. Go on and see.`, tone: 'strong' },
  ];
}

/** Paragraphs as lines, a blank one between them where there is room for it. */
export function saidLines(said: readonly Said[], cells: number, isRoomy: boolean): Said[] {
  return said.flatMap(({ text, tone }, index) => [
    ...(index > 0 && isRoomy ? [{ text: '', tone }] : []),
    ...wrapped(text, cells, Number.POSITIVE_INFINITY).map((line) => ({ text: line, tone })),
  ]);
}

export function toneStyle(view: View, tone: Said['tone']): StyleId {
  const { theme } = view;
  switch (tone) {
    case 'plain':
      return theme.text;
    case 'strong':
      return theme.strong;
    case 'dim':
      return theme.dim;
    case 'good':
      return theme.good;
    case 'bad':
      return theme.errorStrong;
    case 'flag':
      return theme.warning;
  }
}

export function drawLesson(canvas: Canvas, rect: Rect, view: View, isFocused: boolean): void {
  const said = lessonSaid(view);
  const roomy = saidLines(said, rect.width - 2, true);
  const lines = roomy.length <= rect.height ? roomy : saidLines(said, rect.width - 2, false);
  const most = Math.max(0, lines.length - rect.height);
  const first = isFocused ? Math.min(view.model.scroll, most) : 0;
  if (isFocused) canvas.scrolled = first;
  for (const [row, { text, tone }] of lines.slice(first, first + rect.height).entries()) {
    canvas.text(rect.x + 1, rect.y + row, text, toneStyle(view, tone), rect.width - 2);
  }
  if (first < most) canvas.textBefore(rect.x + rect.width, rect.y + rect.height - 1, ' ↓ more ', view.theme.accent);
}
