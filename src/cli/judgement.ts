/** One scenario, run and judged: what it expects, and what its lesson takes for granted. */

import type { Run } from '../index.ts';
import { verdictsOf } from '../projections/expectations.ts';
import { type LessonView, lessonOf } from '../projections/lesson.ts';
import type { Reported } from '../projections/report/html.ts';
import type { Place, Scenario } from '../scenario/scenario.ts';
import type { Interrupt } from './interrupt.ts';
import { runToEnd } from './run-to-end.ts';
import type { Session } from './session.ts';

export interface Judged {
  /** As it was named. */
  readonly file: string;
  readonly title: string;
  readonly seed: string;
  readonly items: readonly JudgedItem[];
  readonly lesson: LessonView | null;
}

export interface JudgedItem {
  readonly kind: 'expectation' | 'lesson';
  readonly name: string;
  readonly pass: boolean;
  /** What was expected and what was seen. */
  readonly sentence: string;
  readonly place: Place;
}

export async function judge(
  file: string,
  scenario: Scenario,
  session: Session,
  interrupt: Interrupt,
  maxEvents: number | undefined,
): Promise<Judged> {
  const { createRun } = await import('../index.ts');
  const run = createRun(scenario);
  session.runs({ seed: run.seed, happened: () => run.happened });
  await runToEnd(run, interrupt, maxEvents);
  return { ...judgedOf(run), file };
}

/** A run that is over. */
function judgedOf({ scenario, seed, entries }: Pick<Run, 'scenario' | 'seed' | 'entries'>): Judged {
  return judgedFrom({ scenario, seed, verdicts: verdictsOf(scenario, entries), lesson: lessonOf(scenario, entries) });
}

/** What has been judged already. */
export function judgedFrom({ scenario, seed, verdicts, lesson }: Omit<Reported, 'entries'>): Judged {
  const expectations = verdicts.map(
    ({ name, pass, sentence, place }): JudgedItem => ({ kind: 'expectation', name, pass, sentence, place }),
  );
  const told = (lesson?.checks ?? []).map((each): JudgedItem => ({ kind: 'lesson', ...each }));
  return { file: scenario.file, title: scenario.title, seed, items: [...expectations, ...told], lesson };
}

export function hasFailed({ items }: Judged): boolean {
  return items.some(({ pass }) => !pass);
}
