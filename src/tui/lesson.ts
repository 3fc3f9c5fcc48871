/**
 * A lesson that is walked through: what is told and asked at the cursor. A pure function of (lesson, answers, cursor), so
 * that whoever steps back sees what was shown then.
 */

import type { LessonView, MisconceptionView, QuestionView, StepView } from '../projections/lesson.ts';
import type { Standing } from './gallery/gallery.ts';
import { cursorOf, type Line, type Model, type NumberedPane, type Slots, storyOf } from './model.ts';

export interface Answer {
  readonly given: string;
  readonly result: 'right' | 'wrong' | 'skipped';
}

export interface LessonState {
  readonly view: LessonView;
  readonly isOn: boolean;
  /** The card that stands before everything has been read. */
  readonly hasBegun: boolean;
  /** The end of the run has been seen. */
  readonly hasEnded: boolean;
  /** By the question's id. */
  readonly answers: ReadonlyMap<string, Answer>;
  /** Questions whose hint was asked for. */
  readonly hinted: readonly string[];
  /** Of the question in the box. */
  readonly choice: number;
  readonly line: Line;
  /** Where the cursor stood when the box was put aside; null: it shows when there is something to show. */
  readonly asideAt: number | null;
  /** The panes without what the step brings to the front. */
  readonly base: { readonly slots: Slots; readonly focus: NumberedPane };
  /** The step whose panes are shown; -1: none. */
  readonly step: number;
}

/** The lesson that is on. It tells of the run as its file says it, not of branches. */
export function lessonOn(model: Model): LessonState | null {
  return model.lesson?.isOn && model.branch === 0 ? model.lesson : null;
}

/** The step that the cursor stands at or has passed last; -1: none yet. */
export function stepAt({ view }: LessonState, seq: number): number {
  return view.steps.findLastIndex((step) => step.seq <= seq);
}

/** What a step asks: about what has happened first, then about what comes. */
function questionsOf({ ask, predict }: StepView): readonly QuestionView[] {
  return [ask, predict].filter((each) => each !== null);
}

/** A question that must be answered or skipped before time goes on. */
export interface Pending {
  readonly question: QuestionView;
  readonly isPrediction: boolean;
  /** From 1, among all questions of the lesson. */
  readonly number: number;
}

export function pendingAt(lesson: LessonState, seq: number): Pending | null {
  let number = 0;
  for (const step of lesson.view.steps) {
    for (const question of questionsOf(step)) {
      number++;
      if (step.seq <= seq && !lesson.answers.has(question.id)) {
        return { question, isPrediction: question === step.predict, number };
      }
    }
  }
  return null;
}

/** The entry of the next step that asks something not yet answered; null: none. */
export function gateAfter(model: Model, seq: number): number | null {
  const lesson = lessonOn(model);
  if (!lesson) return null;
  const isOpen = (step: StepView) => questionsOf(step).some(({ id }) => !lesson.answers.has(id));
  return lesson.view.steps.find((step) => step.seq > seq && isOpen(step))?.seq ?? null;
}

/** Whether there is a step of the lesson at an entry. */
export function isLessonStep(model: Model, seq: number): boolean {
  return lessonOn(model)?.view.steps.some((step) => step.seq === seq) ?? false;
}

export function lessonSteps(model: Model): readonly number[] {
  return lessonOn(model)?.view.steps.map(({ seq }) => seq) ?? [];
}

/** What stands over the panes. */
export type Box =
  | { readonly kind: 'opening' }
  | { readonly kind: 'question'; readonly pending: Pending }
  | { readonly kind: 'closing' };

export function boxOf(model: Model): Box | null {
  const lesson = lessonOn(model);
  const seq = cursorOf(model);
  if (!lesson || model.leaf || lesson.asideAt === seq) return null;
  if (!lesson.hasBegun) return { kind: 'opening' };
  const pending = pendingAt(lesson, seq);
  if (pending) return { kind: 'question', pending };
  return storyOf(model).isLast(seq) ? { kind: 'closing' } : null;
}

/** Time must not go on: something is asked, or the lesson has not begun. */
export function isLocked(model: Model): boolean {
  const lesson = lessonOn(model);
  return lesson !== null && (!lesson.hasBegun || pendingAt(lesson, cursorOf(model)) !== null);
}

export interface Answered {
  readonly question: QuestionView;
  readonly answer: Answer;
  readonly isPrediction: boolean;
}

/**
 * What was answered and may be told of at the cursor: questions about what had happened at their own step, predictions
 * one step later (the last ones at the end of the run), since their answer is what comes in between.
 */
export function verdictsAt(model: Model): Answered[] {
  const lesson = lessonOn(model);
  if (!lesson) return [];
  const seq = cursorOf(model);
  const { steps } = lesson.view;
  const at = stepAt(lesson, seq);
  const answered = (question: QuestionView | null, isPrediction: boolean): Answered[] => {
    const answer = question ? lesson.answers.get(question.id) : undefined;
    return question && answer ? [{ question, answer, isPrediction }] : [];
  };
  const isEnd = storyOf(model).isLast(seq);
  const earlier = steps.filter((_, index) => {
    return index === at ? isEnd : index < at && laterStep(steps, index) === at;
  });
  return [...earlier.flatMap(({ predict }) => answered(predict, true)), ...answered(steps[at]?.ask ?? null, false)];
}

/** The next step at which the cursor can stand elsewhere; the steps of one moment are shown as the last of them. */
function laterStep(steps: readonly StepView[], index: number): number {
  const { seq } = steps[index] as StepView;
  const next = steps.findIndex((step) => step.seq > seq);
  const last = steps[next]?.seq;
  return last === undefined ? -1 : steps.findLastIndex((step) => step.seq === last);
}

/** The prediction that waits for what comes; null: none. */
export function openPrediction(model: Model): Answered | null {
  const lesson = lessonOn(model);
  const seq = cursorOf(model);
  const step = lesson?.view.steps[stepAt(lesson, seq)];
  const answer = step?.predict && lesson?.answers.get(step.predict.id);
  if (!step?.predict || !answer || storyOf(model).isLast(seq)) return null;
  return { question: step.predict, answer, isPrediction: true };
}

export interface Score {
  readonly right: number;
  /** Whose verdict has been told by the cursor. Skipped ones count. */
  readonly told: number;
  /** Answered or skipped at all, told or not. */
  readonly answered: number;
  readonly all: number;
}

export function scoreOf(model: Model, { view, answers }: LessonState): Score {
  const { steps } = view;
  const at = steps.findLastIndex((step) => step.seq <= cursorOf(model));
  const isEnd = storyOf(model).isLast(cursorOf(model));
  const toldOf = (step: StepView, index: number): QuestionView[] => {
    const later = laterStep(steps, index);
    const isSeen = isEnd || (later >= 0 && later <= at);
    return questionsOf(step).filter((question) => index <= at && (question === step.ask || isSeen));
  };
  const results = steps.flatMap(toldOf).flatMap(({ id }) => answers.get(id)?.result ?? []);
  const all = steps.flatMap(questionsOf);
  return {
    right: results.filter((one) => one === 'right').length,
    told: results.length,
    answered: all.filter(({ id }) => answers.has(id)).length,
    all: all.length,
  };
}

/** What is kept of a lesson when it is left, told or not; null: nothing was answered. */
export function standingOf({ view, answers }: LessonState): Standing | null {
  const all = view.steps.flatMap(questionsOf);
  const results = all.flatMap(({ id }) => answers.get(id)?.result ?? []);
  if (results.length === 0) return null;
  return { right: results.filter((one) => one === 'right').length, answered: results.length, all: all.length };
}

/** The crossings to look at: what the step shows, and what refutes a belief, as far as that has happened. */
export function flaggedFrames(model: Model): ReadonlySet<number> {
  const lesson = lessonOn(model);
  if (!lesson) return NONE;
  const seq = cursorOf(model);
  const shown = lesson.view.steps[stepAt(lesson, seq)]?.show?.seq;
  const seqs = [...(shown === undefined ? [] : [shown]), ...refutationsAt(lesson, seq).map((each) => each.seq ?? -1)];
  return new Set(seqs.filter((each) => each <= seq).flatMap((each) => frameOf(model, each) ?? []));
}

const NONE: ReadonlySet<number> = new Set();

/** Misconceptions whose refuting packet has been seen at the cursor. */
function refutationsAt({ view }: LessonState, seq: number): MisconceptionView[] {
  return view.misconceptions.filter((each) => each.seq !== null && each.seq <= seq);
}

/** The misconceptions that the packet at the cursor refutes. */
export function refutedHere(model: Model, frame: number): MisconceptionView[] {
  const lesson = lessonOn(model);
  if (!lesson || frame < 0) return [];
  const seq = cursorOf(model);
  return refutationsAt(lesson, seq).filter((each) => each.seq !== null && frameOf(model, each.seq) === frame);
}

function frameOf(model: Model, seq: number): number | null {
  const { entries, chronicle } = storyOf(model);
  const entry = entries[seq];
  return entry ? (chronicle.crossings.ofEntry(entry)?.index ?? null) : null;
}
