/**
 * What a link was asked to do to frames, and what it did: the configured numbers beside the observed ones. Counts of
 * several runs add up, so that many short runs tell as much as a long one.
 */

import type { Entry, Nanos } from '../kernel/journal.ts';
import type { ImpairmentSpec, Scenario } from '../scenario/scenario.ts';
import { type Crossing, crossingsOf } from './crossings.ts';
import { duration } from './time.ts';

/** One direction of a link, as numbers that add up. */
export interface LinkObservation {
  readonly link: string;
  readonly from: string;
  readonly to: string;
  /** Frames whose first bit left, copies included. */
  readonly departed: number;
  /** Of these, lost by chance (`loss`), by a script, or with the link. */
  readonly lost: number;
  readonly scripted: number;
  readonly damaged: number;
  readonly copies: number;
  /** Propagation of those that arrived, in ns: what the last bit took longer than the transmitter did. */
  readonly delays: number;
  readonly leastDelayNs: Nanos;
  readonly greatestDelayNs: Nanos;
  readonly sumDelayNs: Nanos;
  /** How many delays fell into each bucket; see `bucketOf`. */
  readonly histogram: Readonly<Record<string, number>>;
  /** Bits, preamble and gap included, of frames that another one waited for, and the ns they took. */
  readonly waitedBits: number;
  readonly waitedNs: Nanos;
}

/** Preamble, start delimiter and gap: time on the wire (IEEE 802.3, 4.4.2). */
const WIRE_OVERHEAD_BYTES = 20;

export function observedOf(entries: readonly Entry[], scenario: Scenario): LinkObservation[] {
  const { all } = crossingsOf(entries, scenario);
  return scenario.links.flatMap(({ id, a, b, aToB, bToA }) => {
    const there = all.filter(({ link, from }) => link === id && from.node === a.node && from.interface === a.interface);
    const back = all.filter(({ link, from }) => link === id && from.node === b.node && from.interface === b.interface);
    return [observation(id, a.node, b.node, aToB, there), observation(id, b.node, a.node, bToA, back)];
  });
}

function observation(
  link: string,
  from: string,
  to: string,
  spec: ImpairmentSpec,
  crossings: readonly Crossing[],
): LinkObservation {
  const counts = { departed: 0, lost: 0, scripted: 0, damaged: 0, copies: 0, waitedBits: 0, waitedNs: 0 };
  const delays: Nanos[] = [];
  const departures = crossings.filter(({ departedNs }) => departedNs !== null);
  departures.sort((one, other) => (one.departedNs as Nanos) - (other.departedNs as Nanos) || one.id - other.id);
  let before: Crossing | null = null;
  for (const crossing of departures) {
    const { bytes, fate, loss, isCopy, takenNs, departedNs, endedNs } = crossing;
    counts.departed++;
    if (loss?.reason === 'lost') counts.lost++;
    else if (loss) counts.scripted++;
    if (fate === 'damaged') counts.damaged++;
    if (isCopy) counts.copies++;
    const bits = (bytes.length + WIRE_OVERHEAD_BYTES) * 8;
    const onWireNs = spec.bitsPerSecond === null ? 0 : Math.ceil((bits * 1e9) / spec.bitsPerSecond);
    if ((fate === 'arrived' || fate === 'damaged') && endedNs !== null) {
      delays.push(endedNs - (departedNs as Nanos) - onWireNs);
    }
    if (isCopy) continue;
    if (before && takenNs < (departedNs as Nanos)) {
      counts.waitedBits += (before.bytes.length + WIRE_OVERHEAD_BYTES) * 8;
      counts.waitedNs += (departedNs as Nanos) - (before.departedNs as Nanos);
    }
    before = crossing;
  }
  const histogram: Record<string, number> = {};
  for (const delay of delays) histogram[bucketOf(delay)] = (histogram[bucketOf(delay)] ?? 0) + 1;
  return {
    link,
    from,
    to,
    ...counts,
    delays: delays.length,
    leastDelayNs: delays.reduce((least, each) => Math.min(least, each), Number.MAX_SAFE_INTEGER),
    greatestDelayNs: delays.reduce((greatest, each) => Math.max(greatest, each), 0),
    sumDelayNs: delays.reduce((sum, each) => sum + each, 0),
    histogram,
  };
}

/** The upper end of the bucket that holds a delay: 32 buckets for each doubling, so that it is exact to 3 %. */
function bucketOf(delayNs: Nanos): number {
  let width = 1;
  while (delayNs >= 64 * width) width *= 2;
  return (Math.floor(delayNs / width) + 1) * width - 1;
}

/** The same direction of the same link in two runs. */
export function added(one: LinkObservation, other: LinkObservation): LinkObservation {
  const histogram: Record<string, number> = { ...one.histogram };
  for (const [bucket, count] of Object.entries(other.histogram)) histogram[bucket] = (histogram[bucket] ?? 0) + count;
  return {
    ...one,
    departed: one.departed + other.departed,
    lost: one.lost + other.lost,
    scripted: one.scripted + other.scripted,
    damaged: one.damaged + other.damaged,
    copies: one.copies + other.copies,
    delays: one.delays + other.delays,
    leastDelayNs: Math.min(one.leastDelayNs, other.leastDelayNs),
    greatestDelayNs: Math.max(one.greatestDelayNs, other.greatestDelayNs),
    sumDelayNs: one.sumDelayNs + other.sumDelayNs,
    histogram,
    waitedBits: one.waitedBits + other.waitedBits,
    waitedNs: one.waitedNs + other.waitedNs,
  };
}

/** The delay that this part of all frames did not exceed, to 3 %. */
function delayQuantile({ histogram, delays, greatestDelayNs }: LinkObservation, part: number): Nanos {
  const buckets = Object.entries(histogram).map(([bucket, count]) => [Number(bucket), count] as const);
  buckets.sort(([one], [other]) => one - other);
  let seen = 0;
  for (const [bucket, count] of buckets) {
    seen += count;
    if (seen >= part * delays) return Math.min(bucket, greatestDelayNs);
  }
  return greatestDelayNs;
}

/** `delay 20ms ± 5ms, loss 1%, 10 Mbit/s`. */
export function configuredText(spec: ImpairmentSpec): string {
  const { delayNs, jitterNs, bitsPerSecond, loss } = spec;
  const parts = [`delay ${duration(delayNs)}${jitterNs > 0 ? ` ± ${duration(jitterNs)}` : ''}`];
  parts.push(loss.kind === 'uniform' ? `loss ${percent(loss.perMillion / 1e6)}` : 'loss in bursts');
  if (spec.duplicatePerMillion > 0) parts.push(`duplicate ${percent(spec.duplicatePerMillion / 1e6)}`);
  if (spec.corruptPerMillion > 0) parts.push(`corrupt ${percent(spec.corruptPerMillion / 1e6)}`);
  parts.push(bitsPerSecond === null ? 'any rate' : rateText(bitsPerSecond));
  return parts.join(', ');
}

/** `delay 15.1–24.9ms, median 20.2ms, loss 1.2% (0.7–1.9%), 10.0 Mbit/s`. */
export function observedText(seen: LinkObservation): string {
  if (seen.departed === 0) return 'nothing was sent';
  const parts: string[] = [];
  if (seen.delays > 0) {
    const { leastDelayNs, greatestDelayNs } = seen;
    const middle = delayQuantile(seen, 0.5);
    const isOne = leastDelayNs === greatestDelayNs;
    parts.push(
      isOne
        ? `delay ${duration(leastDelayNs)}`
        : `delay ${duration(leastDelayNs)} to ${duration(greatestDelayNs)}, half within ${duration(middle)}`,
    );
  }
  parts.push(shareText('loss', seen.lost, seen.departed));
  if (seen.copies > 0) parts.push(shareText('duplicate', seen.copies, seen.departed));
  if (seen.damaged > 0) parts.push(shareText('corrupt', seen.damaged, seen.departed));
  if (seen.waitedNs > 0) parts.push(`${rateText((seen.waitedBits / seen.waitedNs) * 1e9)} while frames waited`);
  return `${parts.join(', ')}; ${seen.departed} frames`;
}

function shareText(what: string, count: number, all: number): string {
  const { low, high } = wilson(count, all);
  return `${what} ${percent(count / all)} (${percent(low)} to ${percent(high)})`;
}

/** Wilson's 95 % interval of a share: it stays between 0 and 1, and says something where nothing was seen. */
export function wilson(count: number, all: number): { readonly low: number; readonly high: number } {
  if (all === 0) return { low: 0, high: 1 };
  const z = 1.959964;
  const share = count / all;
  const scale = 1 + (z * z) / all;
  const middle = (share + (z * z) / (2 * all)) / scale;
  const half = (z * Math.sqrt((share * (1 - share)) / all + (z * z) / (4 * all * all))) / scale;
  return { low: count === 0 ? 0 : middle - half, high: count === all ? 1 : middle + half };
}

export function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}

function rateText(bitsPerSecond: number): string {
  const [unit, size] =
    bitsPerSecond >= 1e9 ? ['Gbit/s', 1e9] : bitsPerSecond >= 1e6 ? ['Mbit/s', 1e6] : ['kbit/s', 1e3];
  return `${Number((bitsPerSecond / (size as number)).toPrecision(4))} ${unit}`;
}
