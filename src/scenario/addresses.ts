/**
 * Checks the written addresses and fills in the automatic ones.
 *
 * Segments are counted from 0 in the order of their first link, and an automatic address on segment N is 10.0.N.M/24:
 * M counts from 1 over the segment's interfaces without an address, hosts and routers alike, in the order of the file.
 * Where somebody on the segment has a written address, the automatic ones join that subnet and leave out what is taken.
 */

import { broadcastOf, formatIpv4, type Ipv4, type Mac, networkOf, parseIpv4 } from '../wire/address.ts';
import type { Subnet } from './address-text.ts';
import type { NodePlan, Port, Segment, WrittenAddress } from './plan.ts';
import type { Problems } from './problem.ts';

export function assignAddresses(segments: readonly Segment[], problems: Problems): void {
  const taken = takeWritten(segments, problems);
  refuseOverlaps(segments, problems);
  const written = segments.flatMap(({ ports }) => ports.flatMap((port) => port.written));
  let spare = segments.length;
  for (const { index, ports } of segments) {
    const without = ports.filter((port) => port.written.length === 0);
    if (without.length === 0) continue;
    let subnet: Subnet | null = ports.find((port) => port.written.length > 0)?.written[0] ?? automaticSubnet(index);
    // Written elsewhere already? Then the next number that is free, beyond those of all segments.
    if (ports.every((port) => port.written.length === 0)) {
      while (subnet && isIn(written, subnet)) subnet = automaticSubnet(spare++);
    }
    fill(without, subnet, taken, problems);
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
  const prefix = Math.min(one.prefix, other.prefix);
  return networkOf(one.address, prefix) === networkOf(other.address, prefix);
}

/** Every written address by its owner; the second use of one is refused. */
function takeWritten(segments: readonly Segment[], problems: Problems): Set<Ipv4> {
  const owners = new Map<Ipv4, Port>();
  const all = segments.flatMap(({ ports }) =>
    ports.flatMap((port) => port.written.map((address) => ({ port, address }))),
  );
  for (const { port, address } of all.toSorted((one, other) => one.address.spot.at - other.address.spot.at)) {
    const owner = owners.get(address.address);
    if (owner) {
      const who = owner.node === port.node ? 'this node' : `\`${owner.node.name}\``;
      problems.error(address.spot, 'PW0406', `${who} has the address ${formatIpv4(address.address)} already`);
      continue;
    }
    owners.set(address.address, port);
    port.addresses.push({ address: address.address, prefix: address.prefix });
  }
  return new Set(owners.keys());
}

/**
 * Two segments with overlapping subnets: nobody could say where an address is. An interface without a link is nowhere
 * and bothers nobody. Sorted by network, each subnet lies
 * inside those that are still open, so that one pass finds all.
 */
function refuseOverlaps(segments: readonly Segment[], problems: Problems): void {
  const all = segments.flatMap((segment) =>
    segment.ports.flatMap((port) => (port.link ? port.written.map((address) => ({ segment, port, address })) : [])),
  );
  const network = ({ address }: (typeof all)[number]) => networkOf(address.address, address.prefix);
  all.sort((one, other) => network(one) - network(other) || one.address.prefix - other.address.prefix);
  let open: typeof all = [];
  const told = new Set<WrittenAddress>();
  for (const each of all) {
    open = open.filter((outer) => networkOf(each.address.address, outer.address.prefix) === network(outer));
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

function textOf({ address, prefix }: Subnet): string {
  return `${formatIpv4(networkOf(address, prefix))}/${prefix}`;
}

function fill(ports: readonly Port[], subnet: Subnet | null, taken: Set<Ipv4>, problems: Problems): void {
  const isPair = subnet?.prefix === 31;
  const network = subnet ? networkOf(subnet.address, subnet.prefix) : 0;
  const last = subnet ? broadcastOf(subnet.address, subnet.prefix) - (isPair ? 0 : 1) : -1;
  let next = isPair ? network : network + 1;
  for (const port of ports) {
    while (next <= last && taken.has(next)) next++;
    if (!subnet || next > last) {
      const where = subnet ? textOf(subnet) : '10.0.0.0/8';
      const message = `no address is left in ${where} for \`${port.node.name}\``;
      problems.error(port.spot, 'PW0415', message, 'write addresses with a shorter prefix, such as `10.0.0.1/16`');
      return;
    }
    taken.add(next);
    port.addresses.push({ address: next, prefix: subnet.prefix });
  }
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
    if (!known.has(port)) continue;
    do next++;
    while (!port.writtenMac && written.has(next));
    port.mac = port.writtenMac?.mac ?? next;
  }
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
