/** Filters of a scenario: its nodes' names stand for addresses in them. */

import { type CompiledFilter, compileFilter, type FilterNames, isFilterProblem } from '../filter/filter.ts';
import type { IpAddress, Mac } from '../wire/address.ts';
import type { CheckFilter } from './checks.ts';
import type { FilterSpec, Scenario } from './scenario.ts';

/** The addresses that DHCP servers have lent to a node so far, while a run goes on. */
export type Lent = (node: string) => readonly IpAddress[];

interface Named {
  readonly name: string;
  readonly addresses: readonly IpAddress[];
  readonly macs: readonly Mac[];
  /** Further ones are lent to it. */
  readonly asks?: boolean;
}

function namesOf(nodes: readonly Named[], lent: Lent | null = null): FilterNames {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  return {
    has: (name) => byName.has(name),
    names: () => byName.keys(),
    addressesOf: (name) => byName.get(name)?.addresses ?? [],
    macsOf: (name) => byName.get(name)?.macs ?? [],
    lentTo: (name) => (lent && byName.get(name)?.asks ? () => lent(name) : null),
  };
}

/** For the loader: what is wrong with a filter of the file that is being read, or null. */
export const checkFilter: CheckFilter = (text, { nodes }) => {
  const compiled = compileFilter(text, namesOf(nodes));
  return isFilterProblem(compiled) ? compiled : null;
};

/** The names of a scenario that was loaded, for its own filters and for those that people type. */
export function filterNamesOf({ nodes }: Pick<Scenario, 'nodes'>, lent: Lent | null = null): FilterNames {
  return namesOf(
    nodes.map(({ name, interfaces }) => ({
      name,
      addresses: interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)),
      macs: interfaces.map(({ mac }) => mac),
      asks: interfaces.some(({ dhcp }) => dhcp),
    })),
    lent,
  );
}

/** A filter of the scenario, ready to be asked. It was checked when the scenario was loaded; anything else is our bug. */
export function compileSpec({ text }: FilterSpec, names: FilterNames): CompiledFilter {
  const compiled = compileFilter(text, names);
  if (isFilterProblem(compiled))
    throw new Error(`the filter ${text} was accepted once and is refused now: ${compiled.message}`);
  return compiled;
}
