import { expect } from 'vitest';
import type { FilterComplaint } from '../../src/scenario/checks.ts';
import { type Loaded, type LoadOptions, loadScenarioText } from '../../src/scenario/load.ts';
import { formatProblem, type Problem } from '../../src/scenario/problem.ts';
import type { NodeSpec, Scenario } from '../../src/scenario/scenario.ts';
import { formatIp, formatMac } from '../../src/wire/address.ts';

/** Stands for the filter parser: whatever contains BAD is wrong there. */
export function checkFilter(text: string): FilterComplaint | null {
  const at = text.indexOf('BAD');
  return at < 0 ? null : { message: 'BAD is no field', at, length: 3, hint: 'fields are like tcp.port' };
}

export function load(input: string | Uint8Array, options: Partial<LoadOptions> = {}): Loaded {
  return loadScenarioText(input, 'x.pw.yaml', { checkFilter, ...options });
}

/** The scenario of a text that must be right; fails with its problems otherwise. */
export function scenarioOf(text: string | Uint8Array, options: Partial<LoadOptions> = {}): Scenario {
  const loaded = load(text, options);
  if (loaded.scenario === null) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.scenario;
}

export function warningsOf(text: string, options: Partial<LoadOptions> = {}): readonly Problem[] {
  const loaded = load(text, options);
  if (loaded.scenario === null) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.warnings;
}

/** Errors and warnings of a text that must be wrong. */
export function problemsOf(input: string | Uint8Array, options: Partial<LoadOptions> = {}): readonly Problem[] {
  const loaded = load(input, options);
  if (loaded.scenario !== null) throw new Error('nothing is wrong with this scenario');
  return loaded.problems;
}

/** `line:column length code` of each, short enough to compare. */
export function placesOf(problems: readonly Problem[]): string[] {
  return problems.map(({ place, length, code }) => `${place?.line}:${place?.column} ${length} ${code}`);
}

/** Head and nodes of a scenario, to be followed by what a test is about. */
export const HEAD = 'packetwalk: 1\ntitle: t\n';
export const PAIR = `${HEAD}nodes: { a: {}, b: {} }\nlinks: [{ between: [a, b] }]\n`;

interface Marked {
  readonly text: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** Takes the marks out of a text in which ⟦ ⟧ enclose what the caret must underline. */
function unmarked(marked: string): Marked {
  const [before = '', inside = '', after = ''] = marked.split(/[⟦⟧]/);
  const lines = before.split('\n');
  const length = Math.max(1, [...(inside.split('\n')[0] ?? '')].length);
  return { text: before + inside + after, line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1, length };
}

/** Exactly one problem, at the mark, with that code and those words. */
export function expectProblem(
  marked: string,
  code: string,
  words: string | RegExp,
  options: Partial<LoadOptions> = {},
): Problem {
  const { text, line, column, length } = unmarked(marked);
  const problems = problemsOf(text, options);
  expect(placesOf(problems)).toEqual([`${line}:${column} ${length} ${code}`]);
  const [problem] = problems;
  if (!problem) throw new Error('no problem');
  if (typeof words === 'string') expect(problem.message).toContain(words);
  else expect(problem.message).toMatch(words);
  return problem;
}

/** As `expectProblem`, for something that is only warned of. */
export function expectWarning(
  marked: string,
  code: string,
  words: string,
  options: Partial<LoadOptions> = {},
): Problem {
  const { text, line, column, length } = unmarked(marked);
  const warnings = warningsOf(text, options);
  expect(placesOf(warnings)).toEqual([`${line}:${column} ${length} ${code}`]);
  const [problem] = warnings;
  if (!problem) throw new Error('no warning');
  expect(problem.severity).toBe('warning');
  expect(problem.message).toContain(words);
  return problem;
}

export function nodeOf(scenario: Scenario, name: string): NodeSpec {
  const node = scenario.nodes.find((each) => each.name === name);
  if (!node) throw new Error(`there is no node ${name}`);
  return node;
}

/** `eth0 10.0.0.1/24 on a-b` of each interface. */
export function interfacesOf(node: NodeSpec): string[] {
  return node.interfaces.map(({ name, addresses, link }) => {
    const text = addresses.map(({ address, prefix }) => `${formatIp(address)}/${prefix}`).join(',');
    return `${name} ${text} on ${link}`;
  });
}

/** `0.0.0.0/0 via 10.0.0.2` of each route. */
export function routesOf(node: NodeSpec): string[] {
  return node.routes.map(({ to, prefix, via }) => `${formatIp(to)}/${prefix} via ${formatIp(via)}`);
}

export function macsOf(node: NodeSpec): string[] {
  return node.interfaces.map(({ mac }) => formatMac(mac));
}
