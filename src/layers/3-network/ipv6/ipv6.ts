/** The Internet Protocol, version 6 (RFC 8200), of one host or router. */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import { formatIpv6, type IpAddress, type Ipv6 } from '../../../wire/address.ts';
import { IPV6_UNSPECIFIED, ipv6NetworkOf, isIpv6Multicast, isLinkLocal } from '../../../wire/ipv6-address.ts';
import { drop } from '../../drop.ts';
import { enclosing, opened, type Pdu, sealed } from '../../pdu.ts';
import { Reassembly } from '../reassembly.ts';
import { type Route, Routes, routeText } from '../routes.ts';
import type { NetworkService, NetworkUser } from '../service.ts';
import {
  type Chain,
  type ChainProblem,
  fragmentOffsetOf,
  hasMoreFragments,
  isExtension,
  isProblem,
  PARAMETER_PROBLEM,
  readChain,
} from './extensions.ts';
import { flowLabelFor } from './flow-label.ts';
import { fragment, IPV6_FRAGMENTS } from './fragment.ts';
import type { Ipv6Gate } from './gate.ts';
import {
  decrementHopLimit,
  destinationOf,
  ecnOf,
  GREATEST_PAYLOAD_BYTES,
  hopLimitOf,
  IPV6_HEADER_BYTES,
  isSoundIpv6,
  NEXT_HEADER,
  nextHeaderOf,
  payloadLengthOf,
  sourceOf,
  writeIpv6,
} from './header.ts';
import type { Ipv6Interface } from './interface.ts';
import { PathMtus } from './path-mtus.ts';

/** RFC 8200 section 4.5, and Linux's net.ipv6.ip6frag_time. */
const REASSEMBLY_NS: Nanos = 60_000_000_000;

export type Ipv6Route = Route<Ipv6, Ipv6Interface>;

/** Who tells senders by ICMPv6 that their packet did not get through. The window is the whole IPv6 packet. */
export interface Ipv6Errors {
  timeExceeded(packet: Pdu): void;
  reassemblyTimeExceeded(firstFragment: Pdu): void;
  noRoute(packet: Pdu): void;
  beyondScope(packet: Pdu): void;
  addressUnreachable(packet: Pdu): void;
  portUnreachable(packet: Pdu): void;
  tooBig(packet: Pdu, mtuBytes: number): void;
  /** `pointer`: the octet of the packet that is wrong. */
  parameterProblem(packet: Pdu, code: number, pointer: number, evenToGroups: boolean): void;
}

export class Ipv6Machine implements NetworkService {
  readonly #context: Context;
  readonly #interfaces: readonly Ipv6Interface[];
  readonly #routes: Routes<Ipv6, Ipv6Interface>;
  readonly #configured: readonly Ipv6Route[];
  /** What routers advertised, by interface. */
  readonly #learnt = new Map<Ipv6Interface, readonly Ipv6Route[]>();
  readonly #forwards: boolean;
  readonly #users = new Map<number, NetworkUser>();
  readonly #reassembly: Reassembly;
  readonly #pathMtus: PathMtus;
  readonly #labelSecret: number;
  #errors: Ipv6Errors | null = null;
  #gate: Ipv6Gate | null = null;
  /** Puts together what a gate wants to see whole; the pieces go on as they came. Made by the first of them. */
  #passing: Reassembly | null = null;
  #identification: number;

  constructor(
    context: Context,
    interfaces: readonly Ipv6Interface[],
    routes: readonly { readonly to: Ipv6; readonly prefix: number; readonly via: Ipv6 }[],
    forwards: boolean,
  ) {
    this.#context = context;
    this.#interfaces = interfaces;
    this.#forwards = forwards;
    this.#pathMtus = new PathMtus(context);
    const onTimeout = (first: Pdu) => this.#errors?.reassemblyTimeExceeded(first);
    this.#reassembly = new Reassembly(context, IPV6_FRAGMENTS, REASSEMBLY_NS, onTimeout);
    const random = context.random('ipv6');
    this.#identification = random.u32();
    this.#labelSecret = random.u32();
    this.#configured = [...connected(interfaces), ...routes.flatMap((route) => withInterface(route, interfaces))];
    this.#routes = new Routes(this.#configured);
    for (const each of interfaces) {
      each.link.attach({
        onPacket: (pdu, group) => this.#receive(pdu, group, each, each.name),
        onUnresolved: (pdu) => this.#errors?.addressUnreachable(pdu),
      });
    }
    for (const route of this.#routes.rows) this.#tellRoute(route, 'the configuration says so');
  }

  /** Puts the machine that sends ICMPv6 errors in place; without one there are none. */
  reportTo(errors: Ipv6Errors): void {
    this.#errors = errors;
  }

  /** Puts a gate in place, through which goes whatever this node forwards, receives or sends. */
  guardBy(gate: Ipv6Gate): void {
    this.#gate = gate;
  }

  register(protocol: number, user: NetworkUser): void {
    this.#users.set(protocol, user);
  }

  isLocal(address: IpAddress): boolean {
    return typeof address === 'bigint' && this.#interfaces.some((each) => each.isLocal(address));
  }

  sourceTowards(destination: IpAddress): IpAddress | null {
    const to = destination as Ipv6;
    if (this.isLocal(to)) return to;
    const out = this.#routeTo(to, null)?.out;
    if (!out) return null;
    const source = out.sourceTowards(to);
    if (source === null || !isLinkLocal(source) || isLinkLocal(to)) return source;
    // A router may speak from any of its addresses (RFC 6724 section 4); one that ends at this link leads nowhere.
    const others = this.#interfaces.flatMap((each) => each.sourceTowards(to) ?? []);
    return others.find((other) => !isLinkLocal(other)) ?? source;
  }

  mtuTowards(destination: IpAddress): number {
    const to = destination as Ipv6;
    const route = this.#routeTo(to, null);
    return route ? this.#pathMtus.within(route.out.mtuBytes, to) : IPV6_HEADER_BYTES + GREATEST_PAYLOAD_BYTES;
  }

  /** A router on the way said how much it can pass on. */
  onTooBig(destination: Ipv6, saidBytes: number, reporter: Ipv6): void {
    const because = `${formatIpv6(reporter)} said so: packet too big`;
    this.#pathMtus.learn(destination, saidBytes, this.mtuTowards(destination), because);
  }

  /** What routers on an interface advertise, in place of what they did before. */
  learnRoutes(out: Ipv6Interface, routes: readonly Omit<Ipv6Route, 'out'>[], because: string): void {
    const before = this.#learnt.get(out) ?? [];
    const after = routes.map((route) => ({ ...route, out }));
    this.#learnt.set(out, after);
    this.#routes.replace([...this.#configured, ...[...this.#learnt.values()].flat()]);
    const isSame = (one: Ipv6Route) => (other: Ipv6Route) =>
      one.to === other.to && one.prefix === other.prefix && one.via === other.via;
    for (const route of before) {
      if (!after.some((other) => routeText(other) === routeText(route))) this.#tellRoute(route, because, true);
    }
    for (const route of after) if (!before.some(isSame(route))) this.#tellRoute(route, because);
  }

  send(
    pdu: Pdu,
    protocol: number,
    source: IpAddress,
    destination: IpAddress,
    dontFragment: boolean,
    hopLimit?: number,
  ): boolean {
    const from = source as Ipv6;
    const to = destination as Ipv6;
    const route = this.#routeTo(to, from);
    this.#head(pdu, protocol, from, to, hopLimit ?? route?.out.hopLimit ?? 64);
    const context = this.#context;
    if (this.isLocal(to)) {
      const was = sealed(context, pdu, 3, 'ipv6', 'lo');
      context.after(0, () => this.#receive(pdu, false, null, 'lo'));
      context.resume(was);
      return true;
    }
    const refusal = route ? (this.#gate?.own(pdu, route.out.name) ?? null) : null;
    if (refusal !== null) {
      drop(context, pdu, 3, 'ipv6', route?.out.name ?? '', 'filtered', refusal);
      return false;
    }
    const was = sealed(context, pdu, 3, 'ipv6', route?.out.name ?? '');
    const sent = this.#dispatch(pdu, from, to, route, dontFragment);
    context.resume(was);
    return sent;
  }

  /** As Neighbour Discovery sends: to its own link, with a hop limit that no router leaves (RFC 4861 section 3.1). */
  sendOn(out: Ipv6Interface, pdu: Pdu, protocol: number, source: Ipv6, destination: Ipv6): void {
    this.#head(pdu, protocol, source, destination, 255);
    const was = sealed(this.#context, pdu, 3, 'ipv6', out.name);
    out.link.send(pdu, destination);
    this.#context.resume(was);
  }

  refuse(pdu: Pdu): void {
    const packet = enclosing(pdu);
    if (this.isLocal(destinationOf(packet.bytes, packet.start))) this.#errors?.portUnreachable(packet);
  }

  confirm(neighbour: IpAddress): void {
    const route = this.#routeTo(neighbour as Ipv6, null);
    route?.out.link.confirm?.(route.via ?? neighbour);
  }

  #head(pdu: Pdu, nextHeader: number, source: Ipv6, destination: Ipv6, hopLimit: number): void {
    const payloadLength = pdu.length;
    const flowLabel = flowLabelFor(pdu.bytes, pdu.start, nextHeader, destination, this.#labelSecret);
    const at = pdu.seal(IPV6_HEADER_BYTES);
    const trafficClass = pdu.ecn;
    writeIpv6(pdu.bytes, at, {
      payloadLength: Math.min(payloadLength, GREATEST_PAYLOAD_BYTES),
      nextHeader,
      hopLimit,
      source,
      destination,
      trafficClass,
      flowLabel,
    });
  }

  /**
   * On its own link an address says nothing about which of several links is meant; a source of this node on one of them
   * does (RFC 4007 section 6).
   */
  #routeTo(destination: Ipv6, source: Ipv6 | null): Ipv6Route | null {
    if (!isLinkLocal(destination) && !isIpv6Multicast(destination)) return this.#routes.lookUp(destination);
    const out = this.#interfaces.find((each) => source !== null && each.own(source) !== null) ?? this.#interfaces[0];
    return out ? { to: destination, prefix: 128, via: null, out } : null;
  }

  /** Hands a packet whose header is written to the link of its route. */
  #dispatch(pdu: Pdu, source: Ipv6, destination: Ipv6, route: Ipv6Route | null, dontFragment: boolean): boolean {
    const context = this.#context;
    if (!route || (source === IPV6_UNSPECIFIED && !isIpv6Multicast(destination))) {
      const why = route ? 'no address to send it from' : `no route to ${formatIpv6(destination)}`;
      drop(context, pdu, 3, 'ipv6', '', 'no-route', why);
      return false;
    }
    const { out } = route;
    const mtuBytes = this.#pathMtus.within(out.mtuBytes, destination);
    if (pdu.length <= mtuBytes) {
      out.link.send(pdu, route.via ?? destination);
      return true;
    }
    if (dontFragment || pdu.length > IPV6_HEADER_BYTES + GREATEST_PAYLOAD_BYTES) {
      const detail = `${pdu.length} octets do not fit the path's MTU of ${mtuBytes}, and it must not be cut`;
      drop(context, pdu, 3, 'ipv6', out.name, 'too-big', detail);
      this.#errors?.tooBig(pdu, mtuBytes);
      return false;
    }
    this.#identification = (this.#identification + 1) >>> 0;
    for (const piece of fragment(pdu, mtuBytes, this.#identification)) {
      const was = sealed(context, piece, 3, 'ipv6', out.name);
      out.link.send(piece, route.via ?? destination);
      context.resume(was);
    }
    return true;
  }

  #receive(pdu: Pdu, group: boolean, at: Ipv6Interface | null, via: string): void {
    const context = this.#context;
    if (!isSoundIpv6(pdu.bytes, pdu.start, pdu.end)) {
      drop(context, pdu, 3, 'ipv6', via, 'malformed', 'not a sound IPv6 header');
      return;
    }
    pdu.trim(IPV6_HEADER_BYTES + payloadLengthOf(pdu.bytes, pdu.start));
    const source = sourceOf(pdu.bytes, pdu.start);
    const destination = destinationOf(pdu.bytes, pdu.start);
    if ((isIpv6Multicast(source) || source === 1n) && at) {
      drop(context, pdu, 3, 'ipv6', via, 'martian', `${formatIpv6(source)} is no address a node may send from`);
    } else if (this.#isForUs(destination, at)) this.#deliver(pdu, source, destination, via);
    else if (this.#forwards && !group && !isIpv6Multicast(destination)) this.#forward(pdu, source, destination, via);
    else {
      const detail = `this is not ${formatIpv6(destination)} and does not forward`;
      drop(context, pdu, 3, 'ipv6', via, 'not-for-us', detail);
    }
  }

  /** Addresses belong to the node (RFC 1122's weak host), those of one link and groups to their interface. */
  #isForUs(destination: Ipv6, at: Ipv6Interface | null): boolean {
    if (!at) return true;
    if (isIpv6Multicast(destination)) return at.isListening(destination);
    return isLinkLocal(destination) ? at.isLocal(destination) : this.isLocal(destination);
  }

  #deliver(pdu: Pdu, source: Ipv6, destination: Ipv6, via: string): void {
    const { bytes, start, end } = pdu;
    const next = nextHeaderOf(bytes, start);
    const chain = isExtension(next)
      ? readChain(bytes, start, end)
      : { protocol: next, at: start + IPV6_HEADER_BYTES, namedAt: start + 6 };
    if (isProblem(chain)) this.#refuseChain(pdu, chain, via);
    else if (chain.protocol === NEXT_HEADER.fragment) this.#gather(pdu, chain, source, destination, via);
    else if (chain.protocol === NEXT_HEADER.none) opened(this.#context, pdu, 3, 'ipv6', via);
    else if (!this.#isRefused(via === 'lo' ? null : (this.#gate?.inward(pdu, via) ?? null), [pdu], via)) {
      this.#handUp(pdu, chain, source, destination, via);
    }
  }

  #handUp(pdu: Pdu, { protocol, at, namedAt }: Chain, source: Ipv6, destination: Ipv6, via: string): void {
    const context = this.#context;
    const user = this.#users.get(protocol);
    if (!user) {
      const problem = `nobody here understands the next header ${protocol}`;
      drop(context, pdu, 3, 'ipv6', via, 'unknown-protocol', problem);
      this.#errors?.parameterProblem(pdu, PARAMETER_PROBLEM.nextHeader, namedAt - pdu.start, false);
      return;
    }
    const payloadAt = at - pdu.start;
    opened(context, pdu, 3, 'ipv6', via);
    pdu.ecn = ecnOf(pdu.bytes, pdu.start);
    pdu.open(payloadAt);
    user.onDatagram(pdu, source, destination, via);
  }

  #refuseChain(pdu: Pdu, { problem, code, at, evenToGroups }: ChainProblem, via: string): void {
    drop(this.#context, pdu, 3, 'ipv6', via, code === null ? 'malformed' : 'unknown-protocol', problem);
    if (code !== null) this.#errors?.parameterProblem(pdu, code, at - pdu.start, evenToGroups);
  }

  /** RFC 8200 section 4.5: two mistakes of a fragment are told to its sender, with where they are. */
  #gather(pdu: Pdu, { at }: Chain, source: Ipv6, destination: Ipv6, via: string): void {
    const context = this.#context;
    const { bytes, start, end } = pdu;
    const length = end - at - 8;
    const refuse = (problem: string, pointer: number) => {
      drop(context, pdu, 3, 'ipv6', via, 'malformed', problem);
      this.#errors?.parameterProblem(pdu, PARAMETER_PROBLEM.field, pointer, false);
    };
    if (hasMoreFragments(bytes, at) && length % 8 !== 0) {
      refuse('a fragment with more behind it must carry a multiple of 8 octets', 4);
      return;
    }
    if (fragmentOffsetOf(bytes, at) + length + at - start - IPV6_HEADER_BYTES > GREATEST_PAYLOAD_BYTES) {
      refuse('the fragments make more than 65,535 octets', at + 2 - start);
      return;
    }
    opened(context, pdu, 3, 'ipv6', via);
    const whole = this.#reassembly.take(pdu, via);
    if (whole) this.#deliver(whole, source, destination, via);
  }

  #forward(pdu: Pdu, source: Ipv6, destination: Ipv6, via: string): void {
    const context = this.#context;
    if (isLinkLocal(destination) || source === IPV6_UNSPECIFIED || destination <= 1n) {
      drop(context, pdu, 3, 'ipv6', via, 'not-for-us', 'what is for one link only is not passed on (RFC 4291)');
      return;
    }
    opened(context, pdu, 3, 'ipv6', via);
    if (hopLimitOf(pdu.bytes, pdu.start) <= 1) {
      drop(context, pdu, 3, 'ipv6', via, 'ttl-expired', 'its hop limit is used up');
      this.#errors?.timeExceeded(pdu);
      return;
    }
    const route = this.#routes.lookUp(destination);
    if (!route) {
      drop(context, pdu, 3, 'ipv6', via, 'no-route', `no route to ${formatIpv6(destination)}`);
      this.#errors?.noRoute(pdu);
      return;
    }
    if (isLinkLocal(source)) {
      drop(context, pdu, 3, 'ipv6', via, 'filtered', 'its source is good on its own link only (RFC 4007)');
      this.#errors?.beyondScope(pdu);
      return;
    }
    const { out } = route;
    // RFC 8200 section 5: routers do not cut packets.
    if (pdu.length > out.mtuBytes) {
      const detail = `${pdu.length} octets do not fit ${out.name}'s MTU of ${out.mtuBytes}, and routers do not cut`;
      drop(context, pdu, 3, 'ipv6', out.name, 'too-big', detail);
      this.#errors?.tooBig(pdu, out.mtuBytes);
      return;
    }
    for (const piece of this.#gate ? this.#admitted(this.#gate, pdu, via, out.name) : [pdu]) {
      piece.ownHeader(context.journal, IPV6_HEADER_BYTES);
      decrementHopLimit(piece.bytes, piece.start);
      const was = sealed(context, piece, 3, 'ipv6', out.name);
      out.link.send(piece, route.via ?? destination);
      context.resume(was);
    }
  }

  /** What a gate lets through now: the packet; or, with the last of its fragments, all of them as they came. */
  #admitted(gate: Ipv6Gate, pdu: Pdu, via: string, out: string): readonly Pdu[] {
    const chain = readChain(pdu.bytes, pdu.start, pdu.end);
    const isPiece = !isProblem(chain) && chain.protocol === NEXT_HEADER.fragment;
    if (isPiece) this.#passing ??= new Reassembly(this.#context, IPV6_FRAGMENTS, REASSEMBLY_NS, () => {});
    const seen = isPiece && this.#passing ? this.#passing.collect(pdu, via) : { whole: pdu, pieces: [pdu] };
    if (seen === null) return [];
    const refusal = gate.inward(seen.whole, via) ?? gate.outward(seen.whole, via, out);
    return this.#isRefused(refusal, seen.pieces, via) ? [] : seen.pieces;
  }

  #isRefused(refusal: string | null, pieces: readonly Pdu[], via: string): boolean {
    if (refusal === null) return false;
    for (const piece of pieces) drop(this.#context, piece, 3, 'ipv6', via, 'filtered', refusal);
    return true;
  }

  #tellRoute(route: Ipv6Route, because: string, isGone = false): void {
    if (!this.#context.recording) return;
    const row = { via: route.via === null ? 'on the link' : formatIpv6(route.via), interface: route.out.name };
    const change = { table: 'routes', key: routeText(route), row: isGone ? null : row, because };
    this.#context.record({ kind: 'table', layer: 3, protocol: 'ipv6', change });
  }
}

/** The networks of addresses that were written down; those that routers advertise come later. */
function connected(interfaces: readonly Ipv6Interface[]): Ipv6Route[] {
  const all = interfaces.flatMap((out) =>
    out.addresses
      .filter(({ address }) => !isLinkLocal(address))
      .map(({ address, prefix }) => ({ to: ipv6NetworkOf(address, prefix), prefix, via: null, out })),
  );
  return [...new Map(all.map((route) => [`${routeText(route)} ${route.out.name}`, route])).values()];
}

/** A static route leaves through the interface on whose network its next hop lies; `out` says so where no address does. */
function withInterface(
  route: { readonly to: Ipv6; readonly prefix: number; readonly via: Ipv6; readonly out?: string },
  interfaces: readonly Ipv6Interface[],
): Ipv6Route[] {
  const { to, prefix, via } = route;
  const isNeighbour = (each: Ipv6Interface) =>
    isLinkLocal(via)
      ? route.out === undefined || route.out === each.name
      : each.addresses.some((own) => ipv6NetworkOf(own.address, own.prefix) === ipv6NetworkOf(via, own.prefix));
  const out = interfaces.find(isNeighbour);
  return out ? [{ to, prefix, via, out }] : [];
}
