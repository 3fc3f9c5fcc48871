/**
 * A run as somebody walks through it: the journal grows as far as the walk has come, and one event further, so that it
 * is known whether there is a next step. Everything is asked with the number of an entry; the rest is not told.
 */

import type { Entry } from '../kernel/journal.ts';
import { Chronicle, isLoss, isPacket } from '../projections/chronicle.ts';
import type { Topology } from '../projections/topology.ts';
import type { WalkRun } from './host.ts';

export class Story {
  readonly run: WalkRun;
  readonly chronicle: Chronicle;

  constructor(run: WalkRun, topology: Topology) {
    this.run = run;
    this.chronicle = new Chronicle(run.entries, topology, run.source ?? null);
    this.chronicle.grow();
  }

  get entries(): readonly Entry[] {
    return this.run.entries;
  }

  /** Lets the run go on until it has that entry. False: it ends before. */
  reach(seq: number): boolean {
    const { run } = this;
    if (run.entries.length > seq) return true;
    while (run.entries.length <= seq && run.step());
    this.chronicle.grow();
    return run.entries.length > seq;
  }

  /**
   * Where a step may end: at anything that is an event of its own, or at the last of a row of measurements and timers
   * that belong together.
   */
  isStop(seq: number): boolean {
    const entry = this.entries[seq];
    if (!entry) return false;
    // Of a capture nobody knows when the parts of a frame were made.
    if (this.run.source && entry.event.kind === 'encoded') return false;
    if (!isQuiet(entry)) return true;
    this.reach(seq + 1);
    const next = this.entries[seq + 1];
    return !next || !isQuiet(next) || next.atNs !== entry.atNs || next.node !== entry.node;
  }

  /** The first stop after an entry; null: the run is over. */
  stopAfter(seq: number): number | null {
    for (let at = seq + 1; this.reach(at); at++) if (this.isStop(at)) return at;
    return null;
  }

  stopBefore(seq: number): number | null {
    for (let at = seq - 1; at >= 0; at--) if (this.isStop(at)) return at;
    return null;
  }

  /** The stop that shows an entry: itself, or the end of its row. */
  stopFrom(seq: number): number | null {
    return this.isStop(seq) ? seq : this.stopAfter(seq);
  }

  isLast(seq: number): boolean {
    return !this.reach(seq + 1);
  }
}

/** Too small to stop at one by one. */
function isQuiet({ event }: Entry): boolean {
  return event.kind === 'metric' || (event.kind === 'timer' && event.phase !== 'fired');
}

export { isLoss, isPacket };
