/** Walks as asciicasts, version 2: a header, and one line a screen, paced by virtual time. */

import type { ColourDepth } from '../projections/paint.ts';
import { Compositor } from './compositor.ts';
import type { WalkHost } from './host.ts';
import { Layout } from './layout.ts';
import { cursorOf, initialModel, type Model, storyOf, withBranch } from './model.ts';
import { paint } from './paint.ts';
import { isLoss, isPacket, type Story } from './story.ts';

export interface CastOptions {
  readonly depth: ColourDepth;
  readonly isAscii: boolean;
}

/** More screens than this make no recording that anybody watches. */
const MOST_SCREENS = 2000;
/** A screen of an instant stays long enough to be seen, and nobody waits for a timer of minutes: milliseconds. */
const LEAST_MS = 50;
const MOST_MS = 2000;
/** What terminals and players are made for; not the terminal that the command happens to run on. */
const COLUMNS = 120;
const ROWS = 40;

/** A whole run, which is over: every step of it, or in long runs fewer of them. Always the same for the same run. */
export function* castOfRun(host: WalkHost): Generator<string> {
  const layout = new Layout();
  try {
    const model = initialModel(host, { columns: COLUMNS, rows: ROWS });
    const story = storyOf(model);
    const stops: number[] = [];
    for (let seq: number | null = cursorOf(model); seq !== null; seq = story.stopAfter(seq)) stops.push(seq);
    yield* castLines(model, layout, bounded(story, stops), { depth: 'true', isAscii: false });
  } finally {
    layout.close();
  }
}

/** The walk from its start to the cursor; of longer ones the last screens. */
export function castOfWalk(model: Model, layout: Layout, options: CastOptions): string {
  const story = storyOf(model);
  const stops: number[] = [];
  for (
    let seq: number | null = cursorOf(model);
    seq !== null && stops.length < MOST_SCREENS;
    seq = story.stopBefore(seq)
  ) {
    stops.push(seq);
  }
  return [...castLines(model, layout, stops.reverse(), options)].join('');
}

/** All steps; where they are too many, packets and losses; where those are, some of them, evenly. The last one stays. */
function bounded(story: Story, stops: readonly number[]): readonly number[] {
  if (stops.length <= MOST_SCREENS) return stops;
  const last = stops.length - 1;
  const told = stops.filter((seq, at) => {
    const entry = story.entries[seq];
    return at === 0 || at === last || (entry !== undefined && (isPacket(entry) || isLoss(entry)));
  });
  if (told.length <= MOST_SCREENS) return told;
  return Array.from(
    { length: MOST_SCREENS },
    (_, at) => told[Math.floor((at * (told.length - 1)) / (MOST_SCREENS - 1))] as number,
  );
}

function* castLines(
  model: Model,
  layout: Layout,
  stops: readonly number[],
  { depth, isAscii }: CastOptions,
): Generator<string> {
  const { columns, rows } = model.size;
  // No date: the same run is the same file.
  yield line({ version: 2, width: columns, height: rows, title: `packetwalk: ${model.host.title}` });
  const { entries } = storyOf(model);
  const compositor = new Compositor(depth === 'none' ? 'none' : 'true', isAscii);
  let beforeNs = entries[stops[0] ?? 0]?.atNs ?? 0;
  let atMs = 0;
  for (const [index, seq] of stops.entries()) {
    const nowNs = entries[seq]?.atNs ?? beforeNs;
    const passedMs = Math.round((nowNs - beforeNs) / 1e6);
    if (index > 0) atMs += Math.min(MOST_MS, Math.max(LEAST_MS, passedMs));
    beforeNs = nowNs;
    const screen = withBranch(model, { cursor: seq });
    const text = compositor.compose(paint(screen, layout.placesOf(screen)));
    if (text !== '') yield line([atMs / 1000, 'o', text]);
  }
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
