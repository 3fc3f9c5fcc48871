/**
 * What the sender knows of every segment between SND.UNA and SND.MAX: when it left, and whether it was selectively
 * acknowledged, is thought lost, or was sent again (RFC 6675 section 4, RFC 8985 section 5). Segments stand in the order
 * of their numbers, by offsets in the stream that do not wrap, each as a row of numbers that lie together: who asks for
 * one of them asks for the others as well.
 *
 *   pipe = octets sent - SACKed - lost + sent again          (SetPipe of RFC 6675, kept up to date instead of counted)
 */

import type { Nanos } from '../../../kernel/journal.ts';
import { Ranges } from './ranges.ts';
import { distance } from './sequence.ts';

const SACKED = 1;
const LOST = 2;
/** Sent again, and that copy is not thought lost. */
const REPEATED = 4;
/** Sent more than once at any time: its ACK is ambiguous (Karn). */
const AMBIGUOUS = 8;

const DUPLICATE_THRESHOLD = 3;
/** Rows that are acknowledged are cleared away when there are so many, and no fewer than of the others. */
const COMPACT_AT = 16;

/** A row: the first octet, the one behind the last, when it left, and what is known of it. */
const ROW = 4;
const END = 1;
const SENT = 2;
const MARKS = 3;
const INITIAL_ROWS = 32;
/** Of who has sent nothing: an end that only receives never needs its own. */
const NO_ROWS = new Float64Array(0);

export interface DeliveryListener {
  onDelivered(index: number): void;
}

export class Scoreboard {
  #rows = NO_ROWS;
  #count = 0;
  /** What was SACKed, as ranges. */
  readonly #sacked = new Ranges();
  /** Whether there are any: said here, so that most acknowledgments need not look at them. */
  #hasSacked = false;
  /** Hears of each segment that arrived, while its marks still stand. */
  listener: DeliveryListener | null = null;
  /** Index of the first segment that is outstanding; what lies before it is acknowledged. */
  #head = 0;
  #sentBytes = 0;
  sackedBytes = 0;
  lostBytes = 0;
  repeatedBytes = 0;
  /** Everything before this index was weighed for loss, and what is not SACKed there is marked. */
  #weighed = 0;
  /** No segment before this index waits to be sent again. */
  #repeatFrom = 0;
  /** Index of the last SACKed segment, or -1. */
  #lastSacked = -1;

  /** Octets thought to be in the network. */
  get pipeBytes(): number {
    return this.#sentBytes - this.sackedBytes - this.lostBytes + this.repeatedBytes;
  }

  get first(): number {
    return this.#head;
  }

  /** One behind the last index. */
  get last(): number {
    return this.#count;
  }

  get isEmpty(): boolean {
    return this.#head === this.#count;
  }

  get hasHoles(): boolean {
    return this.sackedBytes > 0 || this.lostBytes > 0;
  }

  get highestSackedEnd(): number {
    return this.#lastSacked < 0 ? -1 : this.endOf(this.#lastSacked);
  }

  startOf(index: number): number {
    return this.#rows[ROW * index] as number;
  }

  endOf(index: number): number {
    return this.#rows[ROW * index + END] as number;
  }

  sentNsOf(index: number): Nanos {
    return this.#rows[ROW * index + SENT] as Nanos;
  }

  #marksOf(index: number): number {
    return this.#rows[ROW * index + MARKS] as number;
  }

  #mark(index: number, marks: number): void {
    this.#rows[ROW * index + MARKS] = marks;
  }

  isSacked(index: number): boolean {
    return (this.#marksOf(index) & SACKED) !== 0;
  }

  isLost(index: number): boolean {
    return (this.#marksOf(index) & LOST) !== 0;
  }

  /** Sent again, and not thought lost since. */
  isRepeated(index: number): boolean {
    return (this.#marksOf(index) & REPEATED) !== 0;
  }

  isAmbiguous(index: number): boolean {
    return (this.#marksOf(index) & AMBIGUOUS) !== 0;
  }

  /** Whether the octet before `offset` was selectively acknowledged. */
  isSackedBefore(offset: number): boolean {
    return this.#sacked.covers(offset - 1, offset);
  }

  /** Whether an ACK of everything before `offset` is for a segment of which more than one copy left (Karn). */
  isAmbiguousBefore(offset: number): boolean {
    for (let index = this.#head; index < this.#count && this.startOf(index) < offset; index++) {
      if (this.isAmbiguous(index) && !this.isSacked(index)) return true;
    }
    return false;
  }

  /** New octets left. */
  onSent(start: number, end: number, nowNs: Nanos): void {
    const at = ROW * this.#takeRow();
    const rows = this.#rows;
    rows[at] = start;
    rows[at + END] = end;
    rows[at + SENT] = nowNs;
    rows[at + MARKS] = 0;
    this.#sentBytes += distance(end, start);
  }

  /** The index of one more row. */
  #takeRow(): number {
    if (ROW * this.#count === this.#rows.length) this.#grow();
    return this.#count++;
  }

  #grow(): void {
    const rows = new Float64Array(Math.max(ROW * INITIAL_ROWS, 2 * this.#rows.length));
    rows.set(this.#rows);
    this.#rows = rows;
  }

  onSentAgain(index: number, nowNs: Nanos): void {
    const mark = this.#marksOf(index);
    if ((mark & REPEATED) === 0) this.repeatedBytes += this.#lengthOf(index);
    this.#mark(index, mark | REPEATED | AMBIGUOUS);
    this.#rows[ROW * index + SENT] = nowNs;
  }

  /** Everything before `offset` was acknowledged; a segment that is cut keeps its rest. */
  acknowledge(offset: number): void {
    while (this.#head < this.#count && this.endOf(this.#head) <= offset) {
      if (this.listener && !this.isSacked(this.#head)) this.listener.onDelivered(this.#head);
      this.#uncount(this.#head, this.#lengthOf(this.#head));
      this.#head++;
    }
    if (this.#head < this.#count && this.startOf(this.#head) < offset) this.#cutFront(this.#head, offset);
    if (this.#lastSacked < this.#head) this.#lastSacked = -1;
    if (this.#hasSacked) this.#cutSacked(offset);
    if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#count) this.#compact();
  }

  #cutSacked(offset: number): void {
    this.#sacked.cutBefore(offset);
    this.#hasSacked = this.#sacked.count > 0;
  }

  /** [start, end) was selectively acknowledged: how many octets of that are news. */
  sack(start: number, end: number): number {
    const known = this.#sacked;
    if (known.covers(start, end)) return 0;
    // A block mostly grows at its end: begin where it grew.
    const place = known.indexAfter(start);
    const isInside = place < known.count && (known.starts[place] as number) <= start;
    const from = isInside ? (known.ends[place] as number) : start;
    known.add(start, end);
    this.#hasSacked = true;
    let fresh = 0;
    for (let index = this.#indexAt(from); index < this.#count && this.endOf(index) <= end; index++) {
      const mark = this.#marksOf(index);
      if (this.startOf(index) < start || (mark & SACKED) !== 0) continue;
      const length = this.#lengthOf(index);
      this.listener?.onDelivered(index);
      if ((mark & LOST) !== 0) this.lostBytes -= length;
      if ((mark & REPEATED) !== 0) this.repeatedBytes -= length;
      this.sackedBytes += length;
      this.#mark(index, (mark & ~(LOST | REPEATED)) | SACKED);
      if (index > this.#lastSacked) this.#lastSacked = index;
      fresh += length;
    }
    return fresh;
  }

  /**
   * IsLost of RFC 6675 section 4 for all segments at once: lost is what has DupThresh discontiguous SACKed ranges, or more
   * than (DupThresh - 1) * SMSS SACKed octets, above it. Returns how many octets were marked now.
   */
  markLost(segmentBytes: number): number {
    let octets = 0;
    let ranges = 0;
    let index = this.#lastSacked;
    const from = Math.max(this.#weighed, this.#head);
    for (; index >= from; index--) {
      if (!this.isSacked(index)) continue;
      if (index === this.#lastSacked || !this.isSacked(index + 1)) ranges++;
      octets += this.#lengthOf(index);
      if (ranges >= DUPLICATE_THRESHOLD || octets > (DUPLICATE_THRESHOLD - 1) * segmentBytes) break;
    }
    let marked = 0;
    for (let below = from; below < index; below++) marked += this.markOneLost(below);
    this.#weighed = Math.max(from, index);
    return marked;
  }

  /** Marks one segment lost, its copy included. Returns its length, or 0 where that is no news. */
  markOneLost(index: number): number {
    const mark = this.#marksOf(index);
    if ((mark & SACKED) !== 0 || (mark & (LOST | REPEATED)) === LOST) return 0;
    const length = this.#lengthOf(index);
    if ((mark & LOST) === 0) this.lostBytes += length;
    if ((mark & REPEATED) !== 0) this.repeatedBytes -= length;
    this.#mark(index, (mark | LOST) & ~REPEATED);
    this.#repeatFrom = Math.min(this.#repeatFrom, index);
    return length;
  }

  /** After a timeout everything that is not SACKed counts as lost; `forgets`: what is SACKed, too (RFC 2018 section 8). */
  markAllLost(forgets: boolean): void {
    for (let index = this.#head; index < this.#count; index++) {
      if (forgets && this.isSacked(index)) {
        this.#mark(index, this.#marksOf(index) & ~SACKED);
        this.sackedBytes -= this.#lengthOf(index);
      }
      this.markOneLost(index);
    }
    if (forgets) {
      this.#lastSacked = -1;
      this.#sacked.clear();
    }
    this.#weighed = this.#count;
  }

  /** Takes all loss marks back: they were wrong. */
  unmarkLost(): void {
    for (let index = this.#head; index < this.#count; index++) {
      if (this.isLost(index)) this.lostBytes -= this.#lengthOf(index);
      this.#mark(index, this.#marksOf(index) & ~LOST);
    }
    this.#weighed = this.#head;
  }

  /** NextSeg rule 1: the first segment that is lost and was not sent again; -1 when there is none. */
  nextLost(): number {
    if (this.lostBytes === 0) return -1;
    let index = Math.max(this.#repeatFrom, this.#head);
    while (index < this.#count && (this.#marksOf(index) & (LOST | REPEATED)) !== LOST) index++;
    this.#repeatFrom = index;
    return index < this.#count ? index : -1;
  }

  /** NextSeg rule 3: the first one below the highest SACKed octet that is neither SACKed nor sent again; or -1. */
  nextHole(): number {
    for (let index = this.#head; index < this.#lastSacked; index++) {
      if ((this.#marksOf(index) & (SACKED | REPEATED)) === 0) return index;
    }
    return -1;
  }

  /** The last segment that is not SACKed: NextSeg rule 4, and what a tail loss probe sends. -1: none. */
  lastUnsacked(): number {
    for (let index = this.#count - 1; index >= this.#head; index--) if (!this.isSacked(index)) return index;
    return -1;
  }

  /** Cuts a segment in two where the path has become too narrow for it. */
  split(index: number, offset: number): void {
    this.#takeRow();
    this.#rows.copyWithin(ROW * (index + 1), ROW * index, ROW * (this.#count - 1));
    this.#rows[ROW * (index + 1)] = offset;
    this.#rows[ROW * index + END] = offset;
    if (this.#lastSacked >= index && this.#lastSacked >= 0) this.#lastSacked++;
    if (this.#weighed > index) this.#weighed++;
  }

  clear(): void {
    this.#count = 0;
    this.#sacked.clear();
    this.#head = 0;
    this.#sentBytes = 0;
    this.sackedBytes = 0;
    this.lostBytes = 0;
    this.repeatedBytes = 0;
    this.#weighed = 0;
    this.#repeatFrom = 0;
    this.#lastSacked = -1;
  }

  #lengthOf(index: number): number {
    return distance(this.endOf(index), this.startOf(index));
  }

  /** The first segment that ends behind an offset. */
  #indexAt(offset: number): number {
    let low = this.#head;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.endOf(middle) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #cutFront(index: number, offset: number): void {
    this.#uncount(index, distance(offset, this.startOf(index)));
    this.#rows[ROW * index] = offset;
  }

  #uncount(index: number, octets: number): void {
    const mark = this.#marksOf(index);
    this.#sentBytes -= octets;
    if ((mark & SACKED) !== 0) this.sackedBytes -= octets;
    if ((mark & LOST) !== 0) this.lostBytes -= octets;
    if ((mark & REPEATED) !== 0) this.repeatedBytes -= octets;
  }

  #compact(): void {
    const gone = this.#head;
    this.#rows.copyWithin(0, ROW * gone, ROW * this.#count);
    this.#count -= gone;
    this.#head = 0;
    this.#weighed = Math.max(0, this.#weighed - gone);
    this.#repeatFrom = Math.max(0, this.#repeatFrom - gone);
    if (this.#lastSacked >= 0) this.#lastSacked -= gone;
  }
}
