/** One scenario, run and judged: what it expects, and what its lesson takes for granted. */

import type { LessonView } from '../projections/lesson.ts';
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
  const [{ createRun, verdictsOf }, { lessonOf }] = await Promise.all([
    import('../index.ts'),
    import('../projections/lesson.ts'),
  ]);
  const run = createRun(scenario);
  session.runs({ seed: run.seed, happened: () => run.happened });
  await runToEnd(run, interrupt, maxEvents);
  const expectations = verdictsOf(scenario, run.entries).map(
    ({ name, pass, sentence, place }): JudgedItem => ({ kind: 'expectation', name, pass, sentence, place }),
  );
  const lesson = lessonOf(scenario, run.entries);
  const told = (lesson?.checks ?? []).map((each): JudgedItem => ({ kind: 'lesson', ...each }));
  return { file, title: scenario.title, seed: run.seed, items: [...expectations, ...told], lesson };
}

export function hasFailed({ items }: Judged): boolean {
  return items.some(({ pass }) => !pass);
}
