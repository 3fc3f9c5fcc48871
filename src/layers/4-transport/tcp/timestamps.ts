/**
 * TCP timestamps (RFC 7323): round trips measured by echoes (section 4), and segments of an older time told from new ones
 * (PAWS, section 5). The clock ticks every millisecond from an offset that each pair of hosts has to itself.
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import { AT_START } from '../../../kernel/queue.ts';
import { atOrBefore, before, distance } from './sequence.ts';

const TICK_NS: Nanos = 1_000_000;
/** RFC 7323 section 5.5: after 24 days without a segment TS.Recent may have wrapped, and proves nothing. */
const OUTDATED_NS: Nanos = 24 * 86_400 * 1_000_000_000;

export class Timestamps {
  /** Both SYNs carried the option. */
  isOn = false;
  /** TS.Recent: what the next segment echoes. */
  recent = 0;
  #recentNs: Nanos = AT_START;
  readonly #context: Context;
  readonly #offset: number;

  constructor(context: Context, offset: number) {
    this.#context = context;
    this.#offset = offset;
  }

  /** TSval of a segment that leaves now. */
  get value(): number {
    return (this.#offset + Math.floor(this.#context.nowNs / TICK_NS)) | 0;
  }

  take(tsVal: number): void {
    this.recent = tsVal | 0;
    this.#recentNs = this.#context.nowNs;
  }

  /** R1 of section 5.3: the segment is older than one that counted before it. */
  isOld(tsVal: number): boolean {
    return before(tsVal, this.recent) && this.#context.nowNs - this.#recentNs <= OUTDATED_NS;
  }

  /** R3 of section 5.3 and section 4.3: only a segment at the left edge of the last ACK moves TS.Recent. */
  update(tsVal: number, sequence: number, lastAckSent: number): void {
    const isOlder = before(tsVal, this.recent) && this.#context.nowNs - this.#recentNs <= OUTDATED_NS;
    if (!isOlder && atOrBefore(sequence, lastAckSent)) this.take(tsVal);
  }

  /** How long ago the segment left whose TSval came back: in whole ticks, at least one. Null: no echo of ours. */
  roundTripNs(tsEcr: number): Nanos | null {
    if (tsEcr === 0) return null;
    const ticks = distance(this.value, tsEcr);
    return ticks < 0 ? null : Math.max(1, ticks) * TICK_NS;
  }
}
