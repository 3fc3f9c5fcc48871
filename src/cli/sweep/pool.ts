/**
 * Runs tasks on several workers and gives their results back in the order of the tasks, so that nobody can tell from them
 * how many workers there were. A worker that dies takes nothing with it: its tasks run again one by one, and one that
 * kills its worker every time is told as crashed.
 *
 * Workers are processes, not threads: the system may kill one for want of memory, and only that one.
 */

import type { Tinypool } from 'tinypool';
import { moduleUrl } from '../session.ts';
import type { Task } from './plan.ts';
import type { Subject, Trial } from './trial.ts';
import type { Work } from './worker.ts';

/** A piece of work is so many runs at most: enough that handing it out costs little. */
const MOST_TASKS = 32;
/** And such a part of what a worker would have left to do: the last pieces are small, so that all end together. */
const PARTS = 4;
/** How often a task may take its worker down before it is given up. */
const ATTEMPTS = 2;

export interface PoolOptions {
  readonly jobs: number;
  /** Hears of results as they come, in no order. */
  readonly onTrials: (trials: readonly Trial[]) => void;
  /** A worker died; `tasks` will run again, or are given up. */
  readonly onDeath: (tasks: readonly Task[], why: string) => void;
  /** Settles when no more shall be begun: what is under way is thrown away. */
  readonly stop: Promise<unknown>;
}

/** All trials that were finished, in the order of the tasks. */
export async function runAll(subject: Subject, tasks: readonly Task[], options: PoolOptions): Promise<Trial[]> {
  const done = new Map<Task, Trial>();
  const { Tinypool } = await import('tinypool');
  const sweep = new PoolRun(subject, options, done, Tinypool);
  await sweep.run(tasks);
  return tasks.flatMap((task) => done.get(task) ?? []);
}

class PoolRun {
  readonly #subject: Subject;
  readonly #options: PoolOptions;
  readonly #done: Map<Task, Trial>;
  readonly #attempts = new Map<Task, number>();
  readonly #queue: Task[][] = [];
  readonly #pool: Tinypool;
  #isStopped = false;

  constructor(subject: Subject, options: PoolOptions, done: Map<Task, Trial>, Pool: typeof Tinypool) {
    this.#subject = subject;
    this.#options = options;
    this.#done = done;
    this.#pool = new Pool({
      filename: moduleUrl('sweep/worker.js'),
      runtime: 'child_process',
      minThreads: 0,
      maxThreads: options.jobs,
      idleTimeout: 10_000,
    });
    // A worker that dies between two pieces of work has lost nothing.
    (this.#pool as unknown as { on(event: 'error', hear: () => void): void }).on('error', () => {});
  }

  async run(tasks: readonly Task[]): Promise<void> {
    for (const piece of piecesOf(tasks, this.#options.jobs)) this.#queue.push(piece);
    const stopped = this.#options.stop.then(() => {
      this.#isStopped = true;
    });
    const lanes = Promise.all(Array.from({ length: this.#options.jobs }, () => this.#lane()));
    try {
      await Promise.race([lanes, stopped]);
    } finally {
      lanes.catch(() => {});
      await this.#pool.destroy().catch(() => {});
    }
  }

  /** One lane keeps one worker busy. */
  async #lane(): Promise<void> {
    for (let tasks = this.#queue.shift(); tasks && !this.#isStopped; tasks = this.#queue.shift()) {
      await this.#runPiece(tasks);
    }
  }

  async #runPiece(tasks: readonly Task[]): Promise<void> {
    const work: Work = { subject: this.#subject, tasks };
    let trials: readonly Trial[];
    try {
      trials = (await this.#pool.run(work, { name: 'work' })) as readonly Trial[];
    } catch (error) {
      if (!this.#isStopped) this.#onDeath(tasks, error instanceof Error ? error.message : String(error));
      return;
    }
    if (this.#isStopped) return;
    for (const [index, task] of tasks.entries()) this.#done.set(task, trials[index] as Trial);
    this.#options.onTrials(trials);
  }

  #onDeath(tasks: readonly Task[], why: string): void {
    this.#options.onDeath(tasks, why);
    // Which of several it was is not known: alone each shows what it does.
    for (const task of tasks) {
      const attempts = (this.#attempts.get(task) ?? 0) + (tasks.length === 1 ? 1 : 0);
      this.#attempts.set(task, attempts);
      if (attempts < ATTEMPTS) this.#queue.push([task]);
      else {
        const trial = crashed(task, why);
        this.#done.set(task, trial);
        this.#options.onTrials([trial]);
      }
    }
  }
}

function piecesOf(tasks: readonly Task[], jobs: number): Task[][] {
  const pieces: Task[][] = [];
  for (let at = 0; at < tasks.length; at += pieces.at(-1)?.length ?? 1) {
    const size = Math.min(MOST_TASKS, Math.ceil((tasks.length - at) / (PARTS * jobs)));
    pieces.push(tasks.slice(at, at + size));
  }
  return pieces;
}

function crashed({ point, seed }: Task, why: string): Trial {
  return { point, seed, outcome: 'crashed', failed: [why], endNs: 0, events: 0, measures: {}, links: [] };
}
