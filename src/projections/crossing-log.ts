/**
 * Every crossing of a link, grown entry by entry and asked about any moment: what had become of a frame by then. What
 * happened later is never told. The same facts as `crossings.ts`, which folds a whole run at once.
 */

import type { Entry } from '../kernel/journal.ts';
import { isSameOctets } from '../wire/octets.ts';
import type { Crossing, Ending, Fate } from './crossings.ts';
import { countUpTo } from './sorted.ts';
import type { Port, Topology } from './topology.ts';

/** One crossing; the numbers are entries, -1 for what has not happened yet. */
export interface Passage {
  readonly id: number;
  /** Its place among all crossings, from 0. */
  readonly index: number;
  readonly link: string;
  readonly from: Port;
  readonly to: Port;
  readonly isCopy: boolean;
  readonly takenSeq: number;
  departedSeq: number;
  endedSeq: number;
  isLost: boolean;
  refusedSeq: number;
}

export class CrossingLog {
  readonly #entries: readonly Entry[];
  readonly #ends: ReadonlyMap<string, { readonly a: Port; readonly b: Port }>;
  readonly #passages: Passage[] = [];
  readonly #taken: number[] = [];
  readonly #byId = new Map<number, Passage>();

  constructor(entries: readonly Entry[], topology: Topology) {
    this.#entries = entries;
    this.#ends = new Map(topology.links.map((link) => [link.id, link]));
  }

  /** All of them, those after the moment included: only for who asks `countAt` first. */
  get all(): readonly Passage[] {
    return this.#passages;
  }

  /** How many crossings had begun. */
  countAt(seq: number): number {
    return countUpTo(this.#taken, seq);
  }

  /** The crossing that an entry on a link tells of. */
  ofEntry({ event }: Entry): Passage | null {
    const isOnLink = event.kind === 'queued' || event.kind === 'departed' || event.kind === 'arrived';
    if (isOnLink) return this.#byId.get(event.frame) ?? null;
    return event.kind === 'dropped' && event.link !== '' ? (this.#byId.get(event.frame) ?? null) : null;
  }

  add(entry: Entry): void {
    const { event, seq } = entry;
    switch (event.kind) {
      case 'queued':
      case 'departed':
      case 'arrived': {
        const passage = this.#byId.get(event.frame) ?? this.#begin(entry, event.link, event.interface, event.frame);
        if (event.kind === 'departed') passage.departedSeq = seq;
        if (event.kind === 'arrived') passage.endedSeq = seq;
        break;
      }
      case 'dropped':
        if (event.link === '') this.#refuse(entry);
        else {
          const passage = this.#byId.get(event.frame) ?? this.#begin(entry, event.link, event.via, event.frame);
          passage.endedSeq = seq;
          passage.isLost = true;
        }
        break;
      default:
        break;
    }
  }

  #begin(entry: Entry, link: string, port: string, id: number): Passage {
    const ends = this.#ends.get(link);
    // A copy departs from the link itself; the frame that it copies is its cause and knows the direction.
    const cause = entry.node === link && entry.cause !== null ? this.#entries[entry.cause] : undefined;
    const original = cause ? this.ofEntry(cause) : null;
    const isFromA = original ? original.from === ends?.a : ends?.a.node === entry.node && ends.a.interface === port;
    const from = original?.from ?? (isFromA ? ends?.a : ends?.b) ?? { node: entry.node, interface: port };
    const passage: Passage = {
      id,
      index: this.#passages.length,
      link,
      from,
      to: (isFromA ? ends?.b : ends?.a) ?? { node: '?', interface: '?' },
      isCopy: original !== null,
      takenSeq: entry.seq,
      departedSeq: -1,
      endedSeq: -1,
      isLost: false,
      refusedSeq: -1,
    };
    this.#passages.push(passage);
    this.#taken.push(entry.seq);
    this.#byId.set(id, passage);
    return passage;
  }

  /** A drop inside a node ends the frame whose arrival, at that very moment, led to it. */
  #refuse(entry: Entry): void {
    const passage = this.arrivalOf(entry);
    if (passage && passage.refusedSeq < 0) passage.refusedSeq = entry.seq;
  }

  /** The crossing whose arrival, in the same node at the same moment, led to an entry. */
  arrivalOf(entry: Entry): Passage | null {
    for (let at: number | null = entry.seq; at !== null; ) {
      const link: Entry | undefined = this.#entries[at];
      if (!link || link.node !== entry.node || link.atNs !== entry.atNs) return null;
      if (link.event.kind === 'arrived') return this.ofEntry(link);
      at = link.cause;
    }
    return null;
  }

  /** A crossing as it stood when an entry had been made. */
  at(passage: Passage, seq: number): Crossing {
    const { id, link, from, to, isCopy, takenSeq } = passage;
    const taken = this.#entries[takenSeq] as Entry;
    const departed = known(passage.departedSeq, seq) ? this.#entries[passage.departedSeq] : undefined;
    const ended = known(passage.endedSeq, seq) ? this.#entries[passage.endedSeq] : undefined;
    const refused = known(passage.refusedSeq, seq) ? this.#entries[passage.refusedSeq] : undefined;
    const bytes = 'bytes' in taken.event ? taken.event.bytes : new Uint8Array(0);
    // A queue may have marked it while it waited (ECN): that is no damage.
    const leftBytes = departed && 'bytes' in departed.event ? departed.event.bytes : bytes;
    const arrivedBytes = ended?.event.kind === 'arrived' ? ended.event.bytes : null;
    const refusal = refused ? endingOf(refused) : null;
    return {
      id,
      link,
      from,
      to,
      isCopy,
      takenNs: taken.atNs,
      takenSeq,
      departedNs: departed?.atNs ?? null,
      endedNs: ended?.atNs ?? null,
      endedSeq: ended?.seq ?? null,
      fate: fateOf(ended, arrivedBytes, leftBytes, refusal),
      bytes,
      arrivedBytes,
      carries: 'carries' in taken.event ? taken.event.carries : [],
      loss: ended && ended.event.kind === 'dropped' ? endingOf(ended) : null,
      refusal,
    };
  }
}

function known(of: number, seq: number): boolean {
  return of >= 0 && of <= seq;
}

function fateOf(ended: Entry | undefined, arrived: Uint8Array | null, bytes: Uint8Array, refusal: Ending | null): Fate {
  if (!ended) return 'in-flight';
  if (!arrived) return 'lost';
  if (refusal?.layer === 2 && refusal.reason === 'corrupted') return 'damaged';
  return isSameOctets(arrived, bytes) ? 'arrived' : 'damaged';
}

function endingOf({ node, event }: Entry): Ending | null {
  if (event.kind !== 'dropped') return null;
  const { layer, protocol, reason, detail } = event;
  return { layer, node, protocol, reason, detail };
}
