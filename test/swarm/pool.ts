import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import type { Outcome } from './trial.ts';
import type { Work } from './worker.ts';

/** So many seeds are handed out at once: little enough to name the guilty one soon. */
const MOST_SEEDS = 16;
/** A single seed takes some tens of milliseconds; whoever takes this long for some will never end. */
const HUNG_AFTER_MS = 240_000;

export interface PoolOptions {
  readonly first: number;
  readonly last: number;
  readonly jobs: number | null;
  readonly hashes: boolean;
  /** Results come in any order. False: no more. */
  readonly onOutcome: (outcome: Outcome) => boolean;
}

/** Runs the seeds on all processors. A worker that dies or hangs is the failure of its seeds. */
export async function runPool(options: PoolOptions): Promise<void> {
  const { first, last, hashes, onOutcome } = options;
  const maxThreads = options.jobs ?? availableParallelism();
  const filename = new URL('./worker.mjs', import.meta.url).href;
  const pool = new Tinypool({
    filename,
    runtime: 'worker_threads',
    minThreads: maxThreads,
    maxThreads,
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  let next = first;
  let goesOn = true;
  const chunk = Math.max(1, Math.min(MOST_SEEDS, Math.ceil((last - first + 1) / (4 * maxThreads))));
  const lane = async () => {
    while (goesOn && next <= last) {
      const seeds = Array.from({ length: Math.min(chunk, last - next + 1) }, (_, at) => String(next + at));
      next += seeds.length;
      for (const outcome of await runChunk(pool, { seeds, hashes })) goesOn = onOutcome(outcome) && goesOn;
    }
  };
  await Promise.all(Array.from({ length: maxThreads }, lane));
  await pool.destroy();
}

async function runChunk(pool: Tinypool, work: Work): Promise<readonly Outcome[]> {
  try {
    return (await pool.run(work, { name: 'work', signal: AbortSignal.timeout(HUNG_AFTER_MS) })) as Outcome[];
  } catch (error) {
    // Which of several it was shows when each runs alone.
    if (work.seeds.length > 1) {
      const alone: Outcome[] = [];
      for (const seed of work.seeds) alone.push(...(await runChunk(pool, { ...work, seeds: [seed] })));
      return alone;
    }
    const isHung = error instanceof Error && error.name === 'AbortError';
    const detail = isHung
      ? `no end after ${HUNG_AFTER_MS / 1000} s`
      : error instanceof Error
        ? (error.stack ?? '')
        : String(error);
    const violation = { kind: isHung ? ('livelock' as const) : ('crashed' as const), detail, seq: null };
    return [
      {
        seed: work.seeds[0] as string,
        violations: [violation],
        faults: [],
        marks: [],
        entries: 0,
        events: 0,
        hash: '',
      },
    ];
  }
}
