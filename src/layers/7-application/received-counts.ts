/**
 * How often the applications of a node received what: messages of a topic, jobs of a queue. The metric is
 * `app.received.NAME`. Written down on the disk, in the same event in which the application took the message, so that a
 * crash neither forgets one nor counts it twice.
 */

import type { Context } from '../../kernel/context.ts';
import type { Disk, DiskFile } from './disk.ts';

/** Names come from strangers: further ones are counted together. */
const MAX_NAMES = 1_000;
const OTHERS = '*';

export class ReceivedCounts {
  readonly #context: Context;
  readonly #file: DiskFile<number>;

  constructor(context: Context, disk: Disk) {
    this.#context = context;
    this.#file = disk.file<number>('app.received');
  }

  count(protocol: string, name: string): void {
    const { records } = this.#file;
    const counted = records.has(name) || records.size < MAX_NAMES ? name : OTHERS;
    const value = (records.get(counted) ?? 0) + 1;
    this.#file.put(counted, value);
    if (!this.#context.recording) return;
    this.#context.record({ kind: 'metric', layer: 7, protocol, machine: 'app.received', name: counted, value });
  }
}
