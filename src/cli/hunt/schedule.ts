/**
 * The faults of one run, written down: which frames chance lost, doubled or damaged, and which entries of the timeline
 * break something. With some of them, and chance turned off, a file says exactly what happens.
 */

import { isMap, isSeq, parseDocument, type YAMLMap } from 'yaml';
import type { Entry } from '../../kernel/journal.ts';
import { type Crossing, crossingsOf } from '../../projections/crossings.ts';
import { seconds } from '../../projections/time.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { writtenSeed } from '../../scenario/seed.ts';

export type Fault = FrameFault | TimelineFault;

/** Frame `nth` of one direction of a link, counted as first bits leave. */
interface FrameFault {
  readonly kind: 'drop' | 'duplicate-frame' | 'corrupt-frame';
  readonly link: number;
  readonly direction: 'a-to-b' | 'b-to-a';
  readonly nth: number;
  readonly text: string;
}

/** An entry of the timeline that stands in the file. */
interface TimelineFault {
  readonly kind: 'timeline';
  readonly index: number;
  readonly text: string;
}

/** Every fault of a run, in the order in which they struck; those of the timeline first. */
export function faultsOf(scenario: Scenario, text: string, entries: readonly Entry[]): Fault[] {
  return [...timelineFaults(text), ...frameFaults(scenario, entries)];
}

function frameFaults(scenario: Scenario, entries: readonly Entry[]): FrameFault[] {
  const { ofEntry, all } = crossingsOf(entries, scenario);
  const counts = new Map<string, number>();
  const places = new Map<
    number,
    { readonly link: number; readonly direction: 'a-to-b' | 'b-to-a'; readonly nth: number }
  >();
  for (const { seq, event } of entries) {
    const crossing = event.kind === 'departed' ? ofEntry.get(seq) : undefined;
    // A copy departs from the link itself and is nobody's frame to count.
    if (!crossing || crossing.isCopy) continue;
    const link = scenario.links.findIndex(({ id }) => id === crossing.link);
    const spec = scenario.links[link];
    const isForward = spec?.a.node === crossing.from.node && spec.a.interface === crossing.from.interface;
    const direction = isForward ? 'a-to-b' : 'b-to-a';
    const nth = (counts.get(`${link} ${direction}`) ?? 0) + 1;
    counts.set(`${link} ${direction}`, nth);
    places.set(crossing.id, { link, direction, nth });
  }
  return all.flatMap((crossing) => {
    const kind = kindOf(crossing);
    const origin = crossing.isCopy ? originalOf(crossing, entries, ofEntry) : crossing.id;
    const place = kind === null || origin === null ? undefined : places.get(origin);
    if (kind === null || !place) return [];
    const what = { drop: 'lost', 'duplicate-frame': 'doubled', 'corrupt-frame': 'damaged' }[kind];
    const at = seconds(crossing.departedNs ?? crossing.takenNs);
    return [{ kind, ...place, text: `frame ${place.nth} of ${crossing.link} ${place.direction} ${what} at ${at} s` }];
  });
}

function kindOf({ loss, fate, isCopy }: Crossing): FrameFault['kind'] | null {
  if (isCopy) return 'duplicate-frame';
  if (loss?.reason === 'lost') return 'drop';
  return fate === 'damaged' ? 'corrupt-frame' : null;
}

/** The crossing that a copy was made of: what caused its departure. */
function originalOf(copy: Crossing, entries: readonly Entry[], ofEntry: ReadonlyMap<number, Crossing>): number | null {
  const cause = entries[copy.takenSeq]?.cause;
  return cause === null || cause === undefined ? null : (ofEntry.get(cause)?.id ?? null);
}

/** Actions that break something, as keys of `do`; every `set` of a link does. */
const BREAKING = ['crash', 'pause', 'partition'];

function timelineFaults(text: string): TimelineFault[] {
  const list = parseDocument(text).get('timeline', true);
  if (!isSeq(list)) return [];
  const entries = list.items.map((item) => (isMap(item) ? (item.toJSON() as TimelineItem) : {}));
  const waitedFor = new Set(entries.map(({ after }) => after));
  return entries.flatMap((entry, index) => {
    const action = Object.keys(entry.do ?? {}).find((key) => BREAKING.includes(key));
    if (entry.set === undefined && action === undefined) return [];
    // What others wait for must stay.
    if (entry.id !== undefined && waitedFor.has(entry.id)) return [];
    const what =
      entry.set === undefined ? `${action} of ${entry.node}` : `set ${entry.link}: ${JSON.stringify(entry.set)}`;
    return [{ kind: 'timeline', index, text: `timeline entry ${index + 1} (${what})` }];
  });
}

interface TimelineItem {
  readonly id?: string;
  readonly after?: string;
  readonly node?: string;
  readonly link?: string;
  readonly set?: unknown;
  readonly do?: Readonly<Record<string, unknown>>;
}

/** Keys of a link that leave something to chance that a schedule says frame by frame. */
const CHANCE = ['loss', 'duplicate', 'corrupt'];

/** The file with that seed, chance turned off, and of all faults only the kept ones; its words and comments stay. */
export function scheduled(text: string, seed: string, all: readonly Fault[], kept: ReadonlySet<Fault>): string {
  const document = parseDocument(text);
  document.set('seed', writtenSeed(seed));
  const links = document.get('links', true);
  if (isSeq(links)) for (const link of links.items) if (isMap(link)) withoutChance(link, true);
  const timeline = document.get('timeline', true);
  if (isSeq(timeline)) {
    for (const entry of timeline.items) {
      const set = isMap(entry) ? entry.get('set', true) : null;
      if (isMap(set)) withoutChance(set, false);
    }
  }
  for (const fault of all) {
    if (fault.kind !== 'timeline' && kept.has(fault)) {
      const rule = document.createNode({ match: 'eth', nth: fault.nth }) as YAMLMap;
      rule.flow = true;
      const path = ['links', fault.link, fault.direction, fault.kind];
      const rules = document.getIn(path, true);
      if (isSeq(rules)) rules.add(rule);
      else document.setIn(path, document.createNode([rule]));
    }
  }
  // From behind, so that indices of what is in front stay.
  const gone = all.flatMap((fault) => (fault.kind === 'timeline' && !kept.has(fault) ? [fault.index] : []));
  for (const index of gone.toSorted((one, other) => other - one)) document.deleteIn(['timeline', index]);
  return document.toString({ lineWidth: 120 });
}

/** `always`: a link profile may bring chance that the file does not write. */
function withoutChance(map: YAMLMap, always: boolean): void {
  for (const key of CHANCE) if (map.has(key) || (always && map.has('profile'))) map.set(key, '0%');
  for (const direction of ['a-to-b', 'b-to-a']) {
    const part = map.get(direction, true);
    if (isMap(part)) withoutChance(part, false);
  }
}
