/**
 * The receiver's half of selective acknowledgment: which blocks to report (RFC 2018 section 4), and duplicates (D-SACK,
 * RFC 2883 section 4). The sender's half is the scoreboard.
 */

import type { Ranges } from './ranges.ts';

/** Blocks that fit 40 octets of options. What falls off is not reported again until something of it arrives. */
const REMEMBERED_BLOCKS = 4;

export class SackBlocks {
  /** Stream offsets, the block that changed last in front. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** The range that came twice, reported once; null: none since the last ACK. */
  #duplicateStart = -1;
  #duplicateEnd = -1;

  /** How many blocks the next ACK has to report, the duplicate included. */
  get count(): number {
    return Math.min(REMEMBERED_BLOCKS, this.#starts.length + (this.#duplicateStart >= 0 ? 1 : 0));
  }

  /**
   * A segment [start, end) arrived that is not in order: "The first SACK block MUST specify the contiguous block of data
   * containing the segment which triggered this ACK".
   */
  onAhead(islands: Ranges, start: number): void {
    const index = islands.indexAfter(start);
    if (index >= islands.count) return;
    const from = islands.starts[index] as number;
    const to = islands.ends[index] as number;
    this.#dropWithin(from, to);
    this.#starts.unshift(from);
    this.#ends.unshift(to);
    if (this.#starts.length > REMEMBERED_BLOCKS) {
      this.#starts.pop();
      this.#ends.pop();
    }
  }

  /** Everything before `next` has arrived in order. */
  onInOrder(next: number): void {
    if (this.#starts.length > 0) this.#dropWithin(-1, next);
  }

  /** [start, end) came again. */
  onDuplicate(start: number, end: number): void {
    this.#duplicateStart = start;
    this.#duplicateEnd = end;
  }

  /**
   * Hands out the blocks, the duplicate first, for an ACK that leaves now. A duplicate is reported in one ACK only
   * (RFC 2883 section 4).
   */
  each(atMost: number, put: (index: number, start: number, end: number) => void): void {
    let index = 0;
    if (this.#duplicateStart >= 0 && atMost > 0) put(index++, this.#duplicateStart, this.#duplicateEnd);
    this.#duplicateStart = -1;
    for (let block = 0; block < this.#starts.length && index < atMost; block++) {
      put(index++, this.#starts[block] as number, this.#ends[block] as number);
    }
  }

  #dropWithin(from: number, to: number): void {
    let kept = 0;
    for (let block = 0; block < this.#starts.length; block++) {
      const start = this.#starts[block] as number;
      const end = this.#ends[block] as number;
      if (start >= from && end <= to) continue;
      this.#starts[kept] = start;
      this.#ends[kept] = end;
      kept++;
    }
    this.#starts.length = kept;
    this.#ends.length = kept;
  }
}
