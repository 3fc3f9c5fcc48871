/** Filters of a scenario as questions to frames: its nodes' names stand for their addresses. */

import { compileFilter, type FilterFrame, type FilterNames, isFilterProblem } from '../filter/filter.ts';
import type { CheckFilter } from '../scenario/checks.ts';
import type { FilterSpec, NodeSpec, Scenario } from '../scenario/scenario.ts';
import type { CountedFrame } from './counted-frames.ts';
import type { FrameTest } from './expectations.ts';

/** The names that a filter over that scenario's frames may use. */
export function filterNamesOf({ nodes }: Pick<Scenario, 'nodes'>): FilterNames {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const ports = (name: string): NodeSpec['interfaces'] => byName.get(name)?.interfaces ?? [];
  return {
    has: (name) => byName.has(name),
    names: () => byName.keys(),
    addressesOf: (name) => ports(name).flatMap(({ addresses }) => addresses.map(({ address }) => address)),
    // Switches have MAC addresses that nobody ever sends from or to.
    macsOf: (name) => ports(name).flatMap(({ mac, addresses }) => (addresses.length > 0 ? [mac] : [])),
  };
}

/** For the loader: what is wrong with a filter of a scenario that is being read, or null. */
export const checkFilter: CheckFilter = (text, { nodes }) => {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const compiled = compileFilter(text, {
    has: (name) => byName.has(name),
    names: () => byName.keys(),
    addressesOf: (name) => byName.get(name)?.addresses ?? [],
    macsOf: (name) => byName.get(name)?.macs ?? [],
  });
  return isFilterProblem(compiled) ? compiled : null;
};

/** Compiles a filter of a scenario that was loaded; it was checked then, so a mistake in it is ours. */
export function frameTester(scenario: Pick<Scenario, 'nodes'>): (filter: FilterSpec) => FrameTest {
  const names = filterNamesOf(scenario);
  return ({ text }) => {
    const filter = compileFilter(text, names);
    if (isFilterProblem(filter))
      throw new Error(`the filter ${text} was accepted and does not compile: ${filter.message}`);
    return (frame) => filter.test(filterFrameOf(frame));
  };
}

/** A frame with what only the simulator knows of it. */
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
