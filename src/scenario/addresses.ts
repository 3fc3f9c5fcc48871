/**
 * Checks the written addresses and fills in the automatic ones.
 *
 * Segments are counted from 0 in the order of their first link, and an automatic address on segment N is 10.0.N.M/24:
 * M counts from 1 over the segment's interfaces without an address, hosts and routers alike, in the order of the file.
 * Where somebody on the segment has a written address, the automatic ones join that subnet and leave out what is taken.
 * So it is with IPv6 where somebody writes an IPv6 address, but that hosts configure themselves where a router has a /64
 * (RFC 4862): their addresses, which are made of prefix and MAC address, are worked out here too, so that names know them.
 */

import { broadcastOf, formatIp, type IpAddress, type Ipv4, type Mac, parseIpv4 } from '../wire/address.ts';
import { interfaceIdOf, ipv6NetworkOf, isLinkLocal } from '../wire/ipv6-address.ts';
import { isRouter, type NodePlan, type Port, type Segment, type WrittenAddress } from './plan.ts';
import type { Problems } from './problem.ts';
import { contains, isIpv4, isIpv6, networkAround, networkOf, networkText, type Subnet } from './subnet.ts';

/** `pools`: addresses that DHCP servers lend, which nobody gets automatically. */
export function assignAddresses(
  segments: readonly Segment[],
  pools: readonly { readonly first: Ipv4; readonly last: Ipv4 }[],
  problems: Problems,
): void {
  const taken = takeWritten(segments, problems);
  for (const { first, last } of pools) for (let address = first; address <= last; address++) taken.add(address);
  refuseOverlaps(segments, problems);
  const written = segments.flatMap(({ ports }) => ports.flatMap((port) => port.written));
  let spare = segments.length;
  for (const segment of segments) {
    const { index, ports } = segment;
    const without = ports.filter((port) => port.written.length === 0);
    if (without.length === 0) continue;
    const all = ports.flatMap((port) => port.written);
    const [ipv4, ipv6] = [all.find(isIpv4), all.find((each) => isIpv6(each) && !isLinkLocal(each.address))];
    const isOnlyIpv6 = !ipv4 && ipv6 !== undefined;
    const numbered = without.filter(({ asks, node }) => !asks && !(isOnlyIpv6 && speaksIpv6(node)));
    if (isOnlyIpv6) warnOfDeaf(numbered, problems);
    let subnet: Subnet | null = ipv4 ?? automaticSubnet(index);
    // Written elsewhere already? Then the next number that is free, beyond those of all segments.
    if (!ipv4 && numbered.length > 0) while (subnet && isIn(written, subnet)) subnet = automaticSubnet(spare++);
    fill(numbered, subnet, taken, problems);
    if (ipv6) fillIpv6(segment, without, ipv6, taken, problems);
  }
}

/** NATs and firewalls without an address on a segment of IPv6: they get an IPv4 one, and nobody to talk to. */
function warnOfDeaf(ports: readonly Port[], problems: Problems): void {
  for (const { node, spot } of ports) {
    const message = `\`${node.name}\` speaks no IPv6, and on this segment nobody else has an IPv4 address`;
    problems.warn(spot, 'PW0709', message, 'give the others on the segment an IPv4 address too');
  }
}

/** Hosts configure themselves where a router tells them how; everybody else is numbered. */
function fillIpv6(
  { ports }: Segment,
  without: readonly Port[],
  subnet: Subnet,
  taken: Set<IpAddress>,
  problems: Problems,
): void {
  const routers = ports.filter(({ node, written }) => isRouter(node.kind) && written.some(isPrefixForHosts));
  const hosts = routers.length > 0 ? without.filter(({ node }) => node.kind === 'host') : [];
  for (const host of hosts) host.configuresItself = true;
  if (hosts.length > 0) for (const router of routers) router.advertises = true;
  const others = without.filter((port) => !hosts.includes(port) && speaksIpv6(port.node));
  fill(others, subnet, taken, problems);
}

function isPrefixForHosts(subnet: Subnet): boolean {
  return isIpv6(subnet) && subnet.prefix === 64 && !isLinkLocal(subnet.address);
}

/** What hosts will make of their MAC addresses and the prefixes of the routers on their segment. */
export function foreseeAddresses(segments: readonly Segment[]): void {
  for (const { ports } of segments) {
    const prefixes = ports.filter(({ advertises }) => advertises).flatMap(({ addresses }) => addresses);
    const networks = prefixes.filter(isIpv6).filter(isPrefixForHosts);
    for (const port of ports) {
      if (!port.configuresItself) continue;
      const own = networks.map(({ address }) => ipv6NetworkOf(address, 64) | interfaceIdOf(port.mac));
      for (const address of new Set(own)) port.addresses.push({ address, prefix: 64 });
    }
  }
}

const FIRST_AUTOMATIC = parseIpv4('10.0.0.0') ?? 0;

/** 10.0.N.0/24, going on with 10.1.0.0/24 after 255; null beyond 10.255.255.0. */
function automaticSubnet(index: number): Subnet | null {
  return index < 65_536 ? { address: FIRST_AUTOMATIC + index * 256, prefix: 24 } : null;
}

function isIn(written: readonly Subnet[], subnet: Subnet): boolean {
  return written.some((other) => overlap(other, subnet));
}

function overlap(one: Subnet, other: Subnet): boolean {
  return contains({ ...one, prefix: Math.min(one.prefix, other.prefix) }, other.address);
}

/** A NAT and a firewall speak IPv6 only where an address is written. */
function speaksIpv6({ kind }: NodePlan): boolean {
  return kind === 'host' || kind === 'router';
}

/** Every written address by its owner; the second use of one is refused. Link-local ones are each link's own. */
function takeWritten(segments: readonly Segment[], problems: Problems): Set<IpAddress> {
  const owners = new Map<string, Port>();
  const taken = new Set<IpAddress>();
  const all = segments.flatMap((segment) =>
    segment.ports.flatMap((port) => port.written.map((address) => ({ segment, port, address }))),
  );
  for (const { segment, port, address } of all.toSorted((one, other) => one.address.spot.at - other.address.spot.at)) {
    const shown = formatIp(address.address);
    const isLocal = isIpv6(address) && isLinkLocal(address.address);
    const key = isLocal ? `${shown} ${segment.index}` : shown;
    const owner = owners.get(key);
    if (owner) {
      const who = owner.node === port.node ? 'this node' : `\`${owner.node.name}\``;
      problems.error(address.spot, 'PW0406', `${who} has the address ${shown} already`);
      continue;
    }
    owners.set(key, port);
    taken.add(address.address);
    port.addresses.push({ address: address.address, prefix: address.prefix });
  }
  return taken;
}

/**
 * Two segments with overlapping subnets: nobody could say where an address is. An interface without a link is nowhere
 * and bothers nobody. Sorted by network, each subnet lies
 * inside those that are still open, so that one pass finds all.
 */
function refuseOverlaps(segments: readonly Segment[], problems: Problems): void {
  const all = segments.flatMap((segment) =>
    segment.ports.flatMap((port) =>
      port.link ? port.written.filter(isOfMany).map((address) => ({ segment, port, address })) : [],
    ),
  );
  const network = ({ address }: (typeof all)[number]) => networkOf(address.address, address.prefix);
  all.sort((one, other) => order(network(one), network(other)) || one.address.prefix - other.address.prefix);
  let open: typeof all = [];
  const told = new Set<WrittenAddress>();
  for (const each of all) {
    open = open.filter((outer) => contains(outer.address, each.address.address));
    const other = open.find(({ segment }) => segment !== each.segment);
    if (other) {
      const [first, second] = each.address.spot.at < other.address.spot.at ? [each, other] : [other, each];
      if (!told.has(second.address)) {
        told.add(second.address);
        const message = `${textOf(second.address)} overlaps ${textOf(first.address)} of \`${first.port.node.name}\`, which is on another segment`;
        problems.error(second.address.spot, 'PW0408', message, 'give each segment a subnet of its own');
      }
    }
    // Of equal subnets on one segment the first will do.
    if (!open.some((outer) => outer.segment === each.segment && outer.address.prefix === each.address.prefix))
      open.push(each);
  }
}

/** fe80::/64 is on every link. */
function isOfMany(subnet: Subnet): boolean {
  return !isIpv6(subnet) || !isLinkLocal(subnet.address);
}

/** IPv4 first, then by number. */
function order(one: IpAddress, other: IpAddress): number {
  if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1;
  return one === other ? 0 : one < other ? -1 : 1;
}

function textOf(subnet: Subnet): string {
  return networkText(networkAround(subnet));
}

function fill(ports: readonly Port[], subnet: Subnet | null, taken: Set<IpAddress>, problems: Problems): void {
  const free = subnet === null ? null : isIpv4(subnet) ? ipv4Hosts(subnet) : ipv6Hosts(subnet);
  for (const port of ports) {
    let next = free?.next();
    while (next && !next.done && taken.has(next.value)) next = free?.next();
    if (!subnet || !next || next.done) {
      const where = subnet ? textOf(subnet) : '10.0.0.0/8';
      const message = `no address is left in ${where} for \`${port.node.name}\``;
      problems.error(port.spot, 'PW0415', message, 'write addresses with a shorter prefix, such as `10.0.0.1/16`');
      return;
    }
    taken.add(next.value);
    port.addresses.push({ address: next.value, prefix: subnet.prefix });
  }
}

/** The addresses for hosts in a subnet, in order; a /31 is a pair without network and broadcast address (RFC 3021). */
function* ipv4Hosts(subnet: Subnet<Ipv4>): Generator<IpAddress> {
  const isPair = subnet.prefix === 31;
  const network = networkOf(subnet.address, subnet.prefix) as Ipv4;
  const last = broadcastOf(subnet.address, subnet.prefix) - (isPair ? 0 : 1);
  for (let next = isPair ? network : network + 1; next <= last; next++) yield next;
}

/** All but the first, which is any router's (RFC 4291 section 2.6.1); a /127 is a pair (RFC 6164). */
function* ipv6Hosts({ address, prefix }: Subnet): Generator<IpAddress> {
  const network = ipv6NetworkOf(BigInt(address), prefix);
  const end = network + (1n << BigInt(128 - prefix));
  for (let next = prefix === 127 ? network : network + 1n; next < end; next++) yield next;
}

/** The first automatic MAC address: the bit for "locally administered" is set (IEEE 802, 8.2.2). */
const FIRST_MAC: Mac = 0x020000000000;

/** MAC addresses by the number of the interface in the file, from 1, so that writing one down moves no other. */
export function assignMacs(nodes: readonly NodePlan[], segments: readonly Segment[], problems: Problems): void {
  const ports = segments.length > 0 ? nodes.flatMap((node) => node.ports) : [];
  const written = new Set(ports.flatMap(({ writtenMac }) => (writtenMac ? [writtenMac.mac] : [])));
  const known = new Set(segments.flatMap((segment) => segment.ports));
  let next = FIRST_MAC;
  for (const port of ports) {
    if (port.vlan || !(known.has(port) || port.isBare)) continue;
    do next++;
    while (!port.writtenMac && written.has(next));
    port.mac = port.writtenMac?.mac ?? next;
  }
  for (const port of ports) if (port.vlan) port.mac = port.vlan.card.mac;
  for (const segment of segments) warnOfTwins(segment, problems);
}

function warnOfTwins(segment: Segment, problems: Problems): void {
  const owners = new Map<Mac, Port>();
  for (const port of segment.ports) {
    const owner = owners.get(port.mac);
    if (owner && port.writtenMac) {
      const message = `\`${owner.node.name}\` on the same segment has this MAC address too`;
      problems.warn(port.writtenMac.spot, 'PW0410', message);
    } else owners.set(port.mac, port);
  }
}
