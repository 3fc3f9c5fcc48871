/** What a scenario says of TLS, checked and with its defaults. */

import type { z } from 'zod';
import { formatIp, type IpAddress } from '../wire/address.ts';
import { addressesOf, type NodePlan } from './plan.ts';
import type { NodeSpec } from './scenario.ts';
import type { CLIENT_TLS, SERVER_TLS } from './schema/tls.ts';

interface Common {
  /** By their names; empty: all that there are. */
  readonly suites: readonly string[];
  readonly groups: readonly ('x25519' | 'secp256r1')[];
  /** New keys after so many records; null: when the cipher asks for it. */
  readonly renewAfter: number | null;
}

export interface ServerTlsSpec extends Common {
  /** What the certificate is for. */
  readonly names: readonly string[];
  readonly key: 'p256' | 'ed25519';
  readonly isExpired: boolean;
  readonly isSelfSigned: boolean;
}

export interface ClientTlsSpec extends Common {
  readonly serverName: string;
  readonly trusts: 'the authority' | 'nobody';
}

/** Nothing where it is plain TCP: to be spread into what a server is. */
export function serverTlsOf(
  file: z.output<typeof SERVER_TLS> | undefined,
  names: readonly string[],
): { readonly tls?: ServerTlsSpec } {
  if (file === undefined || file === false) return {};
  const options = file === true ? {} : file;
  const tls = {
    names: options.names ?? names,
    key: options.key ?? 'p256',
    isExpired: options.expired ?? false,
    isSelfSigned: options['self-signed'] ?? false,
    suites: options.suites ?? [],
    groups: options.groups ?? [],
    renewAfter: options['key-update'] ?? null,
  };
  return { tls };
}

export function clientTlsOf(file: z.output<typeof CLIENT_TLS> | undefined, host: string): ClientTlsSpec {
  return {
    serverName: file?.name ?? host,
    trusts: (file?.trust ?? true) ? 'the authority' : 'nobody',
    suites: file?.suites ?? [],
    groups: file?.groups ?? [],
    renewAfter: file?.['key-update'] ?? null,
  };
}

/** What a server on a node is called: the node's name, its IPv4 addresses, and the names that zones give it. */
export function namesOf(node: NodePlan, nodes: Iterable<NodePlan>): readonly string[] {
  const zones = [...nodes].flatMap(({ file }) =>
    Object.values(file.apps ?? {}).flatMap((app) => (app && 'zone' in app ? Object.entries(app.zone ?? {}) : [])),
  );
  const named = zones.flatMap(([name, whom]) => [whom].flat().map((each) => [name, each] as const));
  return certificateNames(node.name, addressesOf(node), named);
}

/** The same of a node of a scenario that is loaded. */
export function namesOfNode({ name, interfaces }: NodeSpec, nodes: readonly NodeSpec[]): readonly string[] {
  const addresses = interfaces.flatMap((each) => each.addresses.map(({ address }) => address));
  const zones = nodes.flatMap(({ apps }) => apps.flatMap((app) => (app.kind === 'dns-server' ? app.zone : [])));
  return certificateNames(
    name,
    addresses,
    zones.map((each) => [each.name, formatIp(each.address)]),
  );
}

/** `zones`: names, and the nodes or addresses that they stand for. */
function certificateNames(
  node: string,
  addresses: readonly IpAddress[],
  zones: readonly (readonly [name: string, whom: string])[],
): readonly string[] {
  const texts = addresses.map(formatIp);
  const called = zones.filter(([, whom]) => whom === node || texts.includes(whom));
  const ipv4 = addresses.filter((address) => typeof address === 'number').map(formatIp);
  return [...new Set([node, ...called.map(([name]) => name.replace(/\.$/, '')), ...ipv4])];
}
