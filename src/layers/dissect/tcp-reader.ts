/** Reads TCP segments: which connection they belong to, what to think of them, and what their data is. */

import { pseudoHeaderSum } from '../3-network/service.ts';
import { ANALYSIS, analysisInfo, type TcpAnalysis } from '../4-transport/tcp/analysis-fields.ts';
import {
  type HeaderShape,
  headerShape,
  TCP,
  type TcpSeen,
  tcpFields,
  tcpInfo,
  tcpText,
} from '../4-transport/tcp/fields.ts';
import {
  ACK,
  acknowledgmentOf,
  destinationPortOf,
  FIN,
  flagsOf,
  headerLengthOf,
  RST,
  SYN,
  sequenceOf,
  sourcePortOf,
  TCP_HEADER_BYTES,
  windowOf,
} from '../4-transport/tcp/header.ts';
import { sackedBytes } from '../4-transport/tcp/option-fields.ts';
import type { Applications, Carrier } from './applications.ts';
import { Conversations, conversationKey, isForward } from './conversations.ts';
import { addData } from './data-fields.ts';
import type { FrameDissection } from './dissection.ts';
import { addMalformed } from './malformed.ts';
import type { Packet } from './packet.ts';
import type { StreamData, StreamReader } from './stream-reader.ts';
import { analyze, NOTHING_CONCLUDED, type Segment } from './tcp-analysis.ts';
import {
  COMPLETENESS,
  type Connection,
  closingOf,
  learnBases,
  learnCompleteness,
  learnInitialRtt,
  learnWindowScale,
  newConnection,
} from './tcp-connection.ts';
import type { Flow } from './tcp-flow.ts';
import { newNotes, type StreamPiece, TcpStream } from './tcp-stream.ts';

const TCP_PROTOCOL = 6;

/** Data of such segments is not read: it was read before, or its turn has not come. */
const NOT_READ = ANALYSIS.retransmission | ANALYSIS.outOfOrder;

/** A segment's place: its connection and the two directions as its sender sees them. */
interface Place {
  readonly stream: number;
  readonly connection: Connection;
  readonly direction: 0 | 1;
  readonly forward: Flow;
  readonly reverse: Flow;
  /** A SYN that comes again on a connection that is known, as it is or as a new one on the same ports. */
  readonly again: 'same' | 'reused' | null;
}

export class TcpReader {
  readonly #verify: boolean;
  /** null: what segments carry is not read. */
  readonly #applications: Applications | null;
  readonly #connections = new Conversations<Connection>(newConnection);

  constructor(verify: boolean, applications: Applications | null) {
    this.#verify = verify;
    this.#applications = applications;
  }

  read(read: FrameDissection, packet: Packet): void {
    const { bytes, start: at, end } = packet;
    if (end - at < 4) return;
    read.setProtocol('TCP');
    const shape = headerShape(bytes, at, end);
    if (shape !== null) {
      this.#segment(read, packet, shape);
      return;
    }
    // An ICMP error may quote no more than ports and sequence number (RFC 792); elsewhere that is no header.
    this.#add(read, packet, end - at, null);
    if (read.quoting) return;
    read.setInfo(() => `${sourcePortOf(bytes, at)} → ${destinationPortOf(bytes, at)}`);
    addMalformed(read, 'TCP', bytes, end);
  }

  #segment(read: FrameDissection, packet: Packet, shape: HeaderShape): void {
    const { bytes, start: at, end } = packet;
    const segment = this.#segmentOf(read, packet);
    const place = this.#place(read, packet, segment);
    const seen = this.#see(read, packet, segment, place, shape);
    const headerLength = headerLengthOf(bytes, at);
    this.#add(read, packet, Math.min(end - at, headerLength), seen);
    const { analysis } = seen;
    if (analysis) {
      // What the analysis says stays in front, whatever the application says.
      read.setInfo(() => analysisInfo(analysis));
      read.fenceInfo();
    }
    read.setInfo(() => tcpInfo(bytes, at, end, seen));
    if (shape === 'short' && !read.quoting) addMalformed(read, 'TCP', bytes, end);
    if (shape === 'whole' && !(segment.flags & RST) && this.#applications)
      this.#data(read, packet, at + headerLength, segment, place, seen, this.#applications);
  }

  #add(read: FrameDissection, { bytes, start: at, end }: Packet, length: number, seen: TcpSeen | null): void {
    read.add(
      TCP,
      bytes,
      at,
      length,
      () => tcpText(bytes, at, end, seen),
      () => tcpFields(bytes, at, end, seen),
      end - at,
    );
  }

  #segmentOf(read: FrameDissection, { bytes, start: at, end }: Packet): Segment {
    const headerLength = headerLengthOf(bytes, at);
    return {
      frame: read.frame.number,
      atNs: read.frame.atNs,
      seq: sequenceOf(bytes, at),
      ack: acknowledgmentOf(bytes, at),
      flags: flagsOf(bytes, at),
      dataLength: end - at - headerLength,
      window: windowOf(bytes, at),
      sackedBytes: headerLength > TCP_HEADER_BYTES ? sackedBytes(bytes, at, at + headerLength) : 0,
    };
  }

  #data(
    read: FrameDissection,
    packet: Packet,
    at: number,
    segment: Segment,
    { connection, direction }: Place,
    seen: TcpSeen,
    applications: Applications,
  ): void {
    const { bytes, end } = packet;
    const fin = (segment.flags & FIN) !== 0;
    if (at >= end && !(fin && connection.streams[direction])) return;
    const flags = seen.analysis?.flags ?? 0;
    const stream = connection.streams[direction] ?? new TcpStream();
    connection.streams[direction] = stream;
    const carrier: Carrier = {
      conversation: `tcp ${seen.stream}`,
      sourcePort: sourcePortOf(bytes, packet.start),
      destinationPort: destinationPortOf(bytes, packet.start),
    };
    const piece = {
      ...carrier,
      bytes,
      at,
      end,
      seq: segment.seq,
      fin,
      passedOver: (flags & NOT_READ) !== 0,
      repeated: repetitionOf(flags),
    };
    const reader = flags & ANALYSIS.keepAlive ? readAsData : this.#reader(connection, carrier, applications);
    stream.read(read, piece, reader, seen.notes);
  }

  /** Reads a stream by what is known of it; what nobody reads is shown as data. */
  #reader(connection: Connection, carrier: Carrier, applications: Applications): StreamReader {
    return (read, data) => {
      connection.reader ??= applications.streamReader(data.bytes, data.at, data.end, carrier);
      return (connection.reader ?? readAsData)(read, data);
    };
  }

  #see(read: FrameDissection, packet: Packet, segment: Segment, place: Place, shape: HeaderShape): TcpSeen {
    const { bytes, start: at, end, source, destination } = packet;
    const { atNs } = segment;
    const { connection, forward, reverse } = place;
    const isFirst = connection.firstNs < 0;
    if (isFirst) connection.firstNs = connection.previousNs = atNs;
    const deltaNs = atNs - connection.previousNs;
    connection.previousNs = atNs;
    const { completeness } = connection;
    let analysis: TcpAnalysis | null = null;
    if (shape !== 'bogus') learnCompleteness(connection, segment.flags, segment.dataLength, isFirst);
    if (!read.quoting && shape === 'whole') {
      learnBases(forward, reverse, segment);
      learnWindowScale(forward, reverse, segment.flags, bytes, at);
      analysis = analyze(segment, forward, reverse, connection.initialRttNs, place.again);
      learnInitialRtt(connection, segment);
      if (analysis) analysis.initialRttNs = connection.initialRttNs;
    } else if (read.quoting && (segment.flags & (SYN | ACK)) === SYN && forward.base !== null) {
      analysis = { ...NOTHING_CONCLUDED, initialRttNs: connection.initialRttNs };
    }
    return {
      stream: place.stream,
      completeness,
      baseSequence: read.quoting ? 0 : (forward.base ?? 0),
      baseAcknowledgment: read.quoting ? 0 : (reverse.base ?? 0),
      windowScale: forward.windowScale,
      relativeNs: atNs - connection.firstNs,
      deltaNs,
      analysis,
      closing: closingOf(connection, place.direction, segment.flags),
      quoted: read.quoting,
      pseudo: this.#verify ? pseudoHeaderSum(source, destination, TCP_PROTOCOL, end - at) : null,
      notes: newNotes(),
    };
  }

  /** Finds the segment's connection. A SYN with another number, or after the end, begins another on the same ports. */
  #place(read: FrameDissection, { bytes, start, source, destination }: Packet, { seq, flags }: Segment): Place {
    const sourcePort = sourcePortOf(bytes, start);
    const destinationPort = destinationPortOf(bytes, start);
    const key = conversationKey(source, sourcePort, destination, destinationPort);
    const direction = isForward(source, sourcePort, destination, destinationPort) ? 0 : 1;
    let { stream, state: connection } = this.#connections.between(key);
    const { base } = connection.flows[direction];
    let again: Place['again'] = null;
    if (flags & SYN && base !== null && !read.quoting) {
      const over = (connection.completeness & (COMPLETENESS.rst | COMPLETENESS.fin)) !== 0;
      if (flags & ACK) {
        if (seq !== base) {
          again = 'reused';
          connection.flows[direction].base = seq;
        }
      } else if (seq !== base || over) {
        again = 'reused';
        ({ stream, state: connection } = this.#connections.restart(key));
        connection.completeness = COMPLETENESS.syn;
      } else again = 'same';
    }
    const forward = connection.flows[direction];
    const reverse = connection.flows[direction === 0 ? 1 : 0];
    if (again === 'same') forward.next = forward.greatestAckable;
    return { stream, connection, direction, forward, reverse, again };
  }
}

function readAsData(read: FrameDissection, { bytes, at, end }: StreamData): null {
  addData(read, bytes, at, end);
  return null;
}

function repetitionOf(flags: number): StreamPiece['repeated'] {
  if (flags & ANALYSIS.retransmission) return 'unacknowledged';
  return flags & ANALYSIS.spuriousRetransmission ? 'acknowledged' : null;
}
