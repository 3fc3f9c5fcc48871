/**
 * Hosts around a switch, on real layers, whose nodes can crash and start again: for applications that promise something
 * over a crash. What runs on a node is told by `boot`, which is called at each start with the same disk.
 */

import { Context } from '../../../src/kernel/context.ts';
import { type Entry, Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { Cable } from '../../../src/layers/1-physical/cable/cable.ts';
import type { CableEnd } from '../../../src/layers/1-physical/cable/channel.ts';
import type { Impairments } from '../../../src/layers/1-physical/cable/impairments.ts';
import type { PhysicalService } from '../../../src/layers/1-physical/service.ts';
import { Arp } from '../../../src/layers/2-link/arp/arp.ts';
import { EthernetInterface } from '../../../src/layers/2-link/ethernet/ethernet.ts';
import { Switch } from '../../../src/layers/2-link/switch/switch.ts';
import { Icmp } from '../../../src/layers/3-network/icmp/icmp.ts';
import { Ipv4Machine } from '../../../src/layers/3-network/ipv4/ipv4.ts';
import { RFC_PROFILE } from '../../../src/layers/4-transport/tcp/profile.ts';
import { Tcp } from '../../../src/layers/4-transport/tcp/tcp.ts';
import { Udp } from '../../../src/layers/4-transport/udp/udp.ts';
import type { AppServices } from '../../../src/layers/7-application/app-services.ts';
import { Disk } from '../../../src/layers/7-application/disk.ts';
import { Ledger } from '../../../src/layers/7-application/ledger.ts';
import { Lookup } from '../../../src/layers/7-application/names.ts';
import { ReceivedCounts } from '../../../src/layers/7-application/received-counts.ts';
import type { Topology } from '../../../src/projections/topology.ts';
import { MS, PERFECT } from '../../rig.ts';

export interface StarNode {
  readonly name: string;
  readonly services: AppServices;
  readonly lookup: Lookup;
  readonly disk: Disk;
  readonly received: ReceivedCounts;
}

/** What runs on a node; `crash` is called when the node loses its power. */
export interface Apps {
  crash?(): void;
}

interface Seat {
  readonly name: string;
  readonly address: number;
  readonly port: PhysicalService;
  readonly cable: Cable;
  readonly boot: (node: StarNode) => Apps;
  readonly disk: Disk;
  context: Context;
  tcp: Tcp | null;
  apps: Apps;
}

export interface StarOptions {
  readonly seed?: string;
  readonly record?: boolean;
  /** Of every cable, each way; default 5 ms and nothing else. */
  readonly link?: Partial<Impairments>;
}

export class Star {
  readonly journal: Journal;
  readonly kernel: Kernel;
  readonly #seats = new Map<string, Seat>();

  /** `boots`: what runs where, by the node's name. */
  constructor(boots: Readonly<Record<string, (node: StarNode) => Apps>>, options: StarOptions = {}) {
    this.journal = new Journal(options.record ?? true);
    this.kernel = new Kernel(options.seed ?? '1', this.journal);
    const impairments = { ...PERFECT, delayNs: 5 * MS, ...options.link };
    const crossings = { next: 1 };
    const ports = Object.entries(boots).map(([name, boot], index) => {
      const end = (node: string, face: string): CableEnd => ({ node, interface: face });
      const ends = [end(name, 'eth0'), end('switch', `p${index}`)] as const;
      const cable = new Cable(this.kernel, name, ...ends, impairments, impairments, crossings);
      const seat = { name, address: 0x0a000001 + index, port: cable.a, cable, boot, disk: new Disk() };
      this.#seats.set(name, { ...seat, context: new Context(this.kernel, name), tcp: null, apps: {} });
      return { name: `p${index}`, port: cable.b };
    });
    new Switch(new Context(this.kernel, 'switch'), ports);
    for (const name of this.#seats.keys()) this.start(name);
  }

  get topology(): Topology {
    const names = [...this.#seats.keys()];
    return {
      nodes: names.map((name) => ({ name, kind: 'host' as const })),
      links: names.map((id) => ({ id, a: { node: id, interface: 'eth0' }, b: { node: 'switch', interface: 'p' } })),
    } as unknown as Topology;
  }

  start(name: string): void {
    const seat = this.#seat(name);
    const context = new Context(this.kernel, name);
    const ethernet = new EthernetInterface(context, 'eth0', 0x020000000000 + seat.address, 1500, seat.port);
    const link = new Arp(context, ethernet, [seat.address]);
    const ipv4 = new Ipv4Machine(context, [{ link, address: seat.address, prefix: 24 }], [], false);
    const tcp = new Tcp(context, ipv4, RFC_PROFILE, null);
    const udp = new Udp(context, ipv4);
    ipv4.reportTo(new Icmp(context, ipv4, (protocol) => (protocol === 6 ? tcp : null)));
    const services: AppServices = { context, ledger: new Ledger(context), streams: tcp, datagrams: udp };
    const lookup = new Lookup({ nodeAddresses: (other) => [this.#seats.get(other)?.address ?? []].flat() }, null);
    seat.context = context;
    const received = new ReceivedCounts(context, seat.disk);
    seat.tcp = tcp;
    seat.apps = seat.boot({ name, services, lookup, disk: seat.disk, received });
  }

  crash(name: string): void {
    const seat = this.#seat(name);
    if (seat.context.power.isOff) return;
    for (const connection of seat.tcp?.connections ?? []) connection.crash();
    seat.apps.crash?.();
    seat.context.power.cut();
  }

  /** Crashes a node now and starts it again later. */
  restartIn(name: string, delayNs: number): void {
    this.crash(name);
    this.kernel.after(delayNs, () => this.start(name));
  }

  /** Does something at a time, on whatever machines the node has then; nothing when it has crashed. */
  at(ns: number, name: string, run: () => void): void {
    this.kernel.after(ns - this.kernel.nowNs, () => {
      if (this.#seat(name).context.power.isOn) run();
    });
  }

  cableOf(name: string): Cable {
    return this.#seat(name).cable;
  }

  contextOf(name: string): Context {
    return this.#seat(name).context;
  }

  run(untilNs: number): void {
    while (this.kernel.nextNs <= untilNs) this.kernel.step();
    this.kernel.idleUntil(untilNs);
  }

  of(node: string): Entry[] {
    return this.journal.entries.filter((entry) => entry.node === node);
  }

  /** What the applications of a node said. */
  told(node: string): string[] {
    return this.of(node).flatMap(({ event }) =>
      event.kind === 'app' && !event.machine.startsWith('tcp.') ? [event.text] : [],
    );
  }

  #seat(name: string): Seat {
    const seat = this.#seats.get(name);
    if (!seat) throw new Error(`there is no ${name}`);
    return seat;
  }
}
