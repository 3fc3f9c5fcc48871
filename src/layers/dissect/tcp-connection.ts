/** What is remembered of a TCP connection while its segments are read one by one, as one who only listens can. */

import type { Nanos } from '../../kernel/journal.ts';
import { ACK, FIN, headerLengthOf, RST, SYN } from '../4-transport/tcp/header.ts';
import { readSynOptions } from '../4-transport/tcp/options.ts';
import type { StreamReader } from './stream-reader.ts';
import type { Segment } from './tcp-analysis.ts';
import { type Flow, newFlow } from './tcp-flow.ts';
import type { TcpStream } from './tcp-stream.ts';

export interface Connection {
  /** By direction: 0 from the endpoint that comes first in order, 1 from the other. */
  readonly flows: readonly [Flow, Flow];
  /** COMPLETENESS bits. */
  completeness: number;
  firstNs: Nanos;
  previousNs: Nanos;
  /** The last SYN's time, and the handshake's round-trip time, 0 while not known. */
  synNs: Nanos;
  initialRttNs: Nanos;
  /** The data of each direction, once there is some. */
  readonly streams: [TcpStream | null, TcpStream | null];
  /** Who reads it: null until something is known of it. */
  reader: StreamReader | null;
  /** The direction of the first FIN; null: none yet. */
  closedFirst: 0 | 1 | null;
}

/** RFC 7323 section 2.3: a greater shift is taken for this. */
const GREATEST_SHIFT = 14;

export const COMPLETENESS = { syn: 1, synAck: 2, ack: 4, data: 8, fin: 16, rst: 32 } as const;

export function newConnection(): Connection {
  return {
    flows: [newFlow(), newFlow()],
    completeness: 0,
    firstNs: -1,
    previousNs: -1,
    synNs: -1,
    initialRttNs: 0,
    streams: [null, null],
    reader: null,
    closedFirst: null,
  };
}

/** What was seen of the connection with this segment. Of its very first segment only a SYN counts. */
export function learnCompleteness(connection: Connection, flags: number, dataLength: number, isFirst: boolean): void {
  let bits = connection.completeness;
  if ((flags & (SYN | ACK)) === SYN) bits |= COMPLETENESS.syn;
  if (!isFirst) {
    if ((flags & (SYN | ACK)) === (SYN | ACK)) bits |= COMPLETENESS.synAck;
    if ((flags & (SYN | ACK)) === ACK) bits |= dataLength > 0 ? COMPLETENESS.data : COMPLETENESS.ack;
    if ((flags & (FIN | ACK)) === (FIN | ACK)) bits |= COMPLETENESS.fin;
    if (flags & RST) bits |= COMPLETENESS.rst;
  }
  connection.completeness = bits;
}

/** Where each direction starts to count: at the SYN, or one before the first number that is seen without one. */
export function learnBases(forward: Flow, reverse: Flow, segment: Segment): void {
  const { flags, seq, ack } = segment;
  if (forward.base === null) {
    forward.base = flags & SYN ? seq : (seq - 1) >>> 0;
  }
  if (reverse.base === null && flags & ACK) reverse.base = (ack - 1) >>> 0;
}

/** Window scaling is in use when both SYNs offer it (RFC 7323 section 2.2); one that does not tells of both sides. */
export function learnWindowScale(forward: Flow, reverse: Flow, flags: number, bytes: Uint8Array, at: number): void {
  if (!(flags & SYN)) return;
  const { windowScale } = readSynOptions(bytes, at + 20, at + headerLengthOf(bytes, at));
  if (windowScale !== null) forward.windowScale = Math.min(windowScale, GREATEST_SHIFT);
  if (forward.windowScale === -1) {
    forward.windowScale = -2;
    reverse.windowScale = -2;
  } else if (flags & ACK && reverse.windowScale === -2) forward.windowScale = -2;
}

/** The time from the last SYN to the first acknowledgment that is no SYN; 0 is taken for not known. */
export function learnInitialRtt(connection: Connection, { flags, atNs }: Segment): void {
  if ((flags & (SYN | ACK)) === SYN) connection.synNs = atNs;
  else if (connection.initialRttNs <= 0 && connection.synNs >= 0 && (flags & (SYN | ACK)) === ACK) {
    connection.initialRttNs = atNs - connection.synNs;
  }
}

/** Which side closes: the first to send a FIN does, and again when it repeats it; the other follows. */
export function closingOf(connection: Connection, direction: 0 | 1, flags: number): 'active' | 'passive' | null {
  if (!(flags & FIN)) return null;
  connection.closedFirst ??= direction;
  return connection.closedFirst === direction ? 'active' : 'passive';
}
