/** What many seeds come to. Those of one run go on from those of another, where the ranges follow each other. */

import { createHash } from 'node:crypto';
import { FAULT_KINDS } from './draw/faults.ts';
import type { Violation } from './invariants/invariant.ts';
import type { Outcome } from './trial.ts';

/** Seeds that were run one after the other without a gap, by one commit. */
interface Stint {
  readonly from: number;
  readonly to: number;
  readonly commit: string;
  readonly seconds: number;
}

export interface Failure {
  readonly seed: string;
  readonly commit: string;
  readonly violations: readonly Violation[];
}

/** As a file keeps it. */
export interface Kept {
  readonly stints: readonly Stint[];
  readonly failed: readonly Failure[];
  readonly entries: number;
  readonly events: number;
  readonly drawn: Readonly<Record<string, number>>;
  readonly struck: Readonly<Record<string, number>>;
  readonly marks: Readonly<Record<string, number>>;
}

export class Summary {
  readonly commit: string;
  readonly failed: Failure[] = [];
  readonly struck = new Map<string, number>();
  readonly #stints: Stint[] = [];
  readonly #drawn = new Map<string, number>();
  readonly #marks = new Map<string, number>();
  readonly #hashes: [number, string][] = [];
  /** Of this run. */
  seeds = 0;
  #entries = 0;
  #events = 0;

  constructor(commit: string, before: Kept | null) {
    this.commit = commit;
    if (!before) return;
    this.failed.push(...before.failed);
    this.#stints.push(...before.stints);
    this.#entries = before.entries;
    this.#events = before.events;
    const maps = { struck: this.struck, drawn: this.#drawn, marks: this.#marks };
    for (const [name, map] of Object.entries(maps)) {
      for (const [key, times] of Object.entries(before[name as keyof typeof maps])) map.set(key, times);
    }
  }

  /** The seed that follows on those of earlier runs; null: there were none. */
  get next(): number | null {
    const last = this.#stints.at(-1);
    return last ? last.to + 1 : null;
  }

  get first(): number | null {
    return this.#stints[0]?.from ?? null;
  }

  add(outcome: Outcome): void {
    const { seed, violations, hash } = outcome;
    this.seeds++;
    this.#entries += outcome.entries;
    this.#events += outcome.events;
    if (violations.length > 0) this.failed.push({ seed, commit: this.commit, violations });
    // A kind that was drawn twice counts once for each seed.
    for (const kind of new Set(outcome.faults.map((each) => each.kind))) count(this.#drawn, kind);
    for (const kind of new Set(outcome.faults.flatMap((each) => (each.struck ? [each.kind] : []))))
      count(this.struck, kind);
    for (const mark of outcome.marks) count(this.#marks, mark);
    if (hash !== '') this.#hashes.push([Number(seed), hash]);
  }

  /** As it stands when every seed of `from..to` is done; the last stint grows where it is of the same run. */
  kept(from: number, to: number, seconds: number): Kept {
    const stints = to < from ? this.#stints : [...this.#stints, { from, to, commit: this.commit, seconds }];
    return {
      stints,
      failed: this.failed,
      entries: this.#entries,
      events: this.#events,
      drawn: Object.fromEntries(this.#drawn),
      struck: Object.fromEntries(this.struck),
      marks: Object.fromEntries(this.#marks),
    };
  }

  /** Of all journals together, whatever the order in which they came. */
  get hash(): string {
    const lines = this.#hashes.sort(([one], [other]) => one - other).map(([seed, hash]) => `${seed} ${hash}\n`);
    return createHash('sha256').update(lines.join('')).digest('hex');
  }
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

/** The summary in lines; the last says the whole. */
export function summaryLines({ stints, failed, entries, events, drawn, struck, marks }: Kept): string[] {
  const seeds = stints.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  const seconds = stints.reduce((sum, each) => sum + each.seconds, 0);
  const speed = `${seconds.toFixed(1)} s, ${entries} entries, ${events} events`;
  return [
    'sometimes:',
    ...Object.entries(marks)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([mark, times]) => `  ${String(times).padStart(7)}  ${mark}`),
    'faults: seeds in which they struck, and in which they were drawn',
    ...FAULT_KINDS.map(
      (kind) => `  ${String(struck[kind] ?? 0).padStart(7)} ${String(drawn[kind] ?? 0).padStart(7)}  ${kind}`,
    ),
    ...(stints.length > 1
      ? ['runs that follow each other without a gap, and add up to what stands above and below:']
      : []),
    ...(stints.length > 1
      ? stints.map(
          ({ from, to, commit, seconds: took }) => `  seeds ${from}..${to}, commit ${commit}, ${took.toFixed(1)} s`,
        )
      : []),
    `seeds ${stints[0]?.from}..${stints.at(-1)?.to}: ` +
      `${seeds} seeds, ${FAULT_KINDS.length} kinds of faults: ${failed.length} violations (${speed}), ` +
      `${seconds > 0 ? (seeds / seconds).toFixed(1) : 0} seeds a second`,
  ];
}
