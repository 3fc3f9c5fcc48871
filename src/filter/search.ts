/**
 * Finding a string in a string, or octets in octets. As in Wireshark, an empty needle is found in no string, but in all
 * octets that there are.
 */

import type { FieldValue } from '../layers/field.ts';
import type { Predicate, Relation } from './order.ts';

export interface Searcher {
  readonly contains: Relation;
  /** The same for one needle, which is prepared once. */
  forNeedle(needle: FieldValue): Predicate;
}

const STRINGS: Searcher = {
  contains: (haystack, needle) => needle !== '' && (haystack as string).includes(needle as string),
  forNeedle: (needle) => (haystack) => STRINGS.contains(haystack, needle),
};

const OCTETS: Searcher = {
  contains: (haystack, needle) => OCTETS.forNeedle(needle)(haystack),
  forNeedle(needle) {
    const octets = needle as Uint8Array;
    const borders = bordersOf(octets);
    return (haystack) => finds(haystack as Uint8Array, octets, borders);
  },
};

export function searcherOf(type: 'string' | 'bytes'): Searcher {
  return type === 'string' ? STRINGS : OCTETS;
}

/** For each length of the needle's beginning: how much of it its own end repeats (Knuth, Morris and Pratt 1977). */
function bordersOf(needle: Uint8Array): Uint32Array {
  const borders = new Uint32Array(needle.length + 1);
  let border = 0;
  for (let at = 1; at < needle.length; at++) {
    while (border > 0 && needle[at] !== needle[border]) border = borders[border] as number;
    if (needle[at] === needle[border]) border++;
    borders[at + 1] = border;
  }
  return borders;
}

/** Linear in the haystack, however the needle repeats itself. */
function finds(haystack: Uint8Array, needle: Uint8Array, borders: Uint32Array): boolean {
  if (needle.length === 0) return haystack.length > 0;
  const first = needle[0] as number;
  let matched = 0;
  for (let at = 0; at < haystack.length; at++) {
    if (matched === 0) {
      at = haystack.indexOf(first, at);
      if (at < 0 || at + needle.length > haystack.length) return false;
    }
    while (matched > 0 && haystack[at] !== needle[matched]) matched = borders[matched] as number;
    if (haystack[at] === needle[matched]) matched++;
    if (matched === needle.length) return true;
  }
  return false;
}
