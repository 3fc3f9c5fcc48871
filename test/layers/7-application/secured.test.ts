/** Servers of every kind over TLS: nothing of what is said is to be seen on the wire, and all of it arrives. */

import { describe, expect, it } from 'vitest';
import { loadScenario, type Run, simulate, verdictsOf } from '../../../src/index.ts';
import { formatProblems } from '../../../src/scenario/problem.ts';

const HEAD = `packetwalk: 1
title: Secured
seed: 3
nodes:
  client: { ip: 10.0.0.1/24 }
  web: { ip: 10.0.0.2/24, apps: { http-server: { pages: { /: behind } }, ws-server: { port: 81, echo: true } } }
`;

/** A server beside the client and a web server behind it. */
function ran(server: string, timeline: readonly string[], expected: readonly string[] = []): Run {
  const lines = [
    `  server: { ip: 10.0.0.3/24, apps: ${server} }`,
    '  lan: { kind: switch }',
    'links: [{ between: [client, lan] }, { between: [web, lan] }, { between: [server, lan] }]',
    'timeline:',
    ...timeline.map((entry) => `  - { node: client, ${entry} }`),
    'expect:',
    `  - { name: nothing was to be seen, never: 'frame contains "secret"' }`,
    '  - { name: records were, match: tls.record.opaque_type == 23, at-least: 4 }',
    ...expected.map((each) => `  - ${each}`),
  ];
  const loaded = loadScenario(`${HEAD}${lines.join('\n')}\n`, 'secured.pw.yaml');
  if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
  const run = simulate(loaded.scenario);
  expect(verdictsOf(loaded.scenario, run.entries).filter(({ pass }) => !pass)).toEqual([]);
  return run;
}

const told = (run: Run, node: string) =>
  run.entries
    .flatMap((entry) => (entry.event.kind === 'app' && entry.node === node ? [entry.event.text] : []))
    .filter((text) => !/^(sends|hears) /.test(text));

describe('over TLS', () => {
  it.each([
    ['a proxy', '{ proxy: { to: "web:80", tls: true } }'],
    ['a load balancer', '{ load-balancer: { to: ["web:80"], tls: { key: ed25519 } } }'],
  ])('%s ends it, and asks on in the clear', (_what, server) => {
    const clear = '{ name: in the clear behind it, match: "http.response.code == 200 && ip.src == web", at-least: 1 }';
    const run = ran(server, ['at: 0s, do: { get: "https://server/" }'], [clear]);
    expect(told(run, 'client').at(-1)).toMatch(/^GET https:\/\/server\/: 200, 6 octets after /);
  });

  it('a proxy makes a tunnel for a WebSocket', () => {
    const run = ran('{ proxy: { to: "web:81", tls: true } }', [
      'at: 0s, do: { ws-connect: "wss://server/" }',
      'at: 1s, do: { ws-send: { text: hello } }',
    ]);
    expect(told(run, 'client').some((text) => text.includes('hello'))).toBe(true);
    expect(told(run, 'web').some((text) => text.includes('hello'))).toBe(true);
  });

  it('a queue-broker at its port for that, found by itself or as amqps', () => {
    const run = ran(
      '{ queue-broker: { queues: { jobs: }, tls: true } }',
      [
        'at: 0s, do: { enqueue: { queue: jobs, data: a secret job, confirm: true } }',
        'at: 1s, do: { consume: { to: "amqps://server", queue: jobs } }',
      ],
      ['{ name: at 5671, match: tcp.dstport == 5671, at-least: 4 }'],
    );
    expect(told(run, 'client')).toContain('received 12 octets: "a secret job"');
    expect(told(run, 'client')).toContain('12 octets: "a secret job" is confirmed');
  });

  it('an echo-server and a sink, for plain connections that ask for it', () => {
    const run = ran(
      '{ echo-server: { port: 4433, tls: true }, sink: { port: 4434, tls: { suites: [TLS_CHACHA20_POLY1305_SHA256] } } }',
      [
        'at: 0s, do: { tcp-connect: { to: "server:4433", as: echo, tls: true } }',
        'at: 0s, do: { tcp-send: { on: echo, data: a secret } }',
        'at: 1s, do: { tcp-connect: { to: "server:4434", as: sink, tls: { groups: [secp256r1] } } }',
        'at: 1s, do: { tcp-send: { on: sink, data: a secret } }',
      ],
    );
    expect(told(run, 'client')).toContain('received 8 octets: "a secret"');
    expect(told(run, 'server')).toContain('read 8 octets: "a secret"');
    expect(told(run, 'server')).toContain('is in TLS 1.3: TLS_CHACHA20_POLY1305_SHA256, secp256r1');
  });

  it('whoever does not trust the authority is not heard', () => {
    const run = ran('{ echo-server: { port: 4433, tls: true } }', [
      'at: 0s, do: { tcp-connect: { to: "server:4433", as: bad, tls: { trust: false } } }',
      'at: 0s, do: { tcp-send: { on: bad, data: a secret } }',
      'at: 1s, do: { tcp-connect: { to: "server:4433", as: good, tls: true } }',
    ]);
    expect(told(run, 'client')[0]).toMatch(/^ends with unknown_ca/);
    expect(told(run, 'server')).not.toContain('echoes 8 octets: "a secret"');
  });
});

describe('is refused', () => {
  it.each([
    ['echo-server: { tls: true, transport: udp }', '`tls` goes with `transport: tcp` only'],
    ['sink: { tls: true, transport: both }', '`tls` goes with `transport: tcp` only'],
  ])('%s', (app, complaint) => {
    const text = `packetwalk: 1\ntitle: x\nnodes: { a: { apps: { ${app} } }, b: }\nlinks: [{ between: [a, b] }]\n`;
    const loaded = loadScenario(text, 'x');
    expect(loaded.scenario === null && formatProblems(loaded.problems)).toContain(complaint);
  });

  it('options of TLS for a broker that is asked in the clear', () => {
    const text = `packetwalk: 1
title: x
nodes: { a: { apps: { queue-broker: { queues: { jobs: } } } }, b: }
links: [{ between: [a, b] }]
timeline: [{ at: 0s, node: b, do: { enqueue: { to: a, queue: jobs, tls: { trust: false } } } }]
`;
    const loaded = loadScenario(text, 'x');
    expect(loaded.scenario === null && formatProblems(loaded.problems)).toContain('`tls` is for URLs that ask for it');
  });
});
