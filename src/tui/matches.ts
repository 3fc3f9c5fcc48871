/** Which frames of a run a filter shows: found out frame by frame, once, and asked for any moment. */

import type { CompiledFilter } from '../filter/filter.ts';
import type { Chronicle } from '../projections/chronicle.ts';
import type { Passage } from '../projections/crossing-log.ts';
import type { Dissection } from '../projections/fields.ts';
import type { FrameScan } from '../projections/frame-log.ts';
import { filterFrameOf } from '../projections/frame-tests.ts';

/** Fields that have no value, or another one, before a frame has ended. */
const FATES = ['pw.lost', 'pw.reason', 'node'];
/** Frames that are looked at in one go: some hundredths of a second. */
const PIECE = 500;

/** What a filter says of a frame can change once, when the frame's fate is known. */
interface Verdict {
  readonly before: boolean;
  /** After its end; undefined: it has not ended, or says the same. */
  after: boolean | undefined;
}

export class Matches {
  readonly filter: CompiledFilter;
  readonly #chronicle: Chronicle;
  readonly #scan: FrameScan;
  readonly #asksForFate: boolean;
  readonly #verdicts: Verdict[] = [];
  /** Frames whose fate was not known when they were looked at. */
  #open: number[] = [];

  constructor(filter: CompiledFilter, chronicle: Chronicle) {
    this.filter = filter;
    this.#chronicle = chronicle;
    this.#scan = chronicle.frames.scan();
    this.#asksForFate = FATES.some((name) => filter.fields.has(name));
  }

  /** Part of the frames that has been looked at, 0..1. */
  get done(): number {
    const { length } = this.#chronicle.crossings.all;
    return length === 0 ? 1 : this.#verdicts.length / length;
  }

  /** Looks at some frames more. False: all have been looked at. */
  work(pieces = 1): boolean {
    const { all } = this.#chronicle.crossings;
    for (let left = pieces * PIECE; left > 0 && this.#scan.next < all.length; left--) {
      const index = this.#scan.next;
      const passage = all[index] as Passage;
      const dissection = this.#scan.read();
      this.#verdicts.push({ before: this.#asks(passage, dissection, passage.takenSeq), after: undefined });
      if (this.#asksForFate) this.#open.push(index);
    }
    if (this.#open.length > 0) this.#close();
    return this.#scan.next < all.length;
  }

  /** Whether the frame is shown at a moment. Frames that were not looked at yet are not. */
  includes(index: number, seq: number): boolean {
    if (index >= this.#verdicts.length) this.work();
    const verdict = this.#verdicts[index];
    const passage = this.#chronicle.crossings.all[index];
    if (!verdict || !passage || passage.takenSeq > seq) return false;
    if (this.#open.length > 0) this.#close();
    const hasEnded = passage.endedSeq >= 0 && passage.endedSeq <= seq;
    return hasEnded && verdict.after !== undefined ? verdict.after : verdict.before;
  }

  /** Frames shown at a moment, by their number. */
  until(seq: number): number[] {
    const shown: number[] = [];
    const count = this.#chronicle.crossings.countAt(seq);
    for (let index = 0; index < count; index++) if (this.includes(index, seq)) shown.push(index);
    return shown;
  }

  /** As `packetwalk events` and expectations ask, about the frame as it stood at a moment. */
  #asks(passage: Passage, dissection: Dissection, seq: number): boolean {
    const crossing = this.#chronicle.crossings.at(passage, seq);
    return this.filter.test(filterFrameOf({ dissection, crossing }));
  }

  /** Looks again at frames that ended since. */
  #close(): void {
    const { crossings, frames } = this.#chronicle;
    const still: number[] = [];
    for (const index of this.#open) {
      const passage = crossings.all[index];
      const verdict = this.#verdicts[index];
      if (!passage || !verdict) continue;
      if (passage.endedSeq < 0) still.push(index);
      else if (this.filter.fields.has('node') || passage.isLost || passage.refusedSeq >= 0) {
        const seq = Math.max(passage.endedSeq, passage.refusedSeq);
        verdict.after = this.#asks(passage, frames.dissectionOf(index), seq);
      }
    }
    this.#open = still;
  }
}
