/**
 * Every frame of a run as tshark would tell of it, in the order in which frames were made. Each is read once, when it is
 * made, and its columns are kept; its fields are read again when somebody looks at them.
 */

import type { Entry, LayerNumber } from '../kernel/journal.ts';
import { Dissector } from '../layers/codecs.ts';
import type { Dissection } from '../layers/field.ts';
import type { CrossingLog, Passage } from './crossing-log.ts';
import { Segments } from './segments.ts';
import { forwardsFrames, type Topology } from './topology.ts';

/** The fields of the first frames are read with all that came before, as tshark reads them. */
const READ_WHOLE = 1024;
/** Of later frames, with the beginning of the run (where connections open) and with so many frames before. */
const OPENING = 64;
const WINDOW = 256;
/** So many frames that follow each other are read in one go. */
const BLOCK = 64;
/** Frames whose fields are remembered. */
const REMEMBERED = 1200;

/** Frames that were read already, as those of a real capture are. */
export interface FrameSource {
  dissectionOf(index: number): Dissection;
}

export interface FrameColumns {
  readonly protocol: string;
  readonly info: string;
  /** Of the protocol. */
  readonly layer: LayerNumber;
}

const NO_COLUMNS: FrameColumns = { protocol: '', info: '', layer: 2 };

export class FrameLog {
  readonly #entries: readonly Entry[];
  readonly #crossings: CrossingLog;
  readonly #source: FrameSource | null;
  readonly #segments: Segments;
  readonly #forwarders: ReadonlySet<string>;
  readonly #columns: FrameColumns[] = [];
  readonly #remembered = new Map<number, Dissection>();
  readonly #reading: FrameReading;
  #block: ReadBlock | null = null;

  constructor(
    entries: readonly Entry[],
    crossings: CrossingLog,
    topology: Topology,
    source: FrameSource | null = null,
  ) {
    this.#entries = entries;
    this.#source = source;
    this.#crossings = crossings;
    this.#segments = new Segments(topology);
    this.#forwarders = new Set(topology.nodes.filter(({ kind }) => forwardsFrames(kind)).map(({ name }) => name));
    this.#reading = new FrameReading(this.#segments);
  }

  /** Reads the frames that crossings were begun with since. */
  grow(): void {
    const { all } = this.#crossings;
    for (let index = this.#columns.length; index < all.length; index++) {
      const dissection = this.#read(this.#reading, index);
      const { protocol, info } = dissection;
      this.#columns.push({ protocol, info: inOnePiece(info), layer: layerOf(dissection) });
      if (index < READ_WHOLE && !this.#source) this.#remembered.set(index, dissection);
    }
  }

  /** tshark's Protocol and Info columns. */
  textOf(index: number): FrameColumns {
    return this.#columns[index] ?? NO_COLUMNS;
  }

  /** A switch or hub passes on what was shown before. */
  isPassedOn(passage: Passage): boolean {
    return !passage.isCopy && this.#forwarders.has(passage.from.node);
  }

  /** A frame's fields: the same whenever it is asked for, whatever was looked at before. */
  dissectionOf(index: number): Dissection {
    if (this.#source) return this.#source.dissectionOf(index);
    const before = this.#remembered.get(index);
    if (before) return before;
    if (this.#remembered.size >= REMEMBERED) {
      for (const known of this.#remembered.keys()) if (known >= READ_WHOLE) this.#remembered.delete(known);
    }
    const block = this.#blockOf(index);
    const end = Math.min(block.first + BLOCK, this.#crossings.all.length);
    for (; block.next < end; block.next++) this.#remembered.set(block.next, this.#read(block.reading, block.next));
    return this.#remembered.get(index) ?? this.#read(new FrameReading(this.#segments), index);
  }

  /** The reading of the frames around one: with those before its block, whichever of the block is asked for first. */
  #blockOf(index: number): ReadBlock {
    const first = index - (index % BLOCK);
    // At the end of what has happened so far a block goes on as the run does.
    if (this.#block?.first === first && this.#block.next <= index) return this.#block;
    const reading = new FrameReading(this.#segments);
    for (let at = 0; at < OPENING; at++) this.#read(reading, at);
    for (let at = first - WINDOW; at < first; at++) this.#read(reading, at);
    this.#block = { first, next: first, reading };
    return this.#block;
  }

  /** A way through all frames from the first on, each with all that came before; see `FrameScan`. */
  scan(): FrameScan {
    const reading = new FrameReading(this.#segments);
    const scan = { next: 0, read: () => this.#read(reading, scan.next++) };
    return scan;
  }

  #read(reading: FrameReading, index: number): Dissection {
    if (this.#source) return this.#source.dissectionOf(index);
    const passage = this.#crossings.all[index] as Passage;
    return reading.read(passage, this.#entries[passage.takenSeq] as Entry, index);
  }
}

interface ReadBlock {
  readonly first: number;
  next: number;
  readonly reading: FrameReading;
}

/** Reads one frame after the other; the number of the next one tells how far it has come. */
export interface FrameScan {
  readonly next: number;
  read(): Dissection;
}

/** V8 keeps joined strings as trees of their parts until somebody looks at a character; whole ones need half the room. */
function inOnePiece(text: string): string {
  return text.charCodeAt(0) === -1 ? '' : text;
}

/** Of what the Protocol column names, which is not the innermost one: an ICMP error quotes what it is about. */
function layerOf({ layers, protocol }: Dissection): LayerNumber {
  const name = protocol.toLowerCase();
  return layers.find((layer) => layer.protocol === name)?.layer ?? 2;
}

/** One way through the frames: a reader a segment sees both directions of a conversation, and never a frame twice. */
class FrameReading {
  readonly #segments: Segments;
  readonly #readers = new Map<string, Dissector>();
  readonly #recent = new Map<string, Dissection>();

  constructor(segments: Segments) {
    this.#segments = segments;
  }

  read(passage: Passage, { event, atNs }: Entry, index: number): Dissection {
    const carries = 'carries' in event ? event.carries : [];
    const bytes = 'bytes' in event ? event.bytes : new Uint8Array(0);
    const segment = this.#segments.of(passage.link);
    const key = carries.length > 0 ? `${segment} ${carries.join(' ')}` : null;
    const before = key === null ? undefined : this.#recent.get(key);
    if (before) return before;
    let dissector = this.#readers.get(segment);
    if (!dissector) {
      dissector = new Dissector();
      this.#readers.set(segment, dissector);
    }
    const dissection = dissector.dissect({ bytes, number: index + 1, atNs, fcs: true });
    if (key !== null) this.#remember(key, dissection);
    return dissection;
  }

  /** Copies of a frame follow it closely: the last of them are enough to know them by. */
  #remember(key: string, dissection: Dissection): void {
    this.#recent.set(key, dissection);
    if (this.#recent.size <= 128) return;
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined) this.#recent.delete(oldest);
  }
}
