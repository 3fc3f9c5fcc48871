/** What the screen is handed: a run to walk through, what is known of its network, and what only the program can do. */

import type { Completion } from '../filter/complete.ts';
import type { CompiledFilter, FilterProblem } from '../filter/filter.ts';
import type { Entry, Nanos } from '../kernel/journal.ts';
import type { FrameSource } from '../projections/frame-log.ts';
import type { LessonView } from '../projections/lesson.ts';
import type { Topology } from '../projections/topology.ts';

/** A `Run`, or a capture that looks like one. */
export interface WalkRun {
  readonly entries: readonly Entry[];
  readonly isOver: boolean;
  step(): boolean;
  /** Of a capture: its frames, which were read. Left out: a run. */
  readonly source?: FrameSource;
}

/** What a person does to a run at the cursor. Every one of them can be written into the scenario file. */
export type Fault =
  | {
      readonly kind: 'drop' | 'duplicate' | 'corrupt';
      readonly link: string;
      readonly from: string;
      readonly nth: number;
    }
  | {
      readonly kind: 'delay';
      readonly link: string;
      readonly from: string;
      readonly nth: number;
      readonly delayNs: Nanos;
    }
  | { readonly kind: 'cut'; readonly link: string; readonly atNs: Nanos; readonly forNs: Nanos | null }
  | { readonly kind: 'crash' | 'pause'; readonly node: string; readonly atNs: Nanos; readonly forNs: Nanos | null };

/** A node as far as the screen shows it. */
export interface NodeFacts {
  readonly name: string;
  readonly kind: string;
  /** Addresses as text, `10.0.0.1`. */
  readonly addresses: readonly string[];
  /** `http-server :80`. */
  readonly apps: readonly string[];
}

export interface LinkFacts {
  readonly id: string;
  /** `10 Mbit/s · 20 ms · loss 5 %`. */
  readonly text: string;
}

export interface WalkHost {
  readonly title: string;
  /** The scenario's bundled name or file, for the header. */
  readonly name: string;
  readonly seed: string;
  readonly profile: string;
  readonly topology: Topology;
  readonly nodes: readonly NodeFacts[];
  readonly links: readonly LinkFacts[];
  /** The most that a buffer holds, by the path of its metric (`broker.queue.jobs.depth`); null: it has no limit. */
  limitOf?(path: string): number | null;
  /** The run from its start, with faults besides those of the scenario, and with another seed than its own. */
  start(faults: readonly Fault[], seed: string | null): WalkRun;
  /** Where `q` leads to, in a word; left out: out of the program. */
  readonly leave?: string;
  /**
   * What the scenario teaches, its numbers from a run to the end, which is given up (null) when nobody wants it any more;
   * left out: nothing.
   */
  lesson?(isWanted: () => boolean): Promise<LessonView | null>;
  /** Why faults cannot be injected (a capture has no future); null: they can. */
  readonly fixed: string | null;
  compileFilter(text: string): CompiledFilter | FilterProblem;
  completeFilter(text: string, at: number): Completion;
  /** Writes a branch as a scenario file and says where, or why not. */
  save(faults: readonly Fault[], seed: string | null, path: string): Promise<string>;
  /** Of a capture: writes frames, by their numbers from 0, as a capture of their own. */
  extract?(frames: readonly number[], path: string): Promise<string>;
  /** Writes text as a file, never over one that is there. */
  write(path: string, text: string): Promise<string>;
}
