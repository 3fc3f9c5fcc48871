/** Looks up what a run has to say: states at moments, frames that match, fields of them. Each is worked out once. */

import type { Entry, Nanos } from '../kernel/journal.ts';
import type { FieldValue } from '../layers/field.ts';
import type { FilterSpec, Scenario, TimelineEntry } from '../scenario/scenario.ts';
import { type CountedFrame, countedFrames } from './counted-frames.ts';
import type { FrameTest } from './expectations.ts';
import { type StateValue, type StateView, stateAt, valueAt } from './state-at.ts';
import { happeningOf } from './timeline.ts';

/** A place in the journal: everything up to and including the entry `seq`. -1: nothing has happened yet. */
export interface Place {
  readonly seq: number;
  readonly atNs: Nanos;
}

export class RunReader {
  readonly entries: readonly Entry[];
  readonly #scenario: Scenario;
  readonly #compile: (filter: FilterSpec) => FrameTest;
  readonly #states = new Map<number, StateView>();
  readonly #matches = new Map<string, readonly CountedFrame[]>();
  #frames: readonly CountedFrame[] | null = null;

  constructor(scenario: Scenario, entries: readonly Entry[], compile: (filter: FilterSpec) => FrameTest) {
    this.#scenario = scenario;
    this.entries = entries;
    this.#compile = compile;
  }

  get end(): Place {
    const last = this.entries.at(-1);
    return { seq: this.entries.length - 1, atNs: last?.atNs ?? 0 };
  }

  /** Just after everything of that time. */
  placeAt(atNs: Nanos): Place {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.entries[middle] as Entry).atNs <= atNs) low = middle + 1;
      else high = middle;
    }
    return { seq: low - 1, atNs };
  }

  /** When something begins that has a time, follows a timeline entry, or waits for a frame; null: it never does. */
  placeOf(start: TimelineEntry['start']): Place | null {
    if (start.kind === 'at') return this.placeAt(start.atNs);
    const place = start.kind === 'after' ? this.placeOfId(start.id) : this.first(start.match);
    if (!place || start.waitNs === 0) return place;
    return this.placeAt(place.atNs + start.waitNs);
  }

  /** Of a timeline entry. */
  placeOfId(id: string): Place | null {
    const entry = happeningOf(this.entries, id);
    return entry ? { seq: entry.seq, atNs: entry.atNs } : null;
  }

  state(path: string, place: Place): StateValue | undefined {
    let view = this.#states.get(place.seq);
    if (!view) {
      view = stateAt(this.entries, this.#scenario, { seq: place.seq });
      this.#states.set(place.seq, view);
    }
    return valueAt(view, path);
  }

  /** Frames as expectations count them, up to a place. */
  matches(filter: FilterSpec, place: Place): readonly CountedFrame[] {
    let all = this.#matches.get(filter.text);
    if (!all) {
      this.#frames ??= countedFrames(this.entries, this.#scenario, 'first-receiver');
      all = this.#frames.filter(this.#compile(filter));
      this.#matches.set(filter.text, all);
    }
    return all.filter(({ seq }) => seq <= place.seq);
  }

  first(filter: FilterSpec): CountedFrame | null {
    return this.matches(filter, this.end)[0] ?? null;
  }
}

/** The first value of a field in a frame; undefined: the frame has no such field. */
export function fieldIn({ dissection }: CountedFrame, name: string): FieldValue | undefined {
  for (const { fields } of dissection.layers) {
    const field = fields.find(({ type }) => type.name === name);
    if (field) return field.value;
  }
  return undefined;
}
