/**
 * The receiver's half of selective acknowledgment: which blocks to report (RFC 2018 section 4), and duplicates (D-SACK,
 * RFC 2883 section 4). The sender's half is the scoreboard.
 */

import type { Ranges } from './ranges.ts';

/** Blocks that fit 40 octets of options. What falls off is not reported again until something of it arrives. */
const REMEMBERED_BLOCKS = 4;

export class SackBlocks {
  /** Stream offsets, the block that changed last in front. */
  readonly #starts: number[] = new Array(REMEMBERED_BLOCKS).fill(0);
  readonly #ends: number[] = new Array(REMEMBERED_BLOCKS).fill(0);
  #blocks = 0;
  /** The range that came twice, reported once; null: none since the last ACK. */
  #duplicateStart = -1;
  #duplicateEnd = -1;

  /** How many blocks the next ACK has to report, the duplicate included. */
  get count(): number {
    return Math.min(REMEMBERED_BLOCKS, this.#blocks + this.#duplicates);
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
    if (this.#blocks < REMEMBERED_BLOCKS) this.#blocks++;
    for (let block = this.#blocks - 1; block > 0; block--) {
      this.#starts[block] = this.#starts[block - 1] as number;
      this.#ends[block] = this.#ends[block - 1] as number;
    }
    this.#starts[0] = from;
    this.#ends[0] = to;
  }

  /** Everything before `next` has arrived in order. */
  onInOrder(next: number): void {
    if (this.#blocks > 0) this.#dropWithin(-1, next);
  }

  /** [start, end) came again. */
  onDuplicate(start: number, end: number): void {
    this.#duplicateStart = start;
    this.#duplicateEnd = end;
  }

  get #duplicates(): number {
    return this.#duplicateStart >= 0 ? 1 : 0;
  }

  /** Blocks in the order in which they are reported: the duplicate first. */
  startOf(index: number): number {
    const block = index - this.#duplicates;
    return block < 0 ? this.#duplicateStart : (this.#starts[block] as number);
  }

  endOf(index: number): number {
    const block = index - this.#duplicates;
    return block < 0 ? this.#duplicateEnd : (this.#ends[block] as number);
  }

  /** An ACK left with them. A duplicate is reported in one only (RFC 2883 section 4). */
  onReported(): void {
    this.#duplicateStart = -1;
  }

  #dropWithin(from: number, to: number): void {
    let kept = 0;
    for (let block = 0; block < this.#blocks; block++) {
      const start = this.#starts[block] as number;
      const end = this.#ends[block] as number;
      if (start >= from && end <= to) continue;
      this.#starts[kept] = start;
      this.#ends[kept] = end;
      kept++;
    }
    this.#blocks = kept;
  }
}
