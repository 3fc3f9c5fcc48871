/** DHCP in a scenario: what servers lend and tell, and who asks them. */

import type { Nanos } from '../kernel/journal.ts';
import { broadcastOf, formatIpv4, type Ipv4, networkOf } from '../wire/address.ts';
import type { ActionSource } from './action-source.ts';
import { spotOf } from './action-source.ts';
import type { Checks } from './checks.ts';
import type { NodePlan, Port, Segment } from './plan.ts';
import type { Problems, Spot } from './problem.ts';
import type { Action, DhcpServerSpec, NodeSpec } from './scenario.ts';
import type { AppFile } from './schema/node.ts';
import { contains, isIpv4, networkAround, networkText, type Subnet } from './subnet.ts';
import { spotAt } from './tree.ts';

const LEASE_NS: Nanos = 3_600_000_000_000;

type DhcpServerFile = Extract<AppFile, { readonly kind: 'dhcp-server' }>;

/** The pools that are written down at a node's servers. */
export function poolsOf({ file }: NodePlan): DhcpServerSpec['pool'][] {
  return Object.values(file.apps ?? {}).flatMap((app) => (app && 'pool' in app && app.pool ? [app.pool] : []));
}

/** An interface has one IPv4 address: written down, or lent. */
export function checkAsking(node: NodePlan, problems: Problems): void {
  for (const { asks, written } of node.ports) {
    const own = asks && written.find(isIpv4);
    if (!own) continue;
    const message = '`dhcp` and an IPv4 address do not go together on one interface';
    problems.error(own.spot, 'PW0307', message, 'an IPv6 address may stand beside `dhcp`');
  }
  const first = node.ports.find(({ asks }) => asks)?.name;
  if (first === undefined || node.file.gateway === undefined) return;
  if (node.ports.every(({ asks, isBare }) => asks || isBare)) {
    const spot = spotAt(node.tree, ['gateway']);
    problems.error(
      spot,
      'PW0307',
      '`gateway` does not go with `dhcp`: the server tells the router',
      'write `router:` at the dhcp-server',
    );
  }
}

/** What the server needs to know of the network around it. */
export interface DhcpSurroundings {
  /** The first router on the segment of a port, in a subnet of it. */
  routerOn(port: Port, subnet: Subnet): Ipv4 | null;
  /** Addresses behind a name or an address. */
  addressesBehind(text: string, spot: Spot): readonly Ipv4[];
  /** The name servers that the node itself asks. */
  readonly dns: readonly Ipv4[];
}

/** null: something about it is wrong, and that has been reported. */
export function dhcpServerOf(
  node: NodePlan,
  name: string,
  file: DhcpServerFile,
  around: DhcpSurroundings,
  { problems }: Pick<Checks, 'problems'>,
): DhcpServerSpec | null {
  const path = ['apps', name];
  const spot = spotAt(node.tree, file.pool ? [...path, 'pool'] : path);
  const seat = seatOf(node, file.pool, spot, problems);
  if (!seat) return null;
  const { port, subnet } = seat;
  const router =
    file.router === undefined
      ? around.routerOn(port, subnet)
      : (around
          .addressesBehind(file.router, spotAt(node.tree, [...path, 'router']))
          .find((each) => contains(subnet, each)) ?? null);
  if (file.router !== undefined && router === null) {
    const message = `\`${file.router}\` has no address in ${networkText(networkAround(subnet))}, where it would have to be the router`;
    problems.error(spotAt(node.tree, [...path, 'router']), 'PW0409', message);
  }
  return {
    kind: 'dhcp-server',
    name,
    interface: port.name,
    address: subnet.address,
    prefix: subnet.prefix,
    pool: file.pool ?? upperHalf(subnet),
    leaseNs: file.lease ?? LEASE_NS,
    router,
    nameServers: nameServersOf(node, name, file, subnet, around),
  };
}

function nameServersOf(
  node: NodePlan,
  name: string,
  { dns }: DhcpServerFile,
  { address }: Subnet<Ipv4>,
  around: DhcpSurroundings,
): readonly Ipv4[] {
  if (dns === undefined) {
    const isOne = Object.entries(node.file.apps ?? {}).some(([key, app]) => (app?.kind ?? key) === 'dns-server');
    return isOne ? [address] : around.dns;
  }
  return [dns].flat().flatMap((text, index) => {
    const path = ['apps', name, 'dns', ...(Array.isArray(dns) ? [index] : [])];
    return around.addressesBehind(text, spotAt(node.tree, path)).slice(0, 1);
  });
}

/** The interface and subnet that a server serves: the pool's, or the first. */
function seatOf(
  node: NodePlan,
  pool: DhcpServerSpec['pool'] | undefined,
  spot: Spot,
  problems: Problems,
): { readonly port: Port; readonly subnet: Subnet<Ipv4> } | null {
  const seats = node.ports.flatMap((port) => port.addresses.filter(isIpv4).map((subnet) => ({ port, subnet })));
  const seat = pool ? seats.find(({ subnet }) => contains(subnet, pool.first)) : seats[0];
  if (!seat) {
    const own = seats.map(({ subnet }) => networkText(networkAround(subnet)));
    const hint = own.length > 0 ? `connected are ${own.join(', ')}` : 'give the server an address of its own';
    const message = pool
      ? `the pool lies in no network that \`${node.name}\` is connected to`
      : `\`${node.name}\` has no IPv4 address of its own, and so no network to lend from`;
    problems.error(spot, 'PW0407', message, hint);
    return null;
  }
  if (!pool) return seat;
  const { address, prefix } = seat.subnet;
  const [network, broadcast] = [networkOf(address, prefix), broadcastOf(address, prefix)];
  const isPair = prefix === 31;
  if (pool.last <= broadcast && (isPair || (pool.first !== network && pool.last !== broadcast))) return seat;
  const first = isPair ? network : network + 1;
  const last = isPair ? broadcast : broadcast - 1;
  const hint = `addresses for hosts are ${formatIpv4(first)}-${formatIpv4(last)}`;
  problems.error(spot, 'PW0407', `the pool reaches beyond the hosts of ${networkText({ to: network, prefix })}`, hint);
  return null;
}

/** 10.0.0.128 to 10.0.0.254 of 10.0.0.0/24: automatic addresses are counted from below. */
function upperHalf({ address, prefix }: Subnet<Ipv4>): DhcpServerSpec['pool'] {
  const [network, broadcast] = [networkOf(address, prefix), broadcastOf(address, prefix)];
  if (prefix >= 30) return { first: network + (prefix === 31 ? 0 : 1), last: broadcast - (prefix === 31 ? 0 : 1) };
  return { first: network + (broadcast - network + 1) / 2, last: broadcast - 1 };
}

/** What is likely to go wrong between servers, those who ask them, and those who do not. */
export function warnOfLending(segments: readonly Segment[], specs: readonly NodeSpec[], problems: Problems): void {
  const serversOf = new Map(specs.map(({ name, apps }) => [name, apps.filter((app) => app.kind === 'dhcp-server')]));
  for (const { ports } of segments) {
    const servers = ports.flatMap((port) =>
      (serversOf.get(port.node.name) ?? [])
        .filter((app) => app.interface === port.name)
        .map((app) => ({ ...app, port, spot: spotAt(port.node.tree, ['apps', app.name]) })),
    );
    for (const { asks, node } of ports) {
      if (!asks || servers.length > 0 || ports.length < 2) continue;
      problems.warn(asks, 'PW0708', `no dhcp-server lends addresses on the segment of \`${node.name}\``);
    }
    for (const [index, server] of servers.entries()) {
      const rival = servers
        .slice(0, index)
        .find(({ pool }) => pool.first <= server.pool.last && server.pool.first <= pool.last);
      if (rival) {
        const message = `the pools of \`${rival.port.node.name}\` and \`${server.port.node.name}\` overlap: one address may be lent twice`;
        problems.warn(server.spot, 'PW0707', message);
      }
      for (const port of ports) {
        if (port === server.port) continue;
        const inside = port.addresses.find(
          ({ address }) => typeof address === 'number' && address >= server.pool.first && address <= server.pool.last,
        );
        if (!inside) continue;
        const message = `the pool of \`${server.port.node.name}\` holds ${formatIpv4(inside.address as Ipv4)}, which \`${port.node.name}\` has`;
        problems.warn(server.spot, 'PW0707', message);
      }
    }
  }
}

/** `renew`, `release`, of one interface or of all that ask. */
export function dhcpActionOf(source: ActionSource, checks: Checks): Action | null {
  const { node, file } = source;
  const given = file.dhcp;
  if (given === undefined) return null;
  const what = typeof given === 'string' ? given : 'renew' in given ? 'renew' : 'release';
  const name = typeof given === 'string' ? null : 'renew' in given ? given.renew : given.release;
  const asking = node.ports.filter(({ asks }) => asks !== null).map((port) => port.name);
  if (name === null ? asking.length === 0 : !asking.includes(name)) {
    const message = `\`${node.name}\` has ${name === null ? 'no address' : `no interface \`${name}\` with an address`} by DHCP`;
    const hint =
      asking.length > 0 ? `by DHCP: ${asking.join(', ')}` : `write \`ip: dhcp\` at the node \`${node.name}\``;
    checks.problems.error(spotOf(source, what), 'PW0403', message, hint);
  }
  return { kind: 'dhcp', node: node.name, what, interface: name };
}
