/** Runs a run to its end in slices, so that signals get through and a runaway scenario ends in a message. */

import type { Run } from '../index.ts';
import { seconds } from '../projections/time.ts';
import { MAX_EVENTS } from '../scenario/limits.ts';
import { livelockProblem, UsageError } from './failure.ts';
import type { Interrupt } from './interrupt.ts';
import { checkMemory } from './memory.ts';

/** So many events take a few milliseconds and some megabytes of journal. */
const SLICE_EVENTS = 1024;
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
    checkMemory(run);
    await interrupt.pause(where);
  }
}

/** Some more events. False when the run is over. */
export function stepSlice(run: Run): boolean {
  try {
    for (let slice = 0; slice < SLICE_EVENTS; slice++) if (!run.step()) return false;
    return true;
  } catch (error) {
    throw livelockProblem(error) ?? error;
  }
}
