/**
 * Every crossing of a link by a frame, folded from the entries that tell of it: who sent it, when, what became of it.
 * What the ladder draws, captures hold, statistics count and expectations match.
 */

import type { Dropped, DropReason, Entry, LayerNumber, Nanos, OnLink } from '../kernel/journal.ts';
import { isSameOctets } from '../wire/octets.ts';
import type { Port, Topology } from './topology.ts';

export type Fate = 'arrived' | 'damaged' | 'lost' | 'in-flight';

/** Why a PDU ended: at which layer of which node (of which link), and the sentence for people. */
export interface Ending {
  readonly layer: LayerNumber;
  readonly node: string;
  readonly protocol: string;
  readonly reason: DropReason;
  readonly detail: string;
}

export interface Crossing {
  /** The journal's number of it, unique in a run. */
  readonly id: number;
  readonly link: string;
  readonly from: Port;
  readonly to: Port;
  /** True: the network made this copy (netem's `duplicate`); its sender knows nothing of it. */
  readonly isCopy: boolean;
  /** When the sending interface took it over, and the entry that says so. */
  readonly takenNs: Nanos;
  readonly takenSeq: number;
  /** When its first bit left; null: it still waits, or was dropped before. */
  readonly departedNs: Nanos | null;
  /** When its last bit was there or it was lost; null: neither has happened. */
  readonly endedNs: Nanos | null;
  readonly endedSeq: number | null;
  readonly fate: Fate;
  /** Ethernet header to FCS, as the sender made them. */
  readonly bytes: Uint8Array;
  /** As they arrived: other ones where the link flipped bits. */
  readonly arrivedBytes: Uint8Array | null;
  /** PDUs inside: entries. */
  readonly carries: readonly number[];
  /** Why it was lost on the link. */
  readonly loss: Ending | null;
  /** Why the node where it arrived did nothing with it, or with what was inside. */
  readonly refusal: Ending | null;
}

export interface Crossings {
  /** In the order in which interfaces took them over. */
  readonly all: readonly Crossing[];
  /** The crossing that an entry (`queued`, `departed`, `arrived`, `dropped` on a link) tells of. */
  readonly ofEntry: ReadonlyMap<number, Crossing>;
}

type Draft = { -readonly [K in keyof Crossing]: Crossing[K] };

export function crossingsOf(entries: readonly Entry[], topology: Topology): Crossings {
  const ends = new Map(topology.links.map((link) => [link.id, link]));
  const drafts = new Map<number, Draft>();
  const ofEntry = new Map<number, Draft>();
  const left = new Map<number, Uint8Array>();
  for (const entry of entries) {
    if (!CROSSING.has(entry.kind)) continue;
    const { event } = entry;
    if (event.kind === 'queued' || event.kind === 'departed' || event.kind === 'arrived') {
      const draft = drafts.get(event.frame) ?? taken(entry, event, ofEntry, ends, drafts);
      ofEntry.set(entry.seq, draft);
      if (event.kind === 'departed') {
        draft.departedNs = entry.atNs;
        // A queue may have marked it while it waited (ECN): that is no damage.
        if (!isSameOctets(event.bytes, draft.bytes)) left.set(event.frame, event.bytes);
      }
      if (event.kind === 'arrived') arrive(draft, entry, event, left.get(event.frame) ?? draft.bytes);
    } else if (event.kind === 'dropped' && event.link !== '') {
      const draft = drafts.get(event.frame) ?? taken(entry, event, ofEntry, ends, drafts);
      ofEntry.set(entry.seq, draft);
      end(draft, entry, 'lost');
      draft.loss = endingOf(entry, event);
    } else if (event.kind === 'dropped') {
      refuse(entry, event, entries, ofEntry);
    }
  }
  return { all: [...drafts.values()], ofEntry };
}

/** What tells of a crossing; most entries are of what happens inside nodes. */
const CROSSING: ReadonlySet<Entry['kind']> = new Set(['queued', 'departed', 'arrived', 'dropped']);

type Ends = ReadonlyMap<string, { readonly a: Port; readonly b: Port }>;

/** The first that is heard of a crossing. */
function taken(
  entry: Entry,
  event: OnLink | Dropped,
  ofEntry: ReadonlyMap<number, Draft>,
  ends: Ends,
  drafts: Map<number, Draft>,
): Draft {
  const port = event.kind === 'dropped' ? event.via : event.interface;
  const link = ends.get(event.link);
  // A copy departs from the link itself; the frame that it copies is its cause and knows the direction.
  const original = entry.node === event.link && entry.cause !== null ? ofEntry.get(entry.cause) : undefined;
  const from = original?.from ?? { node: entry.node, interface: port };
  const isFromA = link?.a.node === from.node && link.a.interface === from.interface;
  const draft: Draft = {
    id: event.frame,
    link: event.link,
    from,
    to: (isFromA ? link?.b : link?.a) ?? { node: '?', interface: '?' },
    isCopy: original !== undefined,
    takenNs: entry.atNs,
    takenSeq: entry.seq,
    departedNs: null,
    endedNs: null,
    endedSeq: null,
    fate: 'in-flight',
    bytes: event.bytes,
    arrivedBytes: null,
    carries: event.carries,
    loss: null,
    refusal: null,
  };
  drafts.set(event.frame, draft);
  return draft;
}

function arrive(draft: Draft, entry: Entry, event: OnLink, leftBytes: Uint8Array): void {
  draft.arrivedBytes = event.bytes;
  end(draft, entry, isSameOctets(event.bytes, leftBytes) ? 'arrived' : 'damaged');
}

function end(draft: Draft, entry: Entry, fate: Fate): void {
  draft.endedNs = entry.atNs;
  draft.endedSeq = entry.seq;
  draft.fate = fate;
}

/** A drop inside a node ends the frame whose arrival, at that very moment, led to it. */
function refuse(entry: Entry, event: Dropped, entries: readonly Entry[], ofEntry: ReadonlyMap<number, Draft>): void {
  for (let at = entry.cause; at !== null; ) {
    const cause = entries[at];
    if (!cause || cause.node !== entry.node || cause.atNs !== entry.atNs) return;
    if (cause.kind === 'arrived') {
      const draft = ofEntry.get(at);
      if (!draft || draft.refusal) return;
      draft.refusal = endingOf(entry, event);
      // A hub repeats a damaged frame as it came, so that only the interface at the end can tell.
      if (event.layer === 2 && event.reason === 'corrupted') draft.fate = 'damaged';
      return;
    }
    at = cause.cause;
  }
}

function endingOf(entry: Entry, event: Dropped): Ending {
  const { layer, protocol, reason, detail } = event;
  return { layer, node: entry.node, protocol, reason, detail };
}

/** Why a crossing failed, in words that stand alone: `lost on wan: dropped by script (nth 1)`. Null: it did not. */
export function lossSentence(crossing: Crossing): string | null {
  if (crossing.fate === 'damaged') return `damaged on ${crossing.link}: bits were flipped on the way`;
  if (!crossing.loss) return null;
  const { detail } = crossing.loss;
  return detail.startsWith('lost on ') ? detail : `lost on ${crossing.link}: ${detail}`;
}
