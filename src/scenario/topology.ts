/** Plugs links into interfaces, and finds the segments that come of it. */

import { MAX_INTERFACES } from './limits.ts';
import { whyNoName } from './names.ts';
import { hasAddresses, type LinkEndPlan, type LinkPlan, type NodePlan, type Port, type Segment } from './plan.ts';
import type { Problems, Spot } from './problem.ts';
import type { Subnet } from './subnet.ts';
import { keySpotAt, type Path, spotAt } from './tree.ts';
import { plugVlans, VLAN_INTERFACE, type VlanPlan } from './vlan.ts';
import { clipped } from './yaml-guard.ts';

/** The ports a node has before any link is looked at: those it names, or eth0. */
export function declarePorts(node: NodePlan): void {
  if (!hasAddresses(node.kind)) return;
  const { interfaces, ip, mac } = node.file;
  if (!interfaces) {
    const { written, asks } = writtenAt(node, ['ip'], ip);
    const writtenMac = mac === undefined ? null : { mac, spot: spotAt(node.tree, ['mac']) };
    const spot = written[0]?.spot ?? asks ?? node.key;
    node.ports.push({ ...openPort(node, 'eth0', spot), written, asks, writtenMac });
    return;
  }
  const onVlans = Object.keys(interfaces).flatMap((name) => VLAN_INTERFACE.exec(name)?.[1] ?? []);
  const cards = new Map<string, Port>();
  const cardOf = (name: string, path: Path, isBare: boolean, written: Pick<Port, 'written' | 'asks'>): Port => {
    const port = openPort(node, name, keySpotAt(node.tree, path));
    const card = { ...port, ...written, isBare, carriesTags: onVlans.includes(name) };
    cards.set(name, card);
    node.ports.push(card);
    return card;
  };
  for (const [name, given] of Object.entries(interfaces)) {
    const path = ['interfaces', name];
    const written = writtenAt(node, path, given ?? undefined);
    const [, cardName, id] = VLAN_INTERFACE.exec(name) ?? [];
    if (cardName === undefined) {
      cardOf(name, path, false, written);
      continue;
    }
    const isNamed = Object.hasOwn(interfaces, cardName);
    const named = isNamed
      ? writtenAt(node, ['interfaces', cardName], interfaces[cardName] ?? undefined)
      : NOTHING_WRITTEN;
    const card = cards.get(cardName) ?? cardOf(cardName, isNamed ? ['interfaces', cardName] : path, !isNamed, named);
    const vlan = { card, id: Number(id) };
    node.ports.push({ ...openPort(node, name, keySpotAt(node.tree, path)), ...written, vlan });
  }
}

const NOTHING_WRITTEN: Pick<Port, 'written' | 'asks'> = { written: [], asks: null };

type AddressFile = Subnet | 'dhcp';

/** The addresses written at a path, with their places, and whether one shall come by DHCP. */
function writtenAt(
  node: NodePlan,
  path: Path,
  given: AddressFile | readonly AddressFile[] | undefined,
): Pick<Port, 'written' | 'asks'> {
  const isList = Array.isArray(given);
  const list: readonly AddressFile[] = given === undefined ? [] : isList ? given : [given as AddressFile];
  const spots = list.map((_, index) => spotAt(node.tree, isList ? [...path, index] : path));
  const at = list.indexOf('dhcp');
  return {
    written: list.flatMap((each, index) => (each === 'dhcp' ? [] : [{ ...each, spot: spots[index] as Spot }])),
    asks: at === -1 ? null : (spots[at] as Spot),
  };
}

function openPort(node: NodePlan, name: string, spot: Spot): Port {
  const automatic = { configuresItself: false, advertises: false, vlan: null, carriesTags: false, isBare: false };
  return {
    node,
    name,
    spot,
    written: [],
    asks: null,
    addresses: [],
    writtenMac: null,
    mac: 0,
    link: null,
    ...automatic,
  };
}

/**
 * Joins every end of a link with a port. Ends that name their interface come first; the others take the first free one,
 * in link order, and nodes that name no interfaces get as many as they need: eth0, eth1 … or, on switches and hubs,
 * port1, port2 …
 */
export function plugLinks(nodes: ReadonlyMap<string, NodePlan>, links: readonly LinkPlan[], problems: Problems): void {
  const names = [...nodes.keys()];
  const sockets = new Map([...nodes.values()].map((node) => [node.name, new Sockets(node, problems)]));
  const ends = links.flatMap((link) => link.ends.map((end) => ({ link, end })));
  for (const { link } of ends.filter((_, index) => index % 2 === 0)) refuseSelfLink(link, problems);
  for (const { link, end } of ends) {
    if (end.file.interface !== null) sockets.get(end.file.node)?.plugNamed(end, end.file.interface, link);
  }
  for (const { link, end } of ends) {
    const socket = sockets.get(end.file.node);
    if (!socket) {
      const message = `there is no node \`${clipped(end.file.node)}\`${problems.didYouMean(end.file.node, names)}`;
      problems.error(end.spot, 'PW0402', message);
    } else if (end.file.interface === null) socket.plugNext(end, link);
  }
  for (const { ports, hasDeclaredPorts } of nodes.values()) if (!hasDeclaredPorts) ports.sort(byNumber);
  plugVlans([...nodes.values()]);
}

function refuseSelfLink({ ends: [a, b] }: LinkPlan, problems: Problems): void {
  if (a.file.node === b.file.node) {
    problems.error(b.spot, 'PW0405', `this link joins \`${clipped(b.file.node)}\` to itself`);
  }
}

/** eth0 before eth1 even when a link asked for eth1 first; other names stay where they are, behind. */
function byNumber(one: Port, other: Port): number {
  return numberOf(one) - numberOf(other);
}

function numberOf({ name }: Port): number {
  const digits = /^(?:eth|port)(\d{1,6})$/.exec(name)?.[1];
  return digits === undefined ? 1_000_000 : Number(digits);
}

/** The ports of one node while links are plugged into it. */
class Sockets {
  readonly #node: NodePlan;
  readonly #problems: Problems;
  readonly #byName: Map<string, Port>;
  #next: number;

  constructor(node: NodePlan, problems: Problems) {
    this.#node = node;
    this.#problems = problems;
    // A cable is plugged into a card, not into a VLAN on it.
    this.#byName = new Map(node.ports.flatMap((port) => (port.vlan ? [] : [[port.name, port]])));
    this.#next = hasAddresses(node.kind) ? 0 : 1;
  }

  plugNamed(end: LinkEndPlan, name: string, link: LinkPlan): void {
    const known = this.#byName.get(name);
    if (known?.link) {
      const message = `\`${this.#node.name}:${name}\` has a link already: \`${known.link.id}\``;
      this.#problems.error(end.spot, 'PW0404', message);
      return;
    }
    if (!known && this.#node.hasDeclaredPorts) {
      const names = [...this.#byName.keys()];
      const message = `\`${this.#node.name}\` has no interface \`${clipped(name)}\`${this.#problems.didYouMean(name, names)}`;
      this.#problems.error(end.spot, 'PW0403', message, `it has: ${names.join(', ')}`);
      return;
    }
    const bad = known ? null : whyNoName(name, "an interface's name");
    if (bad === null) this.#plug(end, known ?? this.#add(name), link);
    else this.#problems.error(end.spot, 'PW0401', `\`${clipped(name)}\`: ${bad}`);
  }

  plugNext(end: LinkEndPlan, link: LinkPlan): void {
    if (this.#node.hasDeclaredPorts) {
      const free = this.#node.ports.find((port) => !port.link && !port.vlan);
      if (free) {
        this.#plug(end, free, link);
        return;
      }
      const taken = [...this.#byName.values()].map((port) => `${port.name} (${port.link?.id})`).join(', ');
      const hint = taken === '' ? 'its `interfaces` are empty' : `taken: ${taken}`;
      const message = `\`${this.#node.name}\` has no interface left for this link`;
      this.#problems.error(end.spot, 'PW0403', message, hint);
      return;
    }
    const word = hasAddresses(this.#node.kind) ? 'eth' : 'port';
    let name = `${word}${this.#next++}`;
    while (this.#byName.get(name)?.link) name = `${word}${this.#next++}`;
    this.#plug(end, this.#byName.get(name) ?? this.#add(name), link);
  }

  #add(name: string): Port {
    const port = openPort(this.#node, name, this.#node.key);
    this.#byName.set(name, port);
    this.#node.ports.push(port);
    return port;
  }

  #plug(end: LinkEndPlan, port: Port, link: LinkPlan): void {
    end.port = port;
    port.link = link;
  }
}

/** The segments: those of links in link order, then one for each interface that stands open. */
export function segmentsOf(
  nodes: readonly NodePlan[],
  links: readonly LinkPlan[],
  vlans: VlanPlan,
  problems: Problems,
): Segment[] {
  const groups = new Groups();
  const wires = new Wires();
  for (const node of nodes) {
    if (hasAddresses(node.kind)) continue;
    if (vlans.isAware(node)) joinVlans(node, vlans, wires, groups);
    else
      for (const tag of vlans.tags)
        joinAll(
          node.ports.map((port) => wires.at(port, tag)),
          groups,
        );
  }
  for (const { ends } of links) {
    const [{ port: a }, { port: b }] = ends;
    if (a && b) for (const tag of vlans.tags) groups.join(wires.at(a, tag), wires.at(b, tag));
  }
  const inOrder = new Map<Wire, Port[]>();
  for (const tag of vlans.tags) {
    for (const { ends } of links) {
      for (const { port } of ends) if (port) inOrder.set(groups.rootOf(wires.at(port, tag)), []);
    }
  }
  const own = nodes
    .filter(({ kind }) => hasAddresses(kind))
    .flatMap(({ ports }) => ports.filter(({ isBare }) => !isBare));
  if (own.length > MAX_INTERFACES) {
    const spot = own[MAX_INTERFACES]?.spot;
    if (spot)
      problems.error(spot, 'PW0413', `there are ${own.length} interfaces; at most ${MAX_INTERFACES} are allowed`);
    return [];
  }
  for (const port of own) {
    const root = groups.rootOf(port.vlan ? wires.at(port.vlan.card, port.vlan.id) : wires.at(port, 0));
    const members = inOrder.get(root);
    if (members) members.push(port);
    else inOrder.set(root, [port]);
  }
  // Most VLANs are on few of the wires.
  const all = vlans.isEmpty ? [...inOrder.values()] : [...inOrder.values()].filter((ports) => ports.length > 0);
  return all.map((ports, index) => ({ index, ports }));
}

/** What frames with one tag, or without any, are on a port's wire. */
interface Wire {
  readonly port: Port;
  readonly tag: number;
}

class Wires {
  readonly #byPort = new Map<Port, Map<number, Wire>>();

  at(port: Port, tag: number): Wire {
    const byTag = this.#byPort.get(port) ?? new Map<number, Wire>();
    const wire = byTag.get(tag) ?? { port, tag };
    byTag.set(tag, wire);
    this.#byPort.set(port, byTag);
    return wire;
  }
}

function joinAll([first, ...others]: readonly Wire[], groups: Groups): void {
  if (first) for (const other of others) groups.join(first, other);
}

/** A switch that knows VLANs joins what belongs to one, tagged here and untagged there. */
function joinVlans({ ports }: NodePlan, vlans: VlanPlan, wires: Wires, groups: Groups): void {
  for (const id of vlans.tags) {
    const members = ports.flatMap((port) => {
      const tag = id === 0 ? null : vlans.tagAt(port, id);
      return tag === null ? [] : [wires.at(port, tag)];
    });
    joinAll(members, groups);
  }
}

/** What is joined, directly or not: disjoint sets with path halving. */
class Groups {
  readonly #above = new Map<Wire, Wire>();

  rootOf(wire: Wire): Wire {
    let at = wire;
    for (;;) {
      const above = this.#above.get(at);
      if (!above) return at;
      const further = this.#above.get(above);
      if (further) this.#above.set(at, further);
      at = above;
    }
  }

  join(one: Wire, other: Wire): void {
    const [a, b] = [this.rootOf(one), this.rootOf(other)];
    if (a !== b) this.#above.set(b, a);
  }
}
