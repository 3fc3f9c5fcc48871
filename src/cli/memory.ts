/** Running out of memory ends the process without a word, so it must not come to that. */

import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Run } from '../index.ts';
import { seconds } from '../projections/time.ts';
import { UsageError } from './failure.ts';

/**
 * A journal may fill so much of the heap and of the machine. What is made of it afterwards needs room as well, and the
 * limit that V8 tells includes a part for young objects only, which grew in Node 24.
 */
export const GREATEST_SHARE = 0.45;
/** The journal lies outside of the heap; whoever reads it makes an object there for each entry. */
const BYTES_OF_ENTRY = 64;
/** So many events take a few milliseconds and some megabytes of journal. */
const SLICE_EVENTS = 1024;

/** Throws when a run's journal has become too large. */
export function checkMemory(run: Run): void {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  const toRead = run.journal.length * BYTES_OF_ENTRY;
  if (used + toRead <= GREATEST_SHARE * limit && process.memoryUsage.rss() <= GREATEST_SHARE * totalmem()) return;
  throw new UsageError(
    `the run was stopped at ${seconds(run.nowNs)} s of virtual time, after ${run.happened} events: its journal of ${run.journal.length} entries fills the memory`,
    '--until T runs for less time; NODE_OPTIONS=--max-old-space-size=MEGABYTES gives it more room',
  );
}

/** The same run, which from now on looks at the memory by itself: for whoever steps through it elsewhere. */
export function watchingMemory(run: Run): Run {
  const step = run.step.bind(run);
  let steps = 0;
  run.step = () => {
    if (++steps % SLICE_EVENTS === 0) checkMemory(run);
    return step();
  };
  return run;
}
