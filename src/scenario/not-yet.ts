/**
 * What the scenario format knows and the simulator does not yet do. It is refused where it stands, never ignored.
 * Whoever implements something deletes its line, and adds its grammar to the schema.
 */

import type { Problems } from './problem.ts';
import { changed, childOf, descend, keySpotAt, type MapTree, type Path, spotAt, type Tree } from './tree.ts';

interface Refusal {
  /** Steps of the path; `*` is any key or item, `a|b` one of several keys. */
  readonly path: string;
  /** Only these values; left out, the key itself is refused. */
  readonly is?: readonly (string | boolean)[];
  /** All values but this. */
  readonly unless?: string | boolean;
  /** `$` is the key or value that was found. */
  readonly what: string;
}

const APPS = 'dhcp-server';

export const NOT_YET: readonly Refusal[] = [
  { path: `nodes.*.apps.${APPS}`, what: 'the app `$`' },
  { path: 'nodes.*.apps.*.kind', is: APPS.split('|'), what: 'the app `$`' },
];

export function notYet(what: string): string {
  return `not implemented yet: ${what}`;
}

/** Reports what is not implemented; in the tree that comes back it counts as broken. */
export function refuseNotYet(tree: MapTree, problems: Problems): MapTree {
  const found: Path[] = [];
  for (const refusal of NOT_YET) {
    for (const path of pathsOf(tree, refusal.path.split('.'))) {
      const value = descend(tree, path);
      if (!value || value.kind === 'broken' || !applies(refusal, value)) continue;
      const byValue = refusal.is !== undefined && typeof refusal.is[0] === 'string';
      const shown = byValue && value.kind === 'value' ? String(value.value) : String(path.at(-1));
      const spot = byValue ? spotAt(tree, path) : keySpotAt(tree, path);
      problems.error(spot, 'PW0901', notYet(refusal.what.replace('$', () => shown)));
      found.push(path);
    }
  }
  if (found.length === 0) return tree;
  const rest = changed(tree, found, (refused) => ({ kind: 'broken', spot: refused.spot }));
  return rest?.kind === 'map' ? rest : tree;
}

function applies(refusal: Refusal, tree: Tree): boolean {
  const value = tree.kind === 'value' ? tree.value : undefined;
  if (refusal.unless !== undefined) return value !== refusal.unless;
  return refusal.is === undefined || refusal.is.some((refused) => refused === value);
}

/** The paths in a tree that a pattern describes. */
function pathsOf(tree: Tree | undefined, pattern: readonly string[], before: Path = []): Path[] {
  const [step, ...rest] = pattern;
  if (!tree || step === undefined) return tree ? [before] : [];
  const steps = step === '*' ? stepsOf(tree) : step.split('|');
  return steps.flatMap((key) => pathsOf(childOf(tree, key), rest, [...before, key]));
}

function stepsOf(tree: Tree): (string | number)[] {
  if (tree.kind === 'map') return [...tree.entries.keys()];
  return tree.kind === 'list' ? tree.items.map((_, index) => index) : [];
}
