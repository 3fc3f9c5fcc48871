/** The state of the screen. Plain values, replaced and never changed; runs and what is indexed of them stand beside. */

import type { CompiledFilter, FilterProblem } from '../filter/filter.ts';
import type { LayerNumber } from '../kernel/journal.ts';
import type { Divergence } from '../projections/divergence.ts';
import type { Fault, WalkHost } from './host.ts';
import type { LessonState } from './lesson.ts';
import type { Matches } from './matches.ts';
import { Story } from './story.ts';
import type { ThemeName } from './theme.ts';

export const PANES = [
  'ladder',
  'layers',
  'bytes',
  'events',
  'tcp',
  'belief',
  'topology',
  'tables',
  'line',
  'buffers',
  'lesson',
  'secrecy',
] as const;
export type NumberedPane = (typeof PANES)[number];
/** What fills the screen for a while. */
export type Leaf = 'help' | 'lineage' | 'diff' | 'bits' | 'readings';
export type Slot = 'left' | 'middle' | 'right' | 'below' | 'beside';
export type Slots = Readonly<Record<Slot, NumberedPane>>;

export const SPEEDS = ['¼', '1', '4', 'fast', 'express'] as const;

export interface Branch {
  /** A, B, C, … */
  readonly name: string;
  readonly story: Story;
  readonly seed: string | null;
  readonly faults: readonly Fault[];
  /** Where it left the branch that it came from. */
  readonly from: { readonly branch: number; readonly seq: number } | null;
  readonly cursor: number;
  readonly marks: readonly number[];
  /** Where the cursor stood before the last jump. */
  readonly jumpedFrom: number | null;
}

/** A line that is being typed. */
export interface Line {
  readonly text: string;
  readonly at: number;
}

export type PromptKind = 'filter' | 'break' | 'palette' | 'time' | 'seed' | 'export' | 'keys';
interface Prompt {
  readonly kind: PromptKind;
  readonly line: Line;
  /** Which of the suggestions is chosen; -1: none. */
  readonly choice: number;
}

interface Inject {
  /** Of the choices of `faults.ts`. */
  readonly choice: number;
}

/** A journey that did not end within one go: it goes on piece by piece, and any key ends it. */
interface Journey {
  readonly goal: Goal;
  readonly label: string;
}

export type Goal =
  | { readonly kind: 'packet' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'end' }
  | { readonly kind: 'time'; readonly atNs: number }
  | { readonly kind: 'fate'; readonly pdu: number }
  | { readonly kind: 'match'; readonly filter: CompiledFilter };

/** Two branches side by side. */
export interface Comparison {
  /** Of the model's branches. */
  readonly one: number;
  readonly other: number;
  /** Null: they are the same. */
  readonly divergence: Divergence | null;
  /** False: they are the same as far as they were followed. */
  readonly isWhole: boolean;
}

interface Breakpoint {
  readonly filter: CompiledFilter;
  readonly matches: Matches;
}

export interface Model {
  readonly host: WalkHost;
  readonly branches: readonly Branch[];
  readonly branch: number;
  readonly size: { readonly columns: number; readonly rows: number };
  readonly slots: Slots;
  readonly focus: NumberedPane;
  readonly isZoomed: boolean;
  readonly leaf: Leaf | null;
  /** What the leaf of two branches shows. */
  readonly comparison: Comparison | null;
  /** How far a leaf or a list is scrolled. */
  readonly scroll: number;
  readonly stackMode: '7' | '4' | 'as it is';
  readonly isLogTime: boolean;
  /** The field that tree, hex and bit diagram show as chosen, by its name; or a protocol's name. */
  readonly field: string | null;
  readonly collapsed: readonly string[];
  /** The layer whose header is drawn; null: the one the cursor is at. */
  readonly layer: LayerNumber | null;
  /** A connection's end, by path; null: the one the cursor is about. */
  readonly connection: string | null;
  readonly node: string | null;
  readonly filter: CompiledFilter | null;
  readonly filterProblem: FilterProblem | null;
  readonly matches: Matches | null;
  readonly breakpoints: readonly Breakpoint[];
  readonly prompt: Prompt | null;
  readonly inject: Inject | null;
  /** What is learned so far; null: the lesson was never on. */
  readonly lesson: LessonState | null;
  readonly journey: Journey | null;
  readonly isPlaying: boolean;
  readonly speed: number;
  readonly theme: ThemeName;
  readonly notice: { readonly text: string; readonly isError: boolean } | null;
  readonly history: readonly string[];
}

const PACKET_SLOTS: Slots = {
  left: 'ladder',
  middle: 'layers',
  right: 'bytes',
  below: 'events',
  beside: 'tcp',
};
const NETWORK_SLOTS: Slots = {
  left: 'topology',
  middle: 'layers',
  right: 'tables',
  below: 'events',
  beside: 'belief',
};
const STORY_SLOTS: Slots = {
  left: 'topology',
  middle: 'ladder',
  right: 'tcp',
  below: 'events',
  beside: 'belief',
};
export const LAYOUTS: readonly Slots[] = [PACKET_SLOTS, NETWORK_SLOTS, STORY_SLOTS];

/** `mqtt-broker :1883`: what waits there is worth more than what TCP does. */
export function isBroker(app: string): boolean {
  return /^(mqtt|queue)-broker\b/.test(app);
}

export interface ModelOptions {
  readonly columns: number;
  readonly rows: number;
  readonly theme?: ThemeName;
  readonly atNs?: number;
}

export function initialModel(host: WalkHost, options: ModelOptions): Model {
  const story = new Story(host.start([], null), host.topology);
  const first = story.stopAfter(-1) ?? -1;
  return {
    host,
    branches: [{ name: 'A', story, seed: null, faults: [], from: null, cursor: first, marks: [], jumpedFrom: null }],
    branch: 0,
    size: { columns: options.columns, rows: options.rows },
    slots: host.nodes.some(({ apps }) => apps.some(isBroker)) ? { ...PACKET_SLOTS, beside: 'buffers' } : PACKET_SLOTS,
    focus: 'layers',
    isZoomed: false,
    leaf: null,
    comparison: null,
    scroll: 0,
    stackMode: '7',
    isLogTime: false,
    field: null,
    collapsed: [],
    layer: null,
    connection: null,
    node: null,
    filter: null,
    filterProblem: null,
    matches: null,
    breakpoints: [],
    prompt: null,
    inject: null,
    lesson: null,
    journey: null,
    isPlaying: false,
    speed: 1,
    theme: options.theme ?? 'dark',
    notice: null,
    history: [],
  };
}

export function branchOf(model: Model): Branch {
  return model.branches[model.branch] as Branch;
}

export function storyOf(model: Model): Story {
  return branchOf(model).story;
}

export function cursorOf(model: Model): number {
  return branchOf(model).cursor;
}

/** The same with one thing of the present branch changed. */
export function withBranch(model: Model, change: Partial<Branch>): Model {
  const branches = model.branches.map((branch, at) => (at === model.branch ? { ...branch, ...change } : branch));
  return { ...model, branches };
}

export function told(model: Model, text: string, isError = false): Model {
  return { ...model, notice: { text, isError } };
}

/** From 110 columns and 34 rows on there are five panes; below, three. */
export function isRoomy({ size }: Model): boolean {
  return size.columns >= 110 && size.rows >= 34;
}

export const LEAST_COLUMNS = 60;
export const LEAST_ROWS = 15;

export function isTooSmall({ size }: Model): boolean {
  return size.columns < LEAST_COLUMNS || size.rows < LEAST_ROWS;
}
