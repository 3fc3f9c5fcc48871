/** "Did you mean": the names that are near enough to a word to be what was meant. */

/** Longer words are not compared: the table of distances grows with the product of the lengths. */
const GREATEST_LENGTH = 64;

/** The first of the nearest names, or null. A third of the letters may be wrong, and one in any case. */
export function nearest(word: string, names: Iterable<string>): string | null {
  if (word.length > GREATEST_LENGTH) return null;
  const wanted = word.toLowerCase();
  let best: string | null = null;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    if (name.length > GREATEST_LENGTH || Math.abs(name.length - word.length) >= least) continue;
    const distance = distanceOf(wanted, name.toLowerCase());
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function distanceOf(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (last[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1);
      let cost = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, replaced);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1);
      }
      row.push(cost);
    }
    [beforeLast, last] = [last, row];
  }
  return last[other.length] as number;
}
