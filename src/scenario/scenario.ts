/**
 * A scenario as the world builds it: checked, every default filled in, every quantity a number in its unit, every node
 * addressed and routed. `load.ts` makes it from a file; `defineScenario()` from an object.
 */

import type { Nanos } from '../kernel/journal.ts';
import type { IpAddress, Ipv4, Mac } from '../wire/address.ts';
import type { BrokerAction, BrokerApp } from './broker-spec.ts';
import type { Lesson } from './lesson.ts';
import type { RelayApp } from './relay-spec.ts';
import type { SessionAction, SessionApp } from './session-spec.ts';
import type { SocketAction } from './socket-spec.ts';
import type { ClientTlsSpec, ServerTlsSpec } from './tls-spec.ts';

export interface Scenario {
  readonly title: string;
  readonly summary: string;
  readonly tags: readonly string[];
  /** A decimal integer, 0..2^64-1: text, because it is more than a double holds. */
  readonly seed: string;
  readonly untilNs: Nanos;
  readonly profile: Profile;
  readonly nodes: readonly NodeSpec[];
  readonly links: readonly LinkSpec[];
  readonly timeline: readonly TimelineEntry[];
  readonly expect: readonly Expectation[];
  readonly lesson: Lesson | null;
  /** Parameters after substitution, for the summary. */
  readonly params: Readonly<Record<string, string>>;
  /** Where it came from, for messages: a path, `-`, or the bundled name. */
  readonly file: string;
}

export type Profile = 'rfc' | 'linux';
export type NodeKind = 'host' | 'switch' | 'hub' | 'router' | 'nat' | 'firewall';

/**
 * A place in the scenario file, 1-based (0 and 0 when it came from an object); for messages about what only shows when
 * the scenario runs.
 */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface NodeSpec {
  readonly name: string;
  readonly kind: NodeKind;
  readonly interfaces: readonly InterfaceSpec[];
  /** Static routes besides the connected networks, the default route (0/0) included; written and automatic ones. */
  readonly routes: readonly RouteSpec[];
  /** The resolver's servers. */
  readonly dns: readonly IpAddress[];
  readonly tcp: TcpSpec;
  readonly apps: readonly AppSpec[];
  /** Of a NAT, and of nothing else. */
  readonly nat?: NatSpec;
  /** Of a firewall. */
  readonly firewall?: FirewallSpec;
}

/** Whose addresses a NAT hides; both are interfaces of its own. */
export interface NatSpec {
  readonly inside: string;
  readonly outside: string;
  readonly idleNs: Nanos;
}

/** What a firewall lets pass. */
export interface FirewallSpec {
  readonly idleNs: Nanos;
  readonly icmp: 'pass' | 'drop';
  /** null: none are written, and everything may begin. */
  readonly rules: readonly FirewallRuleSpec[] | null;
}

export interface FirewallRuleSpec {
  readonly verdict: 'allow' | 'deny';
  /** Interfaces; null: any. */
  readonly from: string | null;
  readonly to: string | null;
  readonly match: FilterSpec;
}

export interface InterfaceSpec {
  /** `eth0`, or the name given under `interfaces`. */
  readonly name: string;
  readonly mac: Mac;
  /** None on switches and hubs. */
  readonly addresses: readonly { readonly address: IpAddress; readonly prefix: number }[];
  /** The link it is plugged into, or null: it stands open. */
  readonly link: string | null;
  /** It is VLAN `id` on another interface of the node; left out: it is a card of its own. */
  readonly vlan?: { readonly card: string; readonly id: number };
  /** It has no address and needs none: it carries the interfaces of VLANs. */
  readonly isBare?: true;
  /** A DHCP server lends it its IPv4 address; left out: it has those above. */
  readonly dhcp?: true;
  /** IPv6 on this interface; left out: none. */
  readonly ipv6?: Ipv6Spec;
}

export interface Ipv6Spec {
  /** It takes its addresses from what routers advertise (RFC 4862); its IPv6 address above is the one it will make. */
  readonly configuresItself: boolean;
  /** Of routers: what they advertise here; null: nothing. */
  readonly advertises: AdvertisementSpec | null;
}

/** What a router advertises (RFC 4861 section 6.2.1, RFC 4191), in whole seconds. */
export interface AdvertisementSpec {
  readonly preference: 'low' | 'medium' | 'high';
  readonly lifetimeSeconds: number;
  readonly validSeconds: number;
  readonly preferredSeconds: number;
  readonly everySeconds: number;
}

export interface RouteSpec {
  readonly to: IpAddress;
  readonly prefix: number;
  readonly via: IpAddress;
  /** The interface, where the next hop is a link-local address, which every link has. */
  readonly out?: string;
}

/** What the scenario says of a host's TCP; what it leaves out (undefined) comes from the profile. */
export interface TcpSpec {
  readonly congestion?: 'reno' | 'newreno' | 'cubic';
  readonly sack?: boolean;
  readonly timestamps?: boolean;
  readonly windowScale?: boolean;
  readonly ecn?: boolean;
  readonly keepAlive?: boolean;
  readonly nagle?: boolean;
  readonly delayedAck?: boolean;
  readonly minRtoNs?: Nanos;
  readonly mssBytes?: number;
  readonly receiveBufferBytes?: number;
  readonly sendBufferBytes?: number;
  readonly initialWindowSegments?: number;
}

export type AppSpec =
  | SessionApp
  | BrokerApp
  | RelayApp
  | {
      readonly kind: 'echo-server';
      readonly name: string;
      readonly port: number;
      readonly transport: Transport;
      /** Left out: plain TCP. */
      readonly tls?: ServerTlsSpec;
    }
  | {
      readonly kind: 'sink';
      readonly name: string;
      readonly port: number;
      readonly transport: Transport;
      /** Octets a second it reads; null: at once. */
      readonly readBytesPerSecond: number | null;
      readonly tls?: ServerTlsSpec;
    }
  | { readonly kind: 'iperf3-server'; readonly name: string; readonly port: number }
  | {
      readonly kind: 'http-server';
      readonly name: string;
      readonly port: number;
      readonly pages: readonly { readonly path: string; readonly body: Body }[];
      readonly keepAlive: boolean;
      /** How it codes pages, the best liked first; left out: not at all. */
      readonly codings?: readonly ('gzip' | 'deflate')[];
      /** Left out: plain TCP. */
      readonly tls?: ServerTlsSpec;
    }
  | {
      readonly kind: 'dns-server';
      readonly name: string;
      readonly zone: readonly { readonly name: string; readonly address: IpAddress }[];
    }
  | DhcpServerSpec;

export interface DhcpServerSpec {
  readonly kind: 'dhcp-server';
  readonly name: string;
  /** Where it lends, and its own address there. */
  readonly interface: string;
  readonly address: Ipv4;
  readonly prefix: number;
  /** First and last address. */
  readonly pool: { readonly first: Ipv4; readonly last: Ipv4 };
  /** In whole seconds. */
  readonly leaseNs: Nanos;
  /** What it tells besides. */
  readonly router: Ipv4 | null;
  readonly nameServers: readonly Ipv4[];
}

export type Transport = 'tcp' | 'udp' | 'both';
/** Text, or that many octets of a known pattern. */
export type Body = { readonly text: string } | { readonly sizeBytes: number };

export interface LinkSpec {
  readonly id: string;
  readonly a: LinkEnd;
  readonly b: LinkEnd;
  readonly mtuBytes: number;
  /** Where one end sends others; left out: neither does. */
  readonly mtuBytesOf?: DirectedMtu;
  /** What the ports of switches at its ends are members of; left out: VLAN 1, where a switch knows any. */
  readonly vlans?: LinkVlans;
  readonly aToB: ImpairmentSpec;
  readonly bToA: ImpairmentSpec;
  readonly place: Place;
}

/** The greatest IP packet that the first end sends, and that the second does. */
export interface DirectedMtu {
  readonly aToB?: number;
  readonly bToA?: number;
}

export interface LinkVlans {
  /** Whose frames have no tag; null: every frame has one. */
  readonly untagged: number | null;
  readonly tagged: readonly number[] | 'all';
}

export interface LinkEnd {
  readonly node: string;
  readonly interface: string;
}

/** One direction of a link, in netem's words. */
export interface ImpairmentSpec {
  readonly delayNs: Nanos;
  /** Each frame's delay is drawn evenly from delay ± jitter, so frames may overtake each other, as with netem. */
  readonly jitterNs: Nanos;
  /** null: as fast as one likes, no serialization time. */
  readonly bitsPerSecond: number | null;
  readonly loss: LossSpec;
  readonly duplicatePerMillion: number;
  /** Frames that skip the delay and so overtake (netem's `reorder`). */
  readonly reorderPerMillion: number;
  /** Frames that get one bit flipped. */
  readonly corruptPerMillion: number;
  /** Frames that may wait for the transmitter: by count or by octets. The one being sent does not count. */
  readonly queue: { readonly packets: number } | { readonly bytes: number };
  /** What the queue does before it is full: nothing, or tell senders early (RFC 7567). */
  readonly aqm: 'tail-drop' | 'red' | 'codel';
  readonly down: boolean;
  /**
   * `drop`, `delay-frame`, `duplicate-frame`, `corrupt-frame`. A rule of the whole link is the same object in both
   * directions: one rule, with one count of the frames that match.
   */
  readonly scripted: readonly ScriptedFault[];
}

export type LossSpec =
  | { readonly kind: 'uniform'; readonly perMillion: number }
  /** Gilbert–Elliott: two states; per frame the chance to enter or leave the bad one, and the loss in each. */
  | {
      readonly kind: 'gilbert';
      readonly enterPerMillion: number;
      readonly leavePerMillion: number;
      readonly goodPerMillion: number;
      readonly badPerMillion: number;
    };

export interface ScriptedFault {
  readonly fault: 'drop' | 'delay' | 'duplicate' | 'corrupt';
  readonly match: FilterSpec;
  readonly select: { readonly nth: number } | { readonly count: number } | { readonly every: number } | 'all';
  /** For `delay`: added to the link's own. */
  readonly delayNs: Nanos;
}

/** A display filter with its place, already parsed once so that its errors came with the file's. */
export interface FilterSpec {
  readonly text: string;
  readonly place: Place;
}

export interface TimelineEntry {
  readonly id: string | null;
  readonly start:
    | { readonly kind: 'at'; readonly atNs: Nanos }
    | { readonly kind: 'after'; readonly id: string; readonly waitNs: Nanos }
    | { readonly kind: 'when'; readonly match: FilterSpec; readonly waitNs: Nanos };
  /** Undo afterwards; null: it stays. */
  readonly forNs: Nanos | null;
  readonly action: Action;
  readonly place: Place;
}

/** What can be changed on a link while the run goes on; undefined leaves as it is. Applies to both directions. */
export type LinkChange = {
  readonly [K in keyof Omit<ImpairmentSpec, 'scripted'>]?: ImpairmentSpec[K] | undefined;
};

export type Payload =
  | { readonly kind: 'text'; readonly text: string }
  /** That many octets of a known pattern. */
  | { readonly kind: 'size'; readonly bytes: number };

export type Action =
  | SessionAction
  | BrokerAction
  | SocketAction
  | {
      readonly kind: 'set-link';
      readonly link: string;
      readonly aToB: LinkChange;
      readonly bToA: LinkChange;
      /** Of both ends; left out: as it is. */
      readonly mtuBytes?: number;
      /** Of one end; goes before that of both. */
      readonly mtuBytesOf?: DirectedMtu;
    }
  | { readonly kind: 'crash' | 'pause'; readonly node: string }
  | {
      readonly kind: 'dhcp';
      readonly node: string;
      readonly what: 'renew' | 'release';
      /** null: every one that has its address by DHCP. */
      readonly interface: string | null;
    }
  | { readonly kind: 'skew'; readonly node: string; readonly skewNs: Nanos }
  | { readonly kind: 'partition'; readonly node: string; readonly others: readonly string[] }
  | {
      readonly kind: 'ping';
      readonly node: string;
      readonly target: string;
      readonly count: number;
      readonly everyNs: Nanos;
      readonly sizeBytes: number;
      readonly dontFragment: boolean;
    }
  | {
      readonly kind: 'traceroute';
      readonly node: string;
      readonly target: string;
      /** Probes a hop. */
      readonly count: number;
      /** From probe to probe at least. */
      readonly everyNs: Nanos;
      readonly sizeBytes: number;
      readonly dontFragment: boolean;
    }
  | {
      readonly kind: 'resolve';
      readonly node: string;
      readonly target: string;
      readonly count: number;
      readonly everyNs: Nanos;
    }
  | {
      readonly kind: 'udp-send';
      readonly node: string;
      readonly to: Remote;
      readonly payload: Payload;
      readonly times: number;
      readonly everyNs: Nanos;
    }
  | {
      readonly kind: 'tcp-connect';
      readonly node: string;
      readonly to: Remote;
      readonly as: string;
      /** Left out: plain TCP. */
      readonly tls?: ClientTlsSpec;
    }
  | {
      readonly kind: 'tcp-send';
      readonly node: string;
      readonly on: string | null;
      readonly payload: Payload;
      readonly times: number;
      readonly everyNs: Nanos;
    }
  | { readonly kind: 'tcp-close' | 'tcp-abort'; readonly node: string; readonly on: string | null }
  | {
      readonly kind: 'get' | 'post';
      readonly node: string;
      readonly host: string;
      readonly port: number;
      /** Left out: plain TCP. */
      readonly tls?: ClientTlsSpec;
      readonly path: string;
      readonly as: string;
      readonly keepAlive: boolean;
      /** Codings that are welcome, the best liked first; left out: none is named. */
      readonly codings?: readonly ('gzip' | 'deflate')[];
      /** null: no content, as a `get` has none. */
      readonly payload: Payload | null;
    };

/** Host (a node's name, a DNS name or an address) and port. */
export interface Remote {
  readonly host: string;
  readonly port: number;
}

export type Comparison = '==' | '!=' | '>' | '>=' | '<' | '<=';
export interface Bound {
  readonly comparison: Comparison;
  readonly value: number | string | boolean;
}

export interface Expectation {
  readonly name: string;
  readonly place: Place;
  readonly check:
    | {
        readonly kind: 'match';
        readonly match: FilterSpec;
        readonly atLeast: number;
        /** `Number.MAX_SAFE_INTEGER`: there is no upper bound. */
        readonly atMost: number;
        readonly at: 'first-receiver' | 'sent' | 'received' | { readonly node: string };
        readonly withinNs: Nanos | null;
      }
    | { readonly kind: 'order'; readonly order: readonly FilterSpec[]; readonly withinNs: Nanos | null }
    | {
        readonly kind: 'state';
        readonly path: string;
        readonly is: Bound;
        readonly at: 'end' | { readonly atNs: Nanos } | { readonly id: string };
      }
    | {
        readonly kind: 'delivered';
        readonly from: string;
        readonly to: string;
        readonly unit: 'bytes' | 'messages' | 'all';
        /** How many; null: all that were sent. */
        readonly amount: number | null;
        readonly exactlyOnce: boolean;
        readonly inOrder: boolean;
      };
}
