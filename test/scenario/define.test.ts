import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { defineScenario, loadScenarioObject, ScenarioError } from '../../src/scenario/define.ts';
import type { ScenarioInput } from '../../src/scenario/schema/file.ts';
import { checkFilter, scenarioOf } from './loading.ts';

const options = { checkFilter };
const input: ScenarioInput = {
  packetwalk: 1,
  title: 't',
  nodes: { client: {}, server: { apps: { 'http-server': { port: 80 } } } },
  links: [{ between: ['client', 'server'], delay: '20ms', drop: [{ match: 'tcp', nth: 1 }] }],
  timeline: [{ at: '0s', node: 'client', do: { get: 'http://server/' } }],
  expect: [{ match: 'http', exactly: 1 }],
};

const messagesOf = (object: unknown): string[] => {
  const loaded = loadScenarioObject(object, 'mine', options);
  return loaded.scenario === null ? loaded.problems.map(({ path, code }) => `${path} ${code}`) : [];
};

/** Places are those of a file, and an object has none. */
const withoutPlaces = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, inner) => (key === 'place' || key === 'file' ? undefined : inner)));

describe('defineScenario', () => {
  it('makes the same of an object as of a file', () => {
    const text = `packetwalk: 1
title: t
nodes: { client: {}, server: { apps: { http-server: { port: 80 } } } }
links: [{ between: [client, server], delay: 20ms, drop: [{ match: tcp, nth: 1 }] }]
timeline: [{ at: 0s, node: client, do: { get: "http://server/" } }]
expect: [{ match: http, exactly: 1 }]
`;
    expect(withoutPlaces(defineScenario(input, options))).toEqual(withoutPlaces(scenarioOf(text)));
    expect(withoutPlaces(defineScenario(parse(text), options))).toEqual(withoutPlaces(scenarioOf(text)));
  });

  it('checks filters with the real parser unless it is given another', () => {
    expect(() => defineScenario({ ...input, expect: [{ match: 'tcp.prot == 80' }] })).toThrow(
      /expect\[0\]\.match: error PW0506/,
    );
    expect(defineScenario({ ...input, expect: [{ match: 'tcp.port == 80 && ip.src == client' }] }).expect).toHaveLength(
      1,
    );
  });

  it('throws one error with every path', () => {
    const wrong = {
      ...input,
      lnks: [],
      nodes: { ...input.nodes, 'a b': { ip: '10.0.0.1' } },
      links: [{ between: ['client', 'srver'], delay: 20 }],
    };
    const error = (() => {
      try {
        return defineScenario(wrong as unknown as ScenarioInput, options, 'mine.ts');
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(ScenarioError);
    const { problems, message } = error as ScenarioError;
    expect(problems.map(({ path }) => path).sort()).toEqual([
      'links[0].between[1]',
      'links[0].delay',
      'lnks',
      'nodes["a b"]',
      'nodes["a b"].ip',
    ]);
    expect(message).toContain('mine.ts: links[0].delay: error PW0304: 20 has no unit\n  hint: write `20ms`');
  });

  it.each([
    [null, [' PW0211']],
    [undefined, [' PW0212']],
    [[], [' PW0211']],
    ['text', [' PW0211']],
    [() => 1, [' PW0212']],
    [{ ...input, title: new Date(0) }, ['title PW0212']],
    [{ ...input, title: Symbol('x') }, ['title PW0212']],
    [{ ...input, seed: 1n }, ['seed PW0212']],
    [{ ...input, seed: Number.NaN }, ['seed PW0209']],
    [{ ...input, seed: Number.POSITIVE_INFINITY }, ['seed PW0209']],
    [{ ...input, seed: -0 }, ['seed PW0209']],
    [{ ...input, seed: 1.5 }, ['seed PW0303']],
    [{ ...input, nodes: new Map() }, ['nodes PW0212']],
    [JSON.parse('{"packetwalk": 1, "title": "t", "nodes": {"a": {}}, "__proto__": {"x": 1}}'), ['__proto__ PW0301']],
    [{ ...input, constructor: 1 }, ['constructor PW0301']],
  ])('refuses %o', (object, problems) => {
    expect(messagesOf(object)).toEqual(problems);
  });

  it('keys that are undefined count as left out', () => {
    expect(messagesOf({ ...input, summary: undefined, links: undefined, timeline: undefined })).toEqual([]);
  });

  it('an object that holds itself, and one that is far too big, end in a message', () => {
    const circle: Record<string, unknown> = { ...input };
    circle.self = circle;
    expect(messagesOf(circle)).toContainEqual(expect.stringMatching(/^self\.self.* PW0206$/));
    let lol: unknown = ['lol'];
    for (let depth = 0; depth < 12; depth++) lol = new Array(10).fill(lol);
    const found = messagesOf({ ...input, tags: lol });
    expect(found.filter((text) => text.endsWith('PW0207'))).toHaveLength(1);
  });

  it('leaves the object as it was', () => {
    const frozen = JSON.stringify(input);
    defineScenario(input, options);
    expect(JSON.stringify(input)).toBe(frozen);
  });
});
