/** What exists in one run: nodes and links, built from a scenario. */

import { Context } from '../kernel/context.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Crossings } from '../layers/1-physical/cable/channel.ts';
import { Hub } from '../layers/1-physical/hub/hub.ts';
import { type PortVlans, Switch, type SwitchPort } from '../layers/2-link/switch/switch.ts';
import type { TlsWorld } from '../layers/6-presentation/tls/tls.ts';
import { Disk } from '../layers/7-application/disk.ts';
import type { Names } from '../layers/7-application/names.ts';
import type { SocketNews } from '../layers/7-application/program/service.ts';
import type { DirectedMtu, LinkEnd, LinkSpec, LinkVlans, NodeSpec, Scenario } from '../scenario/scenario.ts';
import type { IpAddress } from '../wire/address.ts';
import { type DatagramMatcher, datagramMatcher } from './datagram-matcher.ts';
import { Host } from './host.ts';
import type { Socket } from './host-network.ts';
import { Leaseholders } from './leaseholders.ts';
import { Link } from './link.ts';
import { OutsideEnd } from './outside.ts';
import { Overlay } from './overlay.ts';
import { RunTls } from './tls-world.ts';

/** Who hears what becomes of the sockets of real programs, node by node. */
export type TellPrograms = (node: string, news: SocketNews) => void;

export class World {
  readonly links = new Map<string, Link>();
  readonly hosts = new Map<string, Host>();
  readonly leaseholders = new Leaseholders();
  /** Of switches and hubs, whose machines live as long as the run. */
  readonly #devices = new Map<string, Context>();
  /** What nodes wrote down: it outlives their machines. */
  readonly #disks = new Map<string, Disk>();
  readonly #kernel: Kernel;
  readonly #scenario: Scenario;
  readonly #crossings: Crossings = { next: 1 };
  readonly #sockets = new Map<string, Socket>();
  readonly #specs: ReadonlyMap<string, NodeSpec>;
  readonly #skews = new Map<string, Overlay<{ readonly skewNs: number }>>();
  readonly #mtus = new Map<string, Overlay<Required<DirectedMtu>>>();
  readonly #names: Names;
  readonly #matcher: DatagramMatcher;
  readonly #tls: TlsWorld;

  readonly #tell: TellPrograms;

  constructor(kernel: Kernel, scenario: Scenario, tell: TellPrograms = () => {}) {
    this.#kernel = kernel;
    this.#tell = tell;
    this.#scenario = scenario;
    this.#matcher = datagramMatcher(scenario, (node) => this.leaseholders.everHeldBy(node));
    this.#tls = new RunTls((stream) => kernel.random(stream));
    this.#specs = new Map(scenario.nodes.map((spec) => [spec.name, spec]));
    this.#names = {
      nodeAddresses: (name) => this.#addressesOf(name),
      isLent: (name) => this.#specs.get(name)?.interfaces.some(({ dhcp }) => dhcp) ?? false,
    };
    for (const spec of scenario.links) this.links.set(spec.id, this.#layCable(spec));
    for (const spec of scenario.nodes) this.#install(spec);
  }

  #addressesOf(name: string): readonly IpAddress[] {
    const written = this.#specs.get(name)?.interfaces.flatMap((each) => each.addresses.map(({ address }) => address));
    const lent = this.leaseholders.heldBy(name);
    return lent.length > 0 ? [...lent, ...(written ?? [])] : (written ?? []);
  }

  /** The node's context: of its present machines, should it have crashed and started again. */
  contextOf(node: string): Context | null {
    return this.hosts.get(node)?.context ?? this.#devices.get(node) ?? null;
  }

  /** A node that is down already stays as it is. */
  crash(node: string): void {
    if (this.contextOf(node)?.power.isOff) return;
    const host = this.hosts.get(node);
    this.leaseholders.forget(node);
    if (host) host.crash();
    else this.#devices.get(node)?.power.cut();
  }

  /** A node that crashed starts again with nothing but its configuration; one that runs has been started before. */
  restart(node: string): void {
    const spec = this.#specs.get(node);
    if (!spec || !this.contextOf(node)?.power.isOff) return;
    this.#install(spec);
    this.#setClock(node);
  }

  /** Puts a node's clock so far from the right time, also when the node starts again; returns how to undo that. */
  skew(node: string, skewNs: number): () => void {
    const skews = this.#skews.get(node) ?? new Overlay({ skewNs: 0 });
    this.#skews.set(node, skews);
    const undo = skews.lay({ skewNs });
    this.#setClock(node);
    return () => {
      undo();
      this.#setClock(node);
    };
  }

  #setClock(node: string): void {
    const context = this.contextOf(node);
    if (context) context.skewNs = this.#skews.get(node)?.current.skewNs ?? 0;
  }

  /**
   * Gives the interfaces at the ends of a link another MTU; what is in the queue already goes as it is. Returns how to
   * undo that.
   */
  setMtu(id: string, mtu: DirectedMtu): () => void {
    const undo = this.#mtus.get(id)?.lay(mtu);
    this.#setInterfaces(id);
    return () => {
      undo?.();
      this.#setInterfaces(id);
    };
  }

  #setInterfaces(id: string): void {
    const spec = this.links.get(id)?.spec;
    const mtu = this.#mtus.get(id)?.current;
    if (!spec || !mtu) return;
    for (const [{ node, interface: name }, mtuBytes] of [
      [spec.a, mtu.aToB],
      [spec.b, mtu.bToA],
    ] as const) {
      const socket = this.#socket(node, name);
      if (socket) this.#sockets.set(socketKey(node, name), { ...socket, mtuBytes });
      this.hosts.get(node)?.setMtu(name, mtuBytes);
    }
  }

  #layCable(spec: LinkSpec): Link {
    const link = new Link(this.#kernel, spec, spec.a, spec.b, this.#crossings);
    const { aToB = spec.mtuBytes, bToA = spec.mtuBytes } = directedMtu(spec);
    this.#sockets.set(socketKey(spec.a.node, spec.a.interface), { port: link.cable.a, mtuBytes: aToB });
    this.#sockets.set(socketKey(spec.b.node, spec.b.interface), { port: link.cable.b, mtuBytes: bToA });
    this.#mtus.set(spec.id, new Overlay({ aToB, bToA }));
    return link;
  }

  #install(spec: NodeSpec): void {
    if (spec.kind !== 'switch' && spec.kind !== 'hub') {
      const sockets = spec.interfaces.map((each) => this.#socket(spec.name, each.name));
      const disk = this.#disks.get(spec.name) ?? new Disk();
      this.#disks.set(spec.name, disk);
      const { profile } = this.#scenario;
      const tell = (news: SocketNews) => this.#tell(spec.name, news);
      this.hosts.set(
        spec.name,
        new Host(
          this.#kernel,
          spec,
          profile,
          sockets,
          this.#names,
          disk,
          this.#matcher,
          tell,
          this.#tls,
          this.leaseholders,
        ),
      );
      return;
    }
    const context = new Context(this.#kernel, spec.name);
    this.#devices.set(spec.name, context);
    const vlansOf = (link: string | null) => (link === null ? undefined : this.links.get(link)?.spec.vlans);
    const knowsVlans = spec.interfaces.some(({ link }) => vlansOf(link));
    const ports = spec.interfaces.flatMap(({ name, link }): SwitchPort[] => {
      const socket = this.#socket(spec.name, name);
      if (!socket) return [];
      return [{ name, port: socket.port, ...(knowsVlans ? { vlans: membership(vlansOf(link)) } : {}) }];
    });
    if (spec.kind === 'switch') new Switch(context, ports);
    else new Hub(ports.map(({ port }) => port));
  }

  /** The end of a cable that hangs out of the world; null where there is none. */
  outsideEnd({ node, interface: name }: LinkEnd): OutsideEnd | null {
    const socket = this.#specs.has(node) ? null : this.#socket(node, name);
    return socket && new OutsideEnd(this.#kernel, node, name, socket.port);
  }

  /** The port of the cable that is plugged into an interface; null when it stands open. */
  #socket(node: string, name: string): Socket | null {
    return this.#sockets.get(socketKey(node, name)) ?? null;
  }
}

/** A port of which nothing is said is in VLAN 1 (IEEE 802.1Q-2018 table 9-2). */
function membership(vlans: LinkVlans | undefined): PortVlans {
  if (!vlans) return { untagged: 1, tagged: new Set() };
  return { untagged: vlans.untagged, tagged: vlans.tagged === 'all' ? 'all' : new Set(vlans.tagged) };
}

function socketKey(node: string, name: string): string {
  return `${node}:${name}`;
}

/** What is said of each end, else of both. */
export function directedMtu({ mtuBytes, mtuBytesOf }: Partial<Pick<LinkSpec, 'mtuBytes' | 'mtuBytesOf'>>): DirectedMtu {
  return mtuBytes === undefined ? (mtuBytesOf ?? {}) : { aToB: mtuBytes, bToA: mtuBytes, ...mtuBytesOf };
}
