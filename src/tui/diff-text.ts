/** Two runs as text: where they part, and their ladders from there on, side by side. */

import type { Divergence } from '../projections/divergence.ts';
import type { Topology } from '../projections/topology.ts';
import { Canvas } from './canvas.ts';
import { parting } from './comparison.ts';
import { asciiOf } from './glyphs.ts';
import type { WalkRun } from './host.ts';
import { drawComparison } from './panes/diff.ts';
import { Story } from './story.ts';
import { themeOf } from './theme.ts';

export interface ComparedRun {
  /** What makes it differ from the other, in words. */
  readonly what: string;
  readonly run: WalkRun;
  readonly topology: Topology;
}

export interface DiffOptions {
  readonly columns: number;
  /** Frames of each ladder. */
  readonly frames: number;
  readonly isAscii: boolean;
}

/** Follows both to where they part, or to their ends. */
export function diffText(
  one: ComparedRun,
  other: ComparedRun,
  options: DiffOptions,
): { readonly divergence: Divergence | null; readonly text: string } {
  const stories = [one, other].map(({ run, topology }) => new Story(run, topology)) as [Story, Story];
  const found = parting(...stories, Number.POSITIVE_INFINITY);
  const canvas = new Canvas(options.columns, found.divergence ? 6 + options.frames * 2 : 1);
  const [a, b] = stories;
  drawComparison(
    canvas,
    { x: 0, y: 0, width: canvas.width, height: canvas.height },
    {
      theme: themeOf('mono'),
      scroll: 0,
      sides: [
        { name: 'A', what: one.what, story: a },
        { name: 'B', what: other.what, story: b },
      ],
      ...found,
    },
  );
  const rows = canvas.rows().map((row) => (options.isAscii ? [...row].map(asciiOf).join('') : row));
  return { divergence: found.divergence, text: `${rows.join('\n')}\n` };
}
