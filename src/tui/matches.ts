/** Which frames of a run a filter shows: found out frame by frame, once, and asked for any moment. */

import type { CompiledFilter } from '../filter/filter.ts';
import type { Chronicle } from '../projections/chronicle.ts';
import type { Passage } from '../projections/crossing-log.ts';
import type { Dissection } from '../projections/fields.ts';
import { filterFrameOf } from '../projections/frame-tests.ts';

/** Fields that have no value, or another one, before a frame has ended. */
const FATES = ['pw.lost', 'pw.reason', 'node'];

/** What a filter says of a frame can change once, when the frame's fate is known. */
interface Verdict {
  readonly before: boolean;
  /** After its end; undefined: it has not ended, or says the same. */
  after: boolean | undefined;
}

export class Matches {
  readonly filter: CompiledFilter;
  readonly #chronicle: Chronicle;
  readonly #verdicts: Verdict[] = [];
  /** Frames whose fate was not known when they were looked at. */
  #open: number[] = [];

  constructor(filter: CompiledFilter, chronicle: Chronicle) {
    this.filter = filter;
    this.#chronicle = chronicle;
  }

  /** Whether the frame is shown at a moment. */
  includes(index: number, seq: number): boolean {
    this.#grow();
    const verdict = this.#verdicts[index];
    const passage = this.#chronicle.crossings.all[index];
    if (!verdict || !passage || passage.takenSeq > seq) return false;
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

  #grow(): void {
    const { crossings, frames } = this.#chronicle;
    const count = crossings.all.length;
    if (this.#verdicts.length < count) {
      frames.scan(this.#verdicts.length, count, ({ passage, dissection }, index) => {
        this.#verdicts[index] = { before: this.#asks(passage, dissection, passage.takenSeq), after: undefined };
        this.#open.push(index);
      });
    }
    this.#close();
  }

  /** As `packetwalk events` and expectations ask, about the frame as it stood at a moment. */
  #asks(passage: Passage, dissection: Dissection, seq: number): boolean {
    const crossing = this.#chronicle.crossings.at(passage, seq);
    return this.filter.test(filterFrameOf({ dissection, crossing }));
  }

  /** Looks again at frames that ended since, when the filter asks for what only shows then. */
  #close(): void {
    if (!FATES.some((name) => this.filter.fields.has(name))) {
      this.#open.length = 0;
      return;
    }
    const { crossings, frames } = this.#chronicle;
    const still: number[] = [];
    for (const index of this.#open) {
      const passage = crossings.all[index];
      const verdict = this.#verdicts[index];
      if (!passage || !verdict) continue;
      if (passage.endedSeq < 0) still.push(index);
      else
        verdict.after = this.#asks(passage, frames.dissectionOf(index), Math.max(passage.endedSeq, passage.refusedSeq));
    }
    this.#open = still;
  }
}
