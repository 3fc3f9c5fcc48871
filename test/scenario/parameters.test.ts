import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/scenario/problem.ts';
import { expectProblem, expectWarning, HEAD, PAIR, problemsOf, scenarioOf } from './loading.ts';

const TEXT = `${HEAD}params:
  loss: { default: 1%, sweep: [0%, 1%, 5%] }
  hits: { default: 3 }
  cut: { default: true }
  who: { default: b }
nodes: { a: {}, b: {} }
links:
  - between: [a, b]
    loss: \${loss}
timeline:
  - { at: 0s, node: a, do: { ping: { to: "\${who}", count: "\${hits}" } } }
  - { at: 1s, link: "a-\${who}", set: { down: "\${cut}" } }
  - { at: 2s, node: a, do: { udp-send: { to: "\${who}:9", data: "\${hits} of \${loss}, $\${who}" } } }
`;

const set = (...settings: [string, string][]) => ({ set: settings });

describe('parameters', () => {
  it('take the place of a value, with its type, and of words in a text', () => {
    const { links, timeline, params } = scenarioOf(TEXT);
    expect(links[0]?.aToB.loss).toEqual({ kind: 'uniform', perMillion: 10_000 });
    expect(timeline.map(({ action }) => action)).toMatchObject([
      { kind: 'ping', target: 'b', count: 3 },
      { kind: 'set-link', link: 'a-b', aToB: { down: true } },
      { kind: 'udp-send', to: { host: 'b', port: 9 }, payload: { kind: 'text', text: `3 of 1%, \${who}` } },
    ]);
    expect(params).toEqual({ loss: '1%', hits: '3', cut: 'true', who: 'b' });
  });

  it('--set changes them; the last of a name wins', () => {
    const settings = set(['loss', '5%'], ['hits', '7'], ['cut', 'false'], ['loss', '2%']);
    const { links, timeline, params } = scenarioOf(TEXT, settings);
    expect(links[0]?.aToB.loss).toEqual({ kind: 'uniform', perMillion: 20_000 });
    expect(timeline.map(({ action }) => action)).toMatchObject([
      { count: 7 },
      { aToB: { down: false } },
      { payload: { text: `7 of 2%, \${who}` } },
    ]);
    expect(params).toEqual({ loss: '2%', hits: '7', cut: 'false', who: 'b' });
  });

  it('a wrong value is told where it is used', () => {
    const [problem, ...others] = problemsOf(TEXT, set(['loss', 'much']));
    expect(problem && formatProblem(problem)).toBe(
      [
        'x.pw.yaml:11:11: error PW0304: `much` is not a percentage',
        `      loss: \${loss}`,
        '            ^^^^^^^',
        '  hint: write it like `5%`, `0.1%`',
      ].join('\n'),
    );
    expect(others).toEqual([]);
  });

  it('--set of an unknown name is an error of the command line', () => {
    const [problem, ...others] = problemsOf(TEXT, set(['los', '5%']));
    expect(problem && formatProblem(problem)).toBe(
      '--set los=5%: error PW0601: the scenario has no parameter `los`; did you mean `loss`?\n  hint: it has: loss, hits, cut, who',
    );
    expect(others).toEqual([]);
    expect(problemsOf(PAIR, set(['x', '1']))[0]?.hint).toBe('it has no `params` at all');
  });

  it('--until, --seed and --profile go before the file', () => {
    const made = scenarioOf(`${PAIR}until: 1s\nseed: 2\n`, {
      until: '5s',
      seed: '18446744073709551615',
      profile: 'linux',
    });
    expect(made).toMatchObject({ untilNs: 5_000_000_000, seed: '18446744073709551615', profile: 'linux' });
    const [problem] = problemsOf(PAIR, { until: '5' });
    expect(problem && formatProblem(problem)).toMatch(/^--until 5: error PW0304: 5 has no unit\n {2}hint: write `5ms`/);
    expect(problemsOf(PAIR, { until: '0s' })[0]?.message).toBe('a run lasts longer than 0');
  });

  it('an unknown one', () => {
    const params = 'params: { loss: { default: 1% } }\n';
    const problem = expectProblem(
      `${params}${PAIR}summary: \${loss}\ntags: [⟦"\${los}"⟧]\n`,
      'PW0601',
      'did you mean `loss`?',
    );
    expect(problem.hint).toBe('known: loss');
    expect(expectProblem(`${PAIR}summary: ⟦\${x}⟧\n`, 'PW0601', 'there is no parameter `x`').hint).toMatch(
      /^declare it/,
    );
    expectProblem(`${PAIR}summary: ⟦a \${x} b⟧\n`, 'PW0601', 'there is no parameter `x`');
  });

  it('one that does not end', () => {
    expectProblem(`${PAIR}summary: ⟦a \${x b⟧\n`, 'PW0602', 'does not end');
    expectProblem(`${PAIR}summary: ⟦"\${a\${b}}"⟧\n`, 'PW0602', 'does not end');
  });

  it('a long one in many places does not fill the memory', () => {
    const params = `params: { p: { default: ${'y'.repeat(300_000)} } }\n`;
    const text = `${params}${PAIR}summary: ⟦"${`\${p}`.repeat(100_000)}"⟧\n`;
    expectProblem(text, 'PW0602', 'parameters put more than 1048576 characters into the file');
  });

  it('one that nobody uses is a warning', () => {
    expectWarning(`params: { ⟦x⟧: { default: 1 } }\n${PAIR}`, 'PW0704', 'the parameter `x` is not used');
  });

  it('without a default, or with one that is no plain value', () => {
    expectProblem(`params: { x: ⟦{⟧ sweep: [1] } }\n${PAIR}summary: \${x}\n`, 'PW0302', 'the key `default` is missing');
    expectProblem(`params: { x: { default: ⟦[1]⟧ } }\n${PAIR}summary: \${x}\n`, 'PW0303', 'expected text or a number');
    expectProblem(`params: { x: ⟦3⟧ }\n${PAIR}summary: \${x}\n`, 'PW0303', 'expected a mapping, found the number 3');
  });

  it('with a name that is none', () => {
    expectProblem(`params: { ⟦1x⟧: { default: 1 } }\n${PAIR}`, 'PW0401', 'cannot name a parameter');
  });

  it('are put in once: a value that looks like a parameter stays as it is', () => {
    const text = `params: { a: { default: "\${b}" }, b: { default: c } }\n${PAIR}summary: \${a} \${b}\n`;
    expect(scenarioOf(text).summary).toBe(`\${b} c`);
  });
});
