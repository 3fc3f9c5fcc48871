import { ETHER_TYPE } from '../layers/2-link/ethernet/header.ts';
import { Dissector } from '../layers/codecs.ts';
import { compileSpec, filterNamesOf, type Lent } from '../scenario/filter-names.ts';
import type { FilterSpec, Scenario } from '../scenario/scenario.ts';
import { putU16 } from '../wire/writer.ts';

/** Tests datagrams by a filter: whether the network layer of that node means them. */
export type DatagramMatcher = (filter: FilterSpec, node: string) => (datagram: Uint8Array) => boolean;

const FRAME_HEADER_BYTES = 14;

/**
 * Each datagram is read by itself: a rule judges the first packet of a flow, so there is nothing before it to know of.
 * Filters read frames, so it gets an Ethernet header that says nothing.
 */
export function datagramMatcher(scenario: Scenario, lent: Lent): DatagramMatcher {
  const names = filterNamesOf(scenario, lent);
  return (filter, node) => {
    const compiled = compileSpec(filter, names);
    return (datagram) => {
      const bytes = new Uint8Array(FRAME_HEADER_BYTES + datagram.length);
      bytes.set(datagram, FRAME_HEADER_BYTES);
      putU16(bytes, FRAME_HEADER_BYTES - 2, (datagram[0] ?? 0) >>> 4 === 6 ? ETHER_TYPE.ipv6 : ETHER_TYPE.ipv4);
      const dissection = new Dissector({ verify: false }).dissect({ bytes, number: 1, atNs: 0, fcs: false });
      return compiled.test({ dissection, bytes, nodes: [node], link: '', layer: 3, lost: null, reason: null });
    };
  };
}
