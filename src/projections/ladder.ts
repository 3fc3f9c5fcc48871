/**
 * The ladder: who sent what to whom and what became of it, in the order of time. Rows are data; `ladder-text.ts` draws
 * them, and so may a screen.
 */

import type { Entry, LayerNumber, Nanos } from '../kernel/journal.ts';
import { Dissector } from '../layers/codecs.ts';
import type { Dissection } from '../layers/field.ts';
import { type Crossing, type Crossings, crossingsOf } from './crossings.ts';
import { printable } from './printable.ts';
import { Segments } from './segments.ts';
import { type Moment, timelineOf } from './timeline.ts';
import type { Topology } from './topology.ts';

export type LadderRow = FrameRow | NoteRow | FoldRow;

export interface FrameRow {
  readonly kind: 'frame';
  readonly seq: number;
  readonly atNs: Nanos;
  readonly crossing: Crossing;
  /** tshark's words, printable. */
  readonly protocol: string;
  readonly info: string;
  /** Of the protocol. */
  readonly layer: LayerNumber;
  /** A switch or hub passes on what a row above shows already. */
  readonly isPassedOn: boolean;
}

export interface NoteRow {
  readonly kind: 'note';
  readonly seq: number;
  readonly atNs: Nanos;
  readonly moment: Moment;
}

/** Rows left out. */
export interface FoldRow {
  readonly kind: 'fold';
  readonly frames: number;
  readonly notes: number;
  readonly lost: number;
}

/** Reads frames one after the other and remembers the conversations that they belong to: a `Dissector`. */
export interface Reader {
  dissect(frame: {
    readonly bytes: Uint8Array;
    readonly number: number;
    readonly atNs: Nanos;
    readonly fcs: boolean;
  }): Dissection;
}

/** Every crossing and every moment, in the order of time. `newReader` makes one reader for each segment. */
export function ladderRows(
  entries: readonly Entry[],
  topology: Topology,
  newReader: () => Reader = () => new Dissector(),
): (FrameRow | NoteRow)[] {
  const crossings = crossingsOf(entries, topology);
  const frames = frameRows(crossings, topology, newReader);
  const notes = timelineOf(entries).map((moment): NoteRow => {
    const { seq, atNs } = moment;
    return { kind: 'note', seq, atNs, moment };
  });
  return [...frames, ...notes].sort((one, other) => one.seq - other.seq);
}

function frameRows(crossings: Crossings, topology: Topology, newReader: () => Reader): FrameRow[] {
  const rows: FrameRow[] = [];
  for (const { crossing, dissection, isPassedOn } of readCrossings(crossings, topology, newReader)) {
    rows.push({
      kind: 'frame',
      seq: crossing.takenSeq,
      atNs: crossing.takenNs,
      crossing,
      protocol: printable(dissection.protocol),
      info: printable(dissection.info),
      layer: layerOf(dissection),
      isPassedOn,
    });
  }
  return rows;
}

/** A crossing as a reader sees it. */
export interface ReadCrossing {
  readonly crossing: Crossing;
  readonly dissection: Dissection;
  /** A switch or hub passes on what was seen before. */
  readonly isPassedOn: boolean;
}

/**
 * A frame is read once, where it is made; where a switch passes it on it is the same frame and says the same. One
 * reader a segment sees both directions of a conversation, and never a frame twice.
 */
export function* readCrossings(
  crossings: Crossings,
  topology: Topology,
  newReader: () => Reader = () => new Dissector(),
): Generator<ReadCrossing> {
  const segments = new Segments(topology);
  const readers = new Map<string, { readonly reader: Reader; read: number }>();
  const known = new Map<string, Dissection>();
  for (const crossing of crossings.all) {
    const segment = segments.of(crossing.link);
    const key = crossing.carries.length > 0 ? `${segment} ${crossing.carries.join(' ')}` : null;
    let dissection = key === null ? undefined : known.get(key);
    if (!dissection) {
      const place = readers.get(segment) ?? { reader: newReader(), read: 0 };
      readers.set(segment, place);
      const { bytes, takenNs } = crossing;
      dissection = place.reader.dissect({ bytes, number: ++place.read, atNs: takenNs, fcs: true });
      if (key !== null) known.set(key, dissection);
    }
    yield { crossing, dissection, isPassedOn: !crossing.isCopy && !segments.isFirst(crossing) };
  }
}

/** The layer of what the Protocol column names, which is not the innermost one: an ICMP error quotes what it is about. */
export function layerOf({ layers, protocol }: Dissection): LayerNumber {
  const name = protocol.toLowerCase();
  return layers.find((layer) => layer.protocol === name)?.layer ?? 2;
}

/** Up to this many rows are shown as they are. */
const UNFOLDED_ROWS = 60;
const HEAD_ROWS = 24;
const TAIL_ROWS = 12;
/** Even what matters is folded when there is more of it than anybody reads. */
const NOTABLE_ROWS = 60;
/** A gap of so few rows is shown: the line that says they are missing would save nothing. */
const SMALL_GAP_ROWS = 3;
/** To leave out fewer rows than this shortens nothing that matters. */
const LEAST_FOLDED_ROWS = 20;

/**
 * Long runs: the beginning, the end, and what is out of the ordinary between them (losses, retransmissions, openings and
 * ends of connections, changes of state) stay; the rest becomes "… 212 frames folded".
 */
export function foldLadder(rows: readonly (FrameRow | NoteRow)[], unfolded = UNFOLDED_ROWS): LadderRow[] {
  if (rows.length <= unfolded) return [...rows];
  const kept = rows.map((_, at) => at < HEAD_ROWS || at >= rows.length - TAIL_ROWS);
  const weights = rows.map(weighing());
  let budget = NOTABLE_ROWS;
  for (const wanted of ['essential', 'helpful']) {
    for (const [at, weight] of weights.entries()) {
      if (!kept[at] && budget > 0 && weight === wanted) {
        kept[at] = true;
        budget--;
      }
    }
  }
  closeSmallGaps(kept);
  if (kept.filter((isKept) => !isKept).length < LEAST_FOLDED_ROWS) return [...rows];
  const folded: LadderRow[] = [];
  for (const [at, row] of rows.entries()) {
    if (kept[at]) folded.push(row);
    else fold(folded, row);
  }
  return folded;
}

function closeSmallGaps(kept: boolean[]): void {
  for (let at = 0; at < kept.length; at++) {
    if (kept[at]) continue;
    const next = kept.indexOf(true, at);
    const gap = (next < 0 ? kept.length : next) - at;
    if (gap <= SMALL_GAP_ROWS) kept.fill(true, at, at + gap);
    at += gap;
  }
}

function fold(folded: LadderRow[], row: FrameRow | NoteRow): void {
  const last = folded.at(-1);
  const before = last?.kind === 'fold' ? last : { kind: 'fold' as const, frames: 0, notes: 0, lost: 0 };
  if (last?.kind === 'fold') folded.pop();
  const isFrame = row.kind === 'frame';
  folded.push({
    kind: 'fold',
    frames: before.frames + (isFrame ? 1 : 0),
    notes: before.notes + (isFrame ? 0 : 1),
    lost: before.lost + (isFrame && (row.crossing.fate === 'lost' || row.crossing.fate === 'damaged') ? 1 : 0),
  });
}

type Weight = 'essential' | 'helpful' | 'ordinary';

/** Weighs rows one after the other; what is noted of a node again and again is news only once. */
function weighing(): (row: FrameRow | NoteRow) => Weight {
  const noted = new Set<string>();
  return (row) => {
    if (row.kind === 'frame') return weightOf(row);
    const { node, kind, text } = row.moment;
    const isNews = !noted.has(`${node} ${text}`);
    noted.add(`${node} ${text}`);
    return kind === 'app' ? 'ordinary' : isNews ? 'essential' : 'helpful';
  };
}

function weightOf(row: FrameRow): Weight {
  const { fate, isCopy } = row.crossing;
  if (fate === 'lost' || fate === 'damaged' || isCopy) return 'essential';
  // tshark's words for what its analysis found, and for flags other than those of plain data.
  if (/^\[TCP (?:Fast |Spurious )?Retransmission/.test(row.info) || /\[(?:SYN|FIN|RST)/.test(row.info))
    return 'essential';
  // What an application says is what the rest is for; a switch says nothing of its own.
  const isMessage = row.layer >= 5 && row.protocol !== 'TCP' && row.protocol !== 'UDP';
  return row.info.startsWith('[TCP ') || (isMessage && !row.isPassedOn) ? 'helpful' : 'ordinary';
}
