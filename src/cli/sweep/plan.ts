/** What a sweep runs: every point of the grid of parameters with every seed, in one order for everybody. */

import { parse } from 'yaml';
import { UsageError } from '../failure.ts';
import { settingOf } from '../scenario-input.ts';
import { parseSeed } from '../seed.ts';

/** Values of parameters, by name, as `--set` would write them. */
export type Point = Readonly<Record<string, string>>;

export interface Plan {
  readonly points: readonly Point[];
  readonly seeds: readonly string[];
}

/** One run: the point's index and the seed. */
export interface Task {
  readonly point: number;
  readonly seed: string;
}

const MOST_RUNS = 10_000_000;

/** `1..1000`, `7`, `1..10,42`. */
export function parseSeeds(text: string): string[] {
  const seeds: string[] = [];
  for (const part of text.split(',')) {
    const [, from = part, to = from] = /^(.+?)\.\.(.+)$/.exec(part) ?? [];
    const [first, last] = [parseSeed(from), parseSeed(to)];
    if (first === null || last === null || BigInt(first) > BigInt(last)) {
      throw new UsageError(`--seeds ${text}: write it as 1..1000, or as single seeds 1,2,7`);
    }
    if (BigInt(last) - BigInt(first) >= BigInt(MOST_RUNS)) throw new UsageError(`--seeds: at most ${MOST_RUNS} seeds`);
    for (let seed = BigInt(first); seed <= BigInt(last); seed++) seeds.push(seed.toString());
  }
  return [...new Set(seeds)];
}

/**
 * The grid: `--set loss=0%,1%` gives a parameter several values; one that is not set takes what the scenario's
 * `params: { NAME: { sweep: … } }` says, or stays as it is.
 */
export function pointsOf(set: readonly string[], swept: ReadonlyMap<string, readonly string[]>): Point[] {
  const axes = new Map<string, readonly string[]>(swept);
  for (const text of set) {
    const [name, values] = settingOf(text);
    axes.set(name, values.split(','));
  }
  let points: Point[] = [{}];
  for (const [name, values] of axes) {
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
    if (points.length > MOST_RUNS) throw new UsageError(`the grid has more than ${MOST_RUNS} points`);
  }
  return points;
}

/** `params: { NAME: { sweep: […] } }` of a file that has been checked. */
export function sweptBy(text: string): Map<string, readonly string[]> {
  const file = parse(text) as { readonly params?: Record<string, { readonly sweep?: readonly unknown[] } | null> };
  const axes = Object.entries(file.params ?? {}).flatMap(([name, parameter]) => {
    const values = typeof parameter === 'object' ? parameter?.sweep : undefined;
    return values ? [[name, values.map(String)] as const] : [];
  });
  return new Map(axes);
}

/** Points in order, and in each of them the seeds. `shard`: part `index` (from 1) of `count`. */
export function tasksOf({ points, seeds }: Plan, shard: { readonly index: number; readonly count: number }): Task[] {
  if (points.length * seeds.length > MOST_RUNS) throw new UsageError(`a sweep has at most ${MOST_RUNS} runs`);
  const all = points.flatMap((_, point) => seeds.map((seed): Task => ({ point, seed })));
  return all.filter((_, index) => index % shard.count === shard.index - 1);
}

export function parseShard(text: string): { readonly index: number; readonly count: number } {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? [];
  const [i, n] = [Number(index), Number(count)];
  if (index === undefined || i < 1 || i > n)
    throw new UsageError(`--shard ${text}: write it as 2/8, the second of eight`);
  return { index: i, count: n };
}

export function pointText(point: Point): string {
  return Object.entries(point)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
