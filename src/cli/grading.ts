/** Answers held against the key that the run itself gives. */

import { isRight } from '../projections/answer.ts';
import type { LessonView, QuestionView } from '../projections/lesson.ts';
import { csvLine } from './csv.ts';
import type { Judged } from './judgement.ts';

export interface Grade {
  readonly who: string;
  readonly scenario: string;
  readonly variant: string;
  readonly kind: 'question' | 'expectation';
  readonly item: string;
  readonly given: string;
  /** The right answer; empty for an expectation. */
  readonly key: string;
  readonly result: 'right' | 'wrong' | 'missing' | 'passed' | 'failed' | 'key';
  readonly hint: string;
}

function questionsOf(lesson: LessonView | null): QuestionView[] {
  return (lesson?.steps ?? []).flatMap(({ predict, ask }) => [predict, ask].filter((each) => each !== null));
}

/** `answers`: null for the key alone. */
export function gradesOf(
  who: string,
  variant: string,
  scenario: string,
  { lesson, items }: Judged,
  answers: ReadonlyMap<string, string> | null,
): Grade[] {
  const head = { who, scenario, variant };
  const graded = questionsOf(lesson).map((question): Grade => {
    const given = answers?.get(question.id);
    const result =
      answers === null ? 'key' : given === undefined ? 'missing' : isRight(question, given) ? 'right' : 'wrong';
    const hint = result === 'wrong' ? (question.hint ?? '') : '';
    return { ...head, kind: 'question', item: question.id, given: given ?? '', key: question.answer, result, hint };
  });
  const behaviour = items
    .filter(({ kind }) => kind === 'expectation')
    .map(({ name, pass, sentence }): Grade => {
      const result = pass ? 'passed' : 'failed';
      return { ...head, kind: 'expectation', item: name, given: '', key: '', result, hint: pass ? '' : sentence };
    });
  return [...graded, ...behaviour];
}

const COLUMNS = ['who', 'scenario', 'variant', 'kind', 'item', 'given', 'key', 'result', 'hint'] as const;

/** RFC 4180, with a header line. */
export function csvLines(grades: readonly Grade[]): string[] {
  return [COLUMNS.join(','), ...grades.map((grade) => csvLine(COLUMNS.map((column) => grade[column])))];
}
