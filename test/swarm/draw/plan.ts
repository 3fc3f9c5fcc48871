/** What a seed draws: a network, jobs on it, and faults, each of which can be left out when a failure is shrunk. */

import type { Entry } from '../../../src/kernel/journal.ts';

/** Any part of a scenario file; the loader says whether it is right. */
export type Piece = Readonly<Record<string, unknown>>;

export interface Terrain {
  readonly name: string;
  readonly nodes: Readonly<Record<string, Piece>>;
  readonly links: readonly LinkPiece[];
  readonly clients: readonly string[];
  readonly servers: readonly string[];
  /** Switches, hubs, routers and gates between them. */
  readonly middles: readonly string[];
  readonly gate: 'nat' | 'firewall' | null;
  readonly hasIpv4: boolean;
  readonly hasIpv6: boolean;
}

export interface LinkPiece {
  readonly id: string;
  readonly between: readonly [string, string];
  readonly delayMs: number;
}

/** Something that applications do. */
export interface Job {
  readonly kind: string;
  /** Laid over the nodes. */
  readonly nodes: Readonly<Record<string, Piece>>;
  readonly timeline: readonly Piece[];
}

export interface Fault {
  readonly kind: string;
  readonly nodes?: Readonly<Record<string, Piece>>;
  readonly links?: Readonly<Record<string, Piece>>;
  readonly timeline?: readonly Piece[];
  /** Whether this entry shows that it has struck. A new judge for each run. */
  readonly evidence: () => (entry: Entry) => boolean;
}

export interface Plan {
  readonly seed: string;
  readonly profile: 'rfc' | 'linux';
  readonly terrain: Terrain;
  readonly jobs: readonly Job[];
  readonly faults: readonly Fault[];
  /** From here on nothing is broken any more, in ms. */
  readonly healMs: number;
  readonly untilMs: number;
}

/** The scenario of a plan with some of its jobs and faults; what is left out changes no draw of what stays. */
export function compose(plan: Plan, jobs: readonly Job[], faults: readonly Fault[]): Piece {
  const { terrain, healMs } = plan;
  const nodes: Record<string, Piece> = { ...terrain.nodes };
  for (const part of [...jobs, ...faults]) {
    for (const [name, piece] of Object.entries(part.nodes ?? {})) nodes[name] = overlaid(nodes[name] ?? {}, piece);
  }
  const links = terrain.links.map(({ id, between, delayMs }) => {
    const base: Piece = { id, between, delay: `${delayMs}ms` };
    return faults.reduce((link, { links: pieces }) => overlaid(link, pieces?.[id] ?? {}), base);
  });
  return {
    packetwalk: 1,
    title: `swarm ${plan.seed}`,
    summary: `${terrain.name}: ${jobs.map(({ kind }) => kind).join(', ')}; ${faults.map(({ kind }) => kind).join(', ')}`,
    seed: Number(plan.seed),
    until: `${plan.untilMs}ms`,
    profile: plan.profile,
    nodes,
    links,
    timeline: [
      ...jobs.flatMap(({ timeline }) => timeline),
      ...faults.flatMap(({ timeline = [] }) => timeline),
      ...terrain.links.map(({ id, delayMs }) => ({ at: `${healMs}ms`, link: id, set: healed(delayMs) })),
      ...probes(plan),
    ],
  };
}

function healed(delayMs: number): Piece {
  const whole = { loss: '0%', duplicate: '0%', reorder: '0%', corrupt: '0%', jitter: '0ms' };
  return { ...whole, delay: `${delayMs}ms`, down: false, mtu: '1500B', queue: '1000pkt', aqm: 'tail-drop' };
}

/** How many octets a probe says, and how often. */
const PROBE = { bytes: 2000, times: 1 } as const;

/** New connections long after the healing: they must work. */
function probes({ terrain: { clients, servers }, healMs }: Plan): Piece[] {
  return clients.flatMap((client, index) => {
    const server = servers[index % servers.length] as string;
    const as = `probe${index}`;
    const at = healMs + 60_000 + index * 500;
    return [
      { at: `${at}ms`, node: client, do: { 'tcp-connect': { to: `${server}:7`, as } } },
      {
        at: `${at + 100}ms`,
        node: client,
        do: { 'tcp-send': { on: as, size: `${PROBE.bytes}B`, times: PROBE.times, every: '1s' } },
      },
      { at: `${at + 25_000}ms`, node: client, do: { 'tcp-close': as } },
    ];
  });
}

function overlaid(under: Piece, over: Piece): Piece {
  const result: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    if (Array.isArray(value) && Array.isArray(below)) result[key] = [...below, ...value];
    else result[key] = isPiece(value) && isPiece(below) ? overlaid(below, value) : value;
  }
  return result;
}

function isPiece(value: unknown): value is Piece {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
