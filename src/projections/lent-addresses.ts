/** The addresses that DHCP servers lent to nodes: a journal knows them, and the scenario does not. */

import type { Entry } from '../kernel/journal.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type Ipv4, parseIpv4 } from '../wire/address.ts';

/** By node, those it has had so far. */
export type LentAddresses = (node: string) => readonly Ipv4[];

const NONE: LentAddresses = () => [];

/** `entries` may grow; what was read once is not read again. */
export function lentAddresses({ nodes }: Pick<Scenario, 'nodes'>, entries: () => readonly Entry[]): LentAddresses {
  if (!nodes.some(({ interfaces }) => interfaces.some(({ dhcp }) => dhcp))) return NONE;
  const byNode = new Map<string, Ipv4[]>();
  let read = 0;
  let last: readonly Entry[] | null = null;
  return (name) => {
    const all = entries();
    if (all !== last) {
      // Another run: a branch of this one.
      byNode.clear();
      read = 0;
      last = all;
    }
    for (; read < all.length; read++) {
      const { node, event } = all[read] as Entry;
      if (event.kind !== 'table' || event.protocol !== 'ipv4' || event.change.table !== 'addresses') continue;
      const address = parseIpv4(event.change.key);
      const known = byNode.get(node) ?? [];
      if (address !== null && !known.includes(address)) byNode.set(node, [...known, address]);
    }
    return byNode.get(name) ?? [];
  };
}
