/** All that is indexed of a run, grown entry by entry: whoever walks through a run asks it about any moment. */

import type { Entry, Nanos } from '../kernel/journal.ts';
import { CrossingLog } from './crossing-log.ts';
import { FrameLog, type FrameSource } from './frame-log.ts';
import { PduLog } from './pdu-log.ts';
import { RecordLog } from './record-log.ts';
import { SeriesLog } from './series-log.ts';
import { countUpTo } from './sorted.ts';
import { TcpLog } from './tcp-log.ts';
import type { Topology } from './topology.ts';

/** Drops that nobody needs to stop at: a hub's frames for others, a switch's frames that need no forwarding. */
const QUIET_REASONS: ReadonlySet<string> = new Set(['not-for-us', 'filtered']);

export class Chronicle {
  readonly entries: readonly Entry[];
  readonly topology: Topology;
  readonly crossings: CrossingLog;
  readonly frames: FrameLog;
  readonly pdus: PduLog;
  readonly series = new SeriesLog();
  readonly tcp = new TcpLog();
  readonly records: RecordLog;
  readonly #losses: number[] = [];
  readonly #packets: number[] = [];
  #indexed = 0;

  constructor(entries: readonly Entry[], topology: Topology, source: FrameSource | null = null) {
    this.entries = entries;
    this.topology = topology;
    this.crossings = new CrossingLog(entries, topology);
    this.frames = new FrameLog(entries, this.crossings, topology, source);
    this.pdus = new PduLog(entries, this.crossings);
    this.records = new RecordLog(entries);
  }

  /** Takes in what was appended to the journal since. */
  grow(): void {
    for (; this.#indexed < this.entries.length; this.#indexed++) {
      const entry = this.entries[this.#indexed] as Entry;
      this.crossings.add(entry);
      this.pdus.add(entry);
      this.series.add(entry);
      this.tcp.add(entry);
      this.records.add(entry);
      if (isLoss(entry)) this.#losses.push(entry.seq);
      if (isPacket(entry)) this.#packets.push(entry.seq);
    }
    this.frames.grow();
  }

  /** Entries up to a moment at which something ended that should have arrived. */
  lossesUntil(seq: number): readonly number[] {
    return this.#losses.slice(0, countUpTo(this.#losses, seq));
  }

  /** Entries up to a moment at which a packet began its way over a link. */
  packetsUntil(seq: number): readonly number[] {
    return this.#packets.slice(0, countUpTo(this.#packets, seq));
  }

  /** The last entry whose time is not after that; -1: there is none. */
  lastAt(atNs: Nanos): number {
    let low = 0;
    let high = this.#indexed;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle] as Entry).atNs <= atNs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** A packet begins its way over a link here, or ends before it could. */
export function isPacket(entry: Entry): boolean {
  const { event } = entry;
  return event.kind === 'departed' || (event.kind === 'dropped' && event.link !== '' && event.link !== entry.node);
}

export function isLoss({ event }: Entry): boolean {
  return event.kind === 'dropped' && !QUIET_REASONS.has(event.reason);
}
