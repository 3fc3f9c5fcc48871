/** The lesson in sentences: what the cards and the pane say on the screen. */

import { boxOf, lessonOn, type Pending, scoreOf, stepAt, verdictsAt } from './lesson.ts';
import { cursorOf, type Model } from './model.ts';
import { lessonSaid } from './panes/lesson.ts';
import { closingSaid, openingSaid } from './panes/quiz.ts';
import { viewOf } from './view.ts';

/** What the lesson says after an input: what has become new by it, and what it asks. */
export function lessonSentences(before: Model | null, model: Model): string[] {
  const lesson = lessonOn(model);
  if (!lesson) return [];
  const box = boxOf(model);
  const view = viewOf(model);
  if (box?.kind === 'opening') return [...openingSaid(lesson).map(({ text }) => text), 'Enter begins.'];
  const news = before && isSameToTell(before, model) ? [] : lessonSaid(view).map(({ text }) => text);
  switch (box?.kind) {
    case 'question':
      return [...news, ...questionSentences(model, box.pending)];
    case 'closing': {
      const { right, told } = scoreOf(model, lesson);
      return [...closingSaid(view, lesson).map(({ text }) => text), `${right} of ${told} right. q leaves.`];
    }
    default:
      return news;
  }
}

/** Nothing of the lesson has changed by a step within a step of the lesson. */
function isSameToTell(before: Model, model: Model): boolean {
  const [one, other] = [lessonOn(before), lessonOn(model)];
  if (!one || !other || one.answers !== other.answers || one.hasBegun !== other.hasBegun) return false;
  return (
    stepAt(one, cursorOf(before)) === stepAt(other, cursorOf(model)) &&
    verdictsAt(before).length === verdictsAt(model).length
  );
}

function questionSentences(model: Model, { question, isPrediction, number }: Pending): string[] {
  const { choices, hint, id } = question;
  const lesson = lessonOn(model);
  const how = choices.length > 0 ? 'Type its number' : 'Type the answer';
  const help = hint === null ? '' : `, ${choices.length > 0 ? 'h' : 'tab'} for a hint`;
  return [
    `${isPrediction ? 'Predict' : 'Question'} ${number}: ${question.question}`,
    ...choices.map((choice, index) => `${index + 1}: ${choice}`),
    ...(hint !== null && lesson?.hinted.includes(id) ? [`Hint: ${hint}`] : []),
    `${how}${help}, ? to skip, S to step back and look.`,
  ];
}
