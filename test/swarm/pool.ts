import { Tinypool } from 'tinypool';
import type { Outcome } from './trial.ts';
import type { Work } from './worker.ts';

/** So many seeds are handed out at once: little enough to name the guilty one soon. */
const MOST_SEEDS = 16;
/** A single seed takes some tens of milliseconds; whoever takes this long for some will never end. */
const HUNG_AFTER_MS = 240_000;
/** What a trial makes is garbage when it ends: the more room for the young, the less of it is ever copied. */
const YOUNG_MEGABYTES = 192;

export interface Range {
  readonly first: number;
  readonly last: number;
  readonly hashes: boolean;
  /** Asked before each chunk; what was begun is finished. */
  readonly goesOn: () => boolean;
  /** Results come in any order. */
  readonly onOutcome: (outcome: Outcome) => void;
}

/** Threads that stay, and get warm. One that dies or hangs is the failure of its seeds. */
export class Workers {
  readonly #threads: number;
  readonly #pool: Tinypool;

  constructor(threads: number) {
    this.#threads = threads;
    this.#pool = new Tinypool({
      filename: new URL('./worker.mjs', import.meta.url).href,
      runtime: 'worker_threads',
      minThreads: threads,
      maxThreads: threads,
      resourceLimits: { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
    });
  }

  /** Returns the first seed that was not run: all before it are done. */
  async run({ first, last, hashes, goesOn, onOutcome }: Range): Promise<number> {
    let next = first;
    const chunk = Math.max(1, Math.min(MOST_SEEDS, Math.ceil((last - first + 1) / (4 * this.#threads))));
    const lane = async () => {
      while (goesOn() && next <= last) {
        const seeds = Array.from({ length: Math.min(chunk, last - next + 1) }, (_, at) => String(next + at));
        next += seeds.length;
        for (const outcome of await runChunk(this.#pool, { seeds, hashes })) onOutcome(outcome);
      }
    };
    await Promise.all(Array.from({ length: this.#threads }, lane));
    return next;
  }

  async end(): Promise<void> {
    await this.#pool.destroy();
  }
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
