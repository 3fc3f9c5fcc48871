/**
 * A node's layers 2 to 4: which machine stands on which. Part of host.ts.
 *
 *   4  tcp            udp
 *   3  dual stack  (ipv4 alone where a node has no IPv6)
 *      ipv4, icmp beside it        ipv6, icmpv6 beside it
 *   2  arp                         neighbour discovery (layer 3 by its messages: they are ICMPv6)
 *      ethernet, one of each per interface
 *   1  the cable's port
 */

import type { Context } from '../kernel/context.ts';
import type { PhysicalService } from '../layers/1-physical/service.ts';
import { Arp, LINUX_PENDING_PACKETS } from '../layers/2-link/arp/arp.ts';
import { EthernetInterface } from '../layers/2-link/ethernet/ethernet.ts';
import type { FrameService } from '../layers/2-link/service.ts';
import { VlanCard } from '../layers/2-link/vlan/vlan.ts';
import { DualEcho, DualStack } from '../layers/3-network/dual-stack.ts';
import { EchoListeners } from '../layers/3-network/echo-listeners.ts';
import { LINUX_ERROR_LIMIT, RFC_ERROR_LIMIT } from '../layers/3-network/error-limit.ts';
import { Icmp } from '../layers/3-network/icmp/icmp.ts';
import { Icmpv6 } from '../layers/3-network/icmpv6/icmpv6.ts';
import { IP_PROTOCOL } from '../layers/3-network/ipv4/header.ts';
import { type Ipv4Interface, Ipv4Machine } from '../layers/3-network/ipv4/ipv4.ts';
import { Ipv6Interface } from '../layers/3-network/ipv6/interface.ts';
import { Ipv6Machine } from '../layers/3-network/ipv6/ipv6.ts';
import { RouterAdvertiser } from '../layers/3-network/ndp/advertiser.ts';
import { Autoconfiguration } from '../layers/3-network/ndp/autoconfiguration.ts';
import { NeighbourDiscovery } from '../layers/3-network/ndp/discovery.ts';
import { Neighbours } from '../layers/3-network/ndp/neighbours.ts';
import type { EchoService, NetworkService, NetworkUser } from '../layers/3-network/service.ts';
import { LINUX_PROFILE, RFC_PROFILE, type TcpProfile } from '../layers/4-transport/tcp/profile.ts';
import { Tcp } from '../layers/4-transport/tcp/tcp.ts';
import { Udp } from '../layers/4-transport/udp/udp.ts';
import type { InterfaceSpec, NodeSpec, Profile, TcpSpec } from '../scenario/scenario.ts';
import type { IpAddress, Ipv4, Ipv6 } from '../wire/address.ts';
import { isLinkLocal, linkLocalOf } from '../wire/ipv6-address.ts';

/** RFC 1122 section 3.3.2 and Linux's net.ipv4.ipfrag_time. */
const REASSEMBLY_NS: Readonly<Record<Profile, number>> = { rfc: 60_000_000_000, linux: 30_000_000_000 };
/** How many packets wait for the MAC address of one neighbour; left out, as many as the caches' own default. */
const PENDING_PACKETS: Readonly<Record<Profile, number | undefined>> = {
  rfc: undefined,
  linux: LINUX_PENDING_PACKETS,
};
const NEVER = Number.MAX_SAFE_INTEGER;

/** What a host is plugged into: one port per interface of its spec, in order; null where the interface stands open. */
export interface Socket {
  readonly port: PhysicalService;
  readonly mtuBytes: number;
}

export interface HostNetwork {
  /** By interface. */
  readonly cards: ReadonlyMap<string, EthernetInterface>;
  readonly tcp: Tcp;
  readonly udp: Udp;
  readonly echoes: EchoService;
  readonly ipv4: Ipv4Machine;
  /** null: it has no IPv6. */
  readonly ipv6: Ipv6Machine | null;
  /** Address resolution by interface, where there is IPv4. */
  readonly arps: ReadonlyMap<string, Arp>;
  /** Which families it has addresses of. */
  readonly families: { readonly ipv4: boolean; readonly ipv6: boolean };
}

/** An interface with its card plugged in, or the VLAN on a card. */
interface Plugged {
  readonly spec: InterfaceSpec;
  readonly card: FrameService;
}

function plug(
  context: Context,
  { interfaces }: NodeSpec,
  sockets: readonly (Socket | null)[],
): { readonly cards: ReadonlyMap<string, EthernetInterface>; readonly plugged: readonly Plugged[] } {
  const cards = new Map<string, EthernetInterface>();
  interfaces.forEach(({ name, mac }, index) => {
    const socket = sockets[index];
    if (socket) cards.set(name, new EthernetInterface(context, name, mac, socket.mtuBytes, socket.port));
  });
  const vlanCards = new Map<string, VlanCard>();
  const plugged = interfaces.flatMap((spec): Plugged[] => {
    const { name, vlan, isBare } = spec;
    const card = cards.get(vlan?.card ?? name);
    if (!card || isBare) return [];
    if (!vlan) return [{ spec, card }];
    const vlans = vlanCards.get(vlan.card) ?? new VlanCard(context, card);
    vlanCards.set(vlan.card, vlans);
    return [{ spec, card: vlans.add(name, vlan.id) }];
  });
  return { cards, plugged };
}

export function buildNetwork(
  context: Context,
  spec: NodeSpec,
  profile: Profile,
  sockets: readonly (Socket | null)[],
  forwards: boolean,
): HostNetwork {
  const { cards, plugged } = plug(context, spec, sockets);
  const arps = new Map(plugged.flatMap((each) => arpOn(context, each, PENDING_PACKETS[profile])));
  const ipv4Interfaces = plugged.flatMap(({ spec: each }) => ipv4On(each, arps.get(each.name)));
  const ipv4 = new Ipv4Machine(context, ipv4Interfaces, routesOf<Ipv4>(spec, isIpv4), forwards, REASSEMBLY_NS[profile]);
  for (const { spec: each } of plugged) {
    const arp = each.dhcp ? arps.get(each.name) : undefined;
    if (arp) ipv4.plug(arp);
  }
  const withIpv6 = plugged.filter((each) => each.spec.ipv6 !== undefined);
  const stack6 = withIpv6.length > 0 ? new Stack6(context, spec, withIpv6, forwards, PENDING_PACKETS[profile]) : null;
  const network: NetworkService = stack6 ? new DualStack(ipv4, stack6.machine) : ipv4;
  const udp = new Udp(context, network);
  const tcp = new Tcp(context, network, tcpProfile(profile, spec.tcp), spec.tcp.mssBytes ?? null);
  const transports = new Map<number, NetworkUser>([
    [IP_PROTOCOL.tcp, tcp],
    [IP_PROTOCOL.udp, udp],
  ]);
  const concerning = (protocol: number) => transports.get(protocol) ?? null;
  const listeners = new EchoListeners(context.random('icmp/identifier'));
  const limit = profile === 'linux' ? LINUX_ERROR_LIMIT : RFC_ERROR_LIMIT;
  const icmp = new Icmp(context, ipv4, concerning, listeners, limit);
  // Errors about echo requests concern ICMP itself: traceroute lives on them.
  transports.set(IP_PROTOCOL.icmp, icmp);
  ipv4.reportTo(icmp);
  const families = { ipv4: arps.size > 0, ipv6: stack6 !== null };
  if (!stack6) return { cards, tcp, udp, echoes: icmp, ipv4, ipv6: null, arps, families };
  const icmpv6 = new Icmpv6(context, stack6.machine, concerning, listeners, limit);
  transports.set(IP_PROTOCOL.icmpv6, icmpv6);
  stack6.start(icmpv6);
  return { cards, tcp, udp, echoes: new DualEcho(icmp, icmpv6), ipv4, ipv6: stack6.machine, arps, families };
}

const isIpv4 = (address: IpAddress): address is Ipv4 => typeof address === 'number';
const isIpv6 = (address: IpAddress): address is Ipv6 => typeof address === 'bigint';

function routesOf<Address extends IpAddress>(spec: NodeSpec, isFamily: (address: IpAddress) => address is Address) {
  return spec.routes.flatMap(({ to, via, prefix, out }) =>
    isFamily(to) && isFamily(via) ? [{ to, via, prefix, ...(out === undefined ? {} : { out }) }] : [],
  );
}

/** A card of a node that speaks IPv6 only has no ARP: it does not understand IPv4. */
function arpOn(context: Context, { spec, card }: Plugged, pendingPackets: number | undefined): [string, Arp][] {
  const addresses = ipv4AddressesOf(spec);
  if (addresses.length === 0 && spec.ipv6 && !spec.dhcp) return [];
  const own = addresses.map(({ address }) => address);
  return [[spec.name, new Arp(context, card, own, pendingPackets)]];
}

function ipv4On(spec: InterfaceSpec, link: Arp | undefined): Ipv4Interface[] {
  return link ? ipv4AddressesOf(spec).map((each) => ({ link, ...each })) : [];
}

function ipv4AddressesOf({ addresses }: InterfaceSpec): { readonly address: Ipv4; readonly prefix: number }[] {
  return addresses.flatMap(({ address, prefix }) => (isIpv4(address) ? [{ address, prefix }] : []));
}

/** IPv6 on the interfaces that have it. */
class Stack6 {
  readonly machine: Ipv6Machine;
  readonly #context: Context;
  readonly #forwards: boolean;
  readonly #interfaces: readonly {
    readonly plugged: Plugged;
    readonly out: Ipv6Interface;
    readonly neighbours: Neighbours;
  }[];
  /**
   * What is written in the file was checked for duplicates long before the run begins, and hosts are at rest then. A node
   * that starts during the run does it before everybody's eyes.
   */
  readonly #wasUp: boolean;

  constructor(
    context: Context,
    spec: NodeSpec,
    plugged: readonly Plugged[],
    forwards: boolean,
    pendingPackets: number | undefined,
  ) {
    this.#context = context;
    this.#forwards = forwards;
    this.#wasUp = context.nowNs === 0;
    this.#interfaces = plugged.map((each) => {
      const neighbours = new Neighbours(context, each.card, pendingPackets);
      const out = new Ipv6Interface(context, neighbours, forwards);
      if (!each.spec.ipv6?.configuresItself) this.#assign(out, each.spec);
      return { plugged: each, out, neighbours };
    });
    const outs = this.#interfaces.map(({ out }) => out);
    this.machine = new Ipv6Machine(context, outs, routesOf<Ipv6>(spec, isIpv6), forwards);
  }

  #assign(out: Ipv6Interface, spec: InterfaceSpec): void {
    const written = spec.addresses.flatMap(({ address, prefix }) => (isIpv6(address) ? [{ address, prefix }] : []));
    const hasLinkLocal = written.some(({ address }) => isLinkLocal(address));
    const linkLocal = { address: linkLocalOf(spec.mac), prefix: 64 };
    const state = this.#wasUp ? ('preferred' as const) : ('tentative' as const);
    for (const each of hasLinkLocal ? written : [linkLocal, ...written]) {
      const own = { ...each, state, preferredUntilNs: NEVER, validUntilNs: NEVER };
      out.assign(own, each === linkLocal ? 'made of the MAC address' : 'the configuration says so');
    }
  }

  start(icmpv6: Icmpv6): void {
    for (const { plugged, out, neighbours } of this.#interfaces) {
      const { mac, ipv6 } = plugged.spec;
      const discovery = new NeighbourDiscovery(this.#context, this.machine, out, neighbours, mac, this.#forwards);
      icmpv6.discoverBy(out.name, discovery);
      if (ipv6?.configuresItself) {
        const autoconfiguration = new Autoconfiguration(this.machine, discovery);
        discovery.start((router) => autoconfiguration.onRouterChange(router));
        autoconfiguration.start();
        continue;
      }
      discovery.start(() => {});
      const advertiser = ipv6?.advertises ? new RouterAdvertiser(discovery, ipv6.advertises) : null;
      if (this.#wasUp) advertiser?.start(true);
      else {
        for (const own of out.addresses) {
          discovery.check(own, (isOurs) => {
            if (isOurs && isLinkLocal(own.address)) advertiser?.start(false);
          });
        }
      }
    }
  }
}

/** What was made last: hosts of a scenario mostly say the same, and its runs do. */
let last: { readonly key: string; readonly profile: TcpProfile } | null = null;

function tcpProfile(profile: Profile, spec: TcpSpec): TcpProfile {
  const key = JSON.stringify([profile, spec]);
  if (last?.key !== key) last = { key, profile: profileWith(profile, spec) };
  return last.profile;
}

/** The profile's constants with what the scenario says over them. */
function profileWith(profile: Profile, spec: TcpSpec): TcpProfile {
  const base = profile === 'linux' ? LINUX_PROFILE : RFC_PROFILE;
  return {
    ...base,
    congestion: spec.congestion ?? base.congestion,
    sack: spec.sack ?? base.sack,
    timestamps: spec.timestamps ?? base.timestamps,
    windowScale: spec.windowScale ?? base.windowScale,
    ecn: spec.ecn === undefined ? base.ecn : spec.ecn ? 'ask' : 'off',
    keepAlive: spec.keepAlive ?? base.keepAlive,
    nagle: spec.nagle ?? base.nagle,
    delayedAck: spec.delayedAck ?? base.delayedAck,
    minRtoNs: spec.minRtoNs ?? base.minRtoNs,
    receiveBufferBytes: spec.receiveBufferBytes ?? base.receiveBufferBytes,
    sendBufferBytes: spec.sendBufferBytes ?? base.sendBufferBytes,
    initialWindowSegments: spec.initialWindowSegments ?? base.initialWindowSegments,
  };
}
