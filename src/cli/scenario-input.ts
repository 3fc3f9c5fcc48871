/** From the word on the command line to a scenario that can run, or to everything that is wrong with it. */

import type { CompiledFilter, FilterFrame, FilterNames } from '../filter/filter.ts';
import type { Entry } from '../kernel/journal.ts';
import type { Vantage } from '../projections/capture.ts';
import type { FrameTest } from '../projections/expectations.ts';
import type { Loaded } from '../scenario/load.ts';
import type { Problem } from '../scenario/problem.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { isBundled } from './bundled.ts';
import { BadInput, quoted, UsageError } from './failure.ts';
import type { ScenarioOptions } from './options.ts';
import { readSource } from './source.ts';
import type { Output } from './terminal.ts';

export interface ScenarioInput {
  readonly scenario: Scenario;
  /** The file, or null for standard input. */
  readonly path: string | null;
  /** What stands in it. */
  readonly text: string;
}

/** Reads, checks, and tells warnings on stderr. Throws a UsageError or BadInput. */
export async function loadScenarioInput(word: string, options: ScenarioOptions, err: Output): Promise<ScenarioInput> {
  const { path, loaded, text } = await loadWord(word, options);
  const { formatProblems } = await import('../scenario/problem.ts');
  if (loaded.scenario === null) throw new BadInput(formatProblems(loaded.problems));
  // Warnings are for whoever writes a file. What is wrong in a bundled one is meant, and is to be found out.
  if (loaded.warnings.length > 0 && !isBundled(path)) await err.write(`${formatProblems(loaded.warnings)}\n`);
  return { scenario: loaded.scenario, path, text };
}

/** The same without judging: what `check` and `list` need. */
export async function loadWord(
  word: string,
  options: ScenarioOptions,
): Promise<{ readonly path: string | null; readonly loaded: Loaded; readonly text: string }> {
  const set = (options.set ?? []).map(settingOf);
  const { loadScenario, MAX_FILE_BYTES } = await import('../index.ts');
  const { name, path, bytes } = await readSource(word, MAX_FILE_BYTES);
  const { seed, until, profile, variant } = options;
  const loaded = loadScenario(bytes, name, {
    set,
    ...(seed !== undefined && { seed }),
    ...(until !== undefined && { until }),
    ...(profile !== undefined && { profile }),
    ...(variant !== undefined && { variant }),
  });
  return { path, loaded, text: new TextDecoder().decode(bytes) };
}

export function errorsOf(loaded: Loaded): readonly Problem[] {
  return loaded.scenario === null ? loaded.problems.filter(({ severity }) => severity === 'error') : [];
}

export function settingOf(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--set ${quoted(text)}: write it as name=value`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** `--at`; the first host when nothing is said. */
export async function vantageOf(text: string | undefined, scenario: Scenario): Promise<Vantage> {
  const [{ parseVantage }, { firstHost }] = await Promise.all([
    import('../projections/capture.ts'),
    import('../projections/topology.ts'),
  ]);
  if (text === undefined) {
    const node = firstHost(scenario);
    return node === null ? 'all' : { node, interface: null };
  }
  const vantage = parseVantage(text, scenario);
  if (typeof vantage === 'object' && 'problem' in vantage) throw new UsageError(`--at: ${vantage.problem}`);
  return vantage;
}

/** `--filter`; everything matches when nothing is said. */
export async function filterOption(
  text: string | undefined,
  scenario: Scenario,
  entries: () => readonly Entry[],
): Promise<FrameTest> {
  if (text === undefined) return () => true;
  const [{ filterNamesOf }, { filterFrameOf }, { lentAddresses }] = await Promise.all([
    import('../scenario/filter-names.ts'),
    import('../projections/frame-tests.ts'),
    import('../projections/lent-addresses.ts'),
  ]);
  const filter = await compiled(text, filterNamesOf(scenario, lentAddresses(scenario, entries)));
  return (frame) => filter.test(filterFrameOf(frame));
}

/** The same for a capture, in which nobody has a name. */
export async function captureFilter(text: string | undefined): Promise<(frame: FilterFrame) => boolean> {
  if (text === undefined) return () => true;
  const filter = await compiled(text);
  return (frame) => filter.test(frame);
}

/** Throws a UsageError with a caret under what is wrong. */
async function compiled(text: string, names?: FilterNames): Promise<CompiledFilter> {
  const [{ compileFilter, isFilterProblem }, { excerpt }] = await Promise.all([
    import('../filter/filter.ts'),
    import('./excerpt.ts'),
  ]);
  const filter = compileFilter(text, names);
  if (!isFilterProblem(filter)) return filter;
  const { message, at, length, hint } = filter;
  throw new UsageError(`--filter: ${message}`, ...excerpt(text, at, length), ...(hint === undefined ? [] : [hint]));
}
