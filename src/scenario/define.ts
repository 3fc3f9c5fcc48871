import { checkFilter } from './filter-names.ts';
import { type Loaded, type LoadOptions, loadTree } from './load.ts';
import { readObject } from './object-tree.ts';
import type { Problem } from './problem.ts';
import { formatProblems, Problems } from './problem.ts';
import type { Scenario } from './scenario.ts';
import type { ScenarioInput } from './schema/file.ts';

/** What is wrong with the object that `defineScenario` was given; the message lists all of it, with paths. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(formatProblems(problems));
    this.problems = problems;
  }
}

/** Checks an object of the shape of a scenario file. `name` is what messages call it. */
export function loadScenarioObject(input: unknown, name: string, options: LoadOptions): Loaded {
  const problems = new Problems(name, null);
  return loadTree(readObject(input, problems), problems, options);
}

/**
 * A scenario written in TypeScript: the same keys and the same rules as in a file, errors named by their path
 * (`links[0].delay`). Throws a `ScenarioError`.
 */
export function defineScenario(input: ScenarioInput, options: Partial<LoadOptions> = {}, name = 'scenario'): Scenario {
  const loaded = loadScenarioObject(input, name, { checkFilter, ...options });
  if (loaded.scenario === null) throw new ScenarioError(loaded.problems);
  return loaded.scenario;
}
