/** A scenario half way between the file and the world: nodes and links as read, with what is worked out added to them. */

import type { IpAddress, Mac } from '../wire/address.ts';
import type { Spot } from './problem.ts';
import type { NodeKind } from './scenario.ts';
import type { EndFile, LinkFile } from './schema/link.ts';
import type { NodeFile } from './schema/node.ts';
import type { Subnet } from './subnet.ts';
import type { Tree } from './tree.ts';

export interface NodePlan {
  readonly name: string;
  readonly kind: NodeKind;
  /** Place in the file: 0 for the first. */
  readonly index: number;
  /** Of the name. */
  readonly key: Spot;
  readonly tree: Tree;
  readonly file: NodeFile;
  /** In the order of the file; automatic ones in link order. */
  readonly ports: Port[];
  /** The file names the interfaces, so there are no others. */
  readonly hasDeclaredPorts: boolean;
}

/** An interface of a host or router, or a socket of a switch or hub. */
export interface Port {
  readonly node: NodePlan;
  readonly name: string;
  /** Where it, or failing that its node, is named. */
  readonly spot: Spot;
  readonly written: readonly WrittenAddress[];
  /** Worked out from `written` and the automatic ones. */
  readonly addresses: Subnet[];
  readonly writtenMac: { readonly mac: Mac; readonly spot: Spot } | null;
  mac: Mac;
  link: LinkPlan | null;
  /** Where it says that a DHCP server lends it its IPv4 address; null: none does. */
  readonly asks: Spot | null;
  /** It is the interface of a VLAN on another one of the node; null: it is a card. */
  readonly vlan: { readonly card: Port; readonly id: number } | null;
  /** Of a card: there are interfaces of VLANs on it. */
  readonly carriesTags: boolean;
  /** A card that is named only as `lan.10`, and has no address of its own. */
  readonly isBare: boolean;
  /** It takes IPv6 addresses from what a router advertises. */
  configuresItself: boolean;
  /** Of routers: somebody on the segment does. */
  advertises: boolean;
}

export interface WrittenAddress extends Subnet {
  readonly spot: Spot;
}

export interface LinkPlan {
  readonly id: string;
  readonly file: LinkFile;
  readonly tree: Tree;
  readonly ends: readonly [LinkEndPlan, LinkEndPlan];
}

export interface LinkEndPlan {
  readonly file: EndFile;
  readonly spot: Spot;
  /** null: what it names does not exist. */
  port: Port | null;
}

/** What frames reach without a router: interfaces joined by links, switches and hubs. */
export interface Segment {
  /** In the order of the first link of each; segments of a single open interface come last. */
  readonly index: number;
  /** Interfaces of hosts and routers, in the order of the file. */
  readonly ports: readonly Port[];
}

export function hasAddresses(kind: NodeKind): boolean {
  return kind === 'host' || isRouter(kind);
}

export function addressesOf(node: NodePlan): readonly IpAddress[] {
  return node.ports.flatMap(({ addresses }) => addresses.map(({ address }) => address));
}

/** Whether it passes datagrams on. */
export function isRouter(kind: NodeKind): boolean {
  return kind === 'router' || kind === 'nat' || kind === 'firewall';
}
