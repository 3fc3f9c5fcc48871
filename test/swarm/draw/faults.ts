/** What may break, by name (the rows F of the catalogue). Each says in the journal's words how one sees that it struck. */

import type { Entry } from '../../../src/kernel/journal.ts';
import type { Dice } from './dice.ts';
import type { Fault, Job, LinkPiece, Piece, Terrain } from './plan.ts';

/** Faults begin and end within the storm; the healing comes after it. */
export const STORM_MS = 12_000;

interface Site {
  readonly dice: Dice;
  readonly terrain: Terrain;
  readonly jobs: readonly Job[];
  readonly link: LinkPiece;
  readonly startMs: number;
  readonly forMs: number;
  readonly client: string;
  readonly server: string;
}

type Draw = (site: Site) => Omit<Fault, 'kind'> | null;

/** `grid`: every time is a multiple of it, so that many things happen at one instant. */
export function drawFaults(dice: Dice, terrain: Terrain, jobs: readonly Job[]): Fault[] {
  const gridMs = dice.percent(25) ? 1000 : 1;
  const kinds = dice.some(FAULT_KINDS, dice.between(3, 12));
  return kinds.flatMap((kind) => {
    const startMs = Math.floor(dice.between(0, 8000) / gridMs) * gridMs;
    const forMs = Math.max(gridMs, Math.floor(dice.between(50, STORM_MS - 500 - startMs) / gridMs) * gridMs);
    const client = dice.one(terrain.clients);
    const site = {
      dice,
      terrain,
      jobs,
      link: dice.one(terrain.links),
      startMs,
      forMs,
      client,
      server: dice.one(terrain.servers),
    };
    const fault = (FAULTS[kind] as Draw)(site);
    return fault ? [{ kind, ...fault }] : [];
  });
}

const lossy = (loss: string | Piece): Piece => ({ loss });

/** A link is changed for a time. */
function changed({ link, startMs, forMs }: Site, set: Piece, evidence: Fault['evidence']): Omit<Fault, 'kind'> {
  return { timeline: [{ at: `${startMs}ms`, for: `${forMs}ms`, link: link.id, set }], evidence };
}

type Judge = (entry: Entry) => boolean;

const dropped =
  (reason: string, link?: LinkPiece): (() => Judge) =>
  () =>
  ({ event }) =>
    event.kind === 'dropped' && event.reason === reason && (link === undefined || event.link === link.id);

const told =
  (pattern: RegExp): (() => Judge) =>
  () =>
  ({ event }) =>
    event.kind === 'input' && pattern.test(event.text);

/** A frame that takes so long at least. */
const slow =
  (link: LinkPiece, leastMs: number): (() => Judge) =>
  () =>
  ({ event }) =>
    event.kind === 'departed' && event.link === link.id && event.measure >= leastMs * 1_000_000;

/** A copy departs from the link itself. */
const doubled =
  (link: LinkPiece): (() => Judge) =>
  () =>
  ({ node, event }) =>
    event.kind === 'departed' && node === link.id;

const waiting =
  (link: LinkPiece, least: number): (() => Judge) =>
  () =>
  ({ event }) =>
    event.kind === 'queued' && event.link === link.id && event.measure >= least;

function overtaken(link: LinkPiece): () => Judge {
  return () => {
    const latest = new Map<string, number>();
    return ({ node, event }) => {
      if (event.kind !== 'arrived' || event.link !== link.id) return false;
      const last = latest.get(node) ?? 0;
      latest.set(node, Math.max(last, event.frame));
      return event.frame < last;
    };
  };
}

const corrupted: () => Judge =
  () =>
  ({ event }) =>
    event.kind === 'dropped' && event.reason === 'corrupted';

const onLink =
  (link: LinkPiece): (() => Judge) =>
  () =>
  ({ event }) =>
    event.kind === 'departed' && event.link === link.id;

/** Which frames scripted faults strike. */
const FRAMES: Readonly<Record<string, string>> = {
  syn: 'tcp.flags.syn == 1 && tcp.flags.ack == 0',
  'syn-ack': 'tcp.flags.syn == 1 && tcp.flags.ack == 1',
  fin: 'tcp.flags.fin == 1',
  ack: 'tcp.flags.ack == 1 && tcp.len == 0',
  data: 'tcp.len > 0',
  arp: 'arp || icmpv6.type == 135 || icmpv6.type == 136',
};

/** Frames in whose midst a crash is worst, by the job that sends them: something has just been promised. */
const MOMENTS: Readonly<Record<string, readonly string[]>> = {
  topics: [3, 4, 5, 6, 7].map((type) => `mqtt.msgtype == ${type}`),
  work: ['amqp.method.method == 60', 'amqp.method.method == 80'],
  web: ['http.response'],
  relay: ['http.response'],
  socket: ['websocket.opcode == 1'],
  events: ['websocket.opcode == 1', 'http.response'],
};

/** And whatever the jobs are. */
const ANY_MOMENT = ['tcp.flags.fin == 1', 'tcp.flags.syn == 1 && tcp.flags.ack == 1'];

function scripted(key: string, frames: readonly string[], more: Piece = {}): Draw {
  return ({ dice, link }) => {
    const rules = Array.from({ length: dice.between(1, 3) }, () => {
      const match = FRAMES[dice.one(frames)] as string;
      return { match, nth: dice.between(1, 6), ...more };
    });
    const struck = {
      drop: dropped('scripted', link),
      'delay-frame': slow(link, 900),
      'duplicate-frame': doubled(link),
    };
    return { links: { [link.id]: { [key]: rules } }, evidence: struck[key as keyof typeof struck] ?? corrupted };
  };
}

const down = (kind: 'crash' | 'pause', node: string, { startMs, forMs }: Site): Omit<Fault, 'kind'> => ({
  timeline: [{ at: `${startMs}ms`, for: `${forMs}ms`, node, do: { [kind]: true } }],
  evidence: told(new RegExp(`^${node} ${kind === 'crash' ? 'crashes' : 'pauses'}`)),
});

const FAULTS: Readonly<Record<string, Draw>> = {
  loss: (site) => changed(site, lossy(`${site.dice.between(1, 30)}%`), dropped('lost', site.link)),
  'bursty-loss': (site) => {
    const gilbert = { enter: `${site.dice.between(2, 30)}%`, leave: `${site.dice.between(10, 60)}%` };
    return changed(site, lossy({ gilbert }), dropped('lost', site.link));
  },
  'one-way-loss': (site) =>
    changed(site, { [site.dice.one(['a-to-b', 'b-to-a'])]: lossy('100%') }, dropped('lost', site.link)),
  blackout: (site) => changed(site, lossy('100%'), dropped('lost', site.link)),
  duplication: (site) => changed(site, { duplicate: `${site.dice.between(5, 50)}%` }, doubled(site.link)),
  reordering: (site) => changed(site, { delay: '80ms', reorder: `${site.dice.between(5, 50)}%` }, overtaken(site.link)),
  jitter: (site) => changed(site, { delay: '100ms', jitter: `${site.dice.between(20, 100)}ms` }, overtaken(site.link)),
  corruption: (site) => changed(site, { corrupt: `${site.dice.between(5, 40)}%` }, corrupted),
  'delay-spike': (site) => changed(site, { delay: `${site.dice.between(500, 3000)}ms` }, slow(site.link, 500)),
  'lopsided-delay': (site) =>
    changed(site, { [site.dice.one(['a-to-b', 'b-to-a'])]: { delay: '700ms' } }, slow(site.link, 700)),
  'growing-delay': ({ dice, link, startMs }) => ({
    timeline: [1, 2, 3, 4, 5].map((step) => ({
      at: `${startMs + step * 400}ms`,
      link: link.id,
      set: { delay: `${link.delayMs + step * dice.between(50, 500)}ms` },
    })),
    evidence: slow(link, link.delayMs + 50),
  }),
  'link-down': (site) => changed(site, { down: true }, dropped('link-down', site.link)),
  'link-flap': ({ dice, link, startMs }) => ({
    timeline: Array.from({ length: dice.between(3, 12) }, (_, turn) => ({
      at: `${startMs + turn * 60}ms`,
      for: `${dice.between(10, 40)}ms`,
      link: link.id,
      set: { down: true },
    })),
    evidence: told(new RegExp(`^set ${link.id}: down`)),
  }),
  'swizzle-clog': ({ dice, terrain, startMs }) => ({
    timeline: dice.some(terrain.links, terrain.links.length).map(({ id }) => ({
      at: `${startMs + dice.between(0, 900)}ms`,
      for: `${dice.between(100, 3000)}ms`,
      link: id,
      set: { down: true },
    })),
    evidence: dropped('link-down'),
  }),
  partition: (site) => {
    const { terrain, client, server, startMs, forMs, dice } = site;
    if (!terrain.hasIpv4) return null;
    const others = dice.percent(50) ? [server] : terrain.servers;
    return {
      timeline: [{ at: `${startMs}ms`, for: `${forMs}ms`, node: client, do: { partition: [...others] } }],
      evidence: dropped('partitioned'),
    };
  },
  'mtu-change': (site) => {
    const least = site.terrain.hasIpv6 ? 1280 : 300;
    return changed(site, { mtu: `${site.dice.between(least, 1400)}B` }, onLink(site.link));
  },
  'tiny-queue': (site) => changed(site, { queue: '1pkt', rate: '1Mbit' }, dropped('queue-full', site.link)),
  'slow-rate': (site) => changed(site, { rate: `${site.dice.between(56, 400)}kbit` }, waiting(site.link, 2)),
  bufferbloat: (site) => changed(site, { rate: '100kbit', queue: '1000pkt' }, waiting(site.link, 4)),
  'active-queue': (site) => {
    const aqm = site.dice.one(['red', 'codel']);
    return changed(
      site,
      { aqm, rate: '100kbit', queue: aqm === 'red' ? '12pkt' : '100pkt' },
      () =>
        ({ event }) =>
          (event.kind === 'dropped' && event.reason === 'aqm') || waiting(site.link, 3)()({ event } as Entry),
    );
  },
  'slow-reader': ({ dice, client, server, startMs }) => ({
    nodes: {
      [server]: {
        tcp: { 'recv-buffer': `${dice.between(1000, 6000)}B` },
        apps: { slow: { kind: 'sink', port: 1900, transport: 'tcp', 'read-rate': `${dice.between(2, 8) * 8}kbit` } },
      },
    },
    timeline: [
      { at: `${startMs}ms`, node: client, do: { 'tcp-connect': { to: `${server}:1900`, as: 'patient' } } },
      // Many small ones, so that some are acknowledged as a whole and wait to be read.
      {
        at: `${startMs}ms`,
        node: client,
        do: { 'tcp-send': { on: 'patient', size: '600B', times: 25, every: '10ms' } },
      },
    ],
    evidence:
      () =>
      ({ node, event }) =>
        node === server && event.kind === 'metric' && event.name === 'rcvwnd' && event.value < 536,
  }),
  'client-crash': (site) => down('crash', site.client, site),
  'server-crash': (site) => down('crash', site.server, site),
  'middle-crash': (site) => {
    const crashable = site.terrain.middles.filter((name) => site.terrain.nodes[name]?.kind !== 'hub');
    return crashable.length > 0 ? down('crash', site.dice.one(crashable), site) : null;
  },
  'timely-crash': (site) => {
    const { dice, jobs, server, forMs } = site;
    const when = dice.one([...jobs.flatMap(({ kind }) => MOMENTS[kind] ?? []), ...ANY_MOMENT]);
    return {
      timeline: [{ when, for: `${Math.min(forMs, 3000)}ms`, node: server, do: { crash: true } }],
      evidence: told(new RegExp(`^${server} crashes`)),
    };
  },
  pause: (site) => down('pause', site.dice.one([site.client, site.server]), site),
  'clock-skew': ({ dice, client, startMs, forMs }) => ({
    timeline: [{ at: `${startMs}ms`, for: `${forMs}ms`, node: client, do: { skew: `${dice.between(1, 30_000)}ms` } }],
    evidence: told(/^the clock of/),
  }),
  'lost-opening': scripted('drop', ['syn', 'syn-ack']),
  'lost-closing': scripted('drop', ['fin', 'ack']),
  'lost-data': scripted('drop', ['data', 'ack']),
  'lost-neighbour': scripted('drop', ['arp']),
  'old-duplicate': scripted('delay-frame', ['syn', 'data', 'ack', 'fin'], { by: '900ms' }),
  'doubled-frame': scripted('duplicate-frame', ['syn', 'syn-ack', 'data', 'fin']),
  'flipped-frame': scripted('corrupt-frame', ['syn', 'data', 'ack', 'arp']),
  'forgetful-gate': ({ terrain, client, server }) => {
    if (terrain.gate === null) return null;
    const gate = terrain.middles.find((name) => terrain.nodes[name]?.kind === terrain.gate) as string;
    return {
      nodes: { [gate]: { [terrain.gate]: { idle: '3s' } } },
      // Silence in the middle of a connection, which outlives the gate's memory.
      timeline: [
        { at: '0s', node: client, do: { 'tcp-connect': { to: `${server}:7`, as: 'silent' } } },
        { at: '6s', node: client, do: { 'tcp-send': { on: 'silent', data: 'still there?' } } },
      ],
      evidence:
        () =>
        ({ node, event }) =>
          node === gate && event.kind === 'table' && event.change.row === null,
    };
  },
  abort: ({ dice, client, server, startMs }) => ({
    nodes: { [server]: { apps: { mute: { kind: 'sink', port: 1901, transport: 'tcp' } } } },
    timeline: [
      // One that answers has no ACK to delay, and one that is silent has.
      {
        at: `${startMs}ms`,
        node: client,
        do: { 'tcp-connect': { to: `${server}:${dice.one([7, 1901])}`, as: 'cut' } },
      },
      { at: `${startMs}ms`, node: client, do: { 'tcp-send': { on: 'cut', size: `${dice.between(1, 20_000)}B` } } },
      { at: `${startMs + dice.between(0, 400)}ms`, node: client, do: { 'tcp-abort': 'cut' } },
    ],
    evidence: told(/^tcp-abort/),
  }),
  'closed-port': ({ client, server, startMs }) => ({
    timeline: [
      { at: `${startMs}ms`, node: client, do: { 'tcp-connect': { to: `${server}:4444`, as: 'nobody' } } },
      { at: `${startMs}ms`, node: client, do: { 'udp-send': { to: `${server}:4444`, data: 'nobody listens' } } },
    ],
    evidence: dropped('no-listener'),
  }),
  'crossing-closes': ({ client, server, startMs }) => ({
    timeline: [
      { at: `${startMs}ms`, node: client, do: { 'tcp-connect': { to: `${server}:7`, as: 'short' } } },
      { at: `${startMs}ms`, node: client, do: { 'tcp-send': { on: 'short', data: 'goodbye' } } },
      { at: `${startMs}ms`, node: client, do: { 'tcp-close': 'short' } },
    ],
    evidence: told(/^tcp-close on short/),
  }),
};

export const FAULT_KINDS: readonly string[] = Object.keys(FAULTS);
