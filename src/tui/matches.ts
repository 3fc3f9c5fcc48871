/** Which frames of a run a filter shows: found out frame by frame, once, and asked for any moment. */

import type { CompiledFilter } from '../filter/filter.ts';
import type { Chronicle } from '../projections/chronicle.ts';
import type { Passage } from '../projections/crossing-log.ts';
import type { Dissection } from '../projections/fields.ts';

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
        this.#verdicts[index] = { before: this.#asks(passage, dissection, null), after: undefined };
        this.#open.push(index);
      });
    }
    this.#close();
  }

  /** As `packetwalk events` asks: what is lost was only with its sender, what is not yet lost is with both. */
  #asks(passage: Passage, dissection: Dissection, reason: string | null): boolean {
    const taken = this.#chronicle.entries[passage.takenSeq]?.event;
    return this.filter.test({
      dissection,
      bytes: taken && 'bytes' in taken ? taken.bytes : new Uint8Array(0),
      nodes: reason === null ? [passage.from.node, passage.to.node] : [passage.from.node],
      link: passage.link,
      layer: 1,
      lost: reason !== null,
      reason,
    });
  }

  /** Looks again at frames that were lost since. */
  #close(): void {
    const { crossings, frames, entries } = this.#chronicle;
    const still: number[] = [];
    for (const index of this.#open) {
      const passage = crossings.all[index];
      const verdict = this.#verdicts[index];
      if (!passage || !verdict) continue;
      if (passage.endedSeq < 0) still.push(index);
      else if (passage.isLost) {
        const event = entries[passage.endedSeq]?.event;
        const reason = event?.kind === 'dropped' ? event.reason : null;
        verdict.after = this.#asks(passage, frames.dissectionOf(index), reason);
      }
    }
    this.#open = still;
  }
}
