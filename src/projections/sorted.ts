/** Lists of entry numbers that only ever grow: how much of one has happened at a moment is found by halving. */

/** How many of the numbers are at most `limit`. The list is ascending. */
export function countUpTo(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
