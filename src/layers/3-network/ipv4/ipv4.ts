/** The Internet Protocol (RFC 791) of one host (RFC 1122 section 3) or router (RFC 1812 section 5). */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import {
  broadcastOf,
  formatIpv4,
  IPV4_BROADCAST,
  type IpAddress,
  type Ipv4,
  isMulticast,
  networkOf,
} from '../../../wire/address.ts';
import type { NeighbourService, NeighbourUser } from '../../2-link/service.ts';
import { drop } from '../../drop.ts';
import { enclosing, opened, type Pdu, sealed } from '../../pdu.ts';
import { Reassembly } from '../reassembly.ts';
import { makeRoute, type Route, Routes, routeText } from '../routes.ts';
import type { NetworkService, NetworkUser } from '../service.ts';
import { type Fate, Fates, NOWHERE, OURS } from './fates.ts';
import { fragment, IPV4_FRAGMENTS } from './fragment.ts';
import type { Ipv4Gate } from './gate.ts';
import {
  checkIpv4,
  DONT_FRAGMENT,
  decrementTtl,
  destinationOf,
  ecnOf,
  headerLengthOf,
  IPV4_HEADER_BYTES,
  isFragment,
  mayFragment,
  protocolOf,
  sourceOf,
  totalLengthOf,
  ttlOf,
  writeIpv4Fields,
} from './header.ts';

/** RFC 1122 section 3.2.1.7 asks for a configurable default; 64 is the Assigned Numbers' (RFC 1700). */
const DEFAULT_TTL = 64;
const GREATEST_DATAGRAM_BYTES = 65_535;
/** RFC 1122 section 3.3.2: between 60 and 120 s; Linux waits 30 (net.ipv4.ipfrag_time). */
const REASSEMBLY_NS: Nanos = 60_000_000_000;

/** One attachment to a network. */
export interface Ipv4Interface {
  readonly link: NeighbourService;
  readonly address: Ipv4;
  readonly prefix: number;
}

/** Who tells senders by ICMP that their datagram did not get through. The window is the whole IP datagram. */
export interface Ipv4Errors {
  timeExceeded(datagram: Pdu): void;
  reassemblyTimeExceeded(firstFragment: Pdu): void;
  netUnreachable(datagram: Pdu): void;
  hostUnreachable(datagram: Pdu): void;
  protocolUnreachable(datagram: Pdu): void;
  portUnreachable(datagram: Pdu): void;
  fragmentationNeeded(datagram: Pdu, mtuBytes: number): void;
}

export class Ipv4Machine implements NetworkService, NeighbourUser {
  // What every packet asks for comes first and lies together.
  readonly #context: Context;
  /** The last address by which something reached us: to answer, a host asks of another in between. */
  #lastOwn: Ipv4 = -1;
  /** What was decided of the last destination that was asked for. */
  #lastDestination: Ipv4 = -1;
  #lastFate: Fate = NOWHERE;
  /** The protocol that came last, and whose it is. */
  #lastProtocol = -1;
  #lastUser: NetworkUser | null = null;
  #identification = 0;
  readonly #forwards: boolean;
  #gate: Ipv4Gate | null = null;
  readonly #fates = new Fates();
  /** Of all that goes to one router together. */
  readonly #onward = new Map<Route<Ipv4, Ipv4Interface>, Fate>();
  #interfaces: readonly Ipv4Interface[];
  /** Links on which it has no address yet. */
  readonly #unnumbered = new Map<string, NeighbourService>();
  readonly #written: readonly StaticRoute[];
  /** Default routers that came with an address. */
  readonly #learned = new Map<string, Ipv4>();
  readonly #routes: Routes<Ipv4, Ipv4Interface>;
  readonly #users = new Map<number, NetworkUser>();
  #local: ReadonlySet<Ipv4>;
  /** Of the networks that this is attached to, and of all (RFC 919). */
  #broadcasts: ReadonlySet<Ipv4>;
  readonly #reassembly: Reassembly;
  #errors: Ipv4Errors | null = null;

  constructor(
    context: Context,
    interfaces: readonly Ipv4Interface[],
    routes: readonly StaticRoute[],
    forwards: boolean,
    reassemblyNs = REASSEMBLY_NS,
  ) {
    this.#context = context;
    this.#interfaces = interfaces;
    this.#written = routes;
    this.#forwards = forwards;
    const onTimeout = (first: Pdu) => this.#errors?.reassemblyTimeExceeded(first);
    this.#reassembly = new Reassembly(context, IPV4_FRAGMENTS, reassemblyNs, onTimeout);
    this.#local = new Set(interfaces.map(({ address }) => address));
    this.#broadcasts = new Set(interfaces.flatMap(({ address, prefix }) => broadcastAddress(address, prefix) ?? []));
    this.#routes = new Routes(this.#rows());
    for (const link of new Set(interfaces.map((each) => each.link))) link.attach(this);
    for (const route of this.#routes.rows) this.#tellRoute(route, false, 'the configuration says so');
  }

  /** A link on which it has no address yet: it hears what is for everybody there, and can ask for one. */
  plug(link: NeighbourService): void {
    this.#unnumbered.set(link.name, link);
    link.attach(this);
  }

  /** Gives a link that was plugged its address, and with it perhaps a default router. */
  assign(own: Ipv4Interface, router: Ipv4 | null, because: string): void {
    const { name } = own.link;
    this.withdraw(name, 'it gets another');
    if (router !== null) this.#learned.set(name, router);
    this.#unnumbered.delete(name);
    this.#tellAddress(own, false, because);
    this.#become([...this.#interfaces, own], because);
  }

  /** Takes the address of such a link away, and the routes over it. */
  withdraw(name: string, because: string): void {
    const own = this.#interfaces.find(({ link }) => link.name === name);
    if (!own) return;
    this.#learned.delete(name);
    this.#unnumbered.set(name, own.link);
    this.#tellAddress(own, true, because);
    this.#become(
      this.#interfaces.filter((each) => each !== own),
      because,
    );
  }

  /** Its address there; null where it has none yet. */
  addressOn(name: string): Ipv4 | null {
    return this.#interfaces.find(({ link }) => link.name === name)?.address ?? null;
  }

  #become(interfaces: readonly Ipv4Interface[], because: string): void {
    const before = new Map(this.#routes.rows.map((route) => [rowKey(route), route]));
    this.#interfaces = interfaces;
    this.#local = new Set(interfaces.map(({ address }) => address));
    this.#broadcasts = new Set(interfaces.flatMap(({ address, prefix }) => broadcastAddress(address, prefix) ?? []));
    this.#routes.replace(this.#rows());
    this.#fates.forget();
    this.#onward.clear();
    this.#lastDestination = -1;
    this.#lastOwn = -1;
    const after = new Map(this.#routes.rows.map((route) => [rowKey(route), route]));
    for (const [key, route] of before) if (!after.has(key)) this.#tellRoute(route, true, because);
    for (const [key, route] of after) if (!before.has(key)) this.#tellRoute(route, false, because);
  }

  #rows(): Route<Ipv4, Ipv4Interface>[] {
    const interfaces = this.#interfaces;
    const learned = [...this.#learned.values()].map((via) => ({ to: 0, prefix: 0, via }));
    return [
      ...connected(interfaces),
      ...[...this.#written, ...learned].flatMap((route) => withInterface(route, interfaces)),
    ];
  }

  /** Puts the machine that sends ICMP errors in place; without one there are none. */
  reportTo(errors: Ipv4Errors): void {
    this.#errors = errors;
  }

  /** Puts a gate in place, through which goes whatever this node forwards, receives or sends. */
  guardBy(gate: Ipv4Gate): void {
    this.#gate = gate;
  }

  register(protocol: number, user: NetworkUser): void {
    this.#users.set(protocol, user);
    this.#lastProtocol = -1;
  }

  isLocal(address: IpAddress): boolean {
    return this.#local.has(address as Ipv4);
  }

  sourceTowards(destination: IpAddress): IpAddress | null {
    if (this.isLocal(destination)) return destination;
    if (destination === IPV4_BROADCAST) return this.#interfaces[0]?.address ?? null;
    return this.#towards(destination).source;
  }

  mtuTowards(destination: IpAddress): number {
    return this.#towards(destination).link?.mtuBytes ?? GREATEST_DATAGRAM_BYTES;
  }

  send(
    pdu: Pdu,
    protocol: number,
    source: IpAddress,
    destination: IpAddress,
    dontFragment: boolean,
    ttl = DEFAULT_TTL,
    out?: string,
  ): boolean {
    const to = destination as Ipv4;
    this.#identification = (this.#identification + 1) & 0xffff;
    const at = pdu.seal(IPV4_HEADER_BYTES);
    const flags = dontFragment ? DONT_FRAGMENT : 0;
    const { bytes, length, ecn } = pdu;
    writeIpv4Fields(bytes, at, length, this.#identification, flags, ttl, protocol, source as Ipv4, to, ecn);
    const context = this.#context;
    const fate = this.#fateOf(to);
    if (fate.isForUs && this.#local.has(to)) {
      const was = sealed(context, pdu, 3, 'ipv4', 'lo');
      context.after(0, () => this.onPacket(pdu, false, 'lo'));
      context.resume(was);
      return true;
    }
    const onward = to === IPV4_BROADCAST ? this.#everyone(out) : fate;
    const name = onward.link?.name ?? '';
    const passage = this.#gate && onward.link ? this.#gate.own(pdu, name) : null;
    if (typeof passage === 'string') {
      drop(context, pdu, 3, 'ipv4', name, 'filtered', passage);
      return false;
    }
    passage?.(pdu);
    const was = sealed(context, pdu, 3, 'ipv4', name);
    const sent = this.#dispatch(pdu, to, onward);
    context.resume(was);
    return sent;
  }

  refuse(pdu: Pdu): void {
    const datagram = enclosing(pdu);
    if (this.#isOurs(datagram)) this.#errors?.portUnreachable(datagram);
  }

  /** Hands a datagram whose header is written to the link of its route. */
  #dispatch(pdu: Pdu, destination: Ipv4, { link, nextHop }: Fate): boolean {
    const context = this.#context;
    if (!link) {
      drop(context, pdu, 3, 'ipv4', '', 'no-route', `no route to ${formatIpv4(destination)}`);
      return false;
    }
    if (pdu.length <= link.mtuBytes) {
      handOver(pdu, link, nextHop);
      return true;
    }
    if (!mayFragment(pdu.bytes, pdu.start)) {
      const detail = `${pdu.length} octets do not fit ${link.name}'s MTU of ${link.mtuBytes}, and it must not be cut`;
      drop(context, pdu, 3, 'ipv4', link.name, 'too-big', detail);
      this.#errors?.fragmentationNeeded(pdu, link.mtuBytes);
      return false;
    }
    for (const piece of fragment(pdu, link.mtuBytes)) {
      const was = sealed(context, piece, 3, 'ipv4', link.name);
      handOver(piece, link, nextHop);
      context.resume(was);
    }
    return true;
  }

  onPacket(pdu: Pdu, group: boolean, via: string): void {
    const context = this.#context;
    const problem = checkIpv4(pdu.bytes, pdu.start, pdu.end);
    if (problem) {
      const detail = problem === 'checksum' ? 'the header checksum does not hold' : 'not a sound IPv4 header';
      drop(context, pdu, 3, 'ipv4', via, problem, detail);
      return;
    }
    pdu.trim(totalLengthOf(pdu.bytes, pdu.start));
    const source = sourceOf(pdu.bytes, pdu.start);
    const destination = destinationOf(pdu.bytes, pdu.start);
    if (isMartianSource(source) && via !== 'lo' && !isAskingForItself(source, destination)) {
      drop(context, pdu, 3, 'ipv4', via, 'martian', `${formatIpv4(source)} is no address a host may send from`);
      return;
    }
    // What is for many goes no further than here.
    if (this.#gate && !group && this.#halt(this.#gate, pdu, via)) return;
    const fate = destination === this.#lastOwn ? OURS : this.#fateOf(destination);
    if (fate.isForUs) {
      this.#lastOwn = destination;
      this.#deliver(pdu, source, destination, via);
    } else if (this.#forwards && !group && !isMulticast(destination)) {
      this.#forward(pdu, destination, fate, via);
    } else
      drop(context, pdu, 3, 'ipv4', via, 'not-for-us', `this is not ${formatIpv4(destination)} and does not forward`);
  }

  #deliver(pdu: Pdu, source: Ipv4, destination: Ipv4, via: string): void {
    const context = this.#context;
    if (isFragment(pdu.bytes, pdu.start)) {
      opened(context, pdu, 3, 'ipv4', via);
      const whole = this.#reassembly.take(pdu, via);
      if (whole) this.#deliver(whole, source, destination, via);
      return;
    }
    const protocol = protocolOf(pdu.bytes, pdu.start);
    const user = this.#userOf(protocol);
    if (!user) {
      drop(context, pdu, 3, 'ipv4', via, 'unknown-protocol', `nobody here understands IP protocol ${protocol}`);
      if (this.#isOurs(pdu)) this.#errors?.protocolUnreachable(pdu);
      return;
    }
    opened(context, pdu, 3, 'ipv4', via);
    pdu.ecn = ecnOf(pdu.bytes, pdu.start);
    pdu.open(headerLengthOf(pdu.bytes, pdu.start));
    user.onDatagram(pdu, source, destination, via);
  }

  #userOf(protocol: number): NetworkUser | null {
    if (protocol === this.#lastProtocol) return this.#lastUser;
    this.#lastProtocol = protocol;
    this.#lastUser = this.#users.get(protocol) ?? null;
    return this.#lastUser;
  }

  /** True: the gate has seen to it. It is shown whole datagrams, so fragments wait for each other here. */
  #halt(gate: Ipv4Gate, pdu: Pdu, via: string): boolean {
    const context = this.#context;
    if (via !== 'lo' && isFragment(pdu.bytes, pdu.start)) {
      opened(context, pdu, 3, 'ipv4', via);
      const whole = this.#reassembly.take(pdu, via);
      if (whole) this.onPacket(whole, false, via);
      return true;
    }
    const passage = gate.inward(pdu, via);
    if (passage === null) return false;
    if (typeof passage === 'string') drop(context, pdu, 3, 'ipv4', via, 'filtered', passage);
    else this.#passInward(pdu, via, passage);
    return true;
  }

  /** The gate lets it in as something else. */
  #passInward(pdu: Pdu, via: string, inward: (own: Pdu) => void): void {
    if (!this.#survives(pdu, via)) return;
    pdu.own();
    inward(pdu);
    const destination = destinationOf(pdu.bytes, pdu.start);
    if (this.#local.has(destination)) this.#deliver(pdu, sourceOf(pdu.bytes, pdu.start), destination, via);
    else this.#pass(pdu, destination, this.#fateOf(destination), via, null);
  }

  #forward(pdu: Pdu, destination: Ipv4, fate: Fate, via: string): void {
    if (this.#survives(pdu, via)) this.#pass(pdu, destination, fate, via, this.#gate);
  }

  /** RFC 1812 section 5.3.1: the TTL is checked when forwarding, and only then. */
  #survives(pdu: Pdu, via: string): boolean {
    const context = this.#context;
    opened(context, pdu, 3, 'ipv4', via);
    if (ttlOf(pdu.bytes, pdu.start) > 1) return true;
    drop(context, pdu, 3, 'ipv4', via, 'ttl-expired', 'its time to live is used up');
    this.#errors?.timeExceeded(pdu);
    return false;
  }

  #pass(pdu: Pdu, destination: Ipv4, fate: Fate, via: string, gate: Ipv4Gate | null): void {
    const context = this.#context;
    if (!fate.link) {
      drop(context, pdu, 3, 'ipv4', via, 'no-route', `no route to ${formatIpv4(destination)}`);
      this.#errors?.netUnreachable(pdu);
      return;
    }
    const outward = gate?.outward(pdu, via, fate.link.name) ?? null;
    if (typeof outward === 'string') {
      drop(context, pdu, 3, 'ipv4', via, 'filtered', outward);
      return;
    }
    if (outward) {
      pdu.own();
      outward(pdu);
    } else pdu.ownHeader(context.journal, IPV4_HEADER_BYTES);
    decrementTtl(pdu.bytes, pdu.start);
    const was = sealed(context, pdu, 3, 'ipv4', fate.link.name);
    this.#dispatch(pdu, destination, fate);
    context.resume(was);
  }

  /** Of our own datagrams too: the error then goes through our own loopback to the transport (RFC 1122 2.3.2.2). */
  onUnresolved(pdu: Pdu): void {
    this.#errors?.hostUnreachable(pdu);
  }

  /** Sent to us alone: about what was sent to many there is no ICMP error (RFC 1122 section 3.2.2). */
  #isOurs(datagram: Pdu): boolean {
    return this.#local.has(destinationOf(datagram.bytes, datagram.start));
  }

  /** A host without IPv6 is asked for such addresses as well, and has no way there. */
  #towards(destination: IpAddress): Fate {
    return typeof destination === 'number' ? this.#fateOf(destination) : NOWHERE;
  }

  #fateOf(destination: Ipv4): Fate {
    if (destination === this.#lastDestination) return this.#lastFate;
    const fate = this.#fates.find(destination) ?? this.#decide(destination);
    // A router has another destination for each packet: keeping it would be work for nothing.
    if (!this.#forwards) {
      this.#lastDestination = destination;
      this.#lastFate = fate;
    }
    return fate;
  }

  #decide(destination: Ipv4): Fate {
    const route = this.#routes.lookUp(destination);
    const isForUs = destination === IPV4_BROADCAST || this.#broadcasts.has(destination) || this.#local.has(destination);
    const isOnward = route !== null && route.via !== null && !isForUs;
    const fate = (isOnward && this.#onward.get(route)) || fateAlong(route, destination, isForUs);
    if (isOnward) this.#onward.set(route, fate);
    this.#fates.keep(destination, fate);
    return fate;
  }

  /** RFC 919 section 7: "on this physical network"; where nobody says which, the first. */
  #everyone(name: string | undefined): Fate {
    const link = name === undefined ? undefined : this.#unnumbered.get(name);
    const named = link ? { link, address: 0, prefix: 32 } : this.#interfaces.find((each) => each.link.name === name);
    const out = named ?? this.#interfaces[0];
    return out ? fateAlong(makeRoute(0, 0, null, out), IPV4_BROADCAST, true) : NOWHERE;
  }

  #tellRoute(route: Route<Ipv4, Ipv4Interface>, isGone: boolean, because: string): void {
    if (!this.#context.recording) return;
    const row = { via: route.via === null ? 'on the link' : formatIpv4(route.via), interface: route.out.link.name };
    const change = { table: 'routes', key: routeText(route), row: isGone ? null : row, because };
    this.#context.record({ kind: 'table', layer: 3, protocol: 'ipv4', change });
  }

  #tellAddress({ address, prefix, link }: Ipv4Interface, isGone: boolean, because: string): void {
    if (!this.#context.recording) return;
    const row = isGone ? null : { prefix, interface: link.name };
    const change = { table: 'addresses', key: formatIpv4(address), row, because };
    this.#context.record({ kind: 'table', layer: 3, protocol: 'ipv4', change });
  }
}

function fateAlong(route: Route<Ipv4, Ipv4Interface> | null, destination: Ipv4, isForUs: boolean): Fate {
  if (!route) return { isForUs, link: null, nextHop: null, source: null };
  const { link, address, prefix } = route.out;
  const isToAll = destination === IPV4_BROADCAST || destination === broadcastAddress(address, prefix);
  return { isForUs, link, nextHop: isToAll ? null : (route.via ?? destination), source: address };
}

function handOver(pdu: Pdu, link: NeighbourService, nextHop: Ipv4 | null): void {
  if (nextHop === null) link.broadcast(pdu);
  else link.send(pdu, nextHop);
}

interface StaticRoute {
  readonly to: Ipv4;
  readonly prefix: number;
  readonly via: Ipv4;
}

function rowKey(route: Route<Ipv4, Ipv4Interface>): string {
  return `${routeText(route)} ${route.via} ${route.out.link.name}`;
}

function connected(interfaces: readonly Ipv4Interface[]): Route<Ipv4, Ipv4Interface>[] {
  return interfaces.map((out) => makeRoute(networkOf(out.address, out.prefix), out.prefix, null, out));
}

/** A static route leaves through the interface on whose network its next hop lies. */
function withInterface(
  route: { readonly to: Ipv4; readonly prefix: number; readonly via: Ipv4 },
  interfaces: readonly Ipv4Interface[],
): Route<Ipv4, Ipv4Interface>[] {
  const out = interfaces.find(
    ({ address, prefix }) => networkOf(address, prefix) === networkOf(route.via, prefix) && address !== route.via,
  );
  return out ? [makeRoute(route.to, route.prefix, route.via, out)] : [];
}

/** RFC 3021: a /31 has no broadcast address; a /32 is one host. */
function broadcastAddress(address: Ipv4, prefix: number): Ipv4 | null {
  return prefix >= 31 ? null : broadcastOf(address, prefix);
}

/** RFC 1812 section 5.3.7: loopback, this-network, class D and E addresses are never a source. */
function isMartianSource(source: Ipv4): boolean {
  const first = source >>> 24;
  return first === 0 || first === 127 || first >= 224;
}

/** RFC 1122 section 3.2.1.3 (a): 0.0.0.0 is a source only of a host that asks everybody which address it has. */
function isAskingForItself(source: Ipv4, destination: Ipv4): boolean {
  return source === 0 && destination === IPV4_BROADCAST;
}
