/** Journals written by hand, as the layers would write them, so that projections are tested without a simulator. */

import { type DropReason, Journal, type Nanos, NOTHING, type TableChange } from '../../src/kernel/journal.ts';
import type { Reader } from '../../src/projections/ladder.ts';
import type { Port, Topology } from '../../src/projections/topology.ts';

export const PAIR: Topology = {
  nodes: [
    { name: 'client', kind: 'host' },
    { name: 'server', kind: 'host' },
  ],
  links: [{ id: 'wire', a: { node: 'client', interface: 'eth0' }, b: { node: 'server', interface: 'eth0' } }],
};

export const SWITCHED: Topology = {
  nodes: [
    { name: 'client', kind: 'host' },
    { name: 'server', kind: 'host' },
    { name: 'sw', kind: 'switch' },
  ],
  links: [
    { id: 'left', a: { node: 'client', interface: 'eth0' }, b: { node: 'sw', interface: 'port1' } },
    { id: 'right', a: { node: 'sw', interface: 'port2' }, b: { node: 'server', interface: 'eth0' } },
  ],
};

export const ROUTED: Topology = {
  nodes: [
    { name: 'client', kind: 'host' },
    { name: 'router', kind: 'router' },
    { name: 'server', kind: 'host' },
  ],
  links: [
    { id: 'lan', a: { node: 'client', interface: 'eth0' }, b: { node: 'router', interface: 'lan' } },
    { id: 'wan', a: { node: 'router', interface: 'wan' }, b: { node: 'server', interface: 'eth0' } },
  ],
};

/** A frame whose text a `script()` reader shows: octet 0 is the number of the text. */
export function frameOf(text: number, length = 60): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes[0] = text;
  return bytes;
}

export class HandMade {
  readonly journal = new Journal(true);
  readonly #topology: Topology;
  #frame = 1;

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  get entries() {
    return this.journal.entries;
  }

  /** An interface makes a frame. Returns the entry, which crossings then carry. */
  made(atNs: Nanos, node: string, bytes: Uint8Array): number {
    return this.journal.append(atNs, node, {
      kind: 'encoded',
      layer: 2,
      protocol: 'ethernet',
      bytes,
      carries: NOTHING,
      via: 'eth0',
    });
  }

  departed(atNs: Nanos, link: string, from: string, bytes: Uint8Array, carries: readonly number[] = NOTHING): Crossing {
    return this.#begin('departed', atNs, link, from, bytes, carries);
  }

  /** A frame that has to wait; `leaves` lets it go. */
  queued(atNs: Nanos, link: string, from: string, bytes: Uint8Array): Crossing {
    return this.#begin('queued', atNs, link, from, bytes, NOTHING);
  }

  /** A frame that its interface drops before its first bit leaves. */
  refused(atNs: Nanos, link: string, from: string, bytes: Uint8Array, reason: DropReason, detail: string): number {
    return this.#drop(atNs, from, link, this.#frame++, bytes, reason, detail, 'eth0');
  }

  leaves(atNs: Nanos, crossing: Crossing): number {
    return this.#onLink('departed', atNs, crossing.near.node, crossing.near, crossing, crossing.bytes);
  }

  arrived(atNs: Nanos, crossing: Crossing, bytes = crossing.bytes): number {
    return this.#onLink('arrived', atNs, crossing.far.node, crossing.far, crossing, bytes);
  }

  lost(
    atNs: Nanos,
    crossing: Crossing,
    reason: DropReason = 'lost',
    detail = `lost on ${crossing.link} (loss 5%)`,
  ): number {
    const { link, frame, bytes, near } = crossing;
    return this.#drop(atNs, link, link, frame, bytes, reason, detail, near.interface);
  }

  /** The network copies a frame that is on its way. */
  copied(atNs: Nanos, original: Crossing): Crossing {
    const copy = { ...original, frame: this.#frame++, seq: 0 };
    const was = this.journal.cause;
    this.journal.cause = original.seq;
    copy.seq = this.#onLink('departed', atNs, original.link, original.near, copy, original.bytes);
    this.journal.cause = was;
    return copy;
  }

  /** Sent and arrived. */
  crossed(atNs: Nanos, delayNs: Nanos, link: string, from: string, bytes: Uint8Array, carries = NOTHING): Crossing {
    const crossing = this.departed(atNs, link, from, bytes, carries);
    this.arrived(atNs + delayNs, crossing);
    return crossing;
  }

  droppedIn(
    atNs: Nanos,
    node: string,
    layer: 2 | 3 | 4 | 7,
    reason: DropReason,
    detail: string,
    cause: number | null,
  ): number {
    const was = this.journal.cause;
    this.journal.cause = cause;
    const protocol = { 2: 'ethernet', 3: 'ipv4', 4: 'tcp', 7: 'http' }[layer];
    const bytes = new Uint8Array(1);
    const common = { bytes, carries: NOTHING, link: '', frame: 0, via: 'eth0' };
    const seq = this.journal.append(atNs, node, { kind: 'dropped', layer, protocol, reason, detail, ...common });
    this.journal.cause = was;
    return seq;
  }

  state(atNs: Nanos, node: string, machine: string, from: string, to: string): number {
    return this.journal.append(atNs, node, {
      kind: 'state',
      layer: 4,
      protocol: 'tcp',
      machine,
      from,
      to,
      because: 'a test says so',
    });
  }

  metric(atNs: Nanos, node: string, machine: string, name: string, value: number): number {
    return this.journal.append(atNs, node, { kind: 'metric', layer: 4, protocol: 'tcp', machine, name, value });
  }

  row(atNs: Nanos, node: string, table: string, key: string, row: Record<string, string | number | boolean> | null) {
    const change = { table, key, row, because: 'a test says so' };
    return this.journal.append(atNs, node, { kind: 'table', layer: 2, protocol: 'arp', change });
  }

  told(atNs: Nanos, node: string, kind: 'input' | 'app', text: string): number {
    return this.journal.append(atNs, node, { kind, layer: 7, machine: 'timeline', text });
  }

  table(atNs: Nanos, node: string, change: TableChange): number {
    return this.journal.append(atNs, node, { kind: 'table', layer: 3, protocol: 'ipv4', change });
  }

  message(
    atNs: Nanos,
    node: string,
    kind: 'encoded' | 'decoded',
    conversation: string,
    bytes: Uint8Array,
    carries: readonly number[] = NOTHING,
    protocol = 'data',
  ): number {
    return this.journal.append(atNs, node, {
      kind,
      layer: 7,
      protocol,
      bytes,
      carries,
      via: 'data',
      conversation,
    });
  }

  #begin(
    kind: 'queued' | 'departed',
    atNs: Nanos,
    link: string,
    from: string,
    bytes: Uint8Array,
    carries: readonly number[],
  ): Crossing {
    const spec = this.#topology.links.find(({ id }) => id === link);
    if (!spec) throw new RangeError(`no link ${link}`);
    const [near, far] = spec.a.node === from ? [spec.a, spec.b] : [spec.b, spec.a];
    const crossing = { link, near, far, bytes, carries, frame: this.#frame++, seq: 0 };
    crossing.seq = this.#onLink(kind, atNs, from, near, crossing, bytes);
    return crossing;
  }

  #onLink(
    kind: 'queued' | 'departed' | 'arrived',
    atNs: Nanos,
    node: string,
    port: Port,
    { link, frame, carries }: Crossing,
    bytes: Uint8Array,
  ): number {
    const common = { link, interface: port.interface, frame, bytes, carries, measure: 0 };
    return this.journal.append(atNs, node, { kind, layer: 1, ...common });
  }

  #drop(
    atNs: Nanos,
    node: string,
    link: string,
    frame: number,
    bytes: Uint8Array,
    reason: DropReason,
    detail: string,
    via: string,
  ): number {
    const common = { reason, detail, bytes, carries: NOTHING, link, frame, via };
    return this.journal.append(atNs, node, { kind: 'dropped', layer: 1, protocol: 'cable', ...common });
  }
}

export interface Crossing {
  readonly link: string;
  readonly near: Port;
  readonly far: Port;
  readonly bytes: Uint8Array;
  readonly carries: readonly number[];
  readonly frame: number;
  seq: number;
}

/** A reader that shows `[protocol, info, layer]` number n for a frame whose first octet is n, and remembers what it read. */
export function script(
  texts: readonly (readonly [string, string, 2 | 3 | 4 | 7])[],
  read: number[] = [],
): () => Reader {
  return () => ({
    dissect({ bytes }) {
      const index = bytes[0] ?? 0;
      read.push(index);
      const [protocol, info, layer] = texts[index] ?? ['?', '?', 2];
      const name = protocol.toLowerCase();
      const layers = [{ protocol: name, title: protocol, text: protocol, layer, at: 0, length: 0, fields: [] }];
      return { layers, source: 's', destination: 'd', protocol, info };
    },
  });
}
