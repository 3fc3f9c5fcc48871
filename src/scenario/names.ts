/** The names that people give: to nodes, interfaces, links, timeline entries, connections and parameters. */

import { parseMac } from '../wire/address.ts';
import { complaint, describe, type Reading } from './quantity.ts';
import { RESERVED_KEYS } from './tree.ts';
import { clipped } from './yaml-guard.ts';

export const NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;
export const NAME_PATTERN = '^[A-Za-z][A-Za-z0-9_-]{0,62}$';

/**
 * Words that mean something where a node's name may stand too: in filters, in `at: sent`, in state paths (`link.ID`).
 */
const TAKEN_WORDS: ReadonlySet<string> = new Set(
  'and or not xor eq ne gt lt ge le in contains matches true false sent received end all link'.split(' '),
);

/** Why a text cannot be such a name, or null. `what` is `a node's name`. */
export function whyNoName(name: string, what: string): string | null {
  if (name === '') return `${what} cannot be empty`;
  if (name.length > 63) return `${what} has at most 63 characters; this has ${name.length}`;
  if (!NAME.test(name)) return `${what} begins with a letter and has only letters, digits, - and _`;
  return RESERVED_KEYS.has(name) ? `\`${name}\` cannot be used as a name` : null;
}

export function whyNoNodeName(name: string): string | null {
  const bad = whyNoName(name, "a node's name");
  if (bad !== null) return bad;
  if (parseMac(name) !== null) return `\`${name}\` looks like an address`;
  return TAKEN_WORDS.has(name) ? `\`${name}\` is a word of the scenario's own language` : null;
}

export function nameReader(what: string): (input: unknown) => Reading<string> {
  return (input) => {
    if (typeof input !== 'string') return complaint(`expected ${what}, found ${describe(input)}`, null, 'PW0303');
    const bad = whyNoName(input, what);
    return bad === null ? { value: input } : complaint(`\`${clipped(input)}\`: ${bad}`, null, 'PW0401');
  };
}
