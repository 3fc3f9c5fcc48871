/**
 * Every frame of a run as tshark would tell of it, in the order in which frames were made. Frames are read once, when
 * they are made; what was read is kept for the newest and read again, from the beginning, when somebody goes far back.
 */

import type { Entry } from '../kernel/journal.ts';
import { Dissector } from '../layers/codecs.ts';
import type { Dissection } from '../layers/field.ts';
import type { CrossingLog, Passage } from './crossing-log.ts';
import { Segments } from './segments.ts';
import { forwardsFrames, type Topology } from './topology.ts';

/** Frames are read again in pieces of this size, and this many pieces are kept. */
const PIECE = 2048;
const PIECES = 4;

export interface LoggedFrame {
  readonly passage: Passage;
  readonly dissection: Dissection;
}

export class FrameLog {
  readonly #entries: readonly Entry[];
  readonly #crossings: CrossingLog;
  readonly #topology: Topology;
  readonly #segments: Segments;
  readonly #forwarders: ReadonlySet<string>;
  readonly #pieces = new Map<number, (Dissection | undefined)[]>();
  readonly #texts: { readonly protocol: string; readonly info: string }[] = [];
  #reading: Reading;
  #read = 0;

  constructor(entries: readonly Entry[], crossings: CrossingLog, topology: Topology) {
    this.#entries = entries;
    this.#crossings = crossings;
    this.#topology = topology;
    this.#segments = new Segments(topology);
    this.#forwarders = new Set(topology.nodes.filter(({ kind }) => forwardsFrames(kind)).map(({ name }) => name));
    this.#reading = new Reading(this.#segments);
  }

  get topology(): Topology {
    return this.#topology;
  }

  /** Reads the frames that crossings were begun with since. */
  grow(): void {
    for (; this.#read < this.#crossings.all.length; this.#read++) {
      const dissection = this.#dissect(this.#reading, this.#read);
      this.#keep(this.#read, dissection);
      this.#texts.push({ protocol: dissection.protocol, info: dissection.info });
    }
  }

  /** tshark's Protocol and Info columns. */
  textOf(index: number): { readonly protocol: string; readonly info: string } {
    return this.#texts[index] ?? { protocol: '', info: '' };
  }

  /** A switch or hub passes on what was shown before. */
  isPassedOn(passage: Passage): boolean {
    return !passage.isCopy && this.#forwarders.has(passage.from.node);
  }

  dissectionOf(index: number): Dissection {
    const piece = Math.floor(index / PIECE);
    const kept = this.#pieces.get(piece)?.[index % PIECE];
    if (kept) return kept;
    const again = new Reading(this.#segments);
    const end = Math.min(this.#read, (piece + 1) * PIECE);
    for (let at = 0; at < end; at++) {
      const dissection = this.#dissect(again, at);
      if (at >= piece * PIECE) this.#keep(at, dissection);
    }
    return this.#pieces.get(piece)?.[index % PIECE] as Dissection;
  }

  /** Visits frames `from` to before `to` with what was read of them; a filter's way through the whole of a run. */
  scan(from: number, to: number, visit: (frame: LoggedFrame, index: number) => void): void {
    const firstKept = Math.floor(from / PIECE);
    const isKept = this.#pieces.has(firstKept) && this.#pieces.get(firstKept)?.[from % PIECE] !== undefined;
    const again = isKept ? null : new Reading(this.#segments);
    for (let at = isKept ? from : 0; at < to; at++) {
      const dissection = again ? this.#dissect(again, at) : this.dissectionOf(at);
      if (at >= from) visit({ passage: this.#crossings.all[at] as Passage, dissection }, at);
    }
  }

  #dissect(reading: Reading, index: number): Dissection {
    const passage = this.#crossings.all[index] as Passage;
    return reading.read(passage, this.#entries[passage.takenSeq] as Entry);
  }

  #keep(index: number, dissection: Dissection): void {
    const number = Math.floor(index / PIECE);
    let piece = this.#pieces.get(number);
    if (!piece) {
      piece = [];
      this.#pieces.set(number, piece);
      if (this.#pieces.size > PIECES) {
        const [oldest] = this.#pieces.keys();
        if (oldest !== undefined) this.#pieces.delete(oldest);
      }
    }
    piece[index % PIECE] = dissection;
  }
}

/** One way through the frames: a reader a segment sees both directions of a conversation, and never a frame twice. */
class Reading {
  readonly #segments: Segments;
  readonly #readers = new Map<string, { readonly dissector: Dissector; count: number }>();
  readonly #recent = new Map<string, Dissection>();

  constructor(segments: Segments) {
    this.#segments = segments;
  }

  read(passage: Passage, { event, atNs }: Entry): Dissection {
    const carries = 'carries' in event ? event.carries : [];
    const bytes = 'bytes' in event ? event.bytes : new Uint8Array(0);
    const segment = this.#segments.of(passage.link);
    const key = carries.length > 0 ? `${segment} ${carries.join(' ')}` : null;
    const before = key === null ? undefined : this.#recent.get(key);
    if (before) return before;
    let place = this.#readers.get(segment);
    if (!place) {
      place = { dissector: new Dissector(), count: 0 };
      this.#readers.set(segment, place);
    }
    const dissection = place.dissector.dissect({ bytes, number: ++place.count, atNs, fcs: true });
    if (key !== null) this.#remember(key, dissection);
    return dissection;
  }

  /** Copies of a frame follow it closely: the last hundreds are enough to know them by. */
  #remember(key: string, dissection: Dissection): void {
    this.#recent.set(key, dissection);
    if (this.#recent.size <= 512) return;
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined) this.#recent.delete(oldest);
  }
}
