/** In which order nodes stand side by side, and in which cell of a line each one's lifeline is. */

import { cellsOf } from './printable.ts';
import type { Topology } from './topology.ts';

/** Up to this many nodes every order is tried: 7! = 5,040. */
const MOST_PERMUTED = 7;

/**
 * The order in which links are shortest, so that most arrows join neighbours; of several such orders the one nearest to
 * the file's. Nodes without a link are left out: nothing can happen to them.
 */
export function columnOrder(topology: Topology): string[] {
  const linked = new Set(topology.links.flatMap(({ a, b }) => [a.node, b.node]));
  const names = topology.nodes.map(({ name }) => name).filter((name) => linked.has(name));
  const pairs = topology.links.map(({ a, b }) => [names.indexOf(a.node), names.indexOf(b.node)] as const);
  if (names.length > MOST_PERMUTED) return walkOrder(names, pairs);
  let best: readonly number[] = names.map((_, index) => index);
  let least = spanOf(best, pairs);
  for (const order of permutations(names.length)) {
    const span = spanOf(order, pairs);
    if (span < least) [best, least] = [order, span];
  }
  return best.map((index) => names[index] as string);
}

function spanOf(order: readonly number[], pairs: readonly (readonly [number, number])[]): number {
  const place = new Array<number>(order.length);
  for (const [at, index] of order.entries()) place[index] = at;
  return pairs.reduce((sum, [a, b]) => sum + Math.abs((place[a] ?? 0) - (place[b] ?? 0)), 0);
}

/** All orders of 0..n-1, in the order of a dictionary, so that ties go to the file's order. */
function* permutations(count: number, taken: readonly number[] = []): Generator<readonly number[]> {
  if (taken.length === count) yield taken;
  for (let index = 0; index < count; index++) {
    if (!taken.includes(index)) yield* permutations(count, [...taken, index]);
  }
}

/** Many nodes: each is followed by those it is linked to that do not stand yet. */
function walkOrder(names: readonly string[], pairs: readonly (readonly [number, number])[]): string[] {
  const order: number[] = [];
  const visit = (index: number): void => {
    if (order.includes(index)) return;
    order.push(index);
    for (const [a, b] of pairs) {
      if (a === index) visit(b);
      if (b === index) visit(a);
    }
  };
  for (const index of names.keys()) visit(index);
  return order.map((index) => names[index] as string);
}

export interface Columns {
  readonly names: readonly string[];
  /** The cell of each lifeline, from 0. */
  readonly at: readonly number[];
  /** What a frame says stands in its arrow (two nodes), or right of the lifelines. */
  readonly labels: 'inside' | 'beside';
  /** The first cell right of the lifelines. */
  readonly end: number;
}

/** Narrower than this an arrow cannot be told from its ends. */
const LEAST_GAP = 7;
const MOST_GAP = 17;
/** Cells that words beside the lifelines need to say anything. */
const LEAST_WORDS = 30;

/** Lifelines from cell `from` to before cell `width`; null: there is no room for so many. */
export function columnsFor(names: readonly string[], from: number, width: number): Columns | null {
  const [first = '', second = ''] = names;
  if (names.length < 2) return null;
  if (names.length === 2) {
    const left = from + 2;
    const right = Math.max(left + 1, width - 1);
    return { names: [first, second], at: [left, right], labels: 'inside', end: right + 1 };
  }
  const half = Math.floor((cellsOf(first) + 1) / 2);
  const left = from + Math.min(half, LEAST_GAP);
  const longest = Math.max(...names.map(cellsOf));
  const wanted = Math.min(MOST_GAP, Math.max(LEAST_GAP + 3, longest + 2));
  const possible = Math.floor((width - left - LEAST_WORDS) / (names.length - 1));
  const gap = Math.min(wanted, possible);
  if (gap < LEAST_GAP) return null;
  const at = names.map((_, index) => left + index * gap);
  return { names, at, labels: 'beside', end: left + (names.length - 1) * gap + 1 };
}
