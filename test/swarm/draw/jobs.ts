/** What the applications of a seed do. Every message has a text of its own, so that none can be taken for another. */

import type { Dice } from './dice.ts';
import type { Job, Piece, Terrain } from './plan.ts';

interface Seat {
  readonly dice: Dice;
  readonly terrain: Terrain;
  readonly client: string;
  /** Another client where there is one. */
  readonly other: string;
  readonly server: string;
  /** Apart from every other job's. */
  readonly port: number;
  readonly name: string;
  readonly atMs: number;
}

type Draw = (seat: Seat) => Omit<Job, 'kind'>;

const LEAST_PORT = 2000;

export function drawJobs(dice: Dice, terrain: Terrain): Job[] {
  const kinds = dice.some(Object.keys(JOBS), dice.between(1, 3));
  return kinds.map((kind, index) => {
    const [client = '', other = client] = dice.some(terrain.clients, 2);
    const server = dice.one(terrain.servers);
    const atMs = dice.percent(20) ? 0 : dice.between(0, 40) * 100;
    const port = LEAST_PORT + 10 * index;
    const draw = JOBS[kind] as Draw;
    return { kind, ...draw({ dice, terrain, client, other, server, port, name: `${kind}${index}`, atMs }) };
  });
}

const at = (ms: number, node: string, action: Piece): Piece => ({ at: `${ms}ms`, node, do: action });
const app = (node: string, name: string, options: Piece): Readonly<Record<string, Piece>> => ({
  [node]: { apps: { [name]: options } },
});

const JOBS: Readonly<Record<string, Draw>> = {
  bulk: ({ dice, client, server, port, name, atMs }) => ({
    nodes: app(server, name, { kind: 'sink', port, transport: 'tcp' }),
    timeline: [
      at(atMs, client, { 'tcp-connect': { to: `${server}:${port}`, as: name } }),
      at(atMs + dice.between(0, 300), client, {
        'tcp-send': { on: name, size: `${dice.between(1, 25_000)}B`, times: dice.between(1, 3), every: '700ms' },
      }),
      ...(dice.percent(60) ? [at(atMs + dice.between(100, 9000), client, { 'tcp-close': name })] : []),
    ],
  }),
  talk: ({ dice, client, server, port, name, atMs }) => ({
    nodes: app(server, name, { kind: 'echo-server', port, transport: 'tcp' }),
    timeline: [
      at(atMs, client, { 'tcp-connect': { to: `${server}:${port}`, as: name } }),
      at(atMs, client, {
        'tcp-send': { on: name, data: `${name}-{n} ${'.'.repeat(dice.between(0, 200))}`, ...often(dice, 8, 800) },
      }),
      ...(dice.percent(60) ? [at(atMs + dice.between(100, 9000), client, { 'tcp-close': name })] : []),
    ],
  }),
  datagrams: ({ dice, client, server, port, name, atMs }) => ({
    nodes: app(server, name, { kind: 'echo-server', port, transport: 'udp' }),
    timeline: [
      at(atMs, client, { 'udp-send': { to: `${server}:${port}`, data: `${name}-{n}`, ...often(dice, 8, 500) } }),
      at(atMs, client, {
        'udp-send': { to: `${server}:${port}`, size: `${dice.between(1, 4000)}B`, ...often(dice, 3, 900) },
      }),
    ],
  }),
  web: ({ dice, client, server, port, name, atMs }) => {
    const isSecure = dice.percent(15);
    const url = `${isSecure ? 'https' : 'http'}://${server}:${port}`;
    const keepAlive = dice.percent(50);
    const size = `${dice.between(0, 20_000)}B`;
    const pages = { '/': 'a page', '/big': { size } };
    return {
      nodes: app(server, name, { kind: 'http-server', port, pages, 'keep-alive': dice.percent(70), tls: isSecure }),
      timeline: [
        ...['/', '/big', '/none'].flatMap((path, index) =>
          dice.percent(70)
            ? [
                at(atMs + index * dice.between(0, 2000), client, {
                  get: { url: url + path, as: name, 'keep-alive': keepAlive },
                }),
              ]
            : [],
        ),
        at(atMs + dice.between(0, 3000), client, { post: { url: `${url}/`, body: `${name}-body`, as: `${name}p` } }),
      ],
    };
  },
  relay: ({ dice, client, server, port, name, atMs }) => {
    const kind = dice.one(['proxy', 'load-balancer']);
    const behind = `${server}:${port + 1}`;
    return {
      nodes: {
        [server]: {
          apps: {
            [name]: { kind: 'http-server', port: port + 1, pages: { '/': { size: `${dice.between(0, 9000)}B` } } },
            [`${name}r`]: { kind, port, to: kind === 'proxy' ? behind : [behind], idle: '20s' },
          },
        },
      },
      timeline: [0, 1].map((index) =>
        at(atMs + index * 1500, client, { get: { url: `http://${server}:${port}/`, as: `${name}${index}` } }),
      ),
    };
  },
  names: ({ dice, client, server, terrain, name, atMs }) => {
    if (!terrain.hasIpv4) return { nodes: {}, timeline: [at(atMs, client, { ping: { target: server, count: 3 } })] };
    return {
      nodes: {
        [server]: { apps: { [name]: { kind: 'dns-server', zone: { 'www.example.test': server } } } },
        [client]: { dns: server },
      },
      timeline: [
        at(atMs, client, { resolve: { target: 'www.example.test', count: dice.between(1, 3), every: '2s' } }),
        at(atMs + 100, client, { resolve: 'missing.example.test' }),
      ],
    };
  },
  ping: ({ dice, client, server, atMs }) => ({
    nodes: {},
    timeline: [
      at(atMs, client, {
        ping: {
          target: server,
          count: dice.between(1, 8),
          every: `${dice.between(1, 12) * 100}ms`,
          size: `${dice.one([0, 56, 1472, 3000, 6000])}B`,
        },
      }),
      ...(dice.percent(30) ? [at(atMs + 500, client, { traceroute: server })] : []),
    ],
  }),
  socket: ({ dice, client, server, port, name, atMs }) => {
    const isSecure = dice.percent(10);
    const deflate = dice.percent(30);
    const pings = dice.percent(30) ? { 'ping-interval': '15s' } : {};
    const close = dice.percent(50) ? [at(atMs + dice.between(1000, 9000), client, { 'ws-close': name })] : [];
    return {
      nodes: app(server, name, { kind: 'ws-server', port, echo: true, deflate, tls: isSecure, ...pings }),
      timeline: [
        at(atMs, client, {
          'ws-connect': { url: `${isSecure ? 'wss' : 'ws'}://${server}:${port}/`, as: name, deflate },
        }),
        at(atMs, client, {
          'ws-send': { on: name, text: `${name}-{n} ${'ab'.repeat(dice.between(0, 60))}`, ...often(dice, 7, 700) },
        }),
        at(atMs + 300, client, { 'ws-send': { on: name, size: `${dice.between(0, 6000)}B` } }),
        ...close,
      ],
    };
  },
  events: ({ dice, client, server, port, name, atMs }) => {
    const transports = dice.one([['polling'], ['websocket'], ['polling', 'websocket']]);
    const retries = dice.percent(30) ? { retries: 50, 'ack-timeout': '4s' } : {};
    const recovery = dice.percent(30) ? { recovery: { for: '2m' } } : {};
    return {
      nodes: app(server, name, {
        kind: 'socketio-server',
        port,
        'ping-interval': '20s',
        'ping-timeout': '5s',
        on: { say: dice.one(['echo', 'ack']) },
        ...recovery,
      }),
      timeline: [
        at(atMs, client, { 'io-connect': { url: `http://${server}:${port}`, as: name, transports, ...retries } }),
        at(atMs + 200, client, {
          emit: { on: name, event: 'say', data: `${name}-{n}`, ack: 'retries' in retries, ...often(dice, 8, 900) },
        }),
        at(atMs + 400, client, {
          emit: { on: name, event: 'blip', data: `${name}v-{n}`, volatile: true, ...often(dice, 4, 900) },
        }),
      ],
    };
  },
  topics: ({ dice, client, other, server, port, name, atMs }) => {
    const qos = dice.between(0, 2);
    const version = dice.one(['3.1.1', '5']);
    const isKept = dice.percent(75);
    const how = { version, clean: !isKept, ...(version === '5' && isKept ? { 'session-expiry': '3600s' } : {}) };
    const to = `${server}:${port}`;
    // Who listens closely finds a connection dead within the storm, and comes back with what was in flight.
    const life = { 'keep-alive': dice.one(['3s', '30s']) };
    const pub = { to, as: `${name}p`, 'client-id': `${name}p`, ...life, ...how };
    const sub = { to, as: `${name}s`, 'client-id': `${name}s`, ...life, ...how };
    return {
      nodes: app(server, name, { kind: 'mqtt-broker', port }),
      timeline: [
        at(0, other, { 'mqtt-connect': sub }),
        at(0, other, { subscribe: { on: `${name}s`, topic: `${name}/#`, qos: 2 } }),
        at(atMs, client, { 'mqtt-connect': pub }),
        at(atMs + 500, client, {
          publish: { on: `${name}p`, topic: `${name}/a`, data: `${name}-{n}`, qos, ...often(dice, 7, 900) },
        }),
      ],
    };
  },
  work: ({ dice, client, other, server, port, name, atMs }) => {
    const to = `${server}:${port}`;
    return {
      nodes: app(server, name, { kind: 'queue-broker', port, queues: { [name]: { durable: true } } }),
      timeline: [
        // Two share the work where there are two clients: what one takes with it when it goes is the other's.
        ...[...new Set([other, client])].map((node, index) =>
          at(0, node, {
            consume: {
              to,
              as: `${name}w${index}`,
              queue: name,
              prefetch: dice.between(0, 3),
              work: `${dice.between(0, 900)}ms`,
            },
          }),
        ),
        at(atMs, client, { enqueue: { to, queue: name, data: `${name}-{n}`, confirm: true, ...often(dice, 6, 700) } }),
      ],
    };
  },
};

function often(dice: Dice, most: number, everyMs: number): Piece {
  return { times: dice.between(1, most), every: `${dice.between(0, everyMs)}ms` };
}
