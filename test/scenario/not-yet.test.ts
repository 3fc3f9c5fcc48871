import { describe, expect, it } from 'vitest';
import { loadScenarioObject } from '../../src/scenario/define.ts';
import { NOT_YET } from '../../src/scenario/not-yet.ts';
import { checkFilter, expectProblem, HEAD, placesOf, problemsOf, scenarioOf, unmarked } from './loading.ts';

const link = (keys: string) => `${HEAD}nodes: { a: {}, b: {} }\nlinks: [{ between: [a, b], ${keys} }]\n`;

type Step = string | number;
const LISTS = ['links', 'timeline', 'expect'];

/** Every path and value of a line of the table: `*` becomes the node a, the app mine, or the first item of a list. */
function casesOf({ path, is, unless }: (typeof NOT_YET)[number]): (readonly [readonly Step[], unknown])[] {
  const paths = path.split('.').reduce<Step[][]>(
    (all, pattern) =>
      all.flatMap((before) => {
        const last = before.at(-1);
        const any = LISTS.includes(String(last)) ? 0 : last === 'nodes' ? 'a' : 'mine';
        return (pattern === '*' ? [any] : pattern.split('|')).map((step) => [...before, step]);
      }),
    [[]],
  );
  const values = is ?? (unless === undefined ? [{ anything: [1, 2] }] : [true, '10s', 3]);
  return paths.flatMap((each) => values.map((value) => [each, value] as const));
}

/** A scenario that is right but for the value at that path. */
function scenarioWith(path: readonly Step[], value: unknown): unknown {
  const set = path.includes('set') ? { link: 'a-b', set: {} } : { node: 'a', do: {} };
  const root: Record<Step, unknown> = {
    packetwalk: 1,
    title: 't',
    nodes: { a: {}, b: {} },
    links: [{ between: ['a', 'b'] }],
    timeline: path[0] === 'timeline' ? [{ at: '0s', ...set }] : [],
  };
  let at = root;
  for (const step of path.slice(0, -1)) {
    at[step] ??= {};
    at = at[step] as Record<Step, unknown>;
  }
  at[path.at(-1) ?? ''] = value;
  return root;
}

const textOf = (path: readonly Step[]) =>
  path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );

describe('every line of the table of what is not done yet', () => {
  const cases = NOT_YET.flatMap((refusal) =>
    casesOf(refusal).map(([path, value]) => [textOf(path), path, value] as const),
  );

  it.each(cases)('%s', (text, path, value) => {
    const loaded = loadScenarioObject(scenarioWith(path, value), 'x', { checkFilter });
    const problems = loaded.scenario === null ? loaded.problems : [];
    const found = problems.filter(({ code }) => code !== 'PW0302');
    expect(found.map((problem) => [problem.code, problem.path])).toEqual([['PW0901', text]]);
    expect(found[0]?.message).toMatch(/^not implemented yet: /);
    expect(found[0]?.message).not.toContain('$');
  });
});

const app = (kind: string) =>
  `${HEAD}nodes: { a: { apps: { mine: { kind: ${kind} } } }, b: {} }\nlinks: [{ between: [a, b] }]\n`;

describe('what the simulator does not do yet is refused where it stands', () => {
  it('as the kind of an app', () => {
    expectProblem(app('⟦dhcp-server⟧'), 'PW0901', 'not implemented yet: the app `dhcp-server`');
  });

  it('what says no to it is accepted', () => {
    expect(scenarioOf(link('aqm: tail-drop, a-to-b: { aqm: tail-drop }')).links).toHaveLength(1);
  });

  it('has no echo: names of what was refused still count', () => {
    const { text, line, column } = unmarked(
      `${app('⟦dhcp-server⟧')}timeline: [{ at: 0s, node: b, do: { ping: a } }]\n`,
    );
    expect(placesOf(problemsOf(text))).toEqual([`${line}:${column} 11 PW0901`]);
  });

  it('a parameter can be what is refused', () => {
    const text = `params: { k: { default: dhcp-server } }\n`;
    expectProblem(`${app(`⟦"\${k}"⟧`)}${text}`, 'PW0901', 'the app `dhcp-server`');
  });
});
