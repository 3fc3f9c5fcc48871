/**
 * TCP connections as their two ends live through them: what each end sent (with true fates) and what it was told (the
 * acknowledgments that reached it). Sequence numbers count from the end's own SYN, which is 0.
 */

import type { Entry, Nanos } from '../kernel/journal.ts';
import { countUpTo } from './sorted.ts';

export interface SentSegment {
  readonly entry: number;
  readonly atNs: Nanos;
  /** Relative to the end's first sequence number. */
  readonly from: number;
  /** Octets of the sequence space: data, SYN and FIN. */
  readonly length: number;
  readonly dataBytes: number;
  readonly isRetransmission: boolean;
  /** SND.NXT when it had been sent, and the most data that a segment had carried by then. */
  readonly next: number;
  readonly mostBytes: number;
}

export interface HeardSegment {
  readonly entry: number;
  readonly atNs: Nanos;
  /** The peer's acknowledgment, relative to our first sequence number; null: it has none. */
  readonly acknowledged: number | null;
  readonly dataBytes: number;
  /** Duplicates of the same acknowledgment so far, this one included; 0: it is none. */
  readonly duplicates: number;
  /** Where its octets begin, relative to the peer's first sequence number. */
  readonly from: number;
  /** RCV.NXT when it had been taken over: everything before has come in order. */
  readonly next: number;
}

/** Octets that came before those in front of them, relative to the peer's first sequence number. */
export interface HeldRange {
  readonly from: number;
  readonly to: number;
}

/** Segments that are looked at for what waits out of order. */
const MOST_HELD = 512;

/** In order, those that touch each other as one. */
function joined(ranges: readonly HeldRange[]): HeldRange[] {
  const result: HeldRange[] = [];
  for (const range of [...ranges].sort((one, other) => one.from - other.from)) {
    const last = result.at(-1);
    if (last && range.from <= last.to) result[result.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else result.push(range);
  }
  return result;
}

/** One end of a connection. */
export class TcpEnd {
  /** `client.tcp.http`. */
  readonly path: string;
  readonly node: string;
  readonly machine: string;
  readonly sent: SentSegment[] = [];
  readonly heard: HeardSegment[] = [];
  /** Which of `sent` are retransmissions. */
  readonly again: number[] = [];
  readonly #sentSeqs: number[] = [];
  readonly #heardSeqs: number[] = [];
  localPort = 0;
  remotePort = 0;
  #first: number | null = null;
  #next = 0;
  #acknowledged = 0;
  #duplicates = 0;
  #peerFirst: number | null = null;
  #expected = 0;
  #held: HeldRange[] = [];

  constructor(node: string, machine: string) {
    this.path = `${node}.${machine}`;
    this.node = node;
    this.machine = machine;
  }

  send(entry: Entry, bytes: Uint8Array): void {
    const segment = readSegment(bytes);
    this.#first ??= segment.sequence;
    this.localPort ||= segment.sourcePort;
    this.remotePort ||= segment.destinationPort;
    const from = (segment.sequence - this.#first) >>> 0;
    const length = segment.dataBytes + segment.control;
    this.#sentSeqs.push(entry.seq);
    const before = this.sent.at(-1);
    const isRetransmission = length > 0 && from < this.#next;
    if (isRetransmission) this.again.push(this.sent.length);
    this.#next = Math.max(this.#next, from + length);
    this.sent.push({
      entry: entry.seq,
      atNs: entry.atNs,
      from,
      length,
      dataBytes: segment.dataBytes,
      isRetransmission,
      next: this.#next,
      mostBytes: Math.max(before?.mostBytes ?? 0, segment.dataBytes),
    });
  }

  hear(entry: Entry, bytes: Uint8Array): void {
    const segment = readSegment(bytes);
    this.localPort ||= segment.destinationPort;
    this.remotePort ||= segment.sourcePort;
    const isCounted = segment.hasAck && this.#first !== null;
    const acknowledged = isCounted ? (segment.acknowledgment - (this.#first as number)) >>> 0 : null;
    // RFC 5681 section 2: same acknowledgment, no data, something outstanding (the window is not looked at here).
    const isSame = acknowledged !== null && acknowledged === this.#acknowledged && acknowledged < this.#next;
    this.#duplicates = isSame && segment.dataBytes + segment.control === 0 ? this.#duplicates + 1 : 0;
    if (acknowledged !== null) this.#acknowledged = Math.max(this.#acknowledged, acknowledged);
    this.#heardSeqs.push(entry.seq);
    this.heard.push({
      entry: entry.seq,
      atNs: entry.atNs,
      acknowledged,
      dataBytes: segment.dataBytes,
      duplicates: this.#duplicates,
      from: this.#take(segment),
      next: this.#expected,
    });
  }

  /** Puts a segment into the receive buffer; answers where its octets begin. */
  #take({ sequence, dataBytes, control }: SegmentNumbers): number {
    this.#peerFirst ??= sequence;
    const from = (sequence - this.#peerFirst) >>> 0;
    this.#held.push({ from, to: from + dataBytes + control });
    for (let isMore = true; isMore; ) {
      const before = this.#expected;
      for (const range of this.#held)
        if (range.from <= this.#expected) this.#expected = Math.max(this.#expected, range.to);
      this.#held = this.#held.filter(({ to }) => to > this.#expected);
      isMore = this.#expected > before && this.#held.length > 0;
    }
    return from;
  }

  /** What had come by a moment and waits for octets in front of it; of long ones the newest. */
  heldAt(seq: number): readonly HeldRange[] {
    const count = this.heardUntil(seq);
    const next = this.heard[count - 1]?.next ?? 0;
    const held: HeldRange[] = [];
    for (let at = count - 1; at >= Math.max(0, count - MOST_HELD); at--) {
      const { from, dataBytes } = this.heard[at] as HeardSegment;
      if (dataBytes > 0 && from >= next) held.push({ from, to: from + dataBytes });
    }
    return joined(held);
  }

  /** Which of `sent` an entry is; -1: none. */
  indexOf(entry: number): number {
    const at = countUpTo(this.#sentSeqs, entry) - 1;
    return this.#sentSeqs[at] === entry ? at : -1;
  }

  sentUntil(seq: number): number {
    return countUpTo(this.#sentSeqs, seq);
  }

  heardUntil(seq: number): number {
    return countUpTo(this.#heardSeqs, seq);
  }

  /** SND.UNA as the end knows it, relative. */
  unacknowledgedAt(seq: number): number {
    let most = 0;
    for (let at = this.heardUntil(seq) - 1; at >= 0; at--) {
      const { acknowledged } = this.heard[at] as HeardSegment;
      if (acknowledged !== null) {
        most = acknowledged;
        break;
      }
    }
    return most;
  }
}

export class TcpLog {
  readonly #ends = new Map<string, TcpEnd>();
  readonly #firsts: number[] = [];
  readonly #list: TcpEnd[] = [];

  add(entry: Entry): void {
    const { event, node } = entry;
    if (event.kind !== 'encoded' && event.kind !== 'decoded') return;
    // A reset for a connection that is not there comes from no machine.
    if (event.protocol !== 'tcp' || event.layer !== 4 || event.via === '') return;
    const path = `${node}.${event.via}`;
    let end = this.#ends.get(path);
    if (!end) {
      end = new TcpEnd(node, event.via);
      this.#ends.set(path, end);
      this.#firsts.push(entry.seq);
      this.#list.push(end);
    }
    if (event.kind === 'encoded') end.send(entry, event.bytes);
    else end.hear(entry, event.bytes);
  }

  /** Ends that had begun, in the order of their first segment. */
  endsAt(seq: number): readonly TcpEnd[] {
    return this.#list.slice(0, countUpTo(this.#firsts, seq));
  }

  end(path: string): TcpEnd | null {
    return this.#ends.get(path) ?? null;
  }
}

const SYN_FIN = 3;
const ACK = 16;

interface SegmentNumbers {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly hasAck: boolean;
  /** SYN and FIN take a number each. */
  readonly control: number;
  readonly dataBytes: number;
}

/** The few numbers of RFC 9293 section 3.1 that counting needs; a segment in the journal is never cut short. */
export function readSegment(bytes: Uint8Array): SegmentNumbers {
  const at = (index: number) => bytes[index] ?? 0;
  const word = (index: number) => (at(index) << 8) | at(index + 1);
  const flags = at(13) & SYN_FIN;
  return {
    sourcePort: word(0),
    destinationPort: word(2),
    sequence: ((word(4) << 16) | word(6)) >>> 0,
    acknowledgment: ((word(8) << 16) | word(10)) >>> 0,
    hasAck: (at(13) & ACK) !== 0,
    control: (flags & 1) + (flags >>> 1),
    dataBytes: Math.max(0, bytes.length - (at(12) >>> 4) * 4),
  };
}
