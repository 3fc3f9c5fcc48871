/** Whether a run did what its scenario expects, each with a sentence that says what was expected and what was seen. */

import type { Entry, Nanos } from '../kernel/journal.ts';
import type { Bound, Expectation, FilterSpec, Place, Scenario } from '../scenario/scenario.ts';
import { formatIp } from '../wire/address.ts';
import { type CountedFrame, countedFrames, type Where } from './counted-frames.ts';
import { type Amount, deliveryOf } from './delivery.ts';
import { frameTester } from './frame-tests.ts';
import { lentAddresses } from './lent-addresses.ts';
import { nearestPaths, type StateValue, statesAt, valueAt } from './state-at.ts';
import { type Talk, talksOf } from './talks.ts';
import { duration, seconds } from './time.ts';
import { happeningOf } from './timeline.ts';

export interface Verdict {
  readonly name: string;
  readonly place: Place;
  readonly pass: boolean;
  /** How many frames counted; null where no frames are counted. */
  readonly counted: number | null;
  /** What was expected and what was seen. */
  readonly sentence: string;
  /** When the first frames that counted were seen. */
  readonly firstNs: readonly Nanos[];
}

/** Whether a filter matches a frame. */
export type FrameTest = (frame: CountedFrame) => boolean;

type Judgement = Omit<Verdict, 'name' | 'place'>;
type Check<K extends Expectation['check']['kind']> = Extract<Expectation['check'], { readonly kind: K }>;

/** What stands at a path of the state view; where there is nothing, what looks like it. */
interface Found {
  readonly value: StateValue | undefined;
  readonly near: readonly string[];
}

/** Times of this many matches are told. */
const TOLD_TIMES = 4;

/** `compile` turns a filter of the scenario into a test of frames; what is left out means what filters mean. */
export function verdictsOf(
  scenario: Scenario,
  entries: readonly Entry[],
  compile: (filter: FilterSpec) => FrameTest = frameTester(scenario, entries),
): Verdict[] {
  const judge = new Judge(scenario, entries, compile);
  return scenario.expect.map(({ name, place, check }) => ({ name, place, ...judge.judge(check) }));
}

class Judge {
  readonly #scenario: Scenario;
  readonly #entries: readonly Entry[];
  readonly #compile: (filter: FilterSpec) => FrameTest;
  /** Frames are read once for every place at which they are counted. */
  readonly #frames = new Map<string, readonly CountedFrame[]>();
  /** And conversations once for every delivery. */
  #talks: ReadonlyMap<string, Talk> | null = null;
  /** And states for every check of one. */
  #found: ReadonlyMap<Check<'state'>, Found> | null = null;

  constructor(scenario: Scenario, entries: readonly Entry[], compile: (filter: FilterSpec) => FrameTest) {
    this.#scenario = scenario;
    this.#entries = entries;
    this.#compile = compile;
  }

  judge(check: Expectation['check']): Judgement {
    switch (check.kind) {
      case 'match':
        return this.#match(check);
      case 'order':
        return this.#order(check);
      case 'state':
        return this.#state(check);
      case 'delivered':
        return this.#delivered(check);
    }
  }

  #framesAt(where: Where): readonly CountedFrame[] {
    const key = typeof where === 'object' ? `node ${where.node}` : where;
    const known = this.#frames.get(key) ?? countedFrames(this.#entries, this.#scenario, where);
    this.#frames.set(key, known);
    return known;
  }

  #match({ match, atLeast, atMost, at, withinNs }: Check<'match'>): Judgement {
    const all = this.#framesAt(at).filter(this.#compile(match));
    const inTime = all.filter(({ atNs }) => withinNs === null || atNs <= withinNs);
    const count = inTime.length;
    const late = all.length - count;
    const deadline = withinNs === null ? '' : ` within ${duration(withinNs)}`;
    const later = late === 0 ? '' : `, and ${late} later, at ${times(all.slice(count))}`;
    const seen = `${framesText(count, at)} ${match.text}${deadline}`;
    const sentence = `${seen} (expected ${rangeText(atLeast, atMost)})${atText(inTime)}${later}`;
    return { pass: count >= atLeast && count <= atMost, counted: count, sentence, firstNs: firstTimes(inTime) };
  }

  #order({ order, withinNs }: Check<'order'>): Judgement {
    const frames = this.#framesAt('first-receiver').filter(({ atNs }) => withinNs === null || atNs <= withinNs);
    const found: CountedFrame[] = [];
    let from = 0;
    for (const [step, filter] of order.entries()) {
      const test = this.#compile(filter);
      const index = frames.findIndex((frame, at) => at >= from && test(frame));
      if (index < 0) {
        const before = frames.find(test);
        const sentence = brokenOrder(filter, step, found, before, withinNs);
        return { pass: false, counted: found.length, sentence, firstNs: firstTimes(found) };
      }
      found.push(frames[index] as CountedFrame);
      from = index + 1;
    }
    const sentence = `all ${order.length} were seen in that order${atText(found)}`;
    return { pass: true, counted: found.length, sentence, firstNs: firstTimes(found) };
  }

  #state(check: Check<'state'>): Judgement {
    const { path, is, at } = check;
    const atNs = this.#momentOf(check);
    const common = { counted: null, firstNs: [] };
    const bound = boundText(is);
    if (atNs === null) {
      const never = `${path} was to be ${bound} when ${at !== 'end' && 'id' in at ? at.id : ''} happened, which it never did`;
      return { pass: false, ...common, sentence: never };
    }
    this.#found ??= this.#findStates();
    const { value, near = [] } = this.#found.get(check) ?? {};
    const when = at === 'end' ? 'at the end' : `at ${seconds(atNs)} s`;
    if (value === undefined) {
      const hint = near.length > 0 ? `; there is ${near.join(', ')}` : '';
      return { pass: false, ...common, sentence: `${path} has no value ${when} (expected ${bound})${hint}` };
    }
    const sentence = `${path} is ${String(value)} ${when} (expected ${bound})`;
    return { pass: holds(value, is), ...common, sentence };
  }

  /** Everything of that time counts, also what comes after an entry that it was named by. Null: that never happened. */
  #momentOf({ at }: Check<'state'>): Nanos | null {
    if (at === 'end') return Number.POSITIVE_INFINITY;
    return 'id' in at ? (happeningOf(this.#entries, at.id)?.atNs ?? null) : at.atNs;
  }

  #findStates(): Map<Check<'state'>, Found> {
    const asked = new Map<Nanos, Check<'state'>[]>();
    for (const { check } of this.#scenario.expect) {
      const atNs = check.kind === 'state' ? this.#momentOf(check) : null;
      if (check.kind === 'state' && atNs !== null) asked.set(atNs, [...(asked.get(atNs) ?? []), check]);
    }
    const found = new Map<Check<'state'>, Found>();
    const times = [...asked.keys()].sort((one, other) => one - other);
    statesAt(this.#entries, this.#scenario, times, (view, atNs) => {
      for (const check of asked.get(atNs) ?? []) {
        const value = valueAt(view, check.path);
        found.set(check, { value, near: value === undefined ? nearestPaths(view, check.path) : [] });
      }
    });
    return found;
  }

  #delivered({ from, to, unit, amount, exactlyOnce, inOrder }: Check<'delivered'>): Judgement {
    const node = this.#scenario.nodes.find(({ name }) => name === to);
    const addresses = [
      ...(node?.interfaces ?? []).flatMap((port) => port.addresses.map(({ address }) => address)),
      ...lentAddresses(this.#scenario, () => this.#entries)(to),
    ].map(formatIp);
    this.#talks ??= talksOf(this.#entries);
    const delivery = deliveryOf(this.#entries, from, to, addresses, this.#talks);
    const { sent, delivered, repeated, outOfOrder, damage, lastNs, housekeeping } = delivery;
    // All of it is also what sessions say for their own sake; a number is of what applications had to say.
    const isAll =
      delivered.bytes === sent.bytes &&
      delivered.messages === sent.messages &&
      housekeeping.delivered === housekeeping.sent;
    const isEnough = amount === null || unit === 'all' ? isAll : delivered[unit] === amount;
    const faults = [
      damage,
      exactlyOnce && repeated.messages > 0 ? `${repeated.messages} came more than once` : null,
      inOrder && outOfOrder > 0 ? `${outOfOrder} came out of order` : null,
    ].filter((fault) => fault !== null);
    const wanted = amount === null ? 'all of it' : `${amount} ${unit}`;
    const seen = `of ${amountText(sent)} that ${from} sent, ${amountText(delivered)} reached ${to}`;
    const last = lastNs === null ? '' : `, the last at ${seconds(lastNs)} s`;
    return {
      // Nothing sent and nothing received is no delivery.
      pass: isEnough && faults.length === 0 && (amount !== null || sent.messages + housekeeping.sent > 0),
      counted: null,
      sentence: [`${seen}${last} (expected ${wanted})`, ...faults].join('; '),
      firstNs: [],
    };
  }
}

/** `2 frames match`, `1 received frame matches`, `no frame that came to server matches`. */
function framesText(count: number, where: Where): string {
  const kind = where === 'sent' || where === 'received' ? `${where} ` : '';
  const place = typeof where === 'object' ? ` that came to ${where.node}` : '';
  const number = count === 0 ? 'no' : String(count);
  return `${number} ${kind}frame${count > 1 ? 's' : ''}${place} match${count > 1 ? '' : 'es'}`;
}

function rangeText(atLeast: number, atMost: number): string {
  if (atMost === 0) return 'none ever';
  if (atLeast === atMost) return `exactly ${atLeast}`;
  if (!Number.isFinite(atMost) || atMost >= Number.MAX_SAFE_INTEGER) return `at least ${atLeast}`;
  return atLeast === 0 ? `at most ${atMost}` : `${atLeast} to ${atMost}`;
}

function amountText({ bytes, messages }: Amount): string {
  return `${bytes} byte${bytes === 1 ? '' : 's'} in ${messages} message${messages === 1 ? '' : 's'}`;
}

function times(frames: readonly CountedFrame[]): string {
  const told = frames.slice(0, TOLD_TIMES).map(({ atNs }) => seconds(atNs));
  return `${told.join(', ')}${frames.length > TOLD_TIMES ? ' …' : ''} s`;
}

function atText(frames: readonly CountedFrame[]): string {
  return frames.length === 0 ? '' : `, at ${times(frames)}`;
}

function firstTimes(frames: readonly CountedFrame[]): Nanos[] {
  return frames.slice(0, TOLD_TIMES).map(({ atNs }) => atNs);
}

function brokenOrder(
  filter: FilterSpec,
  step: number,
  found: readonly CountedFrame[],
  before: CountedFrame | undefined,
  withinNs: Nanos | null,
): string {
  const deadline = withinNs === null ? '' : ` within ${duration(withinNs)}`;
  const last = found.at(-1);
  if (!last) return `no frame matches ${filter.text}${deadline}, which was expected first`;
  const early = before ? ` (only before, at ${seconds(before.atNs)} s)` : '';
  return `after step ${step} at ${seconds(last.atNs)} s no frame matches ${filter.text}${deadline}${early}`;
}

/** `>= 10`; a value alone stands for equality. */
export function boundText({ comparison, value }: Bound): string {
  return `${comparison === '==' ? '' : `${comparison} `}${String(value)}`;
}

/** Numbers are compared as numbers; anything else only for equality, as text. */
export function holds(value: StateValue, { comparison, value: bound }: Bound): boolean {
  if (typeof value === 'number' && typeof bound === 'number') {
    switch (comparison) {
      case '==':
        return value === bound;
      case '!=':
        return value !== bound;
      case '>':
        return value > bound;
      case '>=':
        return value >= bound;
      case '<':
        return value < bound;
      case '<=':
        return value <= bound;
    }
  }
  if (comparison === '==') return String(value) === String(bound);
  return comparison === '!=' && String(value) !== String(bound);
}
