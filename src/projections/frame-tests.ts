/** Filters as questions to the frames of a run, with what only the simulator knows of them. */

import type { FilterFrame } from '../filter/filter.ts';
import type { Entry } from '../kernel/journal.ts';
import { compileSpec, filterNamesOf } from '../scenario/filter-names.ts';
import type { FilterSpec, Scenario } from '../scenario/scenario.ts';
import type { CountedFrame } from './counted-frames.ts';
import type { FrameTest } from './expectations.ts';
import { lentAddresses } from './lent-addresses.ts';

/** For the expectations of a scenario that was loaded. */
export function frameTester(
  scenario: Pick<Scenario, 'nodes'>,
  entries: readonly Entry[],
): (filter: FilterSpec) => FrameTest {
  const names = filterNamesOf(
    scenario,
    lentAddresses(scenario, () => entries),
  );
  return (spec) => {
    const filter = compileSpec(spec, names);
    return (frame) => filter.test(filterFrameOf(frame));
  };
}

export function filterFrameOf({ dissection, crossing }: Pick<CountedFrame, 'dissection' | 'crossing'>): FilterFrame {
  const { from, to, link, fate, bytes, loss } = crossing;
  const isLost = fate === 'lost' || fate === 'damaged';
  return {
    dissection,
    bytes,
    nodes: fate === 'arrived' ? [from.node, to.node] : [from.node],
    link,
    layer: 1,
    // As Wireshark's own flags are there or not, so that `pw.lost` alone asks for lost frames.
    lost: isLost ? true : null,
    reason: loss?.reason ?? (fate === 'damaged' ? 'corrupted' : null),
  };
}
