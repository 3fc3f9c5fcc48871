/** Lessons: their beginning and end, answers, and what a step brings to the front. */

import { isRight } from '../../projections/answer.ts';
import type { LessonView, StepView } from '../../projections/lesson.ts';
import { type Box, boxOf, isLocked, type LessonState, lessonOn, pendingAt, stepAt } from '../lesson.ts';
import type { Edit, Updated } from '../message.ts';
import { cursorOf, type Model, type NumberedPane, storyOf, told } from '../model.ts';
import { edited } from './line.ts';
import { focusOn } from './look.ts';
import { seek } from './time.ts';

type LessonPane = NonNullable<NonNullable<StepView['show']>['pane']>;

const PANE_OF: Readonly<Record<LessonPane, NumberedPane>> = {
  ladder: 'ladder',
  layers: 'layers',
  bytes: 'bytes',
  events: 'events',
  tcp: 'tcp',
  tables: 'tables',
  topology: 'topology',
  truth: 'belief',
  broker: 'buffers',
  secrecy: 'secrecy',
};

const EMPTY = { text: '', at: 0 };

/** On and off. The first time the program is asked for the lesson, whose numbers come from a run to its end. */
export function toggleLesson(model: Model): Updated {
  const { lesson, host } = model;
  if (lesson?.isOn) return [endLesson(model, lesson)];
  if (!host.lesson) return [told(model, 'this scenario teaches nothing: it has no lesson', true)];
  if (model.branch !== 0) return [told(model, 'the lesson tells of branch A: { and } switch', true)];
  if (!lesson) return [told(model, 'the lesson is made ready'), { kind: 'learn' }];
  return [placed({ ...model, lesson: { ...lesson, isOn: true, asideAt: null, base: baseOf(model), step: -1 } })];
}

/** A lesson begins where the run begins: nothing has been shown yet. */
export function beginLesson(model: Model, view: LessonView): Model {
  const lesson: LessonState = {
    view,
    isOn: true,
    hasBegun: false,
    hasEnded: false,
    answers: new Map(),
    hinted: [],
    choice: 0,
    line: EMPTY,
    asideAt: null,
    base: baseOf(model),
    step: -1,
  };
  const start = seek({ ...model, notice: null, isPlaying: false, journey: null }, 0);
  return placed({ ...start, lesson, isZoomed: false, leaf: null });
}

function endLesson(model: Model, lesson: LessonState): Model {
  const { slots, focus } = lesson.base;
  return told({ ...model, lesson: { ...lesson, isOn: false }, slots, focus }, 'the lesson is off; e goes on with it');
}

function baseOf({ slots, focus }: Model): LessonState['base'] {
  return { slots, focus };
}

/** The lesson's pane stands at the right, and what the step shows is in front. */
function placed(model: Model): Model {
  const lesson = lessonOn(model);
  if (!lesson) return model;
  const step = stepAt(lesson, cursorOf(model));
  const { base, view } = lesson;
  const shown = view.steps[step]?.show?.pane ?? null;
  const based = { ...model, slots: { ...base.slots, right: 'lesson' as const }, focus: base.focus, scroll: 0 };
  // What stood at the right is still at hand, where there is another place for it.
  const focus = base.focus === base.slots.right ? base.slots.middle : base.focus;
  const arranged = shown ? { ...focusOn(based, PANE_OF[shown]), leaf: model.leaf } : { ...based, focus };
  return { ...arranged, lesson: { ...lesson, step } };
}

/** After everything that may have moved the cursor or the panes. */
export function settled(before: Model, model: Model): Model {
  const lesson = lessonOn(model);
  if (!lesson || !lessonOn(before)) return model;
  const seq = cursorOf(model);
  const isMoved = seq !== cursorOf(before);
  const hasEnded = lesson.hasEnded || (isMoved && storyOf(model).isLast(seq));
  const next = isMoved ? { ...lesson, asideAt: null, choice: 0, line: EMPTY, hasEnded } : lesson;
  const step = stepAt(lesson, seq);
  if (step !== lesson.step) return placed({ ...model, lesson: next });
  // Panes that the person chose stay chosen.
  const isArranged = model.slots !== before.slots || model.focus !== before.focus;
  const right = model.slots.right === 'lesson' ? next.base.slots.right : model.slots.right;
  const base = isArranged ? { slots: { ...model.slots, right }, focus: model.focus } : next.base;
  return next === model.lesson && !isArranged ? model : { ...model, lesson: { ...next, base } };
}

function withLesson(model: Model, change: Partial<LessonState>): Model {
  return model.lesson ? { ...model, lesson: { ...model.lesson, ...change } } : model;
}

export function putAside(model: Model): Model {
  const next = withLesson(model, { asideAt: cursorOf(model) });
  return isLocked(model) ? told(next, 'look around; → asks again, e ends the lesson') : next;
}

export function acceptBox(model: Model, box: Box): Model {
  const { lesson } = model;
  if (!lesson) return model;
  if (box.kind === 'opening') return withLesson(model, { hasBegun: true });
  if (box.kind === 'closing') return putAside(model);
  const { choices } = box.pending.question;
  const given = choices.length > 0 ? (choices[lesson.choice] ?? '') : lesson.line.text;
  return given.trim() === '' ? told(model, 'type an answer; tab gives a hint, ? skips') : answered(model, given);
}

export function answerChoice(model: Model, choice: number): Model {
  const box = boxOf(model);
  const given = box?.kind === 'question' ? box.pending.question.choices[choice] : undefined;
  return given === undefined ? model : answered(model, given);
}

export function skipQuestion(model: Model): Model {
  return answered(model, null);
}

/** null: skipped. */
function answered(model: Model, given: string | null): Model {
  const { lesson } = model;
  const pending = lesson && pendingAt(lesson, cursorOf(model));
  if (!lesson || !pending) return model;
  const { question, isPrediction } = pending;
  const result = given === null ? 'skipped' : isRight(question, given) ? 'right' : 'wrong';
  const answers = new Map(lesson.answers).set(question.id, { given: given ?? '', result });
  const next = withLesson(model, { answers, choice: 0, line: EMPTY, asideAt: null });
  if (isPrediction) {
    const text = given === null ? 'skipped' : `your prediction: ${given}`;
    return told(next, `${text}. Go on and see: → a step, c to the next stop`);
  }
  if (result === 'right') return told(next, `✓ right: ${question.answer}`);
  return told(next, `${result === 'wrong' ? '✗ no: ' : 'the answer: '}${question.answer}`);
}

export function askHint(model: Model): Model {
  const { lesson } = model;
  const pending = lesson && pendingAt(lesson, cursorOf(model));
  if (!lesson || !pending) return model;
  if (pending.question.hint === null) return told(model, 'there is no hint to this one');
  return withLesson(model, { hinted: [...lesson.hinted, pending.question.id] });
}

export function chooseAnswer(model: Model, by: number): Model {
  const box = boxOf(model);
  const count = box?.kind === 'question' ? box.pending.question.choices.length : 0;
  return count === 0 || !model.lesson
    ? model
    : withLesson(model, { choice: (model.lesson.choice + by + count) % count });
}

export function editAnswer(model: Model, edit: Edit): Model {
  return model.lesson ? withLesson(model, { line: edited(model.lesson.line, edit) }) : model;
}

/** To the packet that refutes what is often believed; from one of them to the next. */
export function toRefutation(model: Model): Model {
  const lesson = lessonOn(model);
  if (!lesson) return told(model, 'no lesson is on: e begins it', true);
  const isSeen = (seq: number) => lesson.hasEnded || seq <= cursorOf(model);
  const seqs = lesson.view.misconceptions.flatMap(({ seq }) => (seq !== null && isSeen(seq) ? [seq] : []));
  if (seqs.length === 0) return told(model, 'nothing so far refutes anything');
  const story = storyOf(model);
  const stops = seqs.map((seq) => story.stopFrom(seq) ?? seq).sort((one, other) => one - other);
  const at = stops.indexOf(cursorOf(model));
  return seek(model, stops[(at + 1) % stops.length] ?? 0);
}
