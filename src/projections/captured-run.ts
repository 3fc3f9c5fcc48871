/**
 * A real capture as something to walk through: hosts by their addresses, a link between any two that talk, and for each
 * frame the entries that a run would have. What a capture does not tell is not made up: nothing happens inside hosts,
 * and a frame is sent and there at the moment when it was seen.
 */

import type { Encoded, Entry, LayerNumber, Nanos } from '../kernel/journal.ts';
import type { ReadFrame } from '../layers/codecs.ts';
import type { Dissection, Field, ProtocolLayer } from '../layers/field.ts';
import type { FrameSource } from './frame-log.ts';
import type { Topology } from './topology.ts';

/** A frame and what is read in it. */
export interface SeenFrame {
  readonly frame: ReadFrame;
  readonly dissection: Dissection;
}

/** More columns than this cannot be told apart: who talks least shares one. */
const MOST_HOSTS = 8;
const OTHERS = 'others';
/** Broadcasts and multicasts are for everybody. */
const EVERYBODY = 'all';
/** The name of both interfaces of a link: a capture tells nothing of them. */
const PORT = '';
/** Nobody knows who made what stands in a frame. */
const NOBODY = '';

interface Ends {
  readonly from: string;
  readonly to: string;
}

export class CapturedRun {
  readonly topology: Topology;
  readonly source: FrameSource;
  readonly entries: Entry[] = [];
  /** Of each host, as texts. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
  readonly #frames: readonly SeenFrame[];
  readonly #ends: readonly Ends[];
  #next = 0;

  constructor(frames: readonly SeenFrame[]) {
    this.#frames = frames;
    const named = namesOf(frames);
    const hosts = hostsOf(named);
    const lane = (name: string) => (hosts.includes(name) ? name : OTHERS);
    this.#ends = named.map(({ from, to }) => ({ from: lane(from), to: lane(to) }));
    this.topology = {
      nodes: hosts.map((name) => ({ name, kind: name === EVERYBODY || name === OTHERS ? 'group' : 'host' })),
      links: linksOf(this.#ends),
    };
    this.addresses = new Map(hosts.map((name) => [name, [name.replace(/ .*$/, '')]]));
    this.source = { dissectionOf: (index) => (frames[index] as SeenFrame).dissection };
  }

  get isOver(): boolean {
    return this.#next >= this.#frames.length;
  }

  /** One frame more. */
  step(): boolean {
    const seen = this.#frames[this.#next];
    const ends = this.#ends[this.#next];
    if (!seen || !ends) return false;
    this.#append(seen, ends, this.#next++);
    return true;
  }

  #append({ frame, dissection }: SeenFrame, { from, to }: Ends, index: number): void {
    const { bytes, atNs } = frame;
    let carries: readonly number[] = [];
    for (const event of pdusOf(bytes, dissection)) carries = [this.#entry(atNs, from, { ...event, carries })];
    const onLink = { layer: 1, link: linkOf(from, to), interface: PORT, frame: index + 1, bytes, carries } as const;
    this.#entry(atNs, from, { kind: 'departed', ...onLink, measure: 0 });
    this.#entry(atNs, to, { kind: 'arrived', ...onLink, measure: 0 });
  }

  #entry(atNs: Nanos, node: string, event: Entry['event']): number {
    const seq = this.entries.length;
    const { kind } = event;
    this.entries.push({ seq, atNs, node, cause: kind === 'arrived' ? seq - 1 : null, kind, event });
    return seq;
  }
}

/** Protocols in the frame's own octets from the inside out, each with all that it carries. */
function pdusOf(bytes: Uint8Array, { layers }: Dissection): Omit<Encoded, 'carries'>[] {
  const own = layers.filter(
    ({ protocol, source, length }) => protocol !== 'frame' && source === undefined && length > 0,
  );
  const pdus: Omit<Encoded, 'carries'>[] = [];
  let start = -1;
  for (const layer of own) {
    // What begins where another thing did, or before it, is a second look at the same octets.
    if (layer.at <= start) continue;
    start = layer.at;
    pdus.unshift(pduOf(bytes, layer));
  }
  return pdus;
}

function pduOf(bytes: Uint8Array, { protocol, layer, at, length, extent = length }: ProtocolLayer) {
  const pdu = bytes.subarray(at, at + Math.max(length, extent));
  return { kind: 'encoded', layer: layer as LayerNumber, protocol, bytes: pdu, via: NOBODY } as const;
}

/** Who sent each frame to whom: by IP addresses; where there are none, by the addresses of the link. */
function namesOf(frames: readonly SeenFrame[]): Ends[] {
  const hosts = new Map<string, Set<string>>();
  for (const { dissection } of frames) {
    const ip = valuesOf(dissection, IP_SOURCE);
    const mac = valuesOf(dissection, MAC_SOURCE);
    if (!ip || !mac) continue;
    const known = hosts.get(mac) ?? new Set();
    hosts.set(mac, known.add(ip));
  }
  const nameOfMac = (mac: string): string => {
    const [only, more] = hosts.get(mac) ?? [];
    return only !== undefined && more === undefined ? only : mac;
  };
  return frames.map(({ dissection }) => {
    const { source, destination } = dissection;
    const from = nameOfMac(source || '?');
    const to = isForAll(destination) ? EVERYBODY : nameOfMac(destination || EVERYBODY);
    return from === to ? endsOfSelf(dissection, from) : { from, to };
  });
}

const IP_SOURCE = new Set(['ip.src', 'ipv6.src']);
const MAC_SOURCE = new Set(['eth.src', 'sll.src.eth']);

function valuesOf({ layers }: Dissection, names: ReadonlySet<string>): string | null {
  for (const { fields } of layers.slice(1, 3)) {
    const found = fields.find(({ type }) => names.has(type.name));
    if (found) return String(found.value);
  }
  return null;
}

function isForAll(address: string): boolean {
  if (address.includes('.')) {
    const first = Number(address.split('.')[0]);
    return first >= 224;
  }
  if (/^([0-9a-f]{2}:){5}/.test(address)) return (Number.parseInt(address.slice(0, 2), 16) & 1) === 1;
  return /^ff[0-9a-f]{2}:/.test(address);
}

/** A host that talks to itself is two columns: the service, by its port, which is the lower one, and the rest. */
function endsOfSelf(dissection: Dissection, name: string): Ends {
  const ports = portsOf(dissection);
  if (!ports) return { from: name, to: `${name} self` };
  const [source, destination] = ports;
  const service = `${name} :${Math.min(source, destination)}`;
  return source < destination ? { from: service, to: name } : { from: name, to: service };
}

function portsOf({ layers }: Dissection): readonly [source: number, destination: number] | null {
  const transport = layers.find(({ protocol }) => protocol === 'tcp' || protocol === 'udp');
  const value = (end: string) =>
    transport?.fields.find(({ type }: Field) => type.name.endsWith(`.${end}`))?.value as number | undefined;
  const [source, destination] = [value('srcport'), value('dstport')];
  return source === undefined || destination === undefined ? null : [source, destination];
}

/** Those that talk most, in order of appearance; all others share a column. */
function hostsOf(ends: readonly Ends[]): string[] {
  const counts = new Map<string, number>();
  for (const { from, to } of ends) {
    for (const name of from === to ? [from] : [from, to]) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const names = [...counts.keys()];
  if (names.length <= MOST_HOSTS) return names;
  const order = [...counts].toSorted(([, one], [, other]) => other - one);
  const busiest = new Set(order.slice(0, MOST_HOSTS - 1).map(([name]) => name));
  return [...names.filter((name) => busiest.has(name)), OTHERS];
}

function linkOf(from: string, to: string): string {
  return from < to ? `${from} – ${to}` : `${to} – ${from}`;
}

function linksOf(ends: readonly Ends[]): Topology['links'] {
  const links = new Map<string, Topology['links'][number]>();
  for (const { from, to } of ends) {
    const id = linkOf(from, to);
    const [a, b] = from < to ? [from, to] : [to, from];
    if (!links.has(id)) links.set(id, { id, a: { node: a, interface: PORT }, b: { node: b, interface: PORT } });
  }
  return [...links.values()];
}
