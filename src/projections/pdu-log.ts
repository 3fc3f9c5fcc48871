/**
 * What became of every PDU that some layer made: what carried it, over which links it went, where it was taken over and
 * where it ended. Ground truth, grown entry by entry and asked about any moment.
 */

import type { Entry } from '../kernel/journal.ts';
import type { CrossingLog, Passage } from './crossing-log.ts';

export interface PduFate {
  /** Entries that put it into a PDU of their own. */
  readonly carriers: readonly number[];
  readonly passages: readonly Passage[];
  /** Entries that say that the other end took it over. */
  readonly delivered: readonly number[];
  /** Entries that say that it ended. */
  readonly dropped: readonly number[];
}

interface Draft {
  carriers: readonly number[];
  passages: readonly Passage[];
  delivered: readonly number[];
  dropped: readonly number[];
}

const NONE: readonly never[] = Object.freeze([]);
const NEVER: PduFate = { carriers: NONE, passages: NONE, delivered: NONE, dropped: NONE };

/** Most lists have one item for ever; an array that is pushed to keeps room for sixteen more. */
function longer<T>(list: readonly T[], item: T): readonly T[] {
  if (list.length === 0) return [item];
  if (list.length < 8) return list.concat([item]);
  (list as T[]).push(item);
  return list;
}

/** Made anew at every hop. */
const WRAPPINGS: ReadonlySet<string> = new Set(['ethernet', 'ipv4', 'ipv6']);

export class PduLog {
  readonly #entries: readonly Entry[];
  readonly #crossings: CrossingLog;
  readonly #drafts = new Map<number, Draft>();

  constructor(entries: readonly Entry[], crossings: CrossingLog) {
    this.#entries = entries;
    this.#crossings = crossings;
  }

  /** To be called after the crossings have been told of the entry. */
  add(entry: Entry): void {
    const { event, seq } = entry;
    switch (event.kind) {
      case 'encoded':
        for (const inner of event.carries) {
          const draft = this.#draft(inner);
          if (draft) draft.carriers = longer(draft.carriers, seq);
        }
        break;
      case 'queued':
      case 'departed': {
        const passage = this.#crossings.ofEntry(entry);
        if (passage?.takenSeq === seq) this.#passed(event.carries, passage);
        break;
      }
      case 'decoded':
        for (const carried of event.carries) {
          const draft = this.#draft(carried);
          if (draft) draft.delivered = longer(draft.delivered, seq);
        }
        break;
      case 'dropped': {
        const passage = this.#crossings.ofEntry(entry);
        if (passage?.takenSeq === seq) this.#passed(event.carries, passage);
        const ended = (draft: Draft | null) => {
          if (draft) draft.dropped = longer(draft.dropped, seq);
        };
        if (event.layer === 7) for (const message of event.carries) ended(this.#draft(message));
        else {
          this.#each(event.carries, ended);
          this.#bury(event.carries, ended);
        }
        break;
      }
      default:
        break;
    }
  }

  /** Everything, the future included; whoever asks cuts off at a moment with `until`. */
  fateOf(encoded: number): PduFate {
    return this.#drafts.get(encoded) ?? NEVER;
  }

  /** Only what others ask about is kept: messages, segments, datagrams, ARP and ICMP; not the wrappings below. */
  #draft(seq: number): Draft | null {
    let draft = this.#drafts.get(seq);
    if (draft) return draft;
    const event = this.#entries[seq]?.event;
    if (event?.kind !== 'encoded' || WRAPPINGS.has(event.protocol)) return null;
    draft = { carriers: NONE, passages: NONE, delivered: NONE, dropped: NONE };
    this.#drafts.set(seq, draft);
    return draft;
  }

  /** What was written into a connection or session that is over ends with it; of a segment that is lost another is made. */
  #bury(carries: readonly number[], ended: (draft: Draft | null) => void): void {
    for (const seq of carries) {
      const event = this.#entries[seq]?.event;
      if (event?.kind !== 'encoded' || event.layer < 5) continue;
      if (event.layer === 7) ended(this.#draft(seq));
      this.#bury(event.carries, ended);
    }
  }

  #passed(carries: readonly number[], passage: Passage): void {
    this.#each(carries, (draft) => {
      draft.passages = longer(draft.passages, passage);
    });
  }

  /** Every PDU inside, at any depth. A message in many segments is only followed through them. */
  #each(carries: readonly number[], visit: (draft: Draft) => void): void {
    for (const seq of carries) {
      const event = this.#entries[seq]?.event;
      if (event?.kind !== 'encoded' || event.layer === 7) continue;
      const draft = this.#draft(seq);
      if (draft) visit(draft);
      this.#each(event.carries, visit);
    }
  }
}

/** The first, if it is not after the moment. */
export function firstUntil(seqs: readonly number[], seq: number): number | undefined {
  const first = seqs[0];
  return first !== undefined && first <= seq ? first : undefined;
}
