/** Whether two runs are the same, entry by entry and octet by octet. */

import type { Entry } from '../../src/kernel/journal.ts';

/** The number of the first entry that is another one or missing; null: there is none. */
export function firstDifference(one: readonly Entry[], other: readonly Entry[]): number | null {
  const most = Math.max(one.length, other.length);
  for (let seq = 0; seq < most; seq++) {
    const [here, there] = [one[seq], other[seq]];
    if (!here || !there) return seq;
    const isSame = here.atNs === there.atNs && here.node === there.node && here.cause === there.cause;
    if (!isSame || here.seq !== there.seq || !isEqual(here.event, there.event)) return seq;
  }
  return null;
}

/** What journals hold: plain objects, lists, octets, and values. */
function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (one instanceof Uint8Array) return other instanceof Uint8Array && Buffer.compare(one, other) === 0;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(other, key)) return false;
    if (!isEqual(one[key as keyof typeof one], other[key as keyof typeof other])) return false;
  }
  return true;
}
