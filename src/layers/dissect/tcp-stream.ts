/**
 * One direction of a TCP connection as a stream of messages. Like Wireshark with its defaults (reassembly on, out of
 * order off), a message that needs more octets is kept as a run of sequence numbers; segments that fall into it are put
 * in place, and when it is whole it is read. A retransmission of what lies in a run is not read again.
 */

import type { StreamNotes } from '../4-transport/tcp/stream-fields.ts';
import type { FrameDissection } from './dissection.ts';
import { addRemark } from './malformed.ts';
import {
  type Demand,
  ONE_MORE_SEGMENT,
  type Progress,
  type StreamData,
  type StreamReader,
  UNTIL_FIN,
} from './stream-reader.ts';
import { ahead } from './tcp-flow.ts';

/** A message in several segments: sequence numbers [seq, next). */
interface Run {
  seq: number;
  next: number;
  /** The segment that comes next belongs to it, however long. */
  open: boolean;
  /** Octets that were read together already, and were not enough. */
  assembled: number;
  /** Null when it is whole. */
  parts: Parts | null;
  lastFrame: number;
  readonly progress: Progress;
}

/** What has come of a message. */
interface Parts {
  bytes: Uint8Array;
  /** Octets from the start without a gap. */
  filled: number;
  /** Each segment's piece, in the order of the stream. */
  readonly pieces: { readonly frame: number; readonly at: number; readonly length: number }[];
}

export function newNotes(): StreamNotes {
  return { segmentData: [], whole: null, pduBytes: [], closes: false, finBefore: 0 };
}

/** A segment's data: bytes[at..end) from sequence number `seq` on. */
export interface StreamPiece {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
  readonly seq: number;
  readonly fin: boolean;
  readonly destinationPort: number;
  /** It repeats what was read, or came out of order: what it brings is not read. */
  readonly passedOver: boolean;
  /** A retransmission: it is not looked into. Of what was acknowledged, only the start of a run is recognized. */
  readonly repeated: 'unacknowledged' | 'acknowledged' | null;
  /** The segment's data before it was of another message. */
  readonly isRest?: boolean;
}

/** Runs that are remembered to recognize retransmissions. */
const MOST_RUNS = 64;
/** A message greater than this is given up: what watches must not fill memory. */
const GREATEST_MESSAGE_BYTES = 64 * 1024 * 1024;
/** "Until FIN" as sequence numbers. */
const FAR = 0x40000000;
const SUFFIX = { apart: '[TCP segment of a reassembled PDU]' };

export class TcpStream {
  #runs: Run[] = [];
  /** Some message went on until the FIN. */
  #untilFin = false;
  /** The frame with the first FIN since then. */
  #finFrame = 0;

  /** Reads a segment's data. */
  read(read: FrameDissection, piece: StreamPiece, reader: StreamReader, notes: StreamNotes): void {
    if (piece.fin && this.#close(read, piece, reader, notes)) return;
    if (piece.repeated === 'unacknowledged') {
      if (piece.end > piece.at) notes.segmentData.push({ at: piece.at, length: piece.end - piece.at });
      return;
    }
    let { at, seq } = piece;
    while (at < piece.end) {
      const used = this.#step(read, { ...piece, at, seq, isRest: at > piece.at }, reader, notes);
      at += used;
      seq = (seq + used) >>> 0;
    }
  }

  /** Reads from the start of the piece and answers how many octets were dealt with. */
  #step(read: FrameDissection, piece: StreamPiece, reader: StreamReader, notes: StreamNotes): number {
    const { at, end, seq, fin } = piece;
    const length = end - at;
    const start = this.#runs.findLast((run) => run.seq === seq);
    if (start && ahead((seq + length) >>> 0, start.next) <= 0 && start.lastFrame !== read.frame.number) {
      notes.segmentData.push({ at, length });
      return length;
    }
    if (piece.repeated) return length;
    const run = this.#runs.findLast((candidate) => ahead(candidate.seq, seq) <= 0);
    if (run && ahead(run.next, seq) > 0) return this.#goOn(read, piece, run, reader, notes);
    if (!piece.repeated) if (piece.passedOver) return length;
    this.#demand(read, piece, reader(read, { ...piece, last: fin, progress: { readBytes: 0 }, notes }), at, notes);
    return length;
  }

  /** The segment goes on with a message. */
  #goOn(read: FrameDissection, piece: StreamPiece, run: Run, reader: StreamReader, notes: StreamNotes): number {
    const { bytes, at, end, seq, fin } = piece;
    const length = run.open ? end - at : Math.min(end - at, ahead(run.next, seq));
    if (!run.parts || run.assembled > ahead((seq + length) >>> 0, run.seq)) {
      addOverlap(read, bytes, at);
      return end - at;
    }
    run.lastFrame = read.frame.number;
    const { parts } = run;
    put(parts, ahead(seq, run.seq), bytes.subarray(at, at + length), read.frame.number);
    const wanted = run.open ? ahead((seq + length) >>> 0, run.seq) : ahead(run.next, run.seq);
    if (parts.filled < wanted || (run.open && ahead((seq + length) >>> 0, run.next) < 0)) {
      this.#wait(read, { at, length: end - at }, notes, false);
      if (parts.bytes.length > GREATEST_MESSAGE_BYTES) this.#runs = this.#runs.filter((other) => other !== run);
      return length;
    }
    run.open = false;
    run.next = (run.seq + wanted) >>> 0;
    const whole = parts.bytes.subarray(0, wanted);
    const demand = piece.passedOver ? null : reader(read, dataOf(whole, piece, run, fin, notes));
    const old = wanted - length;
    if (demand && demand.from <= old) {
      run.assembled = wanted;
      this.#extend(run, demand, (seq + length) >>> 0);
      this.#wait(read, { at, length: end - at }, notes, demand.from === 0);
      return length;
    }
    run.parts = null;
    notes.whole = { frames: parts.pieces.map(({ frame }) => frame), count: parts.pieces.length, bytes: whole };
    notes.segmentData.push({ at, length });
    if (demand) {
      const from = at + demand.from - old;
      this.#begin(read, bytes.subarray(from, at + length), (seq + from - at) >>> 0, demand.more, run.progress);
    }
    return length;
  }

  /** A message began in this segment and is not all there. */
  #demand(read: FrameDissection, piece: StreamPiece, demand: Demand | null, start: number, notes: StreamNotes): void {
    if (!demand) return;
    const { bytes, at, end, seq } = piece;
    const { from, more } = demand;
    this.#begin(read, bytes.subarray(from, end), (seq + from - at) >>> 0, more, { readBytes: 0 });
    // Behind the end of another message the columns stay with that one.
    if (from === start && !piece.isRest) this.#wait(read, { at: from, length: end - from }, notes, true);
    else notes.segmentData.push({ at: from, length: end - from });
  }

  #begin(read: FrameDissection, data: Uint8Array, seq: number, more: number, progress: Progress): void {
    const parts: Parts = { bytes: new Uint8Array(Math.max(256, data.length)), filled: 0, pieces: [] };
    put(parts, 0, data, read.frame.number);
    const run: Run = {
      seq,
      next: seq,
      open: false,
      assembled: 0,
      parts,
      lastFrame: read.frame.number,
      progress: { readBytes: progress.readBytes },
    };
    this.#extend(run, { from: 0, more }, (seq + data.length) >>> 0);
    this.#runs.push(run);
    if (this.#runs.length > MOST_RUNS) this.#runs.shift();
  }

  #extend(run: Run, { more }: Demand, end: number): void {
    run.open = more === ONE_MORE_SEGMENT;
    if (more === UNTIL_FIN) this.#untilFin = true;
    run.next = (end + (run.open ? 1 : more === UNTIL_FIN ? FAR : more)) >>> 0;
  }

  #wait(read: FrameDissection, data: { at: number; length: number }, notes: StreamNotes, fromStart: boolean): void {
    notes.segmentData.push(data);
    if (fromStart) read.setProtocol('TCP');
    read.appendInfo(SUFFIX);
  }

  /** The first FIN ends a message that goes on until one; true when that makes it whole. */
  #close(read: FrameDissection, piece: StreamPiece, reader: StreamReader, notes: StreamNotes): boolean {
    const { bytes, at, end, seq } = piece;
    if (!this.#untilFin) return false;
    if (this.#finFrame !== 0) {
      notes.finBefore = this.#finFrame;
      return false;
    }
    this.#finFrame = read.frame.number;
    const run = this.#runs.findLast((candidate) => ahead(candidate.seq, seq) < 0);
    if (!run?.parts) return false;
    const { parts } = run;
    const wanted = ahead((seq + end - at) >>> 0, run.seq);
    put(parts, ahead(seq, run.seq), bytes.subarray(at, end), read.frame.number);
    run.open = false;
    run.next = (run.seq + wanted) >>> 0;
    if (parts.filled < wanted) return false;
    run.parts = null;
    const whole = parts.bytes.subarray(0, wanted);
    const within = parts.pieces.filter((part) => part.at < wanted || part.length === 0);
    notes.closes = true;
    notes.whole = { frames: within.map(({ frame }) => frame), count: parts.pieces.length, bytes: whole };
    if (!piece.passedOver) reader(read, dataOf(whole, piece, run, true, notes));
    return true;
  }
}

/** Wireshark's complaint about a fast retransmission of what it had put together already. */
function addOverlap(read: FrameDissection, bytes: Uint8Array, at: number): void {
  const text = '[Reassembly error, protocol TCP: New fragment overlaps old data (retransmission?)]';
  read.appendInfo(text);
  addRemark(read, bytes, at, text);
}

/** The whole of a run, to be read. */
function dataOf(bytes: Uint8Array, piece: StreamPiece, run: Run, last: boolean, notes: StreamNotes): StreamData {
  const { destinationPort } = piece;
  return { bytes, at: 0, end: bytes.length, last, progress: run.progress, notes, destinationPort };
}

/** Puts a piece in its place; octets that came before without a gap stay as they were. */
function put(parts: Parts, at: number, data: Uint8Array, frame: number): void {
  const end = at + data.length;
  if (end > parts.bytes.length) {
    const grown = new Uint8Array(Math.max(parts.bytes.length * 2, end));
    grown.set(parts.bytes.subarray(0, parts.bytes.length));
    parts.bytes = grown;
  }
  const from = Math.max(at, parts.filled);
  if (from < end) parts.bytes.set(data.subarray(from - at), from);
  const { pieces } = parts;
  const after = pieces.findIndex((piece) => piece.at > at);
  pieces.splice(after < 0 ? pieces.length : after, 0, { frame, at, length: data.length });
  for (const piece of pieces) {
    if (piece.at > parts.filled) break;
    parts.filled = Math.max(parts.filled, piece.at + piece.length);
  }
}
