import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODES } from '../../src/scenario/code.ts';
import { checkFilter as realCheckFilter } from '../../src/scenario/filter-names.ts';
import { formatProblem, formatProblems } from '../../src/scenario/problem.ts';
import { expectProblem, interfacesOf, load, nodeOf, scenarioOf, warningsOf } from './loading.ts';

const EXAMPLE = `# yaml-language-server: $schema=../scenario.schema.json
packetwalk: 1
title: TCP handshake with one lost SYN
seed: 42
nodes:
  client: { ip: 10.0.0.1/24 }
  server: { ip: 10.0.0.2/24, apps: { http-server: { port: 80 } } }
links:
  - between: [client, server]
    delay: 20ms
    drop: [{ match: tcp.flags.syn == 1 && ip.src == client, nth: 1 }]
timeline:
  - { at: 0s, node: client, do: { get: "http://server/" } }
expect:
  - { name: SYN sent twice, match: tcp.flags.syn == 1 && tcp.flags.ack == 0, exactly: 2 }
  - { name: the page arrived, match: http.response.code == 200, exactly: 1, within: 2s }
`;

describe('the example of the format', () => {
  it('is read as written', () => {
    expect(warningsOf(EXAMPLE)).toEqual([]);
    const scenario = scenarioOf(EXAMPLE);
    expect(scenario).toMatchObject({
      title: 'TCP handshake with one lost SYN',
      summary: '',
      tags: [],
      seed: '42',
      untilNs: 60_000_000_000,
      profile: 'rfc',
      params: {},
      file: 'x.pw.yaml',
    });
    expect(interfacesOf(nodeOf(scenario, 'client'))).toEqual(['eth0 10.0.0.1/24 on client-server']);
    expect(nodeOf(scenario, 'server').apps).toEqual([
      {
        kind: 'http-server',
        name: 'http-server',
        port: 80,
        pages: [{ path: '/', body: { text: 'It works.\n' } }],
        keepAlive: true,
      },
    ]);
    const [link] = scenario.links;
    expect(link?.aToB.scripted).toEqual([
      {
        fault: 'drop',
        match: { text: 'tcp.flags.syn == 1 && ip.src == client', place: { line: 11, column: 21 } },
        select: { nth: 1 },
        delayNs: 0,
      },
    ]);
    expect(scenario.timeline).toEqual([
      {
        id: null,
        start: { kind: 'at', atNs: 0 },
        forNs: null,
        action: {
          kind: 'get',
          node: 'client',
          host: 'server',
          port: 80,
          path: '/',
          as: 'http',
          keepAlive: false,
          payload: null,
        },
        place: { line: 13, column: 5 },
      },
    ]);
    expect(scenario.expect.map(({ name }) => name)).toEqual(['SYN sent twice', 'the page arrived']);
  });

  it('is the same with CRLF, as octets, and as JSON', () => {
    const plain = scenarioOf(EXAMPLE);
    expect(scenarioOf(EXAMPLE.replaceAll('\n', '\r\n'))).toEqual(plain);
    expect(scenarioOf(new TextEncoder().encode(EXAMPLE))).toEqual(plain);
    const json = '{"packetwalk":1,"title":"t","nodes":{"a":{},"b":null},"links":[{"between":["a","b"],"delay":"1ms"}]}';
    expect(scenarioOf(json).links[0]?.aToB.delayNs).toBe(1_000_000);
  });

  it.each([
    ['delay: 20ms', 'dealy: 20ms', '10:5', 'PW0301'],
    ['20ms', '20', '10:12', 'PW0304'],
    ['[client, server]', '[client, sever]', '9:23', 'PW0402'],
    ['http://server/', 'http://srv/', '13:40', 'PW0402'],
    ['exactly: 1', 'exactly: one', '16:74', 'PW0303'],
    ['http-server', 'htp-server', '7:38', 'PW0305'],
    ['nth: 1', 'nth: 0', '11:66', 'PW0306'],
  ])('a typo in it: %s as %s', (right, wrong, place, code) => {
    const loaded = load(EXAMPLE.replace(right, wrong));
    const text = loaded.scenario === null ? formatProblems(loaded.problems) : '';
    expect(text).toMatch(new RegExp(`^x\\.pw\\.yaml:${place}: error ${code}: `));
    expect(text).not.toContain('\nx.pw.yaml');
  });

  it('a typo in a filter, by the real parser', () => {
    const loaded = load(EXAMPLE.replace('tcp.flags.syn == 1 &&', 'tcp.flags.sin == 1 &&'), {
      checkFilter: realCheckFilter,
    });
    const [problem] = loaded.scenario === null ? loaded.problems : [];
    expect(problem).toMatchObject({ code: 'PW0506', place: { line: 11, column: 21 }, length: 13 });
    expect(`${problem?.message} ${problem?.hint}`).toContain('tcp.flags.syn');
  });
});

describe('applications', () => {
  const appsOf = (apps: string) =>
    scenarioOf(`packetwalk: 1\ntitle: t\nnodes: { a: { apps: { ${apps} } }, b: {} }\nlinks: [{ between: [a, b] }]\n`)
      .nodes[0]?.apps;

  it('have defaults, and names of their own', () => {
    expect(
      appsOf(
        'sink, iperf3-server, echo-server: , web: { kind: http-server, port: 8080, pages: { /: x, /big: { size: 1MB } }, keep-alive: false }',
      ),
    ).toEqual([
      { kind: 'sink', name: 'sink', port: 9, transport: 'both', readBytesPerSecond: null },
      { kind: 'iperf3-server', name: 'iperf3-server', port: 5201 },
      { kind: 'echo-server', name: 'echo-server', port: 7, transport: 'both' },
      {
        kind: 'http-server',
        name: 'web',
        port: 8_080,
        pages: [
          { path: '/', body: { text: 'x' } },
          { path: '/big', body: { sizeBytes: 1_000_000 } },
        ],
        keepAlive: false,
      },
    ]);
  });

  it.each([
    ['⟦{}⟧', 'a mapping is no kind of app'],
    ['⟦[]⟧', 'a list is no kind of app'],
    ['⟦5⟧', 'the number 5 is no kind of app'],
    ['⟦~⟧', 'nothing is no kind of app'],
    ['⟦http-sever⟧', 'did you mean `http-server`?'],
  ])('of the kind %s', (kind, message) => {
    const head = 'packetwalk: 1\ntitle: t\n';
    expectProblem(`${head}nodes: { a: { apps: { mine: { kind: ${kind} } } } }\n`, 'PW0305', message);
  });

  it('a slow reader reads octets a second', () => {
    expect(appsOf('sink: { transport: tcp, read-rate: 80kbit }')).toMatchObject([{ readBytesPerSecond: 10_000 }]);
  });

  it('name servers know nodes by name', () => {
    expect(appsOf('dns-server: { zone: { www.example.com: b, other.example.com.: 192.0.2.7 } }')).toEqual([
      {
        kind: 'dns-server',
        name: 'dns-server',
        zone: [
          { name: 'www.example.com', address: 0x0a000002 },
          { name: 'other.example.com', address: 0xc0000207 },
        ],
      },
    ]);
  });

  it('one port can be used over both transports', () => {
    expect(appsOf('sink: { port: 5, transport: tcp }, echo-server: { port: 5, transport: udp }')).toHaveLength(2);
  });

  it("a host's resolver and TCP", () => {
    const scenario = scenarioOf(`packetwalk: 1
title: t
nodes:
  a: { dns: [b, 10.0.0.2], tcp: { congestion: reno, nagle: false, delayed-ack: true, min-rto: 200ms, mss: 536B, recv-buffer: 64KiB, send-buffer: 16KiB, initial-window: 10pkt } }
  b: { tcp: { initial-window: 4 } }
links: [{ between: [a, b] }]
`);
    expect(nodeOf(scenario, 'a')).toMatchObject({
      dns: [0x0a000002, 0x0a000002],
      tcp: {
        congestion: 'reno',
        nagle: false,
        delayedAck: true,
        minRtoNs: 200_000_000,
        mssBytes: 536,
        receiveBufferBytes: 65_536,
        sendBufferBytes: 16_384,
        initialWindowSegments: 10,
      },
    });
    expect(nodeOf(scenario, 'b').tcp).toEqual({ initialWindowSegments: 4 });
  });
});

/** What is wrong with them is what they are about. */
const RIGHTLY_WARNED: Readonly<Record<string, RegExp>> = { 'mystery-2.pw.yaml': /^PW0707$/ };

describe('the bundled scenarios', () => {
  const folder = new URL('../../scenarios/', import.meta.url);

  it.each(readdirSync(folder).filter((name) => name.endsWith('.pw.yaml')))(
    '%s is right and gives no warning but what it is about',
    (name) => {
      const bytes = readFileSync(new URL(name, folder));
      const loaded = load(bytes);
      if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
      const about = RIGHTLY_WARNED[name];
      const others = loaded.warnings.filter(({ code }) => !about?.test(code));
      expect(formatProblems(others)).toBe('');
      expect(loaded.warnings.length > others.length).toBe(about !== undefined);
    },
  );
});

/** Pieces that mean something in YAML or in a scenario. */
const TOKENS = [
  ...'{}[]:,-?!&*#|>%@`"\'\\\n\r\t ~<=$\0\x1b\x85\u2028\ufeff\ud800é😀',
  ': ',
  '- ',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '&a ',
  '*a',
  '!!str ',
  '<<: ',
  `\${x}`,
  '__proto__: 1\n',
  'constructor',
  '.inf',
  '-0',
  '1e999',
  '0x10',
  '99999999999999999999',
  '10ms',
  '5%',
  'true',
  'null',
  'nodes:\n',
  'links:\n',
  'timeline:\n',
  'params: { x: { default: 1 } }\n',
  'lesson: []\n',
  'client',
  'server',
  '10.0.0.1/24',
  '::1/64',
  'between: [client, server]\n',
  'do: { ping: server }',
  'tcp-send: { on: x }',
];

interface Mutation {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly string[];
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  at: fc.nat({ max: 1_000 }),
  remove: fc.oneof(fc.constant(0), fc.nat({ max: 4 }), fc.nat({ max: 80 })),
  insert: fc.array(fc.oneof(fc.constantFrom(...TOKENS), fc.string({ maxLength: 3 })), { maxLength: 3 }),
});

const LARGER = `packetwalk: 1
title: larger
params: { x: { default: 1% } }
until: 5s
nodes:
  client: { tcp: { mss: 536B }, dns: ns, routes: [{ to: 10.9.0.0/16, via: r }] }
  s: { kind: switch }
  r: { kind: router, interfaces: { lan: 10.0.0.9/24, wan: } }
  server: { apps: { web: { kind: http-server, pages: { /: x } }, sink: { read-rate: 8kbit } } }
  ns: { apps: { dns-server: { zone: { www.example.com: server } } } }
links:
  - { id: one, between: [client, s], loss: { gilbert: { enter: 1%, leave: 2% } }, queue: 10pkt }
  - { between: [s, r:lan], profile: dsl, a-to-b: { delay-frame: [{ match: tcp, by: 1ms, every: 2 }] } }
  - { between: [r, server], loss: "\${x}", reorder: 1%, delay: 1ms }
  - { between: [s, ns] }
timeline:
  - { id: up, at: 0s, node: client, do: { tcp-connect: server:9 } }
  - { after: up, wait: 1s, node: client, do: { tcp-send: { size: 10kB } } }
  - { when: tcp, link: one, set: { down: true }, for: 1s }
  - { at: 1s, node: client, crash: true, for: 2s }
expect:
  - { never: icmp, within: 1s, at: server }
  - { state: link.one.dropped, is: ">= 1", at: up }
  - { delivered: { from: client, to: server, bytes: all } }
  - { order: [arp, tcp] }
`;

describe('whatever is written', () => {
  const mutated = (text: string, mutations: readonly Mutation[]) =>
    mutations.reduce((before, { at, remove, insert }) => {
      const start = at % (before.length + 1);
      return before.slice(0, start) + insert.join('') + before.slice(start + remove);
    }, text);

  const judge = (input: string | Uint8Array) => {
    const loaded = load(input, { checkFilter: realCheckFilter });
    if (loaded.scenario !== null) return;
    expect(loaded.problems.some(({ severity }) => severity === 'error')).toBe(true);
    let before = 0;
    for (const problem of loaded.problems) {
      expect(CODES[problem.code]).toBeDefined();
      expect(problem.message).not.toBe('');
      expect(problem.message).not.toMatch(/undefined|\[object|NaN|Invalid input/);
      const { line, column } = problem.place ?? { line: 0, column: 0 };
      expect(line >= before && column >= 1).toBe(true);
      before = line;
      expect(formatProblem(problem)).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f]/);
    }
  };

  it('there is a scenario, or problems in file order with codes and places', { timeout: 60_000 }, () => {
    expect(warningsOf(LARGER)).toEqual([]);
    for (const text of [EXAMPLE, LARGER]) {
      fc.assert(
        fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => judge(mutated(text, mutations))),
        { numRuns: 1_500 },
      );
    }
  });

  it('octets are text or a problem', () => {
    fc.assert(
      fc.property(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 4 }), (at, octets) => {
        const bytes = new TextEncoder().encode(EXAMPLE);
        bytes.set(octets, at % (bytes.length - 4));
        judge(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('values of any kind in any place', () => {
    const lines = LARGER.split('\n');
    fc.assert(
      fc.property(
        fc.nat({ max: lines.length - 1 }),
        fc.nat(),
        fc.constantFrom(
          '[]',
          '{}',
          '~',
          '5',
          'x',
          '""',
          '-1',
          'true',
          '[[x]]',
          '{ x: [y] }',
          '2s',
          '5%',
          `"\${x}"`,
          '10B',
        ),
        (row, pick, value) => {
          const line = lines[row] ?? '';
          const places = [...line.matchAll(/: (?=\S)/g)].map(({ index }) => index + 2);
          const at = places[pick % Math.max(1, places.length)];
          if (at === undefined) return;
          const rest = line.slice(at).replace(/^(?:"[^"]*"|\[[^[\]]*\]|\{[^{}]*\}|[^,{}[\]\s]+)/, value);
          judge(lines.with(row, line.slice(0, at) + rest).join('\n'));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('the same text gives the same scenario', () => {
    expect(JSON.stringify(scenarioOf(LARGER))).toBe(JSON.stringify(scenarioOf(LARGER)));
  });
});
