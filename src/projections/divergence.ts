/** Where two runs part: the first entry that is not the same in both. */

import type { Entry } from '../kernel/journal.ts';
import { isSameOctets } from '../wire/octets.ts';

export interface Divergence {
  /** The first number at which they differ; both journals are the same before it. */
  readonly seq: number;
  /** Null: this run ended before. */
  readonly one: Entry | null;
  readonly other: Entry | null;
}

/** Null: one is the beginning of the other, or they are the same, as far as both have come. `from`: the same before. */
export function divergenceOf(
  one: readonly Entry[],
  other: readonly Entry[],
  isOver: boolean,
  from = 0,
): Divergence | null {
  const shared = Math.min(one.length, other.length);
  for (let seq = from; seq < shared; seq++) {
    if (!isSame(one[seq] as Entry, other[seq] as Entry)) {
      return { seq, one: one[seq] as Entry, other: other[seq] as Entry };
    }
  }
  if (one.length === other.length || !isOver) return null;
  return { seq: shared, one: one[shared] ?? null, other: other[shared] ?? null };
}

function isSame(one: Entry, other: Entry): boolean {
  if (one.atNs !== other.atNs || one.node !== other.node || one.cause !== other.cause) return false;
  return isEqual(one.event, other.event);
}

/** Plain data: records, lists, octets and primitive values. */
function isEqual(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (one instanceof Uint8Array && other instanceof Uint8Array) return isSameOctets(one, other);
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every((key) => isEqual((one as Record<string, unknown>)[key], (other as Record<string, unknown>)[key]));
}

/** Where the octets of two entries differ first; null: they do not, or one has none. */
export function octetDifference(one: Entry | null, other: Entry | null): number | null {
  if (!one || !other || !('bytes' in one.event) || !('bytes' in other.event)) return null;
  const [mine, theirs] = [one.event.bytes, other.event.bytes];
  const at = mine.findIndex((octet, index) => octet !== theirs[index]);
  return at < 0 ? null : at;
}

/** An entry in a line. */
export function entryText({ node, event }: Entry): string {
  switch (event.kind) {
    case 'encoded':
      return `${node}: ${event.protocol} makes ${event.bytes.length} octets`;
    case 'decoded':
      return `${node}: ${event.protocol} takes over ${event.bytes.length} octets`;
    case 'queued':
    case 'departed':
    case 'arrived':
      return `${node}: frame ${event.frame} ${event.kind} (${event.link})`;
    case 'dropped':
      return `${node}: dropped, ${event.reason}: ${event.detail}`;
    case 'state':
      return `${node}: ${event.machine} ${event.from} → ${event.to}`;
    case 'metric':
      return `${node}: ${event.machine} ${event.name} = ${event.value}`;
    case 'timer':
      return `${node}: ${event.machine} timer ${event.name} ${event.phase}`;
    case 'table':
      return `${node}: ${event.change.table} ${event.change.key}`;
    default:
      return `${node}: ${event.text}`;
  }
}
