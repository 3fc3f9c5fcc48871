/** Two branches: the first event that differs, and their ladders from there on. */

import type { Entry } from '../../kernel/journal.ts';
import { type Divergence, entryText, octetDifference } from '../../projections/divergence.ts';
import { seconds } from '../../projections/time.ts';
import type { Canvas, Rect } from '../canvas.ts';
import { faultText } from '../faults.ts';
import type { Branch } from '../model.ts';
import type { Story } from '../story.ts';
import type { Theme } from '../theme.ts';
import type { View } from '../view.ts';
import { drawLadder } from './ladder.ts';

/** Of entries that are looked ahead for the frames that follow. */
const AHEAD = 4000;

export function drawDiff(canvas: Canvas, rect: Rect, view: View): void {
  const { theme, model } = view;
  const { comparison } = model;
  const [one, other] = [model.branches[comparison?.one ?? 0], model.branches[comparison?.other ?? 0]];
  if (!comparison || !one || !other) return;
  drawComparison(canvas, rect, { theme, scroll: model.scroll, sides: [sideOf(one), sideOf(other)], ...comparison });
}

function sideOf({ name, faults, seed, story }: Branch): Side {
  const what = [...faults.map(faultText), seed === null ? '' : `seed ${seed}`].filter((part) => part !== '');
  return { name, what: what.length > 0 ? what.join('; ') : 'as it is written', story };
}

interface Side {
  /** A, B, … */
  readonly name: string;
  readonly what: string;
  readonly story: Story;
}

interface Compared {
  readonly theme: Theme;
  readonly scroll: number;
  readonly sides: readonly [Side, Side];
  readonly divergence: Divergence | null;
  readonly isWhole: boolean;
}

export function drawComparison(canvas: Canvas, rect: Rect, compared: Compared): void {
  const { theme, divergence, isWhole, sides, scroll } = compared;
  const { x, y, width, height } = rect;
  if (!divergence) {
    const text = isWhole
      ? 'Both runs are the same, event by event.'
      : 'They are the same as far as they were followed.';
    canvas.text(x + 1, y, text, theme.strong, width - 2);
    return;
  }
  const at = divergence.one?.atNs ?? divergence.other?.atNs ?? 0;
  canvas.text(x + 1, y, `First divergent event: #${divergence.seq}, at ${seconds(at)} s`, theme.strong, width - 2);
  const octet = octetDifference(divergence.one, divergence.other);
  for (const [index, entry] of [divergence.one, divergence.other].entries()) {
    canvas.text(
      x + 1,
      y + 1 + index,
      `${sides[index]?.name}  ${entry ? `${entryText(entry)}${octetText(entry, octet)}` : 'has ended'}`,
      index === 0 ? theme.text : theme.warning,
      width - 2,
    );
  }
  const half = Math.floor((width - 3) / 2);
  canvas.scrolled = 0;
  for (const [index, { name, what, story }] of sides.entries()) {
    const left = x + 1 + index * (half + 1);
    canvas.text(left, y + 4, `${name}  ${what}`, theme.accent, half - 1);
    const area = { x: left, y: y + 5, width: half - 1, height: height - 5 };
    // A few frames before they part, and what follows; ↑ ↓ go further.
    const rows = Math.floor((area.height - 1) / 2);
    const before = story.chronicle.crossings.countAt(divergence.seq);
    const wanted = before + rows - 3 + scroll;
    const { all } = story.chronicle.crossings;
    for (let ahead = divergence.seq; all.length <= wanted && ahead < divergence.seq + AHEAD * (1 + scroll); ) {
      ahead += 200;
      if (!story.reach(ahead)) break;
    }
    const last = Math.min(all.length, wanted) - 1;
    // As far as the longer of the two goes.
    canvas.scrolled = Math.max(canvas.scrolled, Math.min(scroll, all.length - (before + rows - 3)));
    const next = all[last + 1]?.takenSeq;
    const seq = next === undefined ? story.entries.length - 1 : next - 1;
    const nowNs = story.entries[seq]?.atNs ?? 0;
    drawLadder(canvas, area, { chronicle: story.chronicle, theme, seq, nowNs, frame: -1, matches: null });
  }
  for (let row = y + 4; row < y + height; row++) canvas.text(x + half, row, '│', theme.border);
}

function octetText({ event }: Entry, at: number | null): string {
  if (at === null || !('bytes' in event)) return '';
  const octet = event.bytes[at];
  return octet === undefined ? `, and ends at octet ${at}` : `, octet ${at} is ${octet.toString(16).padStart(2, '0')}`;
}
