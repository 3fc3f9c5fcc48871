/**
 * The faults of the catalogue (F), each by itself at its full strength on one network, under the swarm's invariants: safe
 * while it lasts, and in the end everything has converged.
 */

import { describe, expect, it } from 'vitest';
import { defineScenario, type ScenarioInput, simulate } from '../../src/index.ts';
import type { Entry } from '../../src/kernel/journal.ts';
import { compose, type Fault, type Job, type Piece, type Plan } from '../swarm/draw/plan.ts';
import { runScenario } from '../swarm/trial.ts';

const PLAN: Omit<Plan, 'seed' | 'profile'> = {
  terrain: {
    name: 'two hosts, a switch, a router',
    nodes: {
      client: { ip: '10.1.0.2/24' },
      other: { ip: '10.1.0.3/24' },
      lan: { kind: 'switch' },
      router: { kind: 'router', interfaces: { left: '10.1.0.1/24', right: '10.2.0.1/24' } },
      server: {
        ip: '10.2.0.2/24',
        apps: {
          'echo-server': { port: 7, transport: 'both' },
          'queue-broker': { queues: { jobs: null } },
          'mqtt-broker': {},
        },
      },
    },
    links: [
      { id: 'a', between: ['client', 'lan'], delayMs: 1 },
      { id: 'b', between: ['other', 'lan'], delayMs: 1 },
      { id: 'c', between: ['lan', 'router:left'], delayMs: 1 },
      { id: 'wan', between: ['router:right', 'server'], delayMs: 10 },
    ],
    clients: ['client', 'other'],
    servers: ['server'],
    middles: ['lan', 'router'],
    gate: null,
    hasIpv4: true,
    hasIpv6: false,
  },
  jobs: [],
  faults: [],
  healMs: 12_000,
  untilMs: 200_000,
};

const at = (ms: number, node: string, action: Piece): Piece => ({ at: `${ms}ms`, node, do: action });

const JOBS: readonly Job[] = [
  {
    kind: 'talk',
    nodes: {},
    timeline: [
      at(0, 'client', { 'tcp-connect': { to: 'server:7', as: 'talk' } }),
      at(100, 'client', { 'tcp-send': { on: 'talk', size: '6000B', times: 10, every: '700ms' } }),
      at(9000, 'client', { 'tcp-close': 'talk' }),
    ],
  },
  {
    kind: 'work',
    nodes: {},
    timeline: [
      at(0, 'other', { consume: { as: 'w', queue: 'jobs', prefetch: 1, work: '50ms' } }),
      at(500, 'client', { enqueue: { queue: 'jobs', data: 'jobs-{n}', confirm: true, times: 8, every: '900ms' } }),
    ],
  },
  {
    kind: 'topics',
    nodes: {},
    timeline: [
      at(0, 'other', { 'mqtt-connect': { to: 'server', as: 'ms', 'client-id': 's', clean: false } }),
      at(0, 'other', { subscribe: { on: 'ms', topic: 'm/#', qos: 2 } }),
      at(200, 'client', { 'mqtt-connect': { to: 'server', as: 'mp', 'client-id': 'p', clean: false } }),
      at(600, 'client', { publish: { on: 'mp', topic: 'm/a', data: 'm-{n}', qos: 2, times: 8, every: '900ms' } }),
    ],
  },
  { kind: 'ping', nodes: {}, timeline: [at(300, 'other', { ping: { target: 'server', count: 6, size: '3000B' } })] },
];

type Wanted = (entry: Entry) => boolean;

const drops =
  (reason: string): Wanted =>
  ({ event }) =>
    event.kind === 'dropped' && event.reason === reason;

/** Runs it in both profiles and a few seeds; the fault must have struck in some. */
function storm(timeline: readonly Piece[], struck: Wanted, links: Readonly<Record<string, Piece>> = {}): void {
  const fault: Fault = { kind: 'storm', timeline, links, evidence: () => struck };
  let strikes = 0;
  for (const profile of ['rfc', 'linux'] as const) {
    for (const seed of ['1', '2']) {
      const scenario = defineScenario(compose({ ...PLAN, seed, profile }, JOBS, [fault]) as unknown as ScenarioInput);
      const { violations } = runScenario(scenario, { twice: true }, (entry) => {
        if (struck(entry)) strikes++;
      });
      expect([profile, seed, violations]).toEqual([profile, seed, []]);
    }
  }
  expect(strikes).toBeGreaterThan(0);
}

const set = (link: string, change: Piece, fromMs = 1000, forMs = 8000): Piece => ({
  at: `${fromMs}ms`,
  for: `${forMs}ms`,
  link,
  set: change,
});

describe('faults of the network', { timeout: 60_000 }, () => {
  it.each([
    ['30 % both ways', { loss: '30%' }],
    ['everything one way', { 'a-to-b': { loss: '100%' } }],
    ['everything', { loss: '100%' }],
  ])('F1: loss: %s', (_name, change) => storm([set('wan', change)], drops('lost')));

  it('F2: loss in bursts', () =>
    storm([set('wan', { loss: { gilbert: { enter: '10%', leave: '20%' } } })], drops('lost')));

  it.each([
    'tcp.flags.syn == 1 && tcp.flags.ack == 0',
    'tcp.flags.syn == 1 && tcp.flags.ack == 1',
    'tcp.flags.fin == 1',
    'tcp.flags.ack == 1 && tcp.len == 0',
  ])('F2: each of the first n of %s, up to five in a row', (match) => {
    for (let count = 1; count <= 5; count++) storm([], drops('scripted'), { wan: { drop: [{ match, count }] } });
  });

  it('F3: copies, at once and long after', () => {
    const isCopy: Wanted = ({ node, event }) => event.kind === 'departed' && node === 'wan';
    storm([set('wan', { duplicate: '50%' })], isCopy);
    storm([set('wan', { duplicate: '50%', jitter: '9s', delay: '9s' }, 1000, 3000)], isCopy);
  });

  it('F4: another order', () => {
    const latest = new Map<string, number>();
    const overtakes: Wanted = ({ node, event }) => {
      if (event.kind !== 'arrived' || event.link !== 'wan') return false;
      const last = latest.get(node) ?? 0;
      latest.set(node, event.frame);
      return event.frame < last;
    };
    storm([set('wan', { delay: '100ms', jitter: '100ms' })], overtakes);
    storm([set('wan', { delay: '200ms', reorder: '40%' })], overtakes);
  });

  it('F5: flipped bits', () => storm([set('wan', { corrupt: '40%' })], drops('corrupted')));

  it('F6: delays that jump, grow, and differ by direction', () => {
    const isSlow: Wanted = ({ event }) => event.kind === 'departed' && event.link === 'wan' && event.measure >= 1e9;
    storm([set('wan', { delay: '3s' }, 2000, 4000)], isSlow);
    storm([set('wan', { 'b-to-a': { delay: '1s' } })], isSlow);
    storm(
      [1, 2, 3, 4, 5, 6].map((step) => ({ at: `${step}s`, link: 'wan', set: { delay: `${step * 300}ms` } })),
      isSlow,
    );
  });

  it.each([
    ['one alone', 'client', ['server', 'other']],
    ['one from one other only', 'client', ['server']],
  ])('F7: a partition: %s', (_name, node, others) =>
    storm([{ at: '2s', for: '6s', node, do: { partition: [...others] } }], drops('partitioned')),
  );

  it('F8: clogged and free in any order', () =>
    storm(
      ['a', 'b', 'c', 'wan'].flatMap((link, index) => [
        set(link, { down: true }, 1000 + 300 * index, 900 - 150 * index),
        set(link, { down: true }, 4000 - 400 * index, 700 + 200 * index),
      ]),
      drops('link-down'),
    ));

  it('F9: a link that flaps every 10 ms, and an MTU that changes under way', () => {
    const flaps = Array.from({ length: 60 }, (_, turn) => set('wan', { down: true }, 1000 + 20 * turn, 10));
    storm(flaps, drops('link-down'));
    storm([set('wan', { mtu: '68B' }, 1500, 2000), set('wan', { mtu: '576B' }, 4000, 3000)], drops('too-big'));
  });

  it('F10: a path that takes only small packets and does not say so', () => {
    // Both ends know of 1500; the switch between them is asked nothing.
    const isTooBig: Wanted = ({ event }) => event.kind === 'dropped' && event.reason === 'scripted';
    storm([], isTooBig, {
      wan: {
        drop: [
          { match: 'icmp.type == 3', count: 50 },
          { match: 'ip.len > 1200', count: 8 },
        ],
      },
    });
  });

  it('F11: a queue of one, a slow link, a long queue', () => {
    storm([set('wan', { queue: '1pkt', rate: '256kbit' })], drops('queue-full'));
    storm([set('wan', { rate: '64kbit' }, 1000, 4000)], ({ event }) => event.kind === 'queued');
    storm([set('wan', { rate: '4kbit' }, 1000, 500)], ({ event }) => event.kind === 'departed' && event.measure > 1e9);
  });

  it('F12: a window that closes, over a bad link', () => {
    const closes: Wanted = ({ event }) => event.kind === 'metric' && event.name === 'rcvwnd' && event.value === 0;
    const fault: Fault = {
      kind: 'slow reader',
      nodes: {
        server: {
          tcp: { 'recv-buffer': '3000B' },
          apps: { slow: { kind: 'sink', port: 1900, transport: 'tcp', 'read-rate': '8kbit' } },
        },
      },
      timeline: [
        at(0, 'client', { 'tcp-connect': { to: 'server:1900', as: 'patient' } }),
        at(0, 'client', { 'tcp-send': { on: 'patient', size: '12000B' } }),
        set('wan', { loss: '30%' }),
      ],
      evidence: () => closes,
    };
    let closed = 0;
    for (const profile of ['rfc', 'linux'] as const) {
      const scenario = defineScenario(
        compose({ ...PLAN, seed: '3', profile }, JOBS, [fault]) as unknown as ScenarioInput,
      );
      const { violations } = runScenario(scenario, {}, (entry) => {
        if (closes(entry)) closed++;
      });
      expect(violations).toEqual([]);
    }
    expect(closed).toBeGreaterThan(0);
  });
});

describe('faults of nodes', { timeout: 60_000 }, () => {
  it.each(['server', 'router', 'lan', 'client', 'other'])('F13: %s crashes, starts again, and pauses', (node) => {
    const crashes: Wanted = ({ event }) => event.kind === 'input' && /crashes|pauses/.test(event.text);
    for (const ms of [0, 700, 1511, 2600]) {
      storm([{ at: `${ms}ms`, for: '3s', node, do: { crash: true } }], crashes);
      storm([{ at: `${ms}ms`, for: '3s', node, do: { pause: true } }], crashes);
    }
  });

  it('F14: clocks that are wrong, and jump back', () =>
    storm(
      [
        { at: '1s', for: '4s', node: 'client', do: { skew: '30s' } },
        { at: '2s', for: '1s', node: 'server', do: { skew: '12s' } },
      ],
      ({ event }) => event.kind === 'input' && event.text.startsWith('the clock'),
    ));

  it('F19: everything at one instant, at 0 and at the end', () => {
    const all = (ms: number) => [
      set('wan', { down: true }, ms, 1000),
      set('wan', { loss: '50%' }, ms, 1000),
      { at: `${ms}ms`, for: '1s', node: 'server', do: { crash: true } },
      { at: `${ms}ms`, for: '1s', node: 'server', do: { pause: true } },
      { at: `${ms}ms`, for: '1s', node: 'client', do: { partition: ['server'] } },
    ];
    storm([...all(0), ...all(5000)], ({ event }) => event.kind === 'input' && event.text === 'server crashes');
  });
});

describe('chance', () => {
  it('H11: what is added elsewhere changes no draw: the same frames are lost', () => {
    const base = {
      packetwalk: 1 as const,
      title: 'draws',
      until: '20s',
      nodes: { a: { ip: '10.0.0.1/24' }, b: { ip: '10.0.0.2/24' } },
      links: [{ id: 'wire', between: ['a', 'b'], loss: '30%' }],
      timeline: [{ at: '0s', node: 'a', do: { ping: { target: 'b', count: 15 } } }],
    };
    const more = {
      ...base,
      nodes: { x: { ip: '10.9.0.1/24' }, ...base.nodes, y: { ip: '10.9.0.2/24' } },
      links: [{ id: 'elsewhere', between: ['x', 'y'], loss: '30%' }, ...base.links],
      timeline: [{ at: '1s', node: 'x', do: { ping: { target: 'y', count: 9 } } }, ...base.timeline],
    };
    const lost = (input: object) =>
      simulate(defineScenario(input as ScenarioInput)).entries.flatMap(({ atNs, event }) =>
        event.kind === 'dropped' && event.link === 'wire' ? [atNs] : [],
      );
    expect(lost(base).length).toBeGreaterThan(2);
    expect(lost(more)).toEqual(lost(base));
  });
});
