/** A lesson as plain text, in the order in which a screen reader reads it. */

import type { LessonView, QuestionView, StepView } from '../projections/lesson.ts';
import { printable } from '../projections/printable.ts';
import { seconds } from '../projections/time.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { folded } from './report.ts';

const WIDEST = 100;

export function lessonLines(
  { title, summary }: Scenario,
  { objective, question, steps, misconceptions, takeaway }: LessonView,
  withAnswers: boolean,
  width: number,
): string[] {
  const wrap = (text: string, indent = '') => {
    return folded(printable(text), Math.min(width, WIDEST) - indent.length).map((line) => indent + line);
  };
  const part = (heading: string, text: string | null) => (text === null ? [] : ['', ...wrap(`${heading}: ${text}`)]);
  return [
    ...wrap(title),
    '',
    ...wrap(summary),
    ...part('What you will be able to do', objective),
    ...part('Ask yourself first', question),
    ...steps.flatMap((step) => stepLines(step, withAnswers, wrap)),
    ...(misconceptions.length === 0 ? [] : ['', 'What is often believed:']),
    ...misconceptions.flatMap(({ claim, because }) =>
      wrap(`- "${claim}"${because === null ? '' : ` ${because}`}`, '  '),
    ),
    ...part('Remember', takeaway),
  ];
}

type Wrap = (text: string, indent?: string) => string[];

function stepLines({ id, atNs, say, predict, ask }: StepView, withAnswers: boolean, wrap: Wrap): string[] {
  return [
    '',
    ...wrap(`${id}, at ${seconds(atNs)} s${say === null ? '' : `: ${say}`}`),
    ...(predict ? questionLines('Predict', predict, withAnswers, wrap) : []),
    ...(ask ? questionLines('Question', ask, withAnswers, wrap) : []),
  ];
}

function questionLines(kind: string, asked: QuestionView, withAnswers: boolean, wrap: Wrap): string[] {
  const { question, choices, answer, explain, hint } = asked;
  return [
    ...wrap(`${kind}: ${question}`, '  '),
    ...choices.flatMap((choice, index) => wrap(`${index + 1}  ${choice}`, '    ')),
    ...(withAnswers
      ? wrap(`Answer: ${answer}.${explain === null ? '' : ` ${explain}`}`, '  ')
      : hint === null
        ? []
        : wrap(`Hint: ${hint}`, '  ')),
  ];
}
