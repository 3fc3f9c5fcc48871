/**
 * A sweep over workers on other machines: pieces of work as jobs of a BullMQ queue on Redis. A worker that is lost loses
 * nothing: its job stalls and another worker takes it. BullMQ and its Redis client are installed by who wants them.
 */

import type { Queue, Worker } from 'bullmq';
import { UsageError } from '../failure.ts';
import type { Task } from './plan.ts';
import type { Subject, Trial } from './trial.ts';
import { type Work, work } from './worker.ts';

const QUEUE = 'packetwalk-sweep';
const DEFAULT_URL = 'redis://127.0.0.1:6379';
const MOST_TASKS = 16;
/** A job whose worker has not been heard of for so long goes to another one. */
const STALLED_MS = 5000;
/** How often a job may lose its worker. */
const MOST_STALLS = 3;
const POLL_MS = 50;

type BullMq = typeof import('bullmq');

async function bullmq(): Promise<BullMq> {
  try {
    return await import('bullmq');
  } catch {
    throw new UsageError(
      '--engine bullmq needs BullMQ and ioredis, which are not installed',
      'npm install bullmq ioredis',
    );
  }
}

/** `redis://HOST:PORT/DB`, as BullMQ wants it. */
function connectionOf(text: string = DEFAULT_URL): object {
  if (!URL.canParse(text) || !/^rediss?:$/.test(new URL(text).protocol)) {
    throw new UsageError(`--redis ${text}: write it as redis://127.0.0.1:6379`);
  }
  const { hostname, port, pathname, username, password, protocol } = new URL(text);
  return {
    host: hostname,
    port: Number(port || 6379),
    db: Number(pathname.slice(1) || 0),
    ...(username && { username }),
    ...(password && { password }),
    ...(protocol === 'rediss:' && { tls: {} }),
    maxRetriesPerRequest: null,
  };
}

export interface RedisOptions {
  readonly url: string | undefined;
  readonly onTrials: (trials: readonly Trial[]) => void;
  readonly stop: Promise<unknown>;
}

/** Hands the work out and collects what comes back, in the order of the tasks. */
export async function runOnRedis(subject: Subject, tasks: readonly Task[], options: RedisOptions): Promise<Trial[]> {
  const { Queue: QueueOf } = await bullmq();
  const queue = new QueueOf(QUEUE, { connection: connectionOf(options.url) });
  let isStopped = false;
  options.stop.then(() => {
    isStopped = true;
  });
  const pieces: Task[][] = [];
  for (let at = 0; at < tasks.length; at += MOST_TASKS) pieces.push(tasks.slice(at, at + MOST_TASKS));
  try {
    const jobs = await queue.addBulk(
      pieces.map((each) => ({ name: 'trials', data: { subject, tasks: each } satisfies Work, opts: { attempts: 3 } })),
    );
    const results = jobs.map(() => null as readonly Trial[] | null);
    while (results.includes(null) && !isStopped) {
      await collect(
        queue,
        jobs.map(({ id }) => id ?? ''),
        pieces,
        results,
        options,
      );
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (isStopped) await Promise.all(jobs.map((job) => job.remove().catch(() => {})));
    return results.flatMap((trials) => trials ?? []);
  } finally {
    await queue.close();
  }
}

async function collect(
  queue: Queue,
  ids: readonly string[],
  pieces: readonly (readonly Task[])[],
  results: (readonly Trial[] | null)[],
  { onTrials }: RedisOptions,
): Promise<void> {
  for (const [index, id] of ids.entries()) {
    if (results[index] !== null) continue;
    const state = await queue.getJobState(id);
    if (state !== 'completed' && state !== 'failed') continue;
    const job = await queue.getJob(id);
    const trials: readonly Trial[] =
      state === 'completed'
        ? (job?.returnvalue as readonly Trial[])
        : (pieces[index] ?? []).map((task) => crashed(task, job?.failedReason ?? 'the job failed'));
    results[index] = trials;
    onTrials(trials);
    await job?.remove();
  }
}

function crashed({ point, seed }: Task, why: string): Trial {
  return { point, seed, outcome: 'crashed', failed: [why], endNs: 0, events: 0, measures: {}, links: [] };
}

/** Works until `stop`; the job under way is finished first. */
export async function serveRedis(
  url: string | undefined,
  onDone: (runs: number) => void,
  stop: Promise<unknown>,
): Promise<void> {
  const { Worker: WorkerOf } = await bullmq();
  const worker: Worker = new WorkerOf(
    QUEUE,
    async (job) => {
      const trials = work(job.data as Work);
      onDone(trials.length);
      return trials;
    },
    {
      connection: connectionOf(url),
      stalledInterval: STALLED_MS,
      lockDuration: STALLED_MS,
      maxStalledCount: MOST_STALLS,
    },
  );
  worker.on('error', () => {});
  await stop;
  await worker.close();
}
