/**
 * Variants of a lesson: everybody gets other addresses, sizes or losses, chosen from lists by a word such as a number or
 * a name. The same word gives the same variant everywhere.
 */

import { Rng } from '../kernel/rng.ts';
import type { Settings } from './parameters.ts';
import type { Problems } from './problem.ts';
import { readPiece } from './read-piece.ts';
import { variantsSchema } from './schema/lesson.ts';
import { descend, type MapTree } from './tree.ts';
import { clipped } from './yaml-guard.ts';

export interface Variant {
  readonly settings: Settings;
  /** Decimal text. */
  readonly seed: string;
}

/** What of `lesson.variants` falls to this word. */
export function variantOf(tree: MapTree, word: string, problems: Problems): Variant {
  const seed = String(new Rng(word, 'variant/seed').u32());
  const lists = descend(tree, ['lesson', 'variants']);
  if (lists?.kind !== 'map') return { settings: [], seed };
  const known = descend(tree, ['params']);
  const names = known?.kind === 'map' ? [...known.entries.keys()] : [];
  const { value } = readPiece(variantsSchema, lists, problems);
  const settings = Object.entries(value ?? {}).flatMap(([name, values]): [string, string][] => {
    if (!names.includes(name)) {
      const key = lists.entries.get(name)?.key ?? lists.spot;
      const message = `there is no parameter \`${clipped(name)}\`${problems.didYouMean(name, names)}`;
      problems.error(key, 'PW0601', message);
      return [];
    }
    return [[name, String(chosen(values, word, name))]];
  });
  return { settings, seed };
}

/** A number goes through the shuffled list, so that as many numbers as there are values differ; a name draws. */
function chosen<T>(values: readonly T[], word: string, name: string): T {
  const isNumber = /^\d{1,15}$/.test(word);
  const rng = new Rng(isNumber ? '' : word, `variant/${name}`);
  if (!isNumber) return values[rng.below(values.length)] as T;
  const shuffled = [...values];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = rng.below(last + 1);
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled[Number(word) % shuffled.length] as T;
}
