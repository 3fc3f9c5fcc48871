/** From a JavaScript object to a tree; places are paths like `links[0].delay`. */

import { MAX_DEPTH, MAX_VALUES } from './limits.ts';
import type { Problems, Spot } from './problem.ts';
import { type MapTree, RESERVED_KEYS, type Tree, type TreeEntry } from './tree.ts';

/** The tree of an object, or null when it is none. Keys whose value is undefined count as left out. */
export function readObject(input: unknown, problems: Problems): MapTree | null {
  const tree = new ObjectReader(problems).treeOf(input, '', 1);
  if (tree.kind === 'map') return tree;
  if (!problems.hasErrors) problems.error(tree.spot, 'PW0211', 'expected an object');
  return null;
}

class ObjectReader {
  readonly #problems: Problems;
  #values = 0;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  treeOf(input: unknown, path: string, depth: number): Tree {
    const spot: Spot = { at: -1, length: 1, path };
    if (depth > MAX_DEPTH) return this.#broken(spot, 'PW0206', `the nesting is deeper than ${MAX_DEPTH} levels`);
    if (++this.#values > MAX_VALUES) {
      // One message is enough: what follows is beyond the limit too.
      if (this.#values > MAX_VALUES + 1) return { kind: 'broken', spot };
      return this.#broken(spot, 'PW0207', `the scenario holds more than ${MAX_VALUES} values`);
    }
    if (input === null || typeof input === 'string' || typeof input === 'boolean') {
      return { kind: 'value', spot, value: input, written: String(input), offsetOf: null };
    }
    if (typeof input === 'number') {
      if (Number.isFinite(input) && !Object.is(input, -0)) {
        return { kind: 'value', spot, value: input, written: String(input), offsetOf: null };
      }
      const written = Object.is(input, -0) ? '-0' : String(input);
      return this.#broken(spot, 'PW0209', `${written} is no number that can be used here`);
    }
    if (Array.isArray(input)) {
      const items = Array.from(input, (item, index) => this.treeOf(item, `${path}[${index}]`, depth + 1));
      return { kind: 'list', spot, items };
    }
    if (isPlainObject(input)) return this.#mapOf(input, spot, depth);
    return this.#broken(spot, 'PW0212', `expected data, found a ${nameOf(input)}`);
  }

  #mapOf(input: object, spot: Spot, depth: number): MapTree {
    const entries = new Map<string, TreeEntry>();
    for (const [key, value] of Object.entries(input)) {
      if (value === undefined) continue;
      const path = /^[\w-]+$/.test(key) ? (spot.path === '' ? key : `${spot.path}.${key}`) : `${spot.path}["${key}"]`;
      const at: Spot = { at: -1, length: 1, path };
      if (RESERVED_KEYS.has(key)) this.#problems.error(at, 'PW0301', `unknown key \`${key}\``);
      else entries.set(key, { key: at, value: this.treeOf(value, path, depth + 1) });
    }
    return { kind: 'map', spot, entries };
  }

  #broken(spot: Spot, code: 'PW0206' | 'PW0207' | 'PW0209' | 'PW0212', message: string): Tree {
    this.#problems.error(spot, code, message);
    return { kind: 'broken', spot };
  }
}

function isPlainObject(input: unknown): input is object {
  if (typeof input !== 'object' || input === null) return false;
  const prototype: unknown = Object.getPrototypeOf(input);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(input: unknown): string {
  return typeof input === 'object' ? 'class instance' : typeof input;
}
