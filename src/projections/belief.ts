/**
 * Ground truth beside belief: what really became of the segments that one end of a connection sent, and what that end
 * can know of it. The two differ from the moment a frame is lost until the sender finds out.
 */

import type { Chronicle } from './chronicle.ts';
import { firstUntil } from './pdu-log.ts';
import type { SentSegment, TcpEnd } from './tcp-log.ts';

/** What really became of it. */
export type Truth = 'on its way' | 'arrived' | 'lost';
/** What its sender thinks. */
type Belief = 'in flight' | 'acknowledged' | 'lost';

export interface BelievedSegment {
  readonly segment: SentSegment;
  readonly truth: Truth;
  readonly belief: Belief;
  /** Why it was lost, in the simulator's words. */
  readonly detail: string | null;
}

export interface BeliefView {
  readonly end: TcpEnd;
  readonly unacknowledged: number;
  readonly next: number;
  /** Segments that take sequence numbers and were not acknowledged when the view was taken. */
  readonly outstanding: readonly BelievedSegment[];
  /** Octets that the sender thinks are on their way, and those that really are. */
  readonly believedInFlight: number;
  readonly trulyInFlight: number;
  readonly duplicateAcks: number;
  /** Does anything differ that matters? */
  readonly differs: boolean;
}

/** Only the newest segments of a long flight are looked at. */
const MOST_SEGMENTS = 256;

export function beliefOf(chronicle: Chronicle, end: TcpEnd, seq: number): BeliefView {
  const count = end.sentUntil(seq);
  const unacknowledged = end.unacknowledgedAt(seq);
  const outstanding: BelievedSegment[] = [];
  let next = 0;
  /** What was sent again makes the older copy believed lost. */
  const repaired: { from: number; to: number }[] = [];
  for (let at = count - 1; at >= Math.max(0, count - MOST_SEGMENTS); at--) {
    const segment = end.sent[at] as SentSegment;
    const to = segment.from + segment.length;
    next = Math.max(next, to);
    if (segment.length === 0 || to <= unacknowledged) continue;
    const isRepaired = repaired.some((later) => later.from <= segment.from && segment.from < later.to);
    outstanding.unshift({ segment, ...truthOf(chronicle, segment, seq), belief: isRepaired ? 'lost' : 'in flight' });
    repaired.push({ from: segment.from, to });
  }
  const bytes = (list: readonly BelievedSegment[]) => list.reduce((sum, { segment }) => sum + segment.length, 0);
  const believed = outstanding.filter(({ belief }) => belief === 'in flight');
  const truly = outstanding.filter(({ truth }) => truth === 'on its way');
  return {
    end,
    unacknowledged,
    next,
    outstanding,
    believedInFlight: bytes(believed),
    trulyInFlight: bytes(truly),
    duplicateAcks: end.heard[end.heardUntil(seq) - 1]?.duplicates ?? 0,
    differs: outstanding.some(({ truth, belief }) => truth === 'lost' && belief === 'in flight'),
  };
}

function truthOf(chronicle: Chronicle, segment: SentSegment, seq: number): Pick<BelievedSegment, 'truth' | 'detail'> {
  const fate = chronicle.pdus.fateOf(segment.entry);
  if (firstUntil(fate.delivered, seq) !== undefined) return { truth: 'arrived', detail: null };
  const dropped = firstUntil(fate.dropped, seq);
  const event = dropped === undefined ? null : chronicle.entries[dropped]?.event;
  if (event?.kind === 'dropped') return { truth: 'lost', detail: event.detail };
  return { truth: 'on its way', detail: null };
}
