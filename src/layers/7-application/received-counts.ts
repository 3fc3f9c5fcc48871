/**
 * How often the applications of a node received and processed what: messages of a topic, jobs of a queue. The metrics are
 * `app.received.NAME` and `app.processed.NAME`. Written down on the disk, in the same event in which the application took
 * the message, so that a crash neither forgets one nor counts it twice.
 */

import type { Context } from '../../kernel/context.ts';
import type { Disk, DiskFile } from './disk.ts';

/** Names come from strangers: further ones are counted together. */
const MAX_NAMES = 1_000;
const OTHERS = '*';

export class ReceivedCounts {
  readonly #context: Context;
  readonly #received: DiskFile<number>;
  readonly #processed: DiskFile<number>;

  constructor(context: Context, disk: Disk) {
    this.#context = context;
    this.#received = disk.file<number>('app.received');
    this.#processed = disk.file<number>('app.processed');
  }

  /** An application has taken a message over. */
  received(protocol: string, name: string): void {
    this.#count(this.#received, 'app.received', protocol, name, 1);
  }

  /** An application is done with a message; 0: it is about to begin, and the metric is to be there. */
  processed(protocol: string, name: string, by = 1): void {
    this.#count(this.#processed, 'app.processed', protocol, name, by);
  }

  #count(file: DiskFile<number>, machine: string, protocol: string, name: string, by: number): void {
    const counted = file.records.has(name) || file.records.size < MAX_NAMES ? name : OTHERS;
    const value = (file.records.get(counted) ?? 0) + by;
    file.put(counted, value);
    if (!this.#context.recording) return;
    this.#context.record({ kind: 'metric', layer: 7, protocol, machine, name: counted, value });
  }
}
