/** Two branches side by side: both are followed until they part, which is the one place that looks ahead of the cursor. */

import { divergenceOf } from '../projections/divergence.ts';
import { branchOf, type Comparison, type Model } from './model.ts';
import type { Story } from './story.ts';

/** How far both runs are followed to find where they part, and how much of them at a time. */
const MOST_ENTRIES = 200_000;
const PIECE = 2000;

/** This branch and the one it came from; of the first, the last one made. */
export function relatives(model: Model): readonly [one: number, other: number] {
  const { from } = branchOf(model);
  return from ? [from.branch, model.branch] : [model.branch, model.branches.length - 1];
}

export function compared(model: Model, one: number, other: number): Comparison {
  const stories = [model.branches[one]?.story, model.branches[other]?.story] as [Story, Story];
  return { one, other, ...parting(...stories) };
}

/** The first event that differs, the runs followed no further than that. */
export function parting(one: Story, other: Story, most = MOST_ENTRIES): Pick<Comparison, 'divergence' | 'isWhole'> {
  for (let from = 0; from < most; from += PIECE) {
    const isOver = [one, other].map((story) => !story.reach(from + PIECE)).every((over) => over);
    const divergence = divergenceOf(one.entries, other.entries, isOver, from);
    if (divergence || isOver) return { divergence, isWhole: true };
    // One has ended and the other goes on: there they part.
    if (one.isLast(one.entries.length - 1) !== other.isLast(other.entries.length - 1)) {
      const seq = Math.min(one.entries.length, other.entries.length);
      const parted = { seq, one: one.entries[seq] ?? null, other: other.entries[seq] ?? null };
      return { divergence: parted, isWhole: true };
    }
  }
  return { divergence: null, isWhole: false };
}
