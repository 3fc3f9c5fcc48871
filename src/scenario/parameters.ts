/**
 * `params`: values that stand in a scenario as `${name}` and that `--set name=value` changes. A text that is nothing but
 * `${name}` becomes the parameter's value, number or truth value included; inside a longer text its words are put in.
 * `$${` stands for `${` itself.
 */

import { MAX_FILE_BYTES } from './limits.ts';
import { NAME } from './names.ts';
import type { Problems, Spot } from './problem.ts';
import { readPiece } from './read-piece.ts';
import { paramSchema } from './schema/file.ts';
import { childOf, type MapTree, type Tree, type TreeEntry, type ValueTree } from './tree.ts';
import { clipped } from './yaml-guard.ts';

/** `--set`: pairs of a parameter's name and its value as text. */
export type Settings = readonly (readonly [name: string, value: string])[];

interface Parameter {
  readonly key: Spot;
  readonly value: ValueTree['value'];
  readonly written: string;
  isUsed: boolean;
}

export interface Substituted {
  readonly tree: MapTree;
  /** Each parameter as text, in file order. */
  readonly params: Readonly<Record<string, string>>;
}

/** The tree with every parameter put in. What names no parameter is reported and counts as broken. */
export function substitute(tree: MapTree, settings: Settings, problems: Problems): Substituted {
  const parameters = readParameters(tree, problems);
  applySettings(parameters, settings, problems);
  const substitution = new Substitution(parameters, problems);
  const entries = new Map<string, TreeEntry>();
  for (const [key, entry] of tree.entries) {
    entries.set(key, key === 'params' ? entry : { ...entry, value: substitution.of(entry.value) });
  }
  const params: Record<string, string> = {};
  for (const [name, { key, written, isUsed }] of parameters) {
    params[name] = written;
    if (!isUsed) problems.warn(key, 'PW0704', `the parameter \`${name}\` is not used`);
  }
  return { tree: { ...tree, entries }, params };
}

function readParameters(tree: MapTree, problems: Problems): Map<string, Parameter> {
  const parameters = new Map<string, Parameter>();
  const params = childOf(tree, 'params');
  if (params?.kind !== 'map') return parameters;
  for (const [name, { key, value }] of params.entries) {
    if (!NAME.test(name) || name.length > 63) {
      const form = 'it begins with a letter and has at most 63 letters, digits, - and _';
      problems.error(key, 'PW0401', `\`${clipped(name)}\` cannot name a parameter: ${form}`);
      continue;
    }
    const piece = readPiece(paramSchema, value, problems);
    const given = childOf(piece.tree, 'default');
    // A parameter whose default is wrong still has its name: uses of it are not reported again.
    if (given?.kind === 'value')
      parameters.set(name, { key, value: given.value, written: given.written, isUsed: false });
    else parameters.set(name, { key, value: null, written: '', isUsed: true });
  }
  return parameters;
}

function applySettings(parameters: Map<string, Parameter>, settings: Settings, problems: Problems): void {
  for (const [name, text] of settings) {
    const parameter = parameters.get(name);
    if (parameter) parameters.set(name, { ...parameter, value: scalarOf(text), written: text });
    else {
      const known = [...parameters.keys()];
      const message = `the scenario has no parameter \`${clipped(name)}\`${problems.didYouMean(name, known)}`;
      const hint = known.length > 0 ? `it has: ${known.join(', ')}` : 'it has no `params` at all';
      problems.usage(`--set ${clipped(`${name}=${text}`)}`, 'PW0601', message, hint);
    }
  }
}

/** A value of the command line, as YAML's core schema reads a plain scalar (YAML 1.2.2, section 10.3.2). */
function scalarOf(text: string): ValueTree['value'] {
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  const isNumber = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text);
  const number = Number(text);
  return isNumber && Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : text;
}

const USE = /\$(\$(?=\{)|\{([^{}]*)\})/g;
const ONLY_USE = /^\$\{([^{}]*)\}$/;

class Substitution {
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #problems: Problems;
  /** What all texts together have grown by: a long value in many places must not fill the memory. */
  #grownCharacters = 0;

  constructor(parameters: ReadonlyMap<string, Parameter>, problems: Problems) {
    this.#parameters = parameters;
    this.#problems = problems;
  }

  of(tree: Tree): Tree {
    if (tree.kind === 'list') return { ...tree, items: tree.items.map((item) => this.of(item)) };
    if (tree.kind === 'map') {
      const entries = new Map<string, TreeEntry>();
      for (const [key, entry] of tree.entries) entries.set(key, { ...entry, value: this.of(entry.value) });
      return { ...tree, entries };
    }
    if (tree.kind !== 'value' || typeof tree.value !== 'string' || !tree.value.includes('${')) return tree;
    return this.#valueOf(tree, tree.value);
  }

  #valueOf(tree: ValueTree, text: string): Tree {
    const only = ONLY_USE.exec(text)?.[1];
    if (only !== undefined) {
      const parameter = this.#use(only, tree.spot);
      if (!parameter) return { kind: 'broken', spot: tree.spot };
      return { ...tree, value: parameter.value, written: parameter.written, offsetOf: null };
    }
    if (text.replace(USE, '').includes('${')) {
      const hint = `write \`\${name}\`; \`$\${\` stands for the two characters themselves`;
      this.#problems.error(tree.spot, 'PW0602', 'a parameter begins with `${` here and does not end', hint);
      return { kind: 'broken', spot: tree.spot };
    }
    let isBroken = false;
    const value = text.replace(USE, (_, inside: string, name: string | undefined) => {
      if (inside === '$') return '$';
      const parameter = this.#use(name ?? '', tree.spot);
      this.#grownCharacters += parameter?.written.length ?? 0;
      const isTooMuch = this.#grownCharacters > MAX_FILE_BYTES;
      if (!parameter || isTooMuch) isBroken = true;
      return isBroken ? '' : (parameter?.written ?? '');
    });
    if (this.#grownCharacters > MAX_FILE_BYTES) {
      const message = `parameters put more than ${MAX_FILE_BYTES} characters into the file`;
      this.#problems.error(tree.spot, 'PW0602', message);
    }
    if (isBroken) return { kind: 'broken', spot: tree.spot };
    return { ...tree, value, written: value, offsetOf: null };
  }

  /** Null also for a parameter whose own value is wrong: that was reported where it stands. */
  #use(name: string, spot: Spot): Parameter | null {
    const parameter = this.#parameters.get(name);
    if (parameter) {
      parameter.isUsed = true;
      return parameter.value === null ? null : parameter;
    }
    const known = [...this.#parameters.keys()];
    const message = `there is no parameter \`${clipped(name)}\`${this.#problems.didYouMean(name, known)}`;
    const hint = known.length > 0 ? `known: ${known.join(', ')}` : 'declare it: `params: { NAME: { default: VALUE } }`';
    this.#problems.error(spot, 'PW0601', message, hint);
    return null;
  }
}
