/**
 * Everything that has a value at a moment of a run, by path:
 *
 * - `client.tcp.http.state`: what a machine's last state entry says;
 * - `client.tcp.http.cwnd`, `chat.app.received.say`: the last value of a metric;
 * - `client.arp.10.0.0.2.mac`, `client.arp.rows`: the cells and the number of rows of a table;
 * - `client.dropped`, `client.dropped.checksum`: PDUs that ended in a node, all and by reason;
 * - `link.radio.sent`, `.delivered`, `.dropped`, `.dropped.lost`, `.in-flight`: frames on a link, both directions.
 */

import type { DropReason, Entry, Nanos, TableChange } from '../kernel/journal.ts';
import type { Topology } from './topology.ts';

export type StateValue = string | number | boolean;
export type StateView = ReadonlyMap<string, StateValue>;

/** Up to and including an entry, up to and including a time, or all there is. */
export type Moment = { readonly seq: number } | { readonly atNs: Nanos } | 'end';

export function stateAt(entries: readonly Entry[], topology: Topology, moment: Moment): StateView {
  const fold = new StateFold(topology);
  for (const entry of entries) {
    if (moment !== 'end' && ('seq' in moment ? entry.seq > moment.seq : entry.atNs > moment.atNs)) break;
    fold.add(entry);
  }
  return fold.view;
}

/**
 * The same at many times, from the first to the last (infinity is the end), in one reading of the entries: `read` is
 * called for each, and its view holds until it returns.
 */
export function statesAt(
  entries: readonly Entry[],
  topology: Topology,
  times: readonly Nanos[],
  read: (view: StateView, atNs: Nanos) => void,
): void {
  const fold = new StateFold(topology);
  let next = 0;
  for (const atNs of times) {
    for (; next < entries.length; next++) {
      const entry = entries[next] as Entry;
      if (entry.atNs > atNs) break;
      fold.add(entry);
    }
    read(fold.view, atNs);
  }
}

/** Kinds of which nothing has its value: most entries are of these, and their events need not be made. */
const STATELESS: ReadonlySet<Entry['kind']> = new Set(['encoded', 'decoded', 'timer', 'input', 'app']);

/** Grows entry by entry. */
class StateFold {
  readonly #values = new Map<string, StateValue>();
  readonly #rows = new Map<string, readonly string[]>();
  readonly #crossings = new Set<number>();

  constructor(topology: Topology) {
    for (const node of topology.nodes) this.#values.set(`${node.name}.dropped`, 0);
    for (const { id } of topology.links) {
      for (const name of ['sent', 'delivered', 'dropped', 'in-flight']) this.#values.set(`link.${id}.${name}`, 0);
    }
  }

  get view(): StateView {
    return this.#values;
  }

  add(entry: Entry): void {
    if (STATELESS.has(entry.kind)) return;
    const { node, event } = entry;
    switch (event.kind) {
      case 'state':
        this.#values.set(`${node}.${event.machine}.state`, event.to);
        break;
      case 'metric':
        this.#values.set(`${node}.${event.machine}.${event.name}`, event.value);
        break;
      case 'table':
        this.#change(`${node}.${event.change.table}`, event.change);
        break;
      case 'queued':
      case 'departed':
        this.#take(event.link, event.frame);
        break;
      case 'arrived':
        this.#take(event.link, event.frame);
        this.#count(`link.${event.link}.delivered`, 1);
        this.#count(`link.${event.link}.in-flight`, -1);
        break;
      case 'dropped': {
        const place = event.link === '' ? node : `link.${event.link}`;
        if (event.link !== '') {
          this.#take(event.link, event.frame);
          this.#count(`${place}.in-flight`, -1);
        }
        this.#count(`${place}.dropped`, 1);
        this.#count(`${place}.dropped.${event.reason}`, 1);
        break;
      }
      default:
        break;
    }
  }

  #take(link: string, frame: number): void {
    if (this.#crossings.has(frame)) return;
    this.#crossings.add(frame);
    this.#count(`link.${link}.sent`, 1);
    this.#count(`link.${link}.in-flight`, 1);
  }

  #count(path: string, by: number): void {
    const before = this.#values.get(path);
    this.#values.set(path, (typeof before === 'number' ? before : 0) + by);
  }

  #change(table: string, change: TableChange): void {
    const path = `${table}.${change.key}`;
    const before = this.#rows.get(path);
    for (const column of before ?? []) this.#values.delete(`${path}.${column}`);
    if (!change.row) {
      this.#rows.delete(path);
      if (before) this.#count(`${table}.rows`, -1);
      return;
    }
    const cells = Object.entries(change.row);
    for (const [column, value] of cells) this.#values.set(`${path}.${column}`, value);
    this.#rows.set(
      path,
      cells.map(([column]) => column),
    );
    if (!before) this.#count(`${table}.rows`, 1);
  }
}

/**
 * The value of a path. What is only counted when it happens (`link.radio.dropped.lost`, `chat.app.received.say`,
 * `client.dropped.checksum`) is 0 before; any other unknown path has no value.
 */
export function valueAt(view: StateView, path: string): StateValue | undefined {
  const value = view.get(path);
  if (value !== undefined) return value;
  const [, counter, reason] = /^(.*\.dropped)\.([a-z-]+)$/.exec(path) ?? [];
  if (counter !== undefined && reason !== undefined) return view.has(counter) && isReason(reason) ? 0 : undefined;
  const node = /^(.*)\.app\.(?:received|sent)\.[^.]+$/.exec(path)?.[1];
  return node !== undefined && view.has(`${node}.dropped`) ? 0 : undefined;
}

/** Every reason once: the compiler refuses one that is missing or too many. */
const REASONS: Readonly<Record<DropReason, true>> = {
  lost: true,
  scripted: true,
  'link-down': true,
  'queue-full': true,
  aqm: true,
  corrupted: true,
  'not-for-us': true,
  malformed: true,
  checksum: true,
  'unknown-protocol': true,
  'no-route': true,
  'no-link': true,
  unresolved: true,
  'ttl-expired': true,
  'too-big': true,
  martian: true,
  filtered: true,
  'no-listener': true,
  'no-connection': true,
  'out-of-window': true,
  duplicate: true,
  'not-acceptable': true,
  'buffer-full': true,
  reset: true,
  closed: true,
  'timed-out': true,
  partitioned: true,
  crashed: true,
  volatile: true,
  expired: true,
};

function isReason(text: string): text is DropReason {
  return Object.hasOwn(REASONS, text);
}

/** Up to three paths that look like what was meant: those that begin or end alike. */
export function nearestPaths(view: StateView, path: string): string[] {
  const parts = path.split('.');
  const stem = parts.slice(0, -1).join('.');
  const leaf = parts.at(-1) ?? '';
  const paths = [...view.keys()];
  const siblings = paths.filter((one) => stem !== '' && one.startsWith(`${stem}.`));
  const namesakes = paths.filter((one) => one.startsWith(`${parts[0]}.`) && one.endsWith(`.${leaf}`));
  return [...new Set([...siblings, ...namesakes])].slice(0, 3);
}
