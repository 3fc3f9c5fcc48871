/**
 * The frames that expectations count.
 *
 * A frame is counted once, where a host's or router's interface made it: as it arrives at its first receiver, or as it
 * is lost on the way there. A switch or hub that passes it on does not make another one; a router does, because beyond
 * it the packet travels in a new frame with other addresses. Copies that the network makes (netem's `duplicate`) are
 * not counted, unless it is asked what was received.
 */

import type { Entry, Nanos } from '../kernel/journal.ts';
import { Dissector } from '../layers/codecs.ts';
import type { Dissection } from '../layers/field.ts';
import { captureOf } from './capture.ts';
import { type Crossing, crossingsOf } from './crossings.ts';
import { Segments } from './segments.ts';
import type { Topology } from './topology.ts';

export interface CountedFrame {
  /** When it counts: as it left, arrived or was lost. */
  readonly atNs: Nanos;
  readonly seq: number;
  readonly crossing: Crossing;
  readonly dissection: Dissection;
}

/**
 * `first-receiver`: as described above. `sent`: as their maker hands them to the link. `received`: as they arrive whole
 * at their first receiver, copies included. A node: as they arrive whole there, whoever made them.
 */
export type Where = 'first-receiver' | 'sent' | 'received' | { readonly node: string };

export function countedFrames(entries: readonly Entry[], topology: Topology, where: Where): CountedFrame[] {
  if (typeof where === 'object') return arrivalsAt(entries, topology, where.node);
  const segments = new Segments(topology);
  const chosen: { readonly atNs: Nanos; readonly seq: number; readonly crossing: Crossing }[] = [];
  for (const crossing of crossingsOf(entries, topology).all) {
    const { takenNs, takenSeq, endedNs, endedSeq, fate } = crossing;
    const isReceived = where === 'received' && fate === 'arrived' && segments.isFromMaker(crossing);
    if (where === 'sent' && segments.isFirst(crossing)) chosen.push({ atNs: takenNs, seq: takenSeq, crossing });
    if (endedNs === null || endedSeq === null) continue;
    if (isReceived || (where === 'first-receiver' && segments.isFirst(crossing))) {
      chosen.push({ atNs: endedNs, seq: endedSeq, crossing });
    }
  }
  chosen.sort((one, other) => one.seq - other.seq);
  // One reader a segment: it sees both directions of a conversation, and the routed twin of a frame elsewhere.
  const readers = new Map<string, { readonly dissector: Dissector; read: number }>();
  return chosen.map(({ atNs, seq, crossing }) => {
    const segment = segments.of(crossing.link);
    const reader = readers.get(segment) ?? { dissector: new Dissector(), read: 0 };
    readers.set(segment, reader);
    // As it arrived: a queue may have marked it (ECN). What was damaged on the way counts as what it was.
    const asArrived = where === 'received' || (where === 'first-receiver' && crossing.fate === 'arrived');
    const bytes = (asArrived ? crossing.arrivedBytes : null) ?? crossing.bytes;
    const dissection = reader.dissector.dissect({ bytes, number: ++reader.read, atNs, fcs: true });
    return { atNs, seq, crossing, dissection };
  });
}

/** What comes in at a node, read with what goes out: acknowledgments mean nothing without what they acknowledge. */
function arrivalsAt(entries: readonly Entry[], topology: Topology, node: string): CountedFrame[] {
  const dissector = new Dissector();
  const frames: CountedFrame[] = [];
  for (const sighting of captureOf(crossingsOf(entries, topology), { node, interface: null })) {
    const { bytes, number, atNs, seq, crossing, direction } = sighting;
    const dissection = dissector.dissect({ bytes, number, atNs, fcs: true });
    if (direction === 'inbound') frames.push({ atNs, seq, crossing, dissection });
  }
  return frames;
}
