import { type Depth, depthFor } from '../layers/codecs.ts';
import { compileSpec, filterNamesOf, type Lent } from '../scenario/filter-names.ts';
import type { FilterSpec, Scenario } from '../scenario/scenario.ts';
import type { SeenFrame } from './link.ts';

/** A filter of the scenario, to be asked of frames on a link. */
export interface FrameTest {
  /** How far frames must be read for it. */
  readonly depth: Depth;
  test(seen: SeenFrame): boolean;
}

/**
 * Makes tests of the scenario's filters for frames whose first bit leaves a link's end. Whether such a frame will be lost
 * is not known yet, so none of them has `pw.lost`.
 */
export function frameMatcher(scenario: Scenario, lent: Lent): (filter: FilterSpec) => FrameTest {
  const names = filterNamesOf(scenario, lent);
  return (filter) => {
    const compiled = compileSpec(filter, names);
    return {
      depth: depthFor(compiled.protocols, compiled.fields),
      test: ({ dissection, bytes, node, link }) =>
        compiled.test({ dissection, bytes, nodes: [node], link, layer: 1, lost: null, reason: null }),
    };
  };
}
