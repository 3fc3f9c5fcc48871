/** Which frames a list or a ladder shows. */

import type { Matches } from '../matches.ts';

export interface Sight {
  /** Frames that have left so far. */
  readonly count: number;
  /** The chosen one, which stays in sight; -1: none. */
  readonly frame: number;
  /** Later ones to be shown beyond the chosen one. */
  readonly ahead: number;
  readonly matches: Matches | null;
  readonly seq: number;
}

/**
 * As many frames as there are places, the newest ones or those around the chosen one. They move on by half of them at a
 * time, so that a step to the next frame changes a line and not all of them.
 */
export function framesInSight({ count, frame, ahead, matches, seq }: Sight, places: number): number[] {
  const last = frame >= 0 ? Math.min(count - 1, frame + ahead) : count - 1;
  const shown: number[] = [];
  if (matches) {
    for (let index = last; index >= 0 && shown.length < places; index--)
      if (matches.includes(index, seq)) shown.unshift(index);
    for (let index = last + 1; index < count && shown.length < places; index++)
      if (matches.includes(index, seq)) shown.push(index);
    return shown;
  }
  const half = Math.max(1, Math.floor(places / 2));
  const first = Math.max(0, Math.ceil((last - places + 1) / half) * half);
  for (let index = first; index < Math.min(count, first + places); index++) shown.push(index);
  return shown;
}
