import { describe, expect, it } from 'vitest';
import { loadScenario } from '../../src/index.ts';
import { formatProblem } from '../../src/scenario/problem.ts';

const HEAD = `packetwalk: 1
title: t
params: { size: { default: 100B } }
nodes: { a: {}, b: { apps: { echo-server: {} } } }
links: [{ between: [a, b] }]
timeline: [{ id: hello, at: 0s, node: a, do: { ping: b } }]
`;

function problemsOf(lesson: string): string[] {
  const loaded = loadScenario(`${HEAD}${lesson}`, 'f');
  if (loaded.scenario !== null) return [];
  const errors = loaded.problems.filter(({ severity }) => severity === 'error');
  return errors.map((problem) => formatProblem(problem).split('\n')[0] ?? '');
}

function lessonOf(lesson: string) {
  const loaded = loadScenario(`${HEAD}${lesson}`, 'f');
  if (!loaded.scenario?.lesson) throw new Error(problemsOf(lesson).join('\n'));
  return loaded.scenario.lesson;
}

describe('a lesson', () => {
  it('is a list of steps, or a block with steps in it', () => {
    const list = lessonOf(
      'lesson: [{ at: 1s, say: hello }, { when: icmp, say: there }, { after: hello, wait: 2s, say: you }]',
    );
    expect(list.steps.map(({ id, start }) => [id, start.kind])).toEqual([
      ['step-1', 'at'],
      ['step-2', 'when'],
      ['step-3', 'after'],
    ]);
    const block = lessonOf(
      'lesson: { objective: o, misconception: [m, { claim: c, refuted-by: icmp }], takeaway: t, steps: [{ say: s }] }',
    );
    expect(block.misconceptions.map(({ claim, refutedBy }) => [claim.parts, refutedBy?.text ?? null])).toEqual([
      [['m'], null],
      [['c'], 'icmp'],
    ]);
    expect([block.objective?.parts, block.question, block.steps.length]).toEqual([['o'], null, 1]);
  });

  it('has terms between its words', () => {
    const text =
      'a {{ a.dropped }} b {{ last(icmp.type == 0) - first(icmp && !(icmp.type == 0)) @ hello | ms.1 is >= 2 }}';
    const { say } = lessonOf(`lesson: [{ say: "${text}" }]`).steps[0] ?? {};
    expect(say?.parts).toMatchObject([
      'a ',
      { operands: [{ sign: 1, operand: { kind: 'state', path: 'a.dropped' } }], at: null, unit: null, is: null },
      ' b ',
      {
        operands: [
          { sign: 1, operand: { kind: 'last', match: { text: 'icmp.type == 0' } } },
          { sign: -1, operand: { kind: 'first', match: { text: 'icmp && !(icmp.type == 0)' } } },
        ],
        at: { id: 'hello' },
        unit: { name: 'ms', size: 1_000_000, decimals: 1 },
        is: { comparison: '>=', value: 2 },
      },
    ]);
  });

  it.each([
    ['lesson: [{ sya: x }]', 'f:7:12: error PW0301: unknown key `sya`; did you mean `say`?'],
    ['lesson: [{ at: 1s }]', 'f:7:10: error PW0509: the step says, shows and asks nothing'],
    [
      'lesson: [{ after: helo, say: x }]',
      'f:7:19: error PW0502: no timeline entry has the id `helo`; did you mean `hello`?',
    ],
    ['lesson: [{ at: 1s, when: icmp, say: x }]', 'f:7:20: error PW0307: `when` does not go together with `at`'],
    [
      'lesson: [{ say: x, predict: true }]',
      'f:7:20: error PW0509: `predict: true` makes `ask` a prediction, and there is no `ask`',
    ],
    ['lesson: [{ say: "{{ c.tcp.x }}" }]', 'f:7:17: error PW0507: there is no node `c`'],
    ['lesson: [{ say: "{{ a.dropped" }]', 'f:7:17: error PW0508: `{{` is not closed'],
    ['lesson: [{ say: "{{ a.dropped | sec }}" }]', 'f:7:17: error PW0508: `sec` is no unit'],
    [
      'lesson: [{ say: "{{ a.dropped @ helo }}" }]',
      'f:7:17: error PW0508: `@ helo` is neither a time nor `end` nor an id; did you mean `hello`?',
    ],
    ['lesson: [{ say: "so {{ count(icmp.tipe == 8) }}" }]', 'f:7:30: error PW0506'],
    ['lesson: [{ ask: { question: q } }]', 'f:7:17: error PW0302: the key `answer` is missing'],
    ['lesson: [{ id: hello, say: x }]', 'f:7:16: error PW0411: the id `hello` is given a second time'],
    ['lesson: { variants: { sise: [1B] } }', null],
  ])('%s', (lesson, message) => {
    if (message === null) expect(problemsOf(lesson)).toEqual([]);
    else expect(problemsOf(lesson)[0]).toContain(message);
  });
});

describe('variants', () => {
  const text = `${HEAD}lesson: { variants: { size: [1B, 2B, 3B, 4B, 5B, 6B, 7B] }, steps: [{ say: "\${size}" }] }`;
  const of = (variant: string) => {
    const loaded = loadScenario(text, 'f', { variant });
    return loaded.scenario && [loaded.scenario.params.size, loaded.scenario.seed];
  };

  it('give as many numbers as there are values a value of their own, and everybody the same again', () => {
    const numbers = Array.from({ length: 7 }, (_, index) => of(String(index + 1)));
    expect(new Set(numbers.map((pair) => pair?.[0])).size).toBe(7);
    expect(new Set(numbers.map((pair) => pair?.[1])).size).toBe(7);
    expect(of('alice')).toEqual(of('alice'));
    expect(of('alice')).not.toEqual(of('bob'));
  });

  it('yield to what is set', () => {
    const loaded = loadScenario(text, 'f', { variant: '3', set: [['size', '9B']], seed: '5' });
    expect([loaded.scenario?.params.size, loaded.scenario?.seed]).toEqual(['9B', '5']);
  });

  it('name parameters that exist', () => {
    const loaded = loadScenario(text.replace('{ size: [1B', '{ sise: [1B'), 'f', { variant: '3' });
    const [first] = loaded.scenario === null ? loaded.problems : [];
    expect(first && formatProblem(first)).toContain(
      'f:7:23: error PW0601: there is no parameter `sise`; did you mean `size`?',
    );
  });
});
