/** A node as the world builds it: from what was written, with addresses, routes and defaults filled in. */

import type { Nanos } from '../kernel/journal.ts';
import { type IpAddress, parseIp } from '../wire/address.ts';
import { checkTarget } from './action-source.ts';
import { mqttBrokerOf, queueBrokerOf } from './broker-app.ts';
import type { Checks } from './checks.ts';
import { type DhcpSurroundings, dhcpServerOf } from './dhcp-spec.ts';
import { gateOf } from './gate.ts';
import { whyNoName } from './names.ts';
import { addressesOf, hasAddresses, isRouter, type NodePlan, type Port } from './plan.ts';
import type { Problems, Spot } from './problem.ts';
import { loadBalancerOf, proxyOf } from './relay-app.ts';
import type { Routing } from './routes.ts';
import type { AdvertisementSpec, AppSpec, InterfaceSpec, NodeSpec, TcpSpec, Transport } from './scenario.ts';
import type { AppFile, AppsFile, TcpFile } from './schema/node.ts';
import { socketIoServerOf, wsServerOf } from './session-app.ts';
import { FAMILIES, type Family, familyOf, isIpv6 } from './subnet.ts';
import { namesOf, serverTlsOf } from './tls-spec.ts';
import { childOf, keySpotAt, spotAt } from './tree.ts';

/** Keys that only a node with addresses can have. */
const HOST_KEYS = [
  'advertise',
  'ip',
  'mac',
  'gateway',
  'interfaces',
  'routes',
  'dns',
  'tcp',
  'nat',
  'firewall',
  'apps',
] as const;

/** What does not go together within one node. */
export function checkNode(node: NodePlan, problems: Problems): void {
  checkAdvertisement(node, problems);
  if (!hasAddresses(node.kind)) {
    for (const key of HOST_KEYS) {
      if (node.file[key] === undefined) continue;
      const message = `a ${node.kind} has no \`${key}\`: it works below the network layer`;
      problems.error(keySpotAt(node.tree, [key]), 'PW0414', message);
    }
  } else if (node.file.interfaces) {
    for (const key of ['ip', 'mac'] as const) {
      if (node.file[key] === undefined) continue;
      const message = `\`${key}\` is for nodes without \`interfaces\`: it describes eth0`;
      problems.error(keySpotAt(node.tree, [key]), 'PW0307', message, 'write the address behind its interface');
    }
  }
}

export function nodeSpecOf(node: NodePlan, routing: Routing, checks: Checks): NodeSpec {
  const isHost = hasAddresses(node.kind);
  const dns = isHost ? serversOf(node, checks) : [];
  return {
    name: node.name,
    kind: node.kind,
    interfaces: node.ports.map((port) => interfaceOf(node, port)),
    routes: isHost ? routing.routesOf(node) : [],
    dns,
    tcp: tcpSpecOf(node.file.tcp ?? {}),
    apps: isHost ? appsOf(node, surroundingsOf(dns, routing, checks), checks) : [],
    ...gateOf(node, checks),
  };
}

/** RFC 4861 section 6.2.1, AdvDefaultLifetime and its like. */
const ADVERTISEMENT: AdvertisementSpec = {
  preference: 'medium',
  lifetimeSeconds: 1800,
  validSeconds: 2_592_000,
  preferredSeconds: 604_800,
  everySeconds: 600,
};

function interfaceOf(node: NodePlan, port: Port): InterfaceSpec {
  const { name, mac, addresses, link, configuresItself, asks, vlan, isBare } = port;
  const spec = {
    name,
    mac,
    addresses,
    link: link?.id ?? null,
    ...(asks ? { dhcp: true as const } : {}),
    ...(vlan ? { vlan: { card: vlan.card.name, id: vlan.id } } : {}),
    ...(isBare ? { isBare: true as const } : {}),
  };
  if (!configuresItself && !addresses.some(isIpv6)) return spec;
  return { ...spec, ipv6: { configuresItself, advertises: advertisementOf(node, port) } };
}

/** Whoever asks for it, or has hosts on the link that wait for it. */
function advertisementOf({ file }: NodePlan, { advertises }: Port): AdvertisementSpec | null {
  const written = file.advertise;
  if (!advertises && !written) return null;
  const seconds = (ns: Nanos | undefined, otherwise: number) => (ns === undefined ? otherwise : ns / 1_000_000_000);
  const everySeconds = seconds(written?.every, ADVERTISEMENT.everySeconds);
  const validSeconds = seconds(written?.valid, ADVERTISEMENT.validSeconds);
  return {
    preference: written?.preference ?? ADVERTISEMENT.preference,
    lifetimeSeconds: seconds(written?.lifetime, 3 * everySeconds),
    validSeconds,
    preferredSeconds: seconds(written?.preferred, Math.min(ADVERTISEMENT.preferredSeconds, validSeconds)),
    everySeconds,
  };
}

/** What a router may advertise, and that it is one. */
function checkAdvertisement(node: NodePlan, problems: Problems): void {
  const { advertise } = node.file;
  if (!advertise) return;
  if (!isRouter(node.kind)) {
    problems.error(
      keySpotAt(node.tree, ['advertise']),
      'PW0414',
      `only a router advertises itself, not a ${node.kind}`,
    );
  }
  const { valid = ADVERTISEMENT.validSeconds * 1e9, preferred } = advertise;
  if (preferred !== undefined && preferred > valid) {
    const spot = spotAt(node.tree, ['advertise', 'preferred']);
    problems.error(spot, 'PW0307', 'addresses are preferred for longer than they are valid', 'make `valid` longer');
  }
}

function serversOf(node: NodePlan, checks: Checks): IpAddress[] {
  const { dns } = node.file;
  const list = dns === undefined ? [] : Array.isArray(dns) ? dns : [dns];
  return list.flatMap((text, index) => {
    const spot = spotAt(node.tree, Array.isArray(dns) ? ['dns', index] : ['dns']);
    const [first] = addressesBehind(text, spot, checks).filter(({ family }) => speaks(node, family));
    if (first) return [first.address];
    const message = `\`${text}\` has no address of a family that \`${node.name}\` has`;
    if (addressesBehind(text, spot, checks).length > 0) checks.problems.warn(spot, 'PW0706', message);
    return [];
  });
}

/** Whether a node has addresses of a family. */
function speaks(node: NodePlan, family: Family): boolean {
  if (family === 'ipv4' && node.ports.some(({ asks }) => asks)) return true;
  return addressesOf(node).some((address) => familyOf(address) === family);
}

/** A literal address, or of the node that is named the first of each family. */
function addressesBehind(text: string, spot: Spot, checks: Checks): { readonly address: IpAddress; family: Family }[] {
  const literal = parseIp(text);
  if (literal !== null) return [{ address: literal, family: familyOf(literal) }];
  const node = checks.host(text, spot, 'has no address');
  const addresses = node ? addressesOf(node) : [];
  return FAMILIES.flatMap((family) => {
    const address = addresses.find((each) => familyOf(each) === family);
    return address === undefined ? [] : [{ address, family }];
  });
}

function tcpSpecOf(file: NonNullable<TcpFile>): TcpSpec {
  return defined({
    congestion: file.congestion,
    sack: file.sack,
    timestamps: file.timestamps,
    windowScale: file['window-scale'],
    ecn: file.ecn,
    keepAlive: file.keepalive,
    nagle: file.nagle,
    delayedAck: file['delayed-ack'],
    minRtoNs: file['min-rto'],
    mssBytes: file.mss,
    receiveBufferBytes: file['recv-buffer'],
    sendBufferBytes: file['send-buffer'],
    initialWindowSegments: file['initial-window'],
  });
}

/** The same object without the keys whose value is undefined. */
export function defined<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** What a web server shows when the scenario says nothing. */
const DEFAULT_PAGES = [{ path: '/', body: { text: 'It works.\n' } }] as const;

function surroundingsOf(dns: readonly IpAddress[], routing: Routing, checks: Checks): DhcpSurroundings {
  const onlyIpv4 = (addresses: readonly IpAddress[]) =>
    addresses.flatMap((address) => (typeof address === 'number' ? [address] : []));
  return {
    routerOn: (port, subnet) => routing.routerOn(port, subnet),
    addressesBehind: (text, spot) => onlyIpv4(addressesBehind(text, spot, checks).map(({ address }) => address)),
    dns: onlyIpv4(dns),
  };
}

function appsOf(node: NodePlan, around: DhcpSurroundings, checks: Checks): AppSpec[] {
  const { apps } = node.file;
  const written = childOf(node.tree, 'apps');
  if (!apps || written?.kind !== 'map') return [];
  const found: AppSpec[] = [];
  const ports = new Map<string, string>();
  for (const [name, { key, value }] of written.entries) {
    const options = apps[name];
    const bad = whyNoName(name, "an app's name");
    if (bad !== null) checks.problems.error(key, 'PW0401', bad);
    if (options === undefined || bad !== null) continue;
    const app = appOf(node, name, options, around, checks);
    if (!app) continue;
    found.push(app);
    const port = portOf(app);
    for (const transport of transportsOf(app)) {
      const owner = ports.get(`${transport}/${port}`);
      if (owner !== undefined) {
        const spot = childOf(value, 'port')?.spot ?? key;
        const message = `\`${owner}\` listens on ${transport} port ${port} of \`${node.name}\` already`;
        checks.problems.error(spot, 'PW0412', message);
        break;
      }
      ports.set(`${transport}/${port}`, name);
    }
  }
  return found;
}

/** TLS is for streams: DTLS there is none. */
function checkStreamsOnly(
  node: NodePlan,
  app: string,
  transport: Transport,
  { tls }: { readonly tls?: unknown },
  { problems }: Checks,
): void {
  if (!tls || transport === 'tcp') return;
  problems.error(spotAt(node.tree, ['apps', app, 'transport']), 'PW0307', '`tls` goes with `transport: tcp` only');
}

/** DHCP servers of two interfaces do not disturb each other. */
function portOf(app: AppSpec): number | string {
  if (app.kind === 'dhcp-server') return `67 on ${app.interface}`;
  return app.kind === 'dns-server' ? 53 : app.port;
}

function transportsOf(app: AppSpec): readonly ('tcp' | 'udp')[] {
  if (!('transport' in app)) return app.kind === 'dns-server' || app.kind === 'dhcp-server' ? ['udp'] : ['tcp'];
  return app.transport === 'both' ? ['tcp', 'udp'] : [app.transport];
}

/** The kind is written in `kind`, or else it is the name. */
function appOf(
  node: NodePlan,
  name: string,
  options: AppsFile[string],
  around: DhcpSurroundings,
  checks: Checks,
): AppSpec | null {
  const file = { ...options, kind: options?.kind ?? name } as AppFile;
  // Of a thousand nodes most have no certificate, and finding its names looks at all of them.
  const names = 'tls' in file && file.tls ? namesOf(node, checks.nodes.values()) : [];
  switch (file.kind) {
    case 'echo-server': {
      const secure = serverTlsOf(file.tls, names);
      const { kind, port = 7, transport = secure.tls ? 'tcp' : 'both' } = file;
      checkStreamsOnly(node, name, transport, secure, checks);
      return { kind, name, port, transport, ...secure };
    }
    case 'sink': {
      const secure = serverTlsOf(file.tls, names);
      const { kind, port = 9, transport = secure.tls ? 'tcp' : 'both', 'read-rate': readBytesPerSecond = null } = file;
      checkStreamsOnly(node, name, transport, secure, checks);
      return { kind, name, port, transport, readBytesPerSecond, ...secure };
    }
    case 'iperf3-server': {
      const { kind, port = 5201 } = file;
      return { kind, name, port };
    }
    case 'http-server': {
      const secure = serverTlsOf(file.tls, names);
      const { kind, port = secure.tls ? 443 : 80, pages, 'keep-alive': keepAlive = true, compress } = file;
      const written = Object.entries(pages ?? {}).map(([path, body]) => ({
        path,
        body: typeof body === 'string' ? { text: body } : { sizeBytes: body.size },
      }));
      const coded = compress ? { codings: compress } : {};
      return { kind, name, port, pages: pages ? written : DEFAULT_PAGES, keepAlive, ...coded, ...secure };
    }
    case 'ws-server':
      return wsServerOf(name, file, names);
    case 'socketio-server':
      return socketIoServerOf(name, file, names);
    case 'mqtt-broker':
      return mqttBrokerOf(name, file, names);
    case 'queue-broker':
      return queueBrokerOf(name, file, names);
    case 'proxy':
      checkTarget({ node }, file.to.host, spotAt(node.tree, ['apps', name, 'to']), checks);
      return proxyOf(name, file, names);
    case 'load-balancer':
      file.to.forEach(({ host }, index) => {
        checkTarget({ node }, host, spotAt(node.tree, ['apps', name, 'to', index]), checks);
      });
      return loadBalancerOf(name, file, names);
    case 'dns-server': {
      const zone = Object.entries(file.zone ?? {}).flatMap(([host, texts]) =>
        [texts].flat().flatMap((text, index) => {
          const path = ['apps', name, 'zone', host, ...(Array.isArray(texts) ? [index] : [])];
          const addresses = addressesBehind(text, spotAt(node.tree, path), checks);
          return addresses.map(({ address }) => ({ name: host.replace(/\.$/, ''), address }));
        }),
      );
      return { kind: file.kind, name, zone };
    }
    case 'dhcp-server':
      return dhcpServerOf(node, name, file, around, checks);
  }
}
