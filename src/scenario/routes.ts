/**
 * Routes: the written ones first; then a default route for each host, over its gateway or the first router on its
 * segment; then, on routers, the shortest way to every subnet they are not on. Length is counted in routers, and of
 * equally short ways the one over the router that stands first in the file is taken. Where a written route has the same
 * destination and prefix, there is no automatic one.
 */

import { formatIpv4, type Ipv4, networkOf, parseIpv4 } from '../wire/address.ts';
import type { Subnet } from './address-text.ts';
import { isRouter, type NodePlan, type Port, type Segment } from './plan.ts';
import type { Problems, Spot } from './problem.ts';
import type { RouteSpec } from './scenario.ts';
import { spotAt } from './tree.ts';

type Ipv4Route = RouteSpec & { readonly to: Ipv4; readonly via: Ipv4 };

export class Routing {
  readonly #nodes: ReadonlyMap<string, NodePlan>;
  readonly #problems: Problems;
  readonly #segmentOf = new Map<Port, Segment>();
  /** The networks of each segment, each once. */
  readonly #networksOf = new Map<Segment, readonly Network[]>();
  /** The routers on each segment, by the ports they have there. Nobody outside a NAT sends through it to its inside. */
  readonly #routerPorts = new Map<Segment, readonly Port[]>();

  constructor(nodes: ReadonlyMap<string, NodePlan>, segments: readonly Segment[], problems: Problems) {
    this.#nodes = nodes;
    this.#problems = problems;
    for (const segment of segments) {
      for (const port of segment.ports) this.#segmentOf.set(port, segment);
      const networks = segment.ports.flatMap(({ addresses }) => addresses.map(networkOfSubnet));
      this.#networksOf.set(segment, [...new Map(networks.map((network) => [keyOf(network), network])).values()]);
      this.#routerPorts.set(
        segment,
        segment.ports.filter(({ node, name }) => isRouter(node.kind) && node.file.nat?.outside !== name),
      );
    }
  }

  routesOf(node: NodePlan): RouteSpec[] {
    const routes = this.#written(node);
    const known = new Set(routes.map(keyOf));
    const automatic = isRouter(node.kind) ? this.#shortest(node) : this.#defaultOf(node);
    return [...routes, ...automatic.filter((route) => !known.has(keyOf(route)))];
  }

  #written(node: NodePlan): Ipv4Route[] {
    const { routes = [], gateway } = node.file;
    const found: Ipv4Route[] = [];
    const seen = new Set<number>();
    for (const [index, { to, via }] of routes.entries()) {
      const destination = { to: to.address, prefix: to.prefix };
      const spot = spotAt(node.tree, ['routes', index, 'to']);
      if (seen.has(keyOf(destination))) {
        this.#problems.error(spot, 'PW0307', `a second route to ${textOf(destination)}`);
        continue;
      }
      seen.add(keyOf(destination));
      const hop = this.#nextHop(node, via, spotAt(node.tree, ['routes', index, 'via']));
      if (hop !== null) found.push({ ...destination, via: hop });
    }
    if (gateway === undefined) return found;
    const spot = spotAt(node.tree, ['gateway']);
    if (seen.has(keyOf(DEFAULT))) {
      this.#problems.error(spot, 'PW0307', '`gateway` and a route to `default` say the same thing twice');
      return found;
    }
    const hop = this.#nextHop(node, gateway, spot);
    return hop === null ? found : [...found, { ...DEFAULT, via: hop }];
  }

  /** The address behind `via` or `gateway`: it must be a neighbour's. */
  #nextHop(node: NodePlan, text: string, spot: Spot): Ipv4 | null {
    const literal = parseIpv4(text);
    if (literal !== null) return this.#literalHop(node, literal, spot);
    const other = this.#nodes.get(text);
    if (!other) {
      const message = `there is no node \`${text}\`${this.#problems.didYouMean(text, this.#nodes.keys())}`;
      this.#problems.error(spot, 'PW0402', message);
      return null;
    }
    for (const port of node.ports) {
      const segment = this.#segmentOf.get(port);
      const hop = segment?.ports.filter((each) => each.node === other).map((each) => addressFor(port, each));
      const found = hop?.find((address) => address !== null);
      if (other !== node && found !== null && found !== undefined) return found;
    }
    this.#problems.error(spot, 'PW0409', `\`${text}\` is not on a network that \`${node.name}\` is connected to`);
    return null;
  }

  #literalHop(node: NodePlan, hop: Ipv4, spot: Spot): Ipv4 | null {
    const shown = formatIpv4(hop);
    const own = node.ports.flatMap(({ addresses }) => addresses);
    if (own.some(({ address }) => address === hop)) {
      this.#problems.error(spot, 'PW0409', `${shown} is \`${node.name}\` itself`);
      return null;
    }
    const port = node.ports.find(({ addresses }) => addresses.some((subnet) => contains(subnet, hop)));
    if (!port) {
      const hint = own.length > 0 ? `connected are ${own.map(subnetText).join(', ')}` : null;
      const message = `${shown} is not on a network that \`${node.name}\` is connected to`;
      this.#problems.error(spot, 'PW0409', message, hint);
      return null;
    }
    const neighbours = this.#segmentOf.get(port)?.ports ?? [];
    if (!neighbours.some(({ addresses }) => addresses.some(({ address }) => address === hop))) {
      this.#problems.warn(spot, 'PW0706', `no node on the segment of \`${node.name}\` has the address ${shown}`);
    }
    return hop;
  }

  #defaultOf(node: NodePlan): Ipv4Route[] {
    for (const port of node.ports) {
      const segment = this.#segmentOf.get(port);
      for (const router of (segment && this.#routerPorts.get(segment)) ?? []) {
        const via = addressFor(port, router);
        if (via !== null) return [{ ...DEFAULT, via }];
      }
    }
    return [];
  }

  /** Breadth first over routers; the first way that reaches a segment is a shortest one. */
  #shortest(from: NodePlan): Ipv4Route[] {
    const reached = new Set<NodePlan>([from]);
    const segments = new Set<Segment>();
    const routes: Ipv4Route[] = [];
    const known = new Set(
      from.ports.flatMap(({ addresses }) => addresses.map((subnet) => keyOf(networkOfSubnet(subnet)))),
    );
    let frontier: Reached[] = [];
    for (const port of from.ports) this.#enter(port, null, segments, frontier);
    while (frontier.length > 0) {
      const next: Reached[] = [];
      for (const { router, via } of this.#beyond(frontier, reached)) {
        for (const port of router.ports) {
          if (!this.#enter(port, via, segments, next)) continue;
          for (const network of this.#networksAt(port)) {
            const key = keyOf(network);
            if (known.has(key)) continue;
            known.add(key);
            routes.push({ ...network, via });
          }
        }
      }
      frontier = next;
    }
    return routes;
  }

  /** Goes onto the segment of a port; false when somebody was there before, by a way that is as short. */
  #enter(port: Port, via: Ipv4 | null, segments: Set<Segment>, frontier: Reached[]): boolean {
    const segment = this.#segmentOf.get(port);
    if (!segment || segments.has(segment)) return false;
    segments.add(segment);
    frontier.push({ port, segment, via });
    return true;
  }

  /** The routers one step further, in file order, each with the first hop that leads to it. */
  #beyond(frontier: readonly Reached[], reached: Set<NodePlan>): { readonly router: NodePlan; readonly via: Ipv4 }[] {
    const found: { readonly router: NodePlan; readonly via: Ipv4 }[] = [];
    for (const { port, segment, via } of frontier) {
      for (const other of this.#routerPorts.get(segment) ?? []) {
        const hop = addressFor(port, other);
        if (hop === null || reached.has(other.node)) continue;
        reached.add(other.node);
        found.push({ router: other.node, via: via ?? hop });
      }
    }
    return found.sort((one, other) => one.router.index - other.router.index);
  }

  #networksAt(port: Port): readonly Network[] {
    const segment = this.#segmentOf.get(port);
    return (segment && this.#networksOf.get(segment)) ?? [];
  }
}

/** A segment that a search has come to: over which port, and which hop the way to it begins with. */
interface Reached {
  readonly port: Port;
  readonly segment: Segment;
  readonly via: Ipv4 | null;
}

const DEFAULT = { to: 0, prefix: 0 } as const;

/** The address at which `other` is a neighbour of `port`: one within a subnet of both. */
function addressFor(port: Port, other: Port): Ipv4 | null {
  for (const { address } of other.addresses) {
    const isOwn = port.node === other.node;
    if (!isOwn && port.addresses.some((subnet) => contains(subnet, address))) return address;
  }
  return null;
}

function contains({ address, prefix }: Subnet, other: Ipv4): boolean {
  return networkOf(address, prefix) === networkOf(other, prefix);
}

interface Network {
  readonly to: Ipv4;
  readonly prefix: number;
}

function networkOfSubnet({ address, prefix }: Subnet): Network {
  return { to: networkOf(address, prefix), prefix };
}

/** One number for network and prefix, exact in a double: routers of a large network have a million routes together. */
function keyOf({ to, prefix }: Network): number {
  return to * 64 + prefix;
}

function subnetText(subnet: Subnet): string {
  return textOf(networkOfSubnet(subnet));
}

function textOf({ to, prefix }: Network): string {
  return `${formatIpv4(to)}/${prefix}`;
}
