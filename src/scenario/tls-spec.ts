/** What a scenario says of TLS, checked and with its defaults. */

import type { z } from 'zod';
import { formatIp } from '../wire/address.ts';
import { addressesOf, type NodePlan } from './plan.ts';
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
  const addresses = addressesOf(node)
    .filter((address) => typeof address === 'number')
    .map(formatIp);
  const zones = [...nodes].flatMap(({ file }) =>
    Object.values(file.apps ?? {}).flatMap((app) => (app && 'zone' in app ? Object.entries(app.zone ?? {}) : [])),
  );
  const called = zones.flatMap(([name, whom]) =>
    whom === node.name || addresses.includes(String(whom)) ? [name.replace(/\.$/, '')] : [],
  );
  return [...new Set([node.name, ...called, ...addresses])];
}
