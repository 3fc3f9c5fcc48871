/**
 * Routes: the written ones first; then a default route for each host, over its gateway or the first router on its
 * segment; then, on routers, the shortest way to every subnet they are not on. Length is counted in routers, and of
 * equally short ways the one over the router that stands first in the file is taken. Where a written route has the same
 * destination and prefix, there is no automatic one. Each family for itself: a host that makes its IPv6 addresses of what
 * routers advertise learns its default router from them too.
 */

import { formatIp, type IpAddress, type Ipv4, parseIp } from '../wire/address.ts';
import { isLinkLocal, linkLocalOf } from '../wire/ipv6-address.ts';
import { MAX_ROUTES } from './limits.ts';
import { isRouter, type NodePlan, type Port, type Segment } from './plan.ts';
import type { Problems, Spot } from './problem.ts';
import type { RouteSpec } from './scenario.ts';
import {
  contains,
  DEFAULT_ROUTE,
  FAMILIES,
  type Family,
  familyName,
  familyOf,
  keyOf,
  type Network,
  networkAround,
  networkText,
  type Subnet,
} from './subnet.ts';
import { spotAt } from './tree.ts';

/** A next hop; the interface where it is a link-local address. */
type Hop = Pick<RouteSpec, 'via' | 'out'>;

export class Routing {
  readonly #nodes: ReadonlyMap<string, NodePlan>;
  readonly #problems: Problems;
  readonly #segmentOf = new Map<Port, Segment>();
  /** The networks of each segment, each once. */
  readonly #networksOf = new Map<Segment, readonly Network[]>();
  /** The routers on each segment, by the ports they have there. */
  readonly #routerPorts = new Map<Segment, readonly Port[]>();
  /** That has been said, and no automatic ones are looked for. */
  readonly #hasTooMany: boolean;

  constructor(nodes: ReadonlyMap<string, NodePlan>, segments: readonly Segment[], problems: Problems) {
    this.#nodes = nodes;
    this.#problems = problems;
    for (const segment of segments) {
      for (const port of segment.ports) this.#segmentOf.set(port, segment);
      const networks = segment.ports.flatMap(({ addresses }) => addresses.map(networkAround));
      this.#networksOf.set(segment, [...new Map(networks.map((network) => [keyOf(network), network])).values()]);
      this.#routerPorts.set(
        segment,
        segment.ports.filter(({ node }) => isRouter(node.kind)),
      );
    }
    this.#hasTooMany = this.#refuseTooMany();
  }

  routesOf(node: NodePlan): RouteSpec[] {
    const routes = this.#written(node);
    const known = new Set(routes.map(keyOf));
    if (this.#hasTooMany) return routes;
    const automatic = FAMILIES.filter((family) => node.ports.some(({ addresses }) => hasFamily(addresses, family)));
    const ways = automatic.flatMap((family) =>
      isRouter(node.kind) ? this.#shortest(node, family) : this.#defaultOf(node, family),
    );
    return [...routes, ...ways.filter((route) => !known.has(keyOf(route)))];
  }

  #refuseTooMany(): boolean {
    const routers = [...this.#nodes.values()].filter(({ kind }) => isRouter(kind));
    const subnets = new Set([...this.#networksOf.values()].flatMap((networks) => networks.map(keyOf))).size;
    const [first] = routers;
    if (!first || routers.length * subnets <= MAX_ROUTES) return false;
    const message = `${routers.length} routers and ${subnets} subnets are too many routes; at most ${MAX_ROUTES} are allowed`;
    this.#problems.error(first.key, 'PW0413', message);
    return true;
  }

  /** Nobody outside a NAT sends through it to its inside; but IPv6 it does not translate. */
  #routersOn(segment: Segment, family: Family): readonly Port[] {
    const ports = this.#routerPorts.get(segment) ?? [];
    return family === 'ipv6' ? ports : ports.filter(({ node, name }) => node.file.nat?.outside !== name);
  }

  /** Who a server of addresses would name as the router of its subnet: the first that is on the segment, or itself. */
  routerOn(port: Port, subnet: Subnet): Ipv4 | null {
    const segment = this.#segmentOf.get(port);
    for (const { addresses } of segment ? this.#routersOn(segment, 'ipv4') : []) {
      for (const { address } of addresses) {
        if (typeof address === 'number' && contains(subnet, address)) return address;
      }
    }
    return null;
  }

  #written(node: NodePlan): RouteSpec[] {
    const { routes = [], gateway } = node.file;
    const found: RouteSpec[] = [];
    const seen = new Set<number | bigint>();
    for (const [index, { to, via }] of routes.entries()) {
      const spot = spotAt(node.tree, ['routes', index, 'to']);
      const wanted = to === 'default' ? null : to;
      if (wanted && seen.has(keyOf({ to: wanted.address, prefix: wanted.prefix }))) {
        this.#problems.error(spot, 'PW0307', `a second route to ${networkText(networkAround(wanted))}`);
        continue;
      }
      const viaSpot = spotAt(node.tree, ['routes', index, 'via']);
      const hops = this.#nextHops(node, via, viaSpot, wanted && familyOf(wanted.address));
      for (const hop of hops) {
        const route = { ...(wanted ? networkAround(wanted) : DEFAULT_ROUTE[familyOf(hop.via)]), ...hop };
        if (seen.has(keyOf(route))) this.#problems.error(spot, 'PW0307', `a second route to ${networkText(route)}`);
        else found.push(route);
        seen.add(keyOf(route));
      }
      if (hops.length === 0 && wanted) seen.add(keyOf(networkAround(wanted)));
    }
    // Where every address is lent the gateway is too, and that has been said.
    if (gateway === undefined || node.ports.every(({ asks, isBare }) => asks || isBare)) return found;
    const spot = spotAt(node.tree, ['gateway']);
    for (const hop of this.#nextHops(node, gateway, spot, null)) {
      const route = { ...DEFAULT_ROUTE[familyOf(hop.via)], ...hop };
      if (!seen.has(keyOf(route))) found.push(route);
      else this.#problems.error(spot, 'PW0307', '`gateway` and a route to `default` say the same thing twice');
    }
    return found;
  }

  /** The addresses behind `via` or `gateway`, a neighbour's: of the family that is wanted, or one of each. */
  #nextHops(node: NodePlan, text: string, spot: Spot, wanted: Family | null): Hop[] {
    const literal = parseIp(text);
    if (literal !== null) {
      if (wanted === null || familyOf(literal) === wanted) return this.#literalHop(node, literal, spot);
      const message = `${text} is no ${familyName(wanted)} address, as this route needs`;
      this.#problems.error(spot, 'PW0409', message);
      return [];
    }
    const other = this.#nodes.get(text);
    if (!other) {
      const message = `there is no node \`${text}\`${this.#problems.didYouMean(text, this.#nodes.keys())}`;
      this.#problems.error(spot, 'PW0402', message);
      return [];
    }
    const families = wanted === null ? FAMILIES : [wanted];
    const hops = other === node ? [] : families.flatMap((family) => this.#neighbour(node, other, family) ?? []);
    if (hops.length === 0) {
      this.#problems.error(spot, 'PW0409', `\`${text}\` is not on a network that \`${node.name}\` is connected to`);
    }
    return hops.map((via) => ({ via }));
  }

  #neighbour(node: NodePlan, other: NodePlan, family: Family): IpAddress | null {
    for (const port of node.ports) {
      const ports = this.#segmentOf.get(port)?.ports.filter((each) => each.node === other) ?? [];
      const found = ports.map((each) => addressFor(port, each, family)).find((address) => address !== null);
      if (found !== undefined && found !== null) return found;
    }
    return null;
  }

  #literalHop(node: NodePlan, hop: IpAddress, spot: Spot): Hop[] {
    const shown = formatIp(hop);
    if (node.ports.some((port) => hasAddress(port, hop))) {
      this.#problems.error(spot, 'PW0409', `${shown} is \`${node.name}\` itself`);
      return [];
    }
    const isLocal = typeof hop === 'bigint' && isLinkLocal(hop);
    const port = isLocal ? this.#linkOf(node, hop) : node.ports.find(({ addresses }) => isWithin(addresses, hop));
    if (!port) {
      const own = node.ports.flatMap(({ addresses }) => addresses);
      const hint =
        own.length > 0 ? `connected are ${own.map((each) => networkText(networkAround(each))).join(', ')}` : null;
      const message = `${shown} is not on a network that \`${node.name}\` is connected to`;
      this.#problems.error(spot, 'PW0409', message, hint);
      return [];
    }
    const neighbours = this.#segmentOf.get(port)?.ports ?? [];
    if (!neighbours.some((each) => hasAddress(each, hop))) {
      this.#problems.warn(spot, 'PW0706', `no node on the segment of \`${node.name}\` has the address ${shown}`);
    }
    return [isLocal ? { via: hop, out: port.name } : { via: hop }];
  }

  /** The interface on whose link somebody has that link-local address; else the first with IPv6. */
  #linkOf(node: NodePlan, hop: IpAddress): Port | undefined {
    const ports = node.ports.filter(({ addresses }) => hasFamily(addresses, 'ipv6'));
    return ports.find((port) => this.#segmentOf.get(port)?.ports.some((each) => hasAddress(each, hop))) ?? ports[0];
  }

  #defaultOf(node: NodePlan, family: Family): RouteSpec[] {
    for (const port of node.ports) {
      if (family === 'ipv6' && port.configuresItself) continue;
      const segment = this.#segmentOf.get(port);
      for (const router of segment ? this.#routersOn(segment, family) : []) {
        const via = addressFor(port, router, family);
        if (via !== null) return [{ ...DEFAULT_ROUTE[family], via }];
      }
    }
    return [];
  }

  /** Breadth first over routers; the first way that reaches a segment is a shortest one. */
  #shortest(from: NodePlan, family: Family): RouteSpec[] {
    const reached = new Set<NodePlan>([from]);
    const segments = new Set<Segment>();
    const routes: RouteSpec[] = [];
    const known = new Set(from.ports.flatMap(({ addresses }) => addresses.map((each) => keyOf(networkAround(each)))));
    let frontier: Reached[] = [];
    for (const port of from.ports) this.#enter(port, null, segments, frontier);
    while (frontier.length > 0) {
      const next: Reached[] = [];
      for (const { router, via } of this.#beyond(frontier, reached, family)) {
        for (const port of router.ports) {
          if (!this.#enter(port, via, segments, next)) continue;
          for (const network of this.#networksAt(port)) {
            if (familyOf(network.to) !== family || isOneLink(network)) continue;
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
  #enter(port: Port, via: IpAddress | null, segments: Set<Segment>, frontier: Reached[]): boolean {
    const segment = this.#segmentOf.get(port);
    if (!segment || segments.has(segment)) return false;
    segments.add(segment);
    frontier.push({ port, segment, via });
    return true;
  }

  /** The routers one step further, in file order, each with the first hop that leads to it. */
  #beyond(
    frontier: readonly Reached[],
    reached: Set<NodePlan>,
    family: Family,
  ): { readonly router: NodePlan; readonly via: IpAddress }[] {
    const found: { readonly router: NodePlan; readonly via: IpAddress }[] = [];
    for (const { port, segment, via } of frontier) {
      for (const other of this.#routersOn(segment, family)) {
        const hop = addressFor(port, other, family);
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
  readonly via: IpAddress | null;
}

/** The address of a family at which `other` is a neighbour of `port`: one within a subnet of both. */
function addressFor(port: Port, other: Port, family: Family): IpAddress | null {
  for (const { address } of other.addresses) {
    const isOwn = port.node === other.node;
    if (!isOwn && familyOf(address) === family && isWithin(port.addresses, address)) return address;
  }
  return null;
}

function isWithin(subnets: Port['addresses'], address: IpAddress): boolean {
  return subnets.some((subnet) => contains(subnet, address));
}

function hasFamily(subnets: Port['addresses'], family: Family): boolean {
  return subnets.some(({ address }) => familyOf(address) === family);
}

/** The link-local address that is made of the MAC address counts too. */
function hasAddress({ addresses, mac }: Port, wanted: IpAddress): boolean {
  if (addresses.some(({ address }) => address === wanted)) return true;
  return hasFamily(addresses, 'ipv6') && wanted === linkLocalOf(mac);
}

/** fe80::/64 is on every link, and behind none. */
function isOneLink({ to }: Network): boolean {
  return typeof to === 'bigint' && isLinkLocal(to);
}
