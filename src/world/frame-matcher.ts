import { compileSpec, filterNamesOf, type Lent } from '../scenario/filter-names.ts';
import type { FilterSpec, Scenario } from '../scenario/scenario.ts';
import type { SeenFrame } from './link.ts';

/**
 * Makes tests of the scenario's filters for frames whose first bit leaves a link's end. Whether such a frame will be lost
 * is not known yet, so none of them has `pw.lost`.
 */
export function frameMatcher(scenario: Scenario, lent: Lent): (filter: FilterSpec) => (seen: SeenFrame) => boolean {
  const names = filterNamesOf(scenario, lent);
  return (filter) => {
    const compiled = compileSpec(filter, names);
    return ({ dissection, bytes, node, link }) =>
      compiled.test({ dissection, bytes, nodes: [node], link, layer: 1, lost: null, reason: null });
  };
}
