import type { Judged } from '../judgement.ts';
import { hasFailed } from '../judgement.ts';
import type { Reporter } from './reporter.ts';

/** One document with everything, and what the lessons say. */
export function jsonReporter(): Reporter {
  return { judged: () => '', finished: (all) => `${JSON.stringify(documentOf(all), null, 2)}\n` };
}

function documentOf(all: readonly Judged[]) {
  return {
    ok: !all.some(hasFailed),
    scenarios: all.map(({ file, title, seed, items, lesson }) => ({
      file,
      title,
      seed,
      ok: items.every(({ pass }) => pass),
      items: items.map(({ kind, name, pass, sentence, place: { line, column } }) => ({
        kind,
        name,
        line,
        column,
        pass,
        sentence,
      })),
      lesson: lesson && { ...lesson, checks: undefined },
    })),
  };
}
