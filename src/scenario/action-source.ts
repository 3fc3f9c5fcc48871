/** Where an action stands, and whom it is for. */

import type { z } from 'zod';
import { parseIp } from '../wire/address.ts';
import type { Url } from './address-text.ts';
import type { Checks } from './checks.ts';
import type { NodePlan } from './plan.ts';
import type { Spot } from './problem.ts';
import type { DoFile } from './schema/timeline.ts';
import type { CLIENT_TLS } from './schema/tls.ts';
import { type ClientTlsSpec, clientTlsOf } from './tls-spec.ts';
import { childOf, type Path, spotAt, type Tree } from './tree.ts';
import { clipped } from './yaml-guard.ts';

export type ActionKind = keyof DoFile;

/** Where an action stands: the tree of its entry, and the path of its arguments in it. */
export interface ActionSource {
  readonly node: NodePlan;
  readonly file: DoFile;
  readonly kind: ActionKind;
  readonly tree: Tree;
  readonly path: Path;
  /** Names of the connections that `tcp-connect` opens on this node, in file order. */
  readonly connections: readonly string[];
  /** The same for WebSockets, Socket.IO and MQTT clients. */
  readonly opened: { readonly ws: readonly string[]; readonly io: readonly string[]; readonly mqtt: readonly string[] };
}

/** Of one argument, or of the short form that stands for it. */
export function spotOf({ tree, path }: ActionSource, key: string): Spot {
  return spotAt(tree, [...path, key]);
}

/** Whom an action is for: a node, an address, or a name that only the DNS knows. */
export function checkTarget({ node }: Pick<ActionSource, 'node'>, host: string, spot: Spot, checks: Checks): void {
  const { problems, nodes } = checks;
  const address = parseIp(host);
  const named = nodes.get(host);
  if (address !== null) {
    if (!checks.addresses.has(address) && !checks.mayBeLent(address))
      problems.warn(spot, 'PW0706', `no node has the address ${host}`);
  } else if (named) {
    if (checks.host(host, spot, 'has no address') && !checks.areJoined(node.name, host)) {
      problems.warn(spot, 'PW0703', `no links lead from \`${node.name}\` to \`${host}\``);
    }
  } else if (checks.zoneNames.has(host.replace(/\.$/, '').toLowerCase())) warnWithoutServer(node, spot, checks);
  else if (host.includes('.')) {
    const near = problems.didYouMean(host, checks.zoneNames);
    problems.warn(spot, 'PW0706', `no dns-server of this scenario knows \`${clipped(host)}\`${near}`);
  } else {
    const near = problems.didYouMean(host, [...checks.nodeNames, ...checks.zoneNames]);
    problems.error(spot, 'PW0402', `there is no node \`${clipped(host)}\`${near}`);
  }
}

export function warnWithoutServer(node: NodePlan, spot: Spot, checks: Checks): void {
  if (node.file.dns !== undefined || childOf(node.tree, 'dns') || node.ports.some(({ asks }) => asks)) return;
  const message = `\`${node.name}\` has no name server to ask`;
  checks.problems.warn(spot, 'PW0706', message, `write \`dns:\` at the node \`${node.name}\``);
}

/** Host, port and path of a URL, and the TLS that it asks for. */
export function placeOf(
  source: ActionSource,
  { isSecure, ...place }: Url,
  tls: z.output<typeof CLIENT_TLS> | undefined,
  checks: Checks,
): Omit<Url, 'isSecure'> & { readonly tls?: ClientTlsSpec } {
  if (tls !== undefined && !isSecure) {
    const hint = 'write `https`, `wss` or `mqtts`';
    checks.problems.error(spotOf(source, 'tls'), 'PW0307', '`tls` is for URLs that ask for it', hint);
  }
  return isSecure ? { ...place, tls: clientTlsOf(tls, place.host) } : place;
}
