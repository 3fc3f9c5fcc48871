/**
 * Whatever has a value, by path, with every value it ever had: metrics, states, timers and the rows of tables. Grown
 * entry by entry, asked about any moment; `state-at.ts` folds the same for one moment.
 */

import type { Entry, Measured, Nanos, StateChanged, TableChange } from '../kernel/journal.ts';
import { countUpTo } from './sorted.ts';

/** The values of one path: `seqs` ascending, `values[i]` was set by entry `seqs[i]`. */
export interface Series {
  readonly seqs: number[];
  readonly values: number[];
}

/** A metric by the parts of its path. */
export interface Metric {
  readonly node: string;
  readonly machine: string;
  readonly name: string;
  readonly path: string;
}

export interface MachineState {
  readonly seq: number;
  readonly event: StateChanged;
}

export interface TableRow {
  readonly key: string;
  readonly cells: Readonly<Record<string, string | number | boolean>>;
  readonly because: string;
  /** The entry that wrote it. */
  readonly seq: number;
}

interface Changes<T> {
  readonly seqs: number[];
  readonly items: T[];
}

const CLEARED = -1;
const FIRED = -2;

export class SeriesLog {
  readonly #metrics = new Map<string, Series>();
  readonly #named: Metric[] = [];
  readonly #states = new Map<string, Changes<StateChanged>>();
  readonly #tables = new Map<string, Changes<TableChange>>();
  /** When each is due from then on; what else can happen to it stands below zero. */
  readonly #timers = new Map<string, Series>();

  add({ seq, node, event }: Entry): void {
    switch (event.kind) {
      case 'metric':
        this.#measure(seq, node, event);
        break;
      case 'state':
        push(this.#states, `${node}.${event.machine}`, seq, event);
        break;
      case 'table':
        push(this.#tables, `${node}.${event.change.table}`, seq, event.change);
        break;
      case 'timer': {
        const value = event.phase === 'set' ? event.dueNs : event.phase === 'fired' ? FIRED : CLEARED;
        note(this.#timers, `${node}.${event.machine}.${event.name}`, seq, value);
        break;
      }
      default:
        break;
    }
  }

  #measure(seq: number, node: string, { machine, name, value }: Measured): void {
    const path = `${node}.${machine}.${name}`;
    if (!this.#metrics.has(path)) this.#named.push({ node, machine, name, path });
    note(this.#metrics, path, seq, value);
  }

  /** Metrics that had a value, in the order in which they got their first. */
  metricsAt(seq: number): readonly Metric[] {
    return this.#named.filter(({ path }) => (this.#metrics.get(path)?.seqs[0] ?? Number.POSITIVE_INFINITY) <= seq);
  }

  /** The greatest value that a metric had so far; 0: it had none. */
  mostAt(path: string, seq: number): number {
    const series = this.#metrics.get(path);
    if (!series) return 0;
    let most = 0;
    for (let at = countUpTo(series.seqs, seq) - 1; at >= 0; at--) most = Math.max(most, series.values[at] as number);
    return most;
  }

  /** The entry that last set a metric; -1: none did. */
  lastChange(path: string, seq: number): number {
    const seqs = this.#metrics.get(path)?.seqs ?? [];
    return seqs[countUpTo(seqs, seq) - 1] ?? -1;
  }

  /** The last value that a metric had; undefined: it had none yet. */
  valueAt(path: string, seq: number): number | undefined {
    const series = this.#metrics.get(path);
    return series?.values[countUpTo(series.seqs, seq) - 1];
  }

  series(path: string): Series | null {
    return this.#metrics.get(path) ?? null;
  }

  /** The last change of a machine's state. */
  stateAt(machine: string, seq: number): MachineState | null {
    const changes = this.#states.get(machine);
    const at = changes ? countUpTo(changes.seqs, seq) - 1 : -1;
    const event = changes?.items[at];
    return event ? { seq: changes?.seqs[at] as number, event } : null;
  }

  /** Every state a machine was in so far, in order. */
  statesUntil(machine: string, seq: number): readonly StateChanged[] {
    const changes = this.#states.get(machine);
    return changes ? changes.items.slice(0, countUpTo(changes.seqs, seq)) : [];
  }

  /** Machines that had a state, in the order in which they got their first. */
  machinesAt(seq: number): string[] {
    return [...this.#states].filter(([, { seqs }]) => (seqs[0] as number) <= seq).map(([machine]) => machine);
  }

  /** When a timer that is set is due; null: it is not set. */
  dueAt(timer: string, seq: number): Nanos | null {
    const changes = this.#timers.get(timer);
    const last = changes?.values[countUpTo(changes.seqs, seq) - 1];
    return last !== undefined && last >= 0 ? last : null;
  }

  /** How often a timer fired since it was last cleared: the exponent of a backoff. */
  firedInARow(timer: string, seq: number): number {
    const changes = this.#timers.get(timer);
    if (!changes) return 0;
    let fired = 0;
    for (let at = countUpTo(changes.seqs, seq) - 1; at >= 0 && changes.values[at] !== CLEARED; at--) {
      if (changes.values[at] === FIRED) fired++;
    }
    return fired;
  }

  /** Tables that had a row at some time, `client.arp`. */
  tablesAt(seq: number): string[] {
    return [...this.#tables].filter(([, { seqs }]) => (seqs[0] as number) <= seq).map(([table]) => table);
  }

  /** The rows of a table, the one that was written last at the end, and what was removed last. */
  rowsAt(table: string, seq: number): { readonly rows: readonly TableRow[]; readonly removed: TableRow | null } {
    const changes = this.#tables.get(table);
    const rows = new Map<string, TableRow>();
    let removed: TableRow | null = null;
    for (const [at, { key, row, because }] of (changes?.items ?? []).entries()) {
      const wroteSeq = changes?.seqs[at] ?? 0;
      if (wroteSeq > seq) break;
      const before = rows.get(key);
      rows.delete(key);
      if (row) rows.set(key, { key, cells: row, because, seq: wroteSeq });
      else removed = { key, cells: before?.cells ?? {}, because, seq: wroteSeq };
    }
    return { rows: [...rows.values()], removed };
  }
}

function note(into: Map<string, Series>, path: string, seq: number, value: number): void {
  let series = into.get(path);
  if (!series) {
    series = { seqs: [], values: [] };
    into.set(path, series);
  }
  series.seqs.push(seq);
  series.values.push(value);
}

function push<T>(into: Map<string, Changes<T>>, path: string, seq: number, item: T): void {
  let changes = into.get(path);
  if (!changes) {
    changes = { seqs: [], items: [] };
    into.set(path, changes);
  }
  changes.seqs.push(seq);
  changes.items.push(item);
}
