/** Which frames of a run match a filter, told as the run goes on. */

import { compileFilter, isFilterProblem } from '../filter/filter.ts';
import { type CountedFrame, countedFrames } from '../projections/counted-frames.ts';
import { CrossingLog } from '../projections/crossing-log.ts';
import { FrameLog } from '../projections/frame-log.ts';
import { filterFrameOf } from '../projections/frame-tests.ts';
import { lentAddresses } from '../projections/lent-addresses.ts';
import { filterNamesOf } from '../scenario/filter-names.ts';
import type { Run } from '../world/run.ts';

type Test = (frame: Pick<CountedFrame, 'dissection' | 'crossing'>) => boolean;

/** A display filter of a test. Throws a `SyntaxError` that shows what is wrong, and where. */
function frameTestOf(filter: string, run: Run): Test {
  const lent = lentAddresses(run.scenario, () => run.entries);
  const compiled = compileFilter(filter, filterNamesOf(run.scenario, lent));
  if (isFilterProblem(compiled)) {
    const { message, at, length, hint } = compiled;
    const lines = [message, filter, `${' '.repeat(at)}${'^'.repeat(Math.max(1, length))}`, ...(hint ? [hint] : [])];
    throw new SyntaxError(lines.join('\n'));
  }
  return (frame) => compiled.test(filterFrameOf(frame));
}

/** The frames so far that match, as `expect` of a scenario counts them: when they arrive first, or are lost. */
export function framesSeen(filter: string, run: Run): readonly CountedFrame[] {
  const test = frameTestOf(filter, run);
  return countedFrames(run.entries, run.scenario, 'first-receiver').filter(test);
}

/** Looks at each frame once, when it has arrived or was lost. */
export class FrameWatch {
  readonly #run: Run;
  readonly #test: Test;
  readonly #crossings: CrossingLog;
  readonly #frames: FrameLog;
  #read: number;
  #waiting: number[] = [];
  #next = 0;

  /** Frames that are on their way now count too. */
  constructor(filter: string, run: Run) {
    this.#run = run;
    this.#test = frameTestOf(filter, run);
    this.#crossings = new CrossingLog(run.entries, run.scenario);
    this.#frames = new FrameLog(run.entries, this.#crossings, run.scenario);
    this.#read = 0;
    this.#grow();
    this.#waiting = this.#waiting.filter((index) => (this.#crossings.all[index]?.endedSeq ?? 0) < 0);
  }

  /** Whether a frame that matches has ended since the last call. */
  look(): boolean {
    this.#grow();
    const ended = this.#waiting.filter((index) => (this.#crossings.all[index]?.endedSeq ?? -1) >= 0);
    if (ended.length === 0) return false;
    this.#waiting = this.#waiting.filter((index) => !ended.includes(index));
    const seq = this.#run.entries.length - 1;
    return ended.some((index) => {
      const passage = this.#crossings.all[index];
      if (!passage) return false;
      return this.#test({ dissection: this.#frames.dissectionOf(index), crossing: this.#crossings.at(passage, seq) });
    });
  }

  #grow(): void {
    const { entries } = this.#run;
    for (; this.#read < entries.length; this.#read++) {
      const entry = entries[this.#read];
      if (entry) this.#crossings.add(entry);
    }
    this.#frames.grow();
    for (; this.#next < this.#crossings.all.length; this.#next++) this.#waiting.push(this.#next);
  }
}
