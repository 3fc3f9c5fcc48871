/** What a scenario teaches: steps with texts, predictions and questions, whose numbers come from the run. */

import type { Nanos } from '../kernel/journal.ts';
import type { Bound, FilterSpec, Place, TimelineEntry } from './scenario.ts';

export interface Lesson {
  /** What one can do afterwards. */
  readonly objective: LessonText | null;
  /** What one should ask oneself before anything is shown. */
  readonly question: LessonText | null;
  readonly misconceptions: readonly Misconception[];
  readonly takeaway: LessonText | null;
  readonly steps: readonly LessonStep[];
  readonly place: Place;
}

/** What people believe that is not so, with the frame of the run that shows it. */
export interface Misconception {
  readonly claim: LessonText;
  /** The first frame that matches refutes it; null: the words must do. */
  readonly refutedBy: FilterSpec | null;
  readonly because: LessonText | null;
  readonly place: Place;
}

export interface LessonStep {
  /** As written, or `step-3` for the third. */
  readonly id: string;
  readonly start: TimelineEntry['start'];
  readonly say: LessonText | null;
  readonly show: Showing | null;
  /** Asked about what has happened. */
  readonly ask: Question | null;
  /** Asked about what comes now. Its answer and explanation are about the end of the run. */
  readonly predict: Question | null;
  /** What the words of this step take for granted. */
  readonly checks: readonly LessonCheck[];
  readonly place: Place;
}

/** What the screen brings to the front. */
export interface Showing {
  readonly pane: PaneName | null;
  /** The frame to stand on; null: where the step begins. */
  readonly frame: FilterSpec | null;
}

export const PANE_NAMES = [
  'ladder',
  'layers',
  'bytes',
  'events',
  'tcp',
  'tables',
  'topology',
  'truth',
  'broker',
  'secrecy',
] as const;
export type PaneName = (typeof PANE_NAMES)[number];

export interface Question {
  /** The step's id, with `-predict` behind it for a prediction. */
  readonly id: string;
  readonly question: LessonText;
  /** Empty: whoever is asked writes the answer. */
  readonly choices: readonly LessonText[];
  /** One of the choices, by its words or its number from 1; or what is to be written. */
  readonly answer: LessonText;
  readonly hint: LessonText | null;
  readonly explain: LessonText | null;
  readonly place: Place;
}

export interface LessonCheck {
  readonly term: Term;
  readonly is: Bound;
  readonly place: Place;
}

/** Words, and between them what the run has to say. */
export interface LessonText {
  readonly parts: readonly (string | Term)[];
  readonly place: Place;
}

/** `{{ last(tcp.analysis.ack_rtt) - first(tcp.flags.syn == 1) | ms is 40 }}`. */
export interface Term {
  /** As written, for messages. */
  readonly text: string;
  readonly operands: readonly { readonly sign: 1 | -1; readonly operand: Operand }[];
  /** null: the step's own moment. */
  readonly at: 'end' | { readonly atNs: Nanos } | { readonly id: string } | null;
  readonly unit: TermUnit | null;
  readonly is: Bound | null;
}

export type Operand =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'state'; readonly path: string }
  /** Frames so far. */
  | { readonly kind: 'count'; readonly match: FilterSpec }
  /** When the first or the latest of them was seen. */
  | { readonly kind: 'first' | 'last'; readonly match: FilterSpec }
  /** A field of the first frame that matches. */
  | { readonly kind: 'value'; readonly field: string; readonly match: FilterSpec };

export interface TermUnit {
  readonly name: string;
  /** So many of the value's own unit (ns, octets, bits a second) are one of it. */
  readonly size: number;
  readonly decimals: number;
}
