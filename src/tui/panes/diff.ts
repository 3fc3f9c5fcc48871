/** Two branches: the first event that differs, and their ladders from there on. */

import { divergenceOf, entryText } from '../../projections/divergence.ts';
import { seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { faultText } from '../faults.ts';
import { type Branch, branchOf, type Model } from '../model.ts';
import type { View } from '../view.ts';
import { drawLadder } from './ladder.ts';

/** How far both runs are followed to find where they part. */
const MOST_ENTRIES = 200_000;

/** This branch and the one it came from; of the first, the last one made. */
function comparedBranches(model: Model): readonly [Branch, Branch] {
  const own = branchOf(model);
  const other = model.branches[own.from?.branch ?? model.branches.length - 1] as Branch;
  return own.from ? [other, own] : [own, other];
}

export function drawDiff(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, model } = view;
  const { x, y, width, height } = rect;
  const [one, other] = comparedBranches(model);
  // Comparing asks for the whole of both: it is the one place that looks ahead, and only when it is asked to.
  const isOver = [one, other].map(({ story }) => !story.reach(MOST_ENTRIES)).every((over) => over);
  const divergence = divergenceOf(one.story.entries, other.story.entries, isOver);
  const names = [one, other].map((branch) => {
    const what = [...branch.faults.map(faultText), branch.seed === null ? '' : `seed ${branch.seed}`].filter(
      (part) => part !== '',
    );
    return `${branch.name}  ${what.length > 0 ? what.join('; ') : 'as it is written'}`;
  });
  if (!divergence) {
    canvas.text(
      x + 1,
      y,
      isOver ? 'Both runs are the same, event by event.' : 'They are the same as far as they were followed.',
      theme.strong,
    );
    return;
  }
  const at = divergence.one?.atNs ?? divergence.other?.atNs ?? 0;
  canvas.text(x + 1, y, `First divergent event: #${divergence.seq}, at ${seconds(at)} s`, theme.strong, width - 2);
  for (const [index, entry] of [divergence.one, divergence.other].entries()) {
    const branch = index === 0 ? one : other;
    canvas.text(
      x + 1,
      y + 1 + index,
      `${branch.name}  ${entry ? entryText(entry) : 'has ended'}`,
      index === 0 ? theme.text : theme.warning,
      width - 2,
    );
  }
  const half = Math.floor((width - 3) / 2);
  for (const [index, branch] of [one, other].entries()) {
    const left = x + 1 + index * (half + 1);
    const { story } = branch;
    canvas.text(left, y + 4, names[index] ?? '', theme.accent, half - 1);
    const area = { x: left, y: y + 5, width: half - 1, height: height - 5 };
    // A few frames before they part, and what follows; ↑ ↓ go further.
    const rows = Math.floor((area.height - 1) / 2);
    const before = story.chronicle.crossings.countAt(divergence.seq);
    const count = story.chronicle.crossings.all.length;
    const last = Math.min(count, before + rows - 3 + model.scroll) - 1;
    const next = story.chronicle.crossings.all[last + 1]?.takenSeq;
    const seq = next === undefined ? story.entries.length - 1 : next - 1;
    const nowNs = story.entries[seq]?.atNs ?? 0;
    drawLadder(canvas, area, { chronicle: story.chronicle, theme, seq, nowNs, frame: -1, matches: null });
  }
  for (let row = y + 4; row < y + height; row++) canvas.text(x + half, row, '│', theme.border);
}
