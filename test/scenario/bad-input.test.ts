import { describe, expect, it } from 'vitest';
import { MAX_FILE_BYTES } from '../../src/scenario/limits.ts';
import { formatProblem, formatProblems } from '../../src/scenario/problem.ts';
import {
  expectProblem,
  expectWarning,
  HEAD,
  load,
  PAIR,
  placesOf,
  problemsOf,
  scenarioOf,
  warningsOf,
} from './loading.ts';

/** A scenario whose one link has these further lines. */
const link = (lines: string) => `${HEAD}nodes: { a: {}, b: {} }\nlinks:\n  - between: [a, b]\n    ${lines}\n`;
const bytes = (text: string) => new TextEncoder().encode(text);

/** Time on the processor: other work on the machine does not count. */
function elapsedMs(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

describe('A1: nothing that could be a scenario', () => {
  it.each([
    ['an empty file', ''],
    ['only comments', '# nothing\n\n# here\n'],
    ['an empty document', '---\n'],
    ['null', '~\n'],
    ['a text', 'hello\n'],
    ['a number', '42'],
    ['a list', '- a\n- b\n'],
    ['an empty list', '[]'],
  ])('%s', (_, text) => {
    const problems = problemsOf(text);
    expect(placesOf(problems)).toHaveLength(1);
    expect(placesOf(problems)[0]).toMatch(/^1:1 1 PW0211$/);
    expect(problems[0]?.message).toMatch(/^expected a mapping at the top level/);
  });

  it('an empty mapping lacks every required key', () => {
    expect(problemsOf('{}').map(({ message }) => message)).toEqual([
      'the key `packetwalk` is missing',
      'the key `title` is missing',
      'the key `nodes` is missing',
    ]);
  });
});

describe('A2: wrong syntax', () => {
  it.each([
    ['an unclosed [', `${HEAD}nodes: [1, 2\n⟦l⟧inks: []\n`],
    ['a bad indent', `${HEAD}nodes:\n   a: {}\n⟦ ⟧ b: {}\n`],
    ['a tab as indent', `${HEAD}nodes:\n⟦\t⟧a: {}\n`],
    ['an unclosed quote', `${HEAD}summary: "never ends\n⟦⟧`],
    ['a stray bracket', `${HEAD}nodes: {}\n⟦]⟧\n`],
    ['a second colon', `${HEAD}summary: ⟦a⟧: b\n`],
    ['a reserved first character', `${HEAD}summary: ⟦@⟧x\n`],
    ['an unknown escape', `${HEAD}summary: "⟦\\⟧q"\n`],
  ])('%s', (_, marked) => {
    expectProblem(marked, 'PW0201', /./);
  });

  it('shows the line and a caret', () => {
    const [problem] = problemsOf(`${HEAD}nodes:\n\ta: {}\n`);
    expect(problem && formatProblem(problem)).toBe(
      'x.pw.yaml:4:1: error PW0201: a tab cannot indent YAML\n   a: {}\n  ^\n  hint: indent with spaces',
    );
  });

  it.each([
    ['contains `: `', 'expect: [{ match: http.host contains "a: b" }]'],
    ['has braces inside { }', 'expect: [{ match: tcp.port in {80, 443} }]'],
    ['has brackets inside { }', 'expect: [{ match: tcp[0:4] == 1, exactly: 1 }]'],
  ])('says to quote a filter that %s', (_, line) => {
    const [problem] = problemsOf(`${PAIR}${line}\n`);
    expect(problem?.code).toBe('PW0201');
    expect(problem?.hint).toMatch(/^quote a filter that begins with `!`, contains `: `, or has brackets/);
  });

  it('says to quote a parameter inside { }', () => {
    const [problem] = problemsOf(`${HEAD}params: { l: { default: 1% } }\nnodes: {}\nlinks: [{ loss: \${l} }]\n`);
    expect(problem?.hint).toBe(`inside { } and [ ] a parameter must be quoted: "\${name}"`);
  });
});

describe('A3: unknown keys', () => {
  it('stand at the key, with what was meant', () => {
    const problem = expectProblem(link('⟦laatency⟧: 20ms'), 'PW0301', 'unknown key `laatency`; did you mean `delay`?');
    expect(formatProblem(problem)).toBe(
      [
        'x.pw.yaml:6:5: error PW0301: unknown key `laatency`; did you mean `delay`?',
        '      laatency: 20ms',
        '      ^^^^^^^^',
      ].join('\n'),
    );
  });

  it.each([
    ['at the top level', `${HEAD}nodes: { a: {} }\n⟦lnks⟧: []\n`, 'did you mean `links`?'],
    ['in a node', `${HEAD}nodes: { a: { ⟦gatway⟧: 10.0.0.1 } }\n`, 'did you mean `gateway`?'],
    ['in an app', `${HEAD}nodes: { a: { apps: { sink: { ⟦prot⟧: 1 } } } }\n`, 'did you mean `port`?'],
    ['in tcp', `${HEAD}nodes: { a: { tcp: { ⟦nagel⟧: true } } }\n`, 'did you mean `nagle`?'],
    ['in a link', link('⟦jiter⟧: 1ms'), 'did you mean `jitter`?'],
    ['in a direction', link('a-to-b: { ⟦dealy⟧: 1ms }'), 'did you mean `delay`?'],
    ['in a fault', link('drop: [{ match: tcp, ⟦nht⟧: 1 }]'), 'did you mean `nth`?'],
    ['in loss', link('loss: { gilbert: { enter: 1%, leave: 1%, ⟦goood⟧: 0% } }'), 'did you mean `good`?'],
    ['in the timeline', `${PAIR}timeline: [{ at: 0s, ⟦nod⟧: a, node: a, do: { ping: b } }]\n`, 'did you mean `node`?'],
    [
      'in an action',
      `${PAIR}timeline: [{ at: 0s, node: a, do: { ping: { to: b, ⟦cuont⟧: 2 } } }]\n`,
      'did you mean `count`?',
    ],
    ['as an action', `${PAIR}timeline: [{ at: 0s, node: a, do: { ping: b, ⟦pong⟧: b } }]\n`, 'did you mean `ping`?'],
    ['in expect', `${PAIR}expect: [{ match: tcp, ⟦exacly⟧: 1 }]\n`, 'did you mean `exactly`?'],
    [
      'in params',
      `${HEAD}params: { p: { default: t, ⟦sweeep⟧: [u] } }\nsummary: \${p}\nnodes: { a: {} }\n`,
      'did you mean `sweep`?',
    ],
  ])('%s', (_, marked, suggestion) => {
    expectProblem(marked, 'PW0301', suggestion);
  });

  it('says what is known when nothing is near', () => {
    const { hint } = expectProblem(`${HEAD}nodes: { a: { ⟦quux⟧: 1 } }\n`, 'PW0301', 'unknown key `quux`');
    expect(hint).toBe(
      'known here: kind, ip, mac, gateway, interfaces, advertise, routes, dns, tcp, nat, firewall, apps',
    );
  });

  it('reports all of a file in its order', () => {
    const problems = problemsOf(
      `${HEAD}xyz1: 1\nnodes: { a: { xyz2: 1 } }\nlinks: []\nxyz3: 1\nexpect: [{ match: tcp, xyz4: 1 }]\n`,
    );
    expect(placesOf(problems)).toEqual(['3:1 4 PW0301', '4:15 4 PW0301', '6:1 4 PW0301', '7:24 4 PW0301']);
  });
});

describe('A4: wrong types and units', () => {
  it.each([
    ['fast', 'PW0304', '`fast` is not a duration', 'write it like `20ms`, `2s`, `1m`'],
    ['10', 'PW0304', '10 has no unit', 'write `10ms` (units: ns, us, ms, s, m, h)'],
    ['"10"', 'PW0304', '10 has no unit', 'write `10ms` (units: ns, us, ms, s, m, h)'],
    ['0x10', 'PW0304', '16 has no unit', 'write `16ms` (units: ns, us, ms, s, m, h)'],
    ['1.5', 'PW0304', '1.5 has no unit', 'write `1.5ms` (units: ns, us, ms, s, m, h)'],
    ['-5ms', 'PW0304', 'a duration cannot be negative', null],
    ['-5', 'PW0304', 'a duration cannot be negative', null],
    ['20 ms', 'PW0304', 'no blank between number and unit', 'write `20ms`'],
    ['20msec', 'PW0304', '`msec` is no unit of a duration', 'write `20ms` (units: ns, us, ms, s, m, h)'],
    ['1e999s', 'PW0304', '`e999s` is no unit of a duration', 'units: ns, us, ms, s, m, h'],
    ['0.5ns', 'PW0304', '`0.5ns` is not a whole number of nanoseconds', null],
    ['999999999999999999999s', 'PW0306', 'is more than 30 days', null],
    ['.inf', 'PW0209', '`.inf` is no number that can be used here', null],
    ['-.inf', 'PW0209', '`-.inf` is no number that can be used here', null],
    ['.nan', 'PW0209', '`.nan` is no number that can be used here', null],
    ['-0', 'PW0209', '`-0` is no number that can be used here', 'write `0`'],
    ['-0.0', 'PW0209', '`-0.0` is no number that can be used here', 'write `0`'],
    ['1e999', 'PW0209', '`1e999` is no number that can be used here', null],
    ['true', 'PW0303', 'expected a duration such as `20ms`, `2s`, `1m`, found `true`', null],
    ['[]', 'PW0303', 'expected a duration such as `20ms`, `2s`, `1m`, found a list', null],
    ['{}', 'PW0303', 'expected a duration such as `20ms`, `2s`, `1m`, found a mapping', null],
    ['~', 'PW0303', 'expected a duration such as `20ms`, `2s`, `1m`, found nothing', null],
  ])('delay: %s', (value, code, message, hint) => {
    const problem = expectProblem(link(`delay: ⟦${value}⟧`), code, message);
    expect(problem.hint).toBe(hint);
  });

  it('a value that is left out stands behind its key', () => {
    expectProblem(link('delay:⟦⟧'), 'PW0303', 'found nothing');
  });

  it.each([
    ['rate', '10', 'PW0304', 'write `10Mbit` (units: bit, kbit, Mbit, Gbit)'],
    ['rate', '10Mbps', 'PW0304', 'write `10Mbit` (units: bit, kbit, Mbit, Gbit)'],
    ['rate', '10mbit', 'PW0304', 'write `10Mbit` (units: bit, kbit, Mbit, Gbit)'],
    ['rate', '0bit', 'PW0306', 'leave `rate` out for no limit; `down: true` cuts a link'],
    ['queue', '100', 'PW0304', 'write `100pkt` (units: pkt, B, kB, KB, MB, GB, KiB, MiB, GiB)'],
    ['queue', '30packets', 'PW0304', 'write `30pkt` (units: pkt, B, kB, KB, MB, GB, KiB, MiB, GiB)'],
    ['queue', '64K', 'PW0304', 'units: pkt, B, kB, KB, MB, GB, KiB, MiB, GiB'],
    ['mtu', '1500', 'PW0304', 'write `1500B` (units: B, kB, KB, MB, GB, KiB, MiB, GiB)'],
    ['mtu', '60B', 'PW0306', null],
    ['loss', '5', 'PW0304', 'write `5%`'],
    ['profile', 'dls', 'PW0305', null],
  ])('%s: %s', (key, value, code, hint) => {
    expect(expectProblem(link(`${key}: ⟦${value}⟧`), code, /./).hint).toBe(hint);
  });

  it.each([
    ['title: ⟦5⟧\nnodes: { a: {} }', 'PW0303', 'expected text, found the number 5'],
    ['title: t\nnodes: ⟦[a]⟧', 'PW0303', 'expected a mapping, found a list'],
    ['title: t\nnodes: { a: ⟦5⟧ }', 'PW0303', 'expected a mapping, found the number 5'],
    ['title: t\nnodes: { a: { kind: ⟦swich⟧ } }', 'PW0305', 'did you mean `switch`?'],
    ['title: t\nnodes: { a: {} }\nlinks: ⟦{}⟧', 'PW0303', 'expected a list, found a mapping'],
    ['title: t\nnodes: { a: {} }\nseed: ⟦abc⟧', 'PW0303', 'expected a whole number, found the text `abc`'],
    ['title: t\nnodes: { a: {} }\nseed: ⟦-1⟧', 'PW0306', 'a seed is within 0 to'],
    ['title: t\nnodes: { a: {} }\nprofile: ⟦windows⟧', 'PW0305', 'expected one of `rfc`, `linux`'],
    ['title: t\nnodes: { a: {} }\nuntil: ⟦60⟧', 'PW0304', '60 has no unit'],
    ['title: t\nnodes: { a: { apps: { sink: { port: ⟦0⟧ } } } }', 'PW0306', 'it must be at least 1'],
    ['title: t\nnodes: { a: { apps: { sink: { port: ⟦65536⟧ } } } }', 'PW0306', 'it must be at most 65535'],
    ['title: t\nnodes: { a: { apps: { sink: { port: ⟦1.5⟧ } } } }', 'PW0303', 'expected a whole number'],
    ['title: t\nnodes: { a: { tcp: { nagle: ⟦yes⟧ } } }', 'PW0303', 'expected `true` or `false`'],
  ])('%s', (lines, code, message) => {
    expectProblem(`packetwalk: 1\n${lines}\n`, code, message);
  });
});

describe('A5: whole numbers beyond 2^53', () => {
  it.each(['9007199254740993', '-9007199254740993', '0xfffffffffffffffff', '123456789012345678901234567890'])(
    '%s',
    (value) => {
      expectProblem(`${HEAD}nodes: { a: {} }\nseed: ⟦${value}⟧\n`, 'PW0209', 'is beyond 2^53');
    },
  );

  it('a seed may be greater, up to 2^64-1, in quotes: exports of a run with `--seed` have such', () => {
    for (const seed of ['9007199254740993', '18446744073709551615'])
      expect(scenarioOf(`${HEAD}nodes: { a: {} }\nseed: "${seed}"\n`).seed).toBe(seed);
    expectProblem(
      `${HEAD}nodes: { a: {} }\nseed: ⟦"18446744073709551616"⟧\n`,
      'PW0306',
      'at most 18446744073709551615',
    );
    expectProblem(`${HEAD}nodes: { a: {} }\nseed: ⟦"9007199254740992"⟧\n`, 'PW0306', 'beyond 2^53');
    expectProblem(`${HEAD}nodes: { a: {} }\nseed: ⟦"12"⟧\n`, 'PW0303', 'expected a whole number');
  });

  it('2^53 itself is kept exactly', () => {
    expect(scenarioOf(`${HEAD}nodes: { a: {} }\nseed: 9007199254740992\n`).seed).toBe('9007199254740992');
  });
});

describe('A6, A7: anchors and aliases', () => {
  const laughs = () => {
    const lines = Array.from({ length: 9 }, (_, index) => {
      const before = `*a${index}`;
      return `a${index + 1}: &a${index + 1} [${new Array(10).fill(before).join(', ')}]`;
    });
    return `${HEAD}nodes: { a: {} }\ntags: &a0 [lol]\n${lines.join('\n')}\n`;
  };

  it('A6: a billion laughs end in 50 ms, each at its place', () => {
    load(laughs());
    let problems = problemsOf('{}');
    expect(elapsedMs(() => (problems = problemsOf(laughs())))).toBeLessThan(50);
    expect(placesOf(problems)[0]).toBe('4:7 3 PW0202');
    expect(problems.filter(({ code }) => code === 'PW0202')).toHaveLength(10 + 90);
    expect(formatProblems(problems).split('\n').at(-1)).toMatch(/^\.\.\. and \d+ more$/);
  });

  it('A7: an alias to itself', () => {
    const problems = problemsOf(`${HEAD}nodes: { a: {} }\ntags: &a [*a]\n`);
    expect(placesOf(problems)).toEqual(['4:7 2 PW0202', '4:11 2 PW0202']);
  });

  it('A7: an alias to nothing', () => {
    expectProblem(`${HEAD}nodes: { a: ⟦*nope⟧ }\n`, 'PW0202', 'the alias `*nope` is not used here');
  });

  it('a merge key is a key like any other', () => {
    expectProblem(`${HEAD}nodes: { a: { ⟦<<⟧: { ip: 10.0.0.1/24 } } }\n`, 'PW0301', 'unknown key `<<`');
  });
});

describe('A8: many keys', () => {
  it('20,000 unknown keys take less than a second', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `key${index}: 1`).join('\n');
    let problems = problemsOf('{}');
    expect(elapsedMs(() => (problems = problemsOf(`${PAIR}${keys}\n`)))).toBeLessThan(1_000);
    expect(problems).toHaveLength(20_000);
    expect(placesOf(problems).at(-1)).toBe('20004:1 8 PW0301');
  });

  it('20,000 keys on one line take less than a second', () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `"key${index}": 1`).join(', ');
    let problems = problemsOf('{}');
    const text = `{"packetwalk": 1, "title": "t", "nodes": {"a": {}}, ${keys}}`;
    expect(elapsedMs(() => (problems = problemsOf(text)))).toBeLessThan(1_000);
    expect(problems).toHaveLength(20_000);
    expect(elapsedMs(() => formatProblems(problems))).toBeLessThan(500);
  });

  it('more than 100,000 values are refused at the one that is too many', () => {
    const [problem, ...others] = problemsOf(`${HEAD}tags: [${new Array(100_001).fill('a').join(',')}]\n`);
    expect(problem?.code).toBe('PW0207');
    expect(others).toEqual([]);
  });
});

describe('A9: deep nesting is one error', () => {
  it.each([
    ['1,000 [', '['.repeat(1_000)],
    ['100,000 [', '['.repeat(100_000)],
    ['100,000 {a:', '{a: '.repeat(100_000)],
    ['100,000 - ', '- '.repeat(100_000)],
    ['100,000 ?', '? '.repeat(100_000)],
    ['1,000 indents', Array.from({ length: 1_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('%s', (_, text) => {
    let problems = problemsOf('{}');
    expect(elapsedMs(() => (problems = problemsOf(text)))).toBeLessThan(2_000);
    const deep = problems.filter(({ code }) => code !== 'PW0210');
    expect(deep.map(({ code }) => code)).toEqual(['PW0206']);
    expect(deep[0]?.message).toBe('the nesting is deeper than 64 levels');
  });

  it('64 levels are read', () => {
    const [problem] = problemsOf(`${HEAD}nodes: { a: {} }\nx: ${'['.repeat(63)}${']'.repeat(63)}\n`);
    expect(problem?.code).toBe('PW0301');
    expectProblem(`${HEAD}nodes: { a: {} }\nx: ${'['.repeat(63)}⟦[⟧${']'.repeat(64)}\n`, 'PW0206', 'deeper than 64');
  });
});

describe('A10: duplicate keys', () => {
  it('stand at the second, and name the first', () => {
    const message = '`a` stands here a second time; the first is at line 3, column 10';
    expectProblem(`${HEAD}nodes: { a: {}, ⟦a⟧: {} }\n`, 'PW0208', message);
    expectProblem(`${HEAD}nodes:\n  a: {}\n⟦title⟧: u\n`, 'PW0208', 'the first is at line 2, column 1');
    expectProblem(`${HEAD}nodes: { a: {}, ⟦"a"⟧: {} }\n`, 'PW0208', '`a` stands here a second time');
  });
});

describe('A11: a second document', () => {
  it.each([`${HEAD}nodes: { a: {} }\n⟦---⟧\npacketwalk: 1\n`, `${HEAD}nodes: { a: {} }\n...\n⟦---⟧\nb: 1\n`])(
    '%j',
    (marked) => {
      expectProblem(marked, 'PW0205', 'a second document begins here');
    },
  );

  it('a document marker before or after the one document is fine', () => {
    expect(scenarioOf(`---\n${HEAD}nodes: { a: {} }\n...\n`).title).toBe('t');
  });
});

describe('A12: directives and YAML 1.1', () => {
  it('%YAML is refused', () => {
    const problems = problemsOf(`%YAML 1.1\n---\n${HEAD}nodes: { a: {} }\n`);
    expect(placesOf(problems)).toEqual(['1:1 9 PW0204']);
    expect(placesOf(problemsOf(`%TAG ! tag:x,2000:\n---\n${HEAD}nodes: { a: {} }\n`))).toEqual(['1:1 18 PW0204']);
  });

  it('`no` is a text and 12:30:45 is none of our numbers', () => {
    expect(scenarioOf('packetwalk: 1\ntitle: no\nnodes: { a: {} }\n').title).toBe('no');
    expect(scenarioOf('packetwalk: 1\ntitle: 12:30:45\nnodes: { a: {} }\n').title).toBe('12:30:45');
  });
});

describe('A13: keys that name parts of every object', () => {
  it.each(['__proto__', 'constructor', 'prototype'])('%s', (key) => {
    expectProblem(`${HEAD}⟦${key}⟧: { polluted: 1 }\nnodes: { a: {} }\n`, 'PW0301', `unknown key \`${key}\``);
    expectProblem(`${HEAD}nodes: { a: {}, ⟦${key}⟧: { ip: 10.0.0.1/24 } }\n`, 'PW0301', `unknown key \`${key}\``);
    expectProblem(`${HEAD}nodes: { a: { apps: { ⟦${key}⟧: {} } } }\n`, 'PW0301', `unknown key \`${key}\``);
    expectProblem(
      `${HEAD}params: { ⟦${key}⟧: { default: 1 } }\nnodes: { a: {} }\n`,
      'PW0301',
      `unknown key \`${key}\``,
    );
    expect('polluted' in {}).toBe(false);
  });

  it.each(['toString', 'hasOwnProperty', 'valueOf'])('%s is a name like any other', (name) => {
    const text = `${HEAD}nodes: { ${name}: { apps: { ${name}: { kind: sink } } }, b: {} }\nlinks: [{ between: [${name}, b] }]\n`;
    expect(scenarioOf(text).nodes.map((node) => node.name)).toEqual([name, 'b']);
    expect(scenarioOf(text).nodes[0]?.apps[0]?.name).toBe(name);
    expectProblem(
      `${HEAD}nodes: { a: {}, b: {} }\nlinks: [{ between: [a, ⟦${name}⟧] }]\n`,
      'PW0402',
      'there is no node',
    );
    expectProblem(`${HEAD}nodes: { a: { apps: { ⟦${name}⟧: {} } } }\n`, 'PW0305', 'is no kind of app');
  });
});

describe('A14: tags', () => {
  it.each(['!!js/function', '!custom', '!!binary', '!!set', '!!str', '!<tag:yaml.org,2002:str>'])('%s', (tag) => {
    const problems = problemsOf(`${HEAD}nodes: { a: {} }\nsummary: ${tag} x\n`);
    expect(placesOf(problems)).toEqual([`4:10 ${tag.length} PW0203`]);
  });

  it('on a mapping and on a list', () => {
    expectProblem(`${HEAD}nodes: ⟦!x⟧ { a: {} }\n`, 'PW0203', 'the tag `!x`');
    expectProblem(`${HEAD}nodes: { a: {} }\nlinks: ⟦!x⟧ [1]\n`, 'PW0203', 'the tag `!x`');
  });

  it('a filter that begins with ! is told to be quoted', () => {
    const problem = expectProblem(`${PAIR}expect: [{ never: ⟦!tcp⟧ && udp }]\n`, 'PW0203', 'the tag `!tcp`');
    expect(problem.hint).toBe('a filter or text that begins with `!` must be quoted: "!tcp"');
  });
});

describe('A15: bytes and characters', () => {
  const bytesOf = (...parts: readonly (string | readonly number[])[]) =>
    Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...bytes(part)] : part)));

  it.each([
    [
      'a Latin-1 letter',
      bytesOf(`${HEAD}summary: caf`, [0xe9], '!\n'),
      '3:13',
      'octet 0xe9 at offset 0x23 is not UTF-8',
    ],
    [
      'a sequence cut short',
      bytesOf(`${HEAD}summary: `, [0xe2, 0x82]),
      '3:10',
      'octet 0xe2 at offset 0x20 is not UTF-8',
    ],
    ['an overlong NUL', bytesOf('a: ', [0xc0, 0x80]), '1:4', 'octet 0xc0 at offset 0x3 is not UTF-8'],
    ['a surrogate', bytesOf('é: ', [0xed, 0xa0, 0x80]), '1:4', 'octet 0xed at offset 0x4 is not UTF-8'],
    ['UTF-16, little end first', bytesOf([0xff, 0xfe, 0x61, 0x00]), '1:1', 'this is UTF-16 text'],
    ['UTF-16, big end first', bytesOf([0xfe, 0xff, 0x00, 0x61]), '1:1', 'this is UTF-16 text'],
  ])('%s', (_, input, place, message) => {
    const problems = problemsOf(input);
    expect(placesOf(problems)).toEqual([`${place} 1 PW0102`]);
    expect(problems[0]?.message).toContain(message);
  });

  it.each([
    ['NUL', `${HEAD}summary: a⟦\0⟧b\n`, 'a NUL stands at offset 0x21'],
    ['ESC', `${HEAD}summary: a⟦\x1b⟧[31m\n`, 'the control character U+001B stands at offset 0x21'],
    ['DEL', `${HEAD}summary: é⟦\x7f⟧\n`, 'the control character U+007F stands at offset 0x22'],
    ['C1', `${HEAD}summary: a⟦\x9b⟧\n`, 'the control character U+009B stands at offset 0x21'],
    ['a lone carriage return', `${HEAD}summary: a⟦\r⟧b\n`, 'the control character U+000D stands at offset 0x21'],
  ])('%s', (_, marked, message) => {
    expectProblem(marked, 'PW0103', message);
  });

  it('a lone surrogate in a text', () => {
    expectProblem(`${HEAD}summary: a⟦\ud800⟧b\n`, 'PW0102', 'half of a surrogate pair');
  });

  it('a byte order mark and CRLF are fine, and lines count right', () => {
    const text = `\ufeff${PAIR.replaceAll('\n', '\r\n')}`;
    expect(scenarioOf(text).title).toBe('t');
    expect(scenarioOf(bytes(text)).title).toBe('t');
    expect(placesOf(problemsOf(`${text}lnks: []\r\n`))).toEqual(['5:1 4 PW0301']);
    expect(placesOf(problemsOf(`\ufefflnks: []\r\n${PAIR}`))).toEqual(['1:1 4 PW0301']);
  });

  it('U+2028 ends no line', () => {
    const text = `packetwalk: 1\ntitle: "a\u2028b"\nnodes: { a: {} }\n`;
    expect(scenarioOf(text).title).toBe('a\u2028b');
    expect(placesOf(problemsOf(`${text}x: 1\n`))).toEqual(['4:1 1 PW0301']);
  });

  it('columns count characters, not code units', () => {
    expectProblem(`${HEAD}nodes: { a: {} }\ntags: ["😀é", ⟦5⟧]\n`, 'PW0303', 'expected text');
  });

  it('more than 1 MiB is refused', () => {
    const text = `${PAIR}#${'x'.repeat(MAX_FILE_BYTES)}`;
    const [problem] = problemsOf(text);
    expect(problem?.code).toBe('PW0101');
    expect(problem?.message).toBe(`the file has ${text.length} octets; at most 1048576 are read`);
    expect(scenarioOf(text.slice(0, MAX_FILE_BYTES)).title).toBe('t');
  });
});

describe('A16: keys that are no plain text', () => {
  it.each([
    [`${HEAD}nodes: { a: {} }\n⟦?⟧ summary\n: s\n`, 'PW0210'],
    [`${HEAD}nodes: { a: {} }\n⟦[⟧1]: 2\n`, 'PW0210'],
    [`${HEAD}nodes: { a: {} }\n⟦true⟧: 2\n`, 'PW0301'],
    [`${HEAD}nodes: { a: {} }\n⟦null⟧: 2\n`, 'PW0301'],
    [`${HEAD}nodes: { a: {} }\n⟦1⟧: 2\n`, 'PW0301'],
    [`${HEAD}nodes: { a: {} }\n⟦⟧: 2\n`, 'PW0301'],
  ])('%j', (marked, code) => {
    expectProblem(marked, code, /./);
  });
});

describe('A17, A18: includes', () => {
  it.each([
    '../../etc/passwd',
    '/etc/passwd',
    'file:///etc/passwd',
    'http://x/y',
    '\\\\\\\\host\\\\x',
    './self.pw.yaml',
  ])('%s', (path) => {
    const problem = expectProblem(`${HEAD}⟦include⟧: "${path}"\nnodes: { a: {} }\n`, 'PW0301', 'unknown key `include`');
    expect(problem.hint).toBe('a scenario is one file; there are no includes');
  });
});

describe('A19: names and addresses that do not fit', () => {
  const hosts = (a: string, b: string) =>
    `${HEAD}nodes: { a: { ip: ${a} }, b: { ip: ${b} } }\nlinks: [{ between: [a, b] }]\n`;
  const server = `${HEAD}nodes: { client: {}, server: {} }\nlinks: [{ between: [client, server] }]\n`;

  it.each([
    [
      'an unknown node in a link',
      `${HEAD}nodes: { client: {}, b: {} }\nlinks: [{ between: [b, ⟦clinet⟧] }]\n`,
      'PW0402',
      'did you mean `client`?',
    ],
    [
      'an unknown node in the timeline',
      `${server}timeline: [{ at: 0s, node: ⟦sever⟧, do: { ping: client } }]\n`,
      'PW0402',
      'did you mean `server`?',
    ],
    [
      'an unknown target',
      `${server}timeline: [{ at: 0s, node: client, do: { ping: ⟦srever⟧ } }]\n`,
      'PW0402',
      'did you mean `server`?',
    ],
    [
      'an unknown host in a URL',
      `${server}timeline: [{ at: 0s, node: client, do: { get: ⟦"http://srv/"⟧ } }]\n`,
      'PW0402',
      'there is no node `srv`',
    ],
    [
      'an unknown link',
      `${server}timeline: [{ at: 0s, link: ⟦client-servr⟧, set: { down: true } }]\n`,
      'PW0501',
      'did you mean `client-server`?',
    ],
    [
      'an unknown id',
      `${server}timeline: [{ id: one, at: 0s, node: client, do: { ping: server } }, { after: ⟦on⟧, node: client, do: { ping: server } }]\n`,
      'PW0502',
      'did you mean `one`?',
    ],
    [
      'an unknown interface',
      `${HEAD}nodes: { a: {}, r: { kind: router, interfaces: { lan: , wan: } } }\nlinks: [{ between: [a, ⟦r:lam⟧] }]\n`,
      'PW0403',
      'did you mean `lan`?',
    ],
    [
      'an unknown gateway',
      `${HEAD}nodes: { a: { gateway: ⟦rooter⟧ }, router: { kind: router } }\nlinks: [{ between: [a, router] }]\n`,
      'PW0402',
      'did you mean `router`?',
    ],
    [
      'an unknown name server',
      `${HEAD}nodes: { a: { dns: ⟦sns⟧ }, ns: {} }\nlinks: [{ between: [a, ns] }]\n`,
      'PW0402',
      'did you mean `ns`?',
    ],
    [
      'an unknown node that expect names',
      `${server}expect: [{ match: tcp, at: ⟦servr⟧ }]\n`,
      'PW0402',
      'did you mean `server`?',
    ],
    [
      'an unknown node in a state path',
      `${server}expect: [{ state: ⟦clint.tcp.http.state⟧, is: ESTABLISHED }]\n`,
      'PW0507',
      'did you mean `client`?',
    ],
    [
      'an unknown link in a state path',
      `${server}expect: [{ state: ⟦link.client-srv.dropped⟧, is: 0 }]\n`,
      'PW0507',
      'did you mean `client-server`?',
    ],
    [
      'a link to itself',
      `${HEAD}nodes: { a: {}, b: {} }\nlinks: [{ between: [a, ⟦a⟧] }]\n`,
      'PW0405',
      'joins `a` to itself',
    ],
    [
      'an interface with two links',
      `${HEAD}nodes: { a: {}, b: {}, c: {} }\nlinks: [{ between: ["b:eth0", a] }, { between: ["⟦b:eth0⟧", c] }]\n`.replaceAll(
        '"',
        '',
      ),
      'PW0404',
      'has a link already: `b-a`',
    ],
    [
      'more links than interfaces',
      `${HEAD}nodes: { a: {}, b: {}, r: { kind: router, interfaces: { lan: } } }\nlinks: [{ between: [a, r] }, { between: [b, ⟦r⟧] }]\n`,
      'PW0403',
      'has no interface left',
    ],
    ['the same address twice', hosts('10.0.0.1/24', '⟦10.0.0.1/24⟧'), 'PW0406', '`a` has the address 10.0.0.1 already'],
    [
      'the same address twice on one node',
      hosts('[10.0.0.1/24, ⟦10.0.0.1/24⟧]', '10.0.0.2/24'),
      'PW0406',
      'this node has the address',
    ],
    [
      'the address of a network',
      hosts('⟦10.0.0.0/24⟧', '10.0.0.2/24'),
      'PW0407',
      'is the address of the network itself',
    ],
    ['a broadcast address', hosts('⟦10.0.0.255/24⟧', '10.0.0.2/24'), 'PW0407', "is the network's broadcast address"],
    [
      'a broadcast address of /25',
      hosts('⟦10.0.0.127/25⟧', '10.0.0.2/25'),
      'PW0407',
      "is the network's broadcast address",
    ],
    ['/0', hosts('⟦10.0.0.1/0⟧', '10.0.0.2/24'), 'PW0407', 'would make the whole Internet one subnet'],
    ['/32', hosts('⟦10.0.0.1/32⟧', '10.0.0.2/24'), 'PW0407', 'leaves no address for a neighbour'],
    ['/33', hosts('⟦10.0.0.1/33⟧', '10.0.0.2/24'), 'PW0309', '/33 is longer than an IPv4 address'],
    ['no prefix', hosts('⟦10.0.0.1⟧', '10.0.0.2/24'), 'PW0309', 'has no prefix length'],
    ['leading zeros', hosts('⟦10.0.0.01/24⟧', '10.0.0.2/24'), 'PW0309', 'leading zeros'],
    ['256', hosts('⟦10.0.0.256/24⟧', '10.0.0.2/24'), 'PW0309', 'is not an address with its prefix'],
    ['loopback', hosts('⟦127.0.0.1/8⟧', '10.0.0.2/24'), 'PW0407', 'the loopback'],
    ['multicast', hosts('⟦224.0.0.1/24⟧', '10.0.0.2/24'), 'PW0407', 'multicast'],
    ['this network', hosts('⟦0.0.0.1/24⟧', '10.0.0.2/24'), 'PW0407', 'this network'],
    ['reserved', hosts('⟦250.0.0.1/24⟧', '10.0.0.2/24'), 'PW0407', 'reserved'],
    [
      'a multicast MAC address',
      `${HEAD}nodes: { a: { mac: ⟦"01:00:5e:00:00:01"⟧ }, b: {} }\nlinks: [{ between: [a, b] }]\n`,
      'PW0410',
      'multicast',
    ],
    [
      'the broadcast MAC address',
      `${HEAD}nodes: { a: { mac: ⟦ff:ff:ff:ff:ff:ff⟧ }, b: {} }\nlinks: [{ between: [a, b] }]\n`,
      'PW0410',
      'multicast',
    ],
    [
      'a MAC address of zeros',
      `${HEAD}nodes: { a: { mac: ⟦00:00:00:00:00:00⟧ }, b: {} }\nlinks: [{ between: [a, b] }]\n`,
      'PW0410',
      'zeros',
    ],
    [
      'a gateway elsewhere',
      `${HEAD}nodes: { a: { ip: 10.0.0.1/24, gateway: ⟦10.0.1.1⟧ }, b: {} }\nlinks: [{ between: [a, b] }]\n`,
      'PW0409',
      'is not on a network that `a` is connected to',
    ],
    [
      'a gateway that is the node itself',
      `${HEAD}nodes: { a: { ip: 10.0.0.1/24, gateway: ⟦10.0.0.1⟧ }, b: {} }\nlinks: [{ between: [a, b] }]\n`,
      'PW0409',
      'is `a` itself',
    ],
    [
      'a next hop elsewhere',
      `${HEAD}nodes: { a: { routes: [{ to: 10.9.0.0/16, via: ⟦10.8.0.1⟧ }] }, b: {} }\nlinks: [{ between: [a, b] }]\n`,
      'PW0409',
      'is not on a network',
    ],
    [
      'a route to no network',
      `${HEAD}nodes: { a: { routes: [{ to: ⟦10.9.0.1/16⟧, via: b }] }, b: {} }\nlinks: [{ between: [a, b] }]\n`,
      'PW0407',
      'is not the address of a network',
    ],
    [
      'two links of one id',
      `${HEAD}nodes: { a: {}, b: {} }\nlinks: [{ id: x, between: [a, b] }, { id: ⟦x⟧, between: [a, b] }]\n`,
      'PW0411',
      'given a second time; the first is at line 4, column 15',
    ],
    [
      'two entries of one id',
      `${server}timeline: [{ id: x, at: 0s, node: client, crash: true }, { id: ⟦x⟧, at: 0s, node: client, crash: true }]\n`,
      'PW0411',
      'given a second time',
    ],
    [
      'two servers on a port',
      `${HEAD}nodes: { a: { apps: { http-server: , api: { kind: http-server, port: ⟦80⟧ } } } }\n`,
      'PW0412',
      '`http-server` listens on tcp port 80',
    ],
    ['a name that is an address', `${HEAD}nodes: { ⟦10.0.0.1⟧: {} }\n`, 'PW0401', 'begins with a letter'],
    ['a name that is a MAC address', `${HEAD}nodes: { ⟦aa-bb-cc-dd-ee-ff⟧: {} }\n`, 'PW0401', 'looks like an address'],
    ['a name that is too long', `${HEAD}nodes: { ⟦${'n'.repeat(64)}⟧: {} }\n`, 'PW0401', 'at most 63 characters'],
    ['a name with a blank', `${HEAD}nodes: { ⟦a b⟧: {} }\n`, 'PW0401', 'only letters, digits, - and _'],
    ['an empty name', `${HEAD}nodes: { ⟦""⟧: {} }\n`, 'PW0401', 'cannot be empty'],
    [
      'a word of the filter language',
      `${HEAD}nodes: { ⟦and⟧: {} }\n`,
      'PW0401',
      "a word of the scenario's own language",
    ],
    [
      'an address on a switch',
      `${HEAD}nodes: { s: { kind: switch, ⟦ip⟧: 10.0.0.1/24 } }\n`,
      'PW0414',
      'a switch has no `ip`',
    ],
    [
      'an action of a switch',
      `${HEAD}nodes: { s: { kind: switch }, a: {} }\nlinks: [{ between: [a, s] }]\ntimeline: [{ at: 0s, node: ⟦s⟧, do: { ping: a } }]\n`,
      'PW0414',
      '`s` is a switch and cannot do `ping`',
    ],
    [
      'a switch as target',
      `${HEAD}nodes: { s: { kind: switch }, a: {} }\nlinks: [{ between: [a, s] }]\ntimeline: [{ at: 0s, node: a, do: { ping: ⟦s⟧ } }]\n`,
      'PW0414',
      '`s` is a switch and has no address',
    ],
  ])('%s', (_, marked, code, message) => {
    expectProblem(marked, code, message);
  });

  it('subnets of two segments that overlap, at the later one', () => {
    const text = `${HEAD}nodes:
  a: { ip: 10.0.0.1/16 }
  r: { kind: router, interfaces: { lan: 10.0.0.2/16, wan: ⟦10.0.7.1/24⟧ } }
  b: {}
links: [{ between: [a, r] }, { between: [r, b] }]
`;
    expectProblem(text, 'PW0408', '10.0.7.0/24 overlaps 10.0.0.0/16 of `a`, which is on another segment');
  });

  it('/31 has two hosts and no broadcast address (RFC 3021)', () => {
    expect(warningsOf(hosts('10.0.0.0/31', '10.0.0.1/31'))).toEqual([]);
  });

  it('every error of the file is told in one run, in its order', () => {
    const problems = problemsOf(`${HEAD}nodes:
  a: { ip: 10.0.0.0/24, kind: hst }
  b: { ip: 10.0.0.2/24, mac: ff:ff:ff:ff:ff:ff }
  c: { ip: 10.0.0.2/24 }
links:
  - { between: [a, d], delay: 5 }
  - { between: [b, b] }
timeline:
  - { at: 0s, node: x, do: { ping: a } }
  - { after: nothing, link: a-d, set: { loss: 101% } }
expect:
  - { match: BAD }
`);
    expect(placesOf(problems)).toEqual([
      '4:12 11 PW0407',
      '4:31 3 PW0305',
      '5:30 17 PW0410',
      '6:12 11 PW0406',
      '8:20 1 PW0402',
      '8:31 1 PW0304',
      '9:20 1 PW0405',
      '11:21 1 PW0402',
      '12:14 7 PW0502',
      '12:47 4 PW0306',
      '14:14 3 PW0506',
    ]);
  });
});

describe('A20: pointless and oversized networks', () => {
  it('a host without a link is a warning', () => {
    expectWarning(`${PAIR.replace('b: {} }', 'b: {}, ⟦c⟧: {} }')}`, 'PW0701', 'the host `c` has no link');
  });

  it('a target that no links lead to is a warning', () => {
    const text = `${HEAD}nodes: { a: {}, b: {}, c: {}, d: {} }
links: [{ between: [a, b] }, { between: [c, d] }]
timeline: [{ at: 0s, node: a, do: { ping: ⟦d⟧ } }]
`;
    expectWarning(text, 'PW0703', 'no links lead from `a` to `d`');
  });

  it('0 nodes', () => {
    expectProblem(`${HEAD}nodes: ⟦{⟧}\n`, 'PW0413', 'there are no nodes');
  });

  it('16,384 nodes and no more', () => {
    const nodes = (count: number) =>
      Array.from({ length: count }, (_, index) => `  n${index}: { kind: switch }\n`).join('');
    expect(scenarioOf(`${HEAD}nodes:\n${nodes(16_384)}`).nodes).toHaveLength(16_384);
    expect(placesOf(problemsOf(`${HEAD}nodes:\n${nodes(16_385)}`))).toEqual(['16388:3 6 PW0413']);
  });

  it('16,384 links and no more', () => {
    const links = (count: number) => '  - { between: [a, b] }\n'.repeat(count);
    const text = (count: number) =>
      `${HEAD}nodes: { a: { kind: switch }, b: { kind: switch } }\nlinks:\n${links(count)}`;
    expect(scenarioOf(text(16_384)).links.at(-1)?.id).toBe('a-b-16384');
    expect(placesOf(problemsOf(text(16_385)))).toEqual(['16389:5 1 PW0413']);
  });

  it('more routes than 2,000,000: a chain of 1,500 routers', () => {
    const routers = Array.from({ length: 1_500 }, (_, index) => `  r${index}: { kind: router }\n`).join('');
    const links = Array.from({ length: 1_499 }, (_, index) => `  - { between: [r${index}, r${index + 1}] }\n`).join('');
    expectProblem(
      `${HEAD}nodes:\n${routers.replace('r0:', '⟦r0⟧:')}links:\n${links}`,
      'PW0413',
      '1500 routers and 1499 subnets are too many routes; at most 2000000 are allowed',
    );
  });
});

describe('A21: times', () => {
  const at = (time: string) => `${PAIR}timeline: [{ at: ${time}, node: a, do: { ping: b } }]\n`;

  it('before the start', () => {
    expectProblem(at('⟦-1s⟧'), 'PW0304', 'a duration cannot be negative');
  });

  it('30 days and no more', () => {
    expectProblem(at('⟦721h⟧'), 'PW0306', 'is more than 30 days');
    expectProblem(`${PAIR}until: ⟦2592000.000000001s⟧\n`, 'PW0306', 'is more than 30 days');
    expect(scenarioOf(`${PAIR}until: 720h\n`).untilNs).toBe(30 * 86_400 * 1e9);
  });

  it('after the end of the run is a warning', () => {
    expectWarning(at('⟦61s⟧'), 'PW0702', 'later than `until`');
    expectWarning(`${PAIR}expect: [{ state: a.x, is: 1, at: ⟦2m⟧ }]\n`, 'PW0702', 'later than `until`');
    expect(warningsOf(`until: 70s\n${at('61s')}`)).toEqual([]);
    expect(warningsOf(at('61s'), { until: '70s' })).toEqual([]);
    expect(warningsOf(at('60s'))).toEqual([]);
  });

  it('10,000 entries of one time keep their order', () => {
    const entries = Array.from(
      { length: 10_000 },
      (_, n) => `  - { at: 1s, node: a, do: { ping: { to: b, count: ${n + 1} } } }\n`,
    );
    const { timeline } = scenarioOf(`${PAIR}timeline:\n${entries.join('')}`);
    expect(timeline.map(({ action }) => (action.kind === 'ping' ? action.count : 0))).toEqual(
      Array.from({ length: 10_000 }, (_, n) => n + 1),
    );
  });
});

describe('A22: filters are handed to their own parser', () => {
  it('and its complaint is shown where it stands in the filter', () => {
    expectProblem(`${PAIR}expect: [{ match: tcp and ⟦BAD⟧ == 1 }]\n`, 'PW0506', 'BAD is no field');
    expectProblem(`${PAIR}expect: [{ match: "tcp \\"\\x41\\" ⟦BAD⟧" }]\n`, 'PW0506', 'BAD is no field');
    expectProblem(`${PAIR}expect: [{ match: 'it''s ⟦BAD⟧' }]\n`, 'PW0506', 'BAD is no field');
    expectProblem(`${PAIR}expect: [{ order: [tcp, ⟦BAD⟧] }]\n`, 'PW0506', 'BAD is no field');
    expectProblem(`${PAIR}expect: [{ never: ⟦BAD⟧ }]\n`, 'PW0506', 'BAD is no field');
    expectProblem(`${PAIR}timeline: [{ when: a ⟦BAD⟧, node: a, do: { ping: b } }]\n`, 'PW0506', 'BAD is no field');
    expectProblem(link('drop: [{ match: a ⟦BAD⟧ }]'), 'PW0506', 'BAD is no field');
    expectProblem(link('b-to-a: { corrupt-frame: [{ match: a ⟦BAD⟧ }] }'), 'PW0506', 'BAD is no field');
  });

  it('or at the filter when it stands over several lines or has a parameter in it', () => {
    expect(placesOf(problemsOf(`${PAIR}expect:\n  - match: >\n      tcp and\n      BAD\n`))).toEqual(['6:12 1 PW0506']);
    const text = `params: { f: { default: BAD } }\n${PAIR}expect: [{ match: ⟦"tcp and \${f}"⟧ }]\n`;
    expectProblem(text, 'PW0506', 'BAD is no field');
  });

  it('at its end when something is missing there', () => {
    const checkFilter = (text: string) => ({ message: 'unexpected end', at: text.length, length: 0 });
    const problems = problemsOf(`${PAIR}expect: [{ match: tcp and, exactly: 1 }]\n`, { checkFilter });
    expect(placesOf(problems)).toEqual(['5:26 1 PW0506']);
  });

  it('which is told every name', () => {
    let known: unknown;
    load(
      `${HEAD}nodes: { a: {}, s: { kind: switch }, b: {} }\nlinks: [{ between: [a, s] }, { id: x, between: [s, b] }]\nexpect: [{ match: tcp }]\n`,
      {
        checkFilter: (_, names) => {
          known = names;
          return null;
        },
      },
    );
    expect(known).toEqual({
      nodes: [
        { name: 'a', addresses: [0x0a000001], macs: [0x020000000001] },
        { name: 's', addresses: [], macs: [] },
        { name: 'b', addresses: [0x0a000002], macs: [0x020000000002] },
      ],
      links: ['a-s', 'x'],
    });
  });
});

describe('A23: probabilities', () => {
  it.each([
    ['101%', 'PW0306', 'is more than 100%'],
    ['100.0001%', 'PW0306', 'is more than 100%'],
    ['-1%', 'PW0304', 'a percentage cannot be negative'],
    ['0.00001%', 'PW0304', 'is not a whole number of millionths (at most 4 decimals)'],
    ['0.05', 'PW0304', '0.05 has no unit'],
    ['nan%', 'PW0304', 'is not a percentage'],
    ['.nan', 'PW0209', 'is no number that can be used here'],
  ])('%s', (value, code, message) => {
    expectProblem(link(`loss: ⟦${value}⟧`), code, message);
    expectProblem(link(`corrupt: ⟦${value}⟧`), code, message);
  });

  it('are whole numbers of millionths', () => {
    const { links } = scenarioOf(link('loss: 0.3%\n    duplicate: 0.0001%\n    corrupt: 100%'));
    expect(links[0]?.aToB).toMatchObject({
      loss: { perMillion: 3_000 },
      duplicatePerMillion: 1,
      corruptPerMillion: 1_000_000,
    });
  });
});

describe('A24: other versions of the format', () => {
  it.each([
    ['9', 'it needs a newer packetwalk'],
    ['2', 'it needs a newer packetwalk'],
    ['0', null],
    ['1.5', 'it needs a newer packetwalk'],
  ])('%s, and nothing else is judged', (version, hint) => {
    const text = `packetwalk: ⟦${version}⟧\nunheard: of\n`;
    expect(expectProblem(text, 'PW0308', `format version ${version}; this packetwalk reads version 1`).hint).toBe(hint);
  });

  it.each([
    ['"1"', 'expected `1`, found the text `1`'],
    ['one', 'expected `1`, found the text `one`'],
    ['true', 'expected `1`, found `true`'],
  ])('%s', (version, message) => {
    expectProblem(`packetwalk: ⟦${version}⟧\ntitle: t\nnodes: { a: {} }\n`, 'PW0305', message);
  });

  it('none at all', () => {
    expectProblem('⟦t⟧itle: t\nnodes: { a: {} }\n', 'PW0302', 'the key `packetwalk` is missing');
  });
});
