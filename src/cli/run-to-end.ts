/** Runs a run to its end in slices, so that signals get through and a runaway scenario ends in a message. */

import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Run } from '../index.ts';
import { seconds } from '../projections/time.ts';
import { MAX_EVENTS } from '../scenario/limits.ts';
import { livelockProblem, UsageError } from './failure.ts';
import type { Interrupt } from './interrupt.ts';

/** So many events take a few milliseconds and some megabytes of journal. */
const SLICE_EVENTS = 1024;
/**
 * A journal may fill so much of the heap and of the machine. What is made of it afterwards needs room as well, and the
 * limit that V8 tells includes a part for young objects only, which grew in Node 24.
 */
const GREATEST_SHARE = 0.45;

export async function runToEnd(run: Run, interrupt: Interrupt, mostEvents = MAX_EVENTS): Promise<void> {
  const where = () => `at ${seconds(run.nowNs)} s of virtual time, after ${run.happened} events`;
  for (;;) {
    if (!stepSlice(run)) return;
    if (run.happened >= mostEvents) {
      throw new UsageError(
        `the run was stopped ${where()}: that is the limit`,
        'frames that circle for ever (switches in a loop) end like this',
        '--max-events N allows more events, --until T less time',
      );
    }
    if (isMemoryShort()) {
      throw new UsageError(
        `the run was stopped ${where()}: its journal of ${run.entries.length} entries fills the memory`,
        '--until T runs for less time; NODE_OPTIONS=--max-old-space-size=MEGABYTES gives it more room',
      );
    }
    await interrupt.pause(where);
  }
}

/** False when the run is over. */
function stepSlice(run: Run): boolean {
  try {
    for (let slice = 0; slice < SLICE_EVENTS; slice++) if (!run.step()) return false;
    return true;
  } catch (error) {
    throw livelockProblem(error) ?? error;
  }
}

/** Running out of memory ends the process without a word, so it must not come to that. */
function isMemoryShort(): boolean {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  return used > GREATEST_SHARE * limit || process.memoryUsage.rss() > GREATEST_SHARE * totalmem();
}
