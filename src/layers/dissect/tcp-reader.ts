/** Reads TCP segments: which connection they belong to, what to think of them, and what their data is. */

import { pseudoHeaderSum } from '../3-network/service.ts';
import { ANALYSIS, type TcpAnalysis } from '../4-transport/tcp/analysis-fields.ts';
import { TCP, type TcpSeen, tcpFields, tcpInfo, tcpText } from '../4-transport/tcp/fields.ts';
import {
  ACK,
  acknowledgmentOf,
  destinationPortOf,
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
import { Conversations, conversationKey, isForward } from './conversations.ts';
import { addData } from './data-fields.ts';
import type { FrameDissection } from './dissection.ts';
import type { Packet } from './packet.ts';
import { analyze, type Segment } from './tcp-analysis.ts';
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

const TCP_PROTOCOL = 6;

/** Data of such segments is not read: it was read before, or its turn has not come. */
const NOT_READ = ANALYSIS.retransmission | ANALYSIS.spuriousRetransmission | ANALYSIS.outOfOrder;

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
  readonly #connections = new Conversations<Connection>(newConnection);

  constructor(verify: boolean) {
    this.#verify = verify;
  }

  read(read: FrameDissection, packet: Packet): void {
    const { bytes, start: at, end } = packet;
    if (end - at < 4) return;
    read.setProtocol('TCP');
    // An ICMP error may quote no more than ports and sequence number (RFC 792).
    const seen = end - at < TCP_HEADER_BYTES ? null : this.#see(read, packet);
    const headerLength = seen ? headerLengthOf(bytes, at) : end - at;
    read.add(
      TCP,
      bytes,
      at,
      headerLength,
      () => tcpText(bytes, at, end, seen),
      () => tcpFields(bytes, at, end, seen),
      end - at,
    );
    if (!seen) return;
    read.setInfo(() => tcpInfo(bytes, at, end, seen));
    if (!(flagsOf(bytes, at) & RST)) this.#data(read, packet, at + headerLength, seen);
  }

  #data(read: FrameDissection, { bytes, end }: Packet, at: number, seen: TcpSeen): void {
    if (seen.analysis && seen.analysis.flags & NOT_READ) return;
    addData(read, bytes, at, end);
  }

  #see(read: FrameDissection, packet: Packet): TcpSeen {
    const { bytes, start: at, end, source, destination } = packet;
    const { atNs } = read.frame;
    const headerLength = headerLengthOf(bytes, at);
    const segment: Segment = {
      frame: read.frame.number,
      atNs,
      seq: sequenceOf(bytes, at),
      ack: acknowledgmentOf(bytes, at),
      flags: flagsOf(bytes, at),
      dataLength: end - at - headerLength,
      window: windowOf(bytes, at),
      sackedBytes: headerLength > TCP_HEADER_BYTES ? sackedBytes(bytes, at, at + headerLength) : 0,
    };
    const place = this.#place(packet, segment);
    const { connection, forward, reverse } = place;
    const isFirst = connection.firstNs < 0;
    if (isFirst) connection.firstNs = connection.previousNs = atNs;
    const deltaNs = atNs - connection.previousNs;
    connection.previousNs = atNs;
    const { completeness } = connection;
    let analysis: TcpAnalysis | null = null;
    if (!read.quoting) {
      learnCompleteness(connection, segment.flags, segment.dataLength, isFirst);
      learnBases(forward, reverse, segment);
      learnWindowScale(forward, reverse, segment.flags, bytes, at);
      analysis = analyze(segment, forward, reverse, connection.initialRttNs, place.again);
      learnInitialRtt(connection, segment);
      if (analysis) analysis.initialRttNs = connection.initialRttNs;
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
    };
  }

  /** Finds the segment's connection. A SYN with another number, or after the end, begins another on the same ports. */
  #place({ bytes, start, source, destination }: Packet, { seq, flags }: Segment): Place {
    const sourcePort = sourcePortOf(bytes, start);
    const destinationPort = destinationPortOf(bytes, start);
    const key = conversationKey(source, sourcePort, destination, destinationPort);
    const direction = isForward(source, sourcePort, destination, destinationPort) ? 0 : 1;
    let { stream, state: connection } = this.#connections.between(key);
    const { base } = connection.flows[direction];
    let again: Place['again'] = null;
    if (flags & SYN && base !== null) {
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
