/**
 * A scenario as it was written: plain values, each with the spot it stands at. Files and objects both become trees, and
 * everything after that is the same for both.
 */

import type { Spot } from './problem.ts';

export type Tree = MapTree | ListTree | ValueTree | BrokenTree;

export interface MapTree {
  readonly kind: 'map';
  readonly spot: Spot;
  /** In file order. */
  readonly entries: ReadonlyMap<string, TreeEntry>;
}

export interface TreeEntry {
  /** Of the key. */
  readonly key: Spot;
  readonly value: Tree;
}

export interface ListTree {
  readonly kind: 'list';
  readonly spot: Spot;
  readonly items: readonly Tree[];
}

export interface ValueTree {
  readonly kind: 'value';
  readonly spot: Spot;
  readonly value: string | number | boolean | null;
  /** As written, without quotes: `0x10`, `1e3`. */
  readonly written: string;
  /**
   * The offset in the text of each character of the value, where they can be told apart; null when they cannot (a text
   * over several lines, one that a parameter was put into).
   */
  readonly offsetOf: ((index: number) => number) | null;
}

/** A value about which an error was reported already: from here on it counts as left out, without further words. */
export interface BrokenTree {
  readonly kind: 'broken';
  readonly spot: Spot;
}

export type Path = readonly (string | number)[];

/** Stands for a broken value among plain values. */
const BROKEN: unique symbol = Symbol('broken');

/** Keys that name parts of every JavaScript object. No scenario needs them, so that no code has to beware of them. */
export const RESERVED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Plain values, for the schema. Mappings have no prototype. */
export function plainOf(tree: Tree): unknown {
  if (tree.kind === 'value') return tree.value;
  if (tree.kind === 'broken') return BROKEN;
  if (tree.kind === 'list') return tree.items.map(plainOf);
  const plain: Record<string, unknown> = Object.create(null);
  for (const [key, { value }] of tree.entries) plain[key] = plainOf(value);
  return plain;
}

export function childOf(tree: Tree | undefined, step: string | number): Tree | undefined {
  if (tree?.kind === 'map') return tree.entries.get(String(step))?.value;
  if (tree?.kind === 'list' && typeof step === 'number') return tree.items[step];
  return undefined;
}

export function descend(tree: Tree, path: Path): Tree | undefined {
  let at: Tree | undefined = tree;
  for (const step of path) at = childOf(at, step);
  return at;
}

/** Where the value at a path stands; where there is none, the nearest thing around it that there is. */
export function spotAt(tree: Tree, path: Path): Spot {
  let at = tree;
  for (const step of path) {
    const next = childOf(at, step);
    if (!next) break;
    at = next;
  }
  return at.spot;
}

/** Where the key at the end of a path stands; the value's spot in a list. */
export function keySpotAt(tree: Tree, path: Path): Spot {
  const parent = descend(tree, path.slice(0, -1));
  const last = path.at(-1);
  if (parent?.kind === 'map' && last !== undefined) return parent.entries.get(String(last))?.key ?? parent.spot;
  return spotAt(tree, path);
}

/** The same tree with what `change` makes of the trees at some paths; undefined takes one out. One pass for all. */
export function changed(
  tree: Tree,
  paths: readonly Path[],
  change: (tree: Tree) => Tree | undefined,
): Tree | undefined {
  return rebuilt(tree, branchesOf(paths), change);
}

/** Paths as a tree of steps; a step without further steps is the end of a path. */
type Branches = Map<string | number, Branches>;

function branchesOf(paths: readonly Path[]): Branches {
  const root: Branches = new Map();
  for (const path of paths) {
    let at = root;
    for (const step of path) {
      const next: Branches = at.get(step) ?? new Map();
      at.set(step, next);
      at = next;
    }
  }
  return root;
}

function rebuilt(tree: Tree, branches: Branches, change: (tree: Tree) => Tree | undefined): Tree | undefined {
  if (branches.size === 0) return change(tree);
  if (tree.kind === 'list') {
    const items = tree.items.flatMap((item, index) => {
      const further = branches.get(index);
      const value = further ? rebuilt(item, further, change) : item;
      return value ? [value] : [];
    });
    return { ...tree, items };
  }
  if (tree.kind !== 'map') return tree;
  const entries = new Map(tree.entries);
  for (const [step, further] of branches) {
    const entry = entries.get(String(step));
    if (!entry) continue;
    const value = rebuilt(entry.value, further, change);
    if (value) entries.set(String(step), { ...entry, value });
    else entries.delete(String(step));
  }
  return { ...tree, entries };
}
