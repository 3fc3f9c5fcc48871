/**
 * Lets a schema read a part of the tree, and turns what it objects to into problems at their places. What is wrong is
 * then taken as left out, so that the rest can be read and checked all the same.
 */

import type { z } from 'zod';
import type { Code } from './code.ts';
import type { Problems } from './problem.ts';
import { describe } from './quantity.ts';
import type { LeafIssue } from './schema/leaf.ts';
import { changed, descend, keySpotAt, type Path, plainOf, spotAt, type Tree } from './tree.ts';
import { clipped } from './yaml-guard.ts';

export interface Piece<T> {
  /** null: too little was left to make sense of. */
  readonly value: T | null;
  /** Without what was wrong. */
  readonly tree: Tree;
  /** False: something was wrong here; nothing more should be said about what is missing. */
  readonly isWhole: boolean;
}

/** Taking out a wrong value can make what holds it wrong, and so on up; deeper than this nothing nests. */
const MAX_ROUNDS = 8;

export function readPiece<S extends z.ZodType>(schema: S, tree: Tree, problems: Problems): Piece<z.output<S>> {
  let rest = tree;
  for (let round = 0; round < MAX_ROUNDS && rest.kind !== 'broken'; round++) {
    // A parser that zod compiles for a schema pays off from some hundred values on; a file has a few.
    const parsed = schema.safeParse(plainOf(rest), { error: vocabularyOf, jitless: true });
    if (parsed.success) return { value: parsed.data, tree: rest, isWhole: round === 0 };
    const report = round === 0 ? new Report(rest, problems) : new Report(rest, null);
    for (const issue of parsed.error.issues as readonly Issue[]) report.issue(issue, []);
    if (report.doomed.some((path) => path.length === 0)) break;
    const next = changed(rest, report.doomed, () => undefined);
    if (!next) break;
    rest = next;
  }
  return { value: null, tree: rest, isWhole: false };
}

/** What is read of zod's issues; a union's hold those of each branch. */
interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly expected?: string;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly origin?: string;
  readonly errors?: readonly (readonly Issue[])[];
  readonly issues?: readonly Issue[];
  readonly discriminator?: string;
  readonly params?: Partial<LeafIssue>;
}

/** For issues whose message we write ourselves later, the message carries the words that would have been right. */
function vocabularyOf(issue: z.core.$ZodRawIssue): string | undefined {
  const definition = issue.inst?._zod.def as
    | { readonly shape?: object; readonly discriminator?: string; readonly options?: readonly z.core.$ZodType[] }
    | undefined;
  if (issue.code === 'unrecognized_keys') return Object.keys(definition?.shape ?? {}).join(' ');
  const { discriminator, options } = definition ?? {};
  if (issue.code !== 'invalid_union' || discriminator === undefined || !options) return undefined;
  return options.flatMap((option) => [...(option._zod.propValues?.[discriminator] ?? [])].map(String)).join(' ');
}

/** What other tools call the same thing. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['latency', 'delay'],
  ['propagation', 'delay'],
  ['bandwidth', 'rate'],
  ['speed', 'rate'],
  ['limit', 'queue'],
  ['buffer', 'queue'],
  ['duplication', 'duplicate'],
  ['corruption', 'corrupt'],
  ['address', 'ip'],
  ['type', 'kind'],
  ['applications', 'apps'],
  ['services', 'apps'],
  ['hosts', 'nodes'],
  ['edges', 'links'],
  ['events', 'timeline'],
  ['expectations', 'expect'],
  ['nexthop', 'via'],
  ['destination', 'to'],
  ['filter', 'match'],
  ['endpoints', 'between'],
  ['description', 'summary'],
  ['name', 'id'],
  ['version', 'packetwalk'],
  ['duration', 'until'],
  ['interval', 'every'],
]);

class Report {
  /** What must be taken out before the rest can be read. */
  readonly doomed: Path[] = [];
  readonly #tree: Tree;
  /** null: only find what is doomed. */
  readonly #problems: Problems | null;

  constructor(tree: Tree, problems: Problems | null) {
    this.#tree = tree;
    this.#problems = problems;
  }

  issue(issue: Issue, before: Path): void {
    const path: Path = [...before, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
    if (this.#isBroken(path)) return;
    if (issue.code === 'unrecognized_keys') this.#unknownKeys(issue, path);
    else if (issue.code === 'invalid_union' && issue.discriminator !== undefined) this.#unknownVariant(issue, path);
    else if (!descend(this.#tree, path)) this.#missing(path);
    else if (issue.code === 'invalid_union') this.#union(issue, path);
    else this.#wrong(issue, path);
  }

  #wrong(issue: Issue, path: Path): void {
    if (this.doomed.some((other) => other.length === path.length && other.every((step, at) => step === path[at])))
      return;
    this.doomed.push(path);
    if (issue.code === 'invalid_key') {
      const [inner] = issue.issues ?? [];
      const message = `\`${clipped(String(path.at(-1)))}\`: ${inner?.message ?? issue.message}`;
      this.#problems?.error(keySpotAt(this.#tree, path), 'PW0309', message);
      return;
    }
    const { code, message, hint } = this.#wordsFor(issue, path);
    this.#problems?.error(spotAt(this.#tree, path), code, message, hint);
  }

  /** Something here was refused before. It goes without a word. */
  #isBroken(path: Path): boolean {
    for (let length = 1; length <= path.length; length++) {
      const start = path.slice(0, length);
      if (descend(this.#tree, start)?.kind !== 'broken') continue;
      this.doomed.push(start);
      return true;
    }
    return false;
  }

  #unknownKeys(issue: Issue, path: Path): void {
    const known = issue.message.split(' ');
    for (const key of issue.keys ?? []) {
      const at = [...path, key];
      this.doomed.push(at);
      if (!this.#problems || descend(this.#tree, at)?.kind === 'broken') continue;
      const suggestion = this.#problems.didYouMean(key, known, ELSEWHERE);
      const hint = suggestion === '' ? `known here: ${known.join(', ')}` : null;
      const extra = key === 'include' && path.length === 0 ? 'a scenario is one file; there are no includes' : hint;
      this.#problems.error(keySpotAt(this.#tree, at), 'PW0301', `unknown key \`${clipped(key)}\`${suggestion}`, extra);
    }
  }

  #missing(path: Path): void {
    const holder = path.slice(0, -1);
    this.doomed.push(holder);
    const key = path.at(-1);
    const message = typeof key === 'number' ? 'the list is too short' : `the key \`${key}\` is missing`;
    this.#problems?.error({ ...spotAt(this.#tree, holder), length: 1 }, 'PW0302', message);
  }

  /** Of a union, what the branch says whose form the value has; when it has none, what the forms are. */
  #union(issue: Issue, path: Path): void {
    const branches = issue.errors ?? [];
    const isScalar = descend(this.#tree, path)?.kind === 'value';
    const misfits = new Set(isScalar ? ['invalid_type', 'invalid_value'] : ['invalid_type', 'invalid_value', 'custom']);
    const fitting = branches.find(
      (branch) => !branch.some((inner) => inner.path.length === 0 && misfits.has(inner.code)),
    );
    if (fitting) {
      for (const inner of fitting) this.issue(inner, path);
      return;
    }
    this.doomed.push(path);
    const wanted = branches.flatMap((branch) => branch.slice(0, 1).map((inner) => this.#wantedBy(inner)));
    const message = `expected ${wanted.join(' or ')}, found ${describe(plainOf(descend(this.#tree, path) ?? this.#tree))}`;
    this.#problems?.error(spotAt(this.#tree, path), 'PW0303', message);
  }

  #wantedBy(issue: Issue): string {
    // Leaves say `expected X, found Y` of a value that has not even the right form.
    if (issue.code === 'custom') return /^expected (.*), found /s.exec(issue.message)?.[1] ?? 'text';
    return issue.code === 'invalid_value' ? quotedList(issue.values ?? []) : typeName(issue.expected);
  }

  /** `{ NAME: { kind: ... } }` with a kind that does not exist, or a NAME that was meant as a kind. */
  #unknownVariant(issue: Issue, path: Path): void {
    const known = issue.message.split(' ');
    const written = descend(this.#tree, path);
    const holder = path.slice(0, -1);
    this.doomed.push(holder);
    if (!this.#problems) return;
    if (written) {
      const word = plainOf(written);
      const near = typeof word === 'string' ? this.#problems.didYouMean(word, known) : '';
      const shown = typeof word === 'string' ? `\`${clipped(word)}\`` : describe(word);
      const message = `${shown} is no kind of app${near}`;
      this.#problems.error(written.spot, 'PW0305', message, `known: ${known.join(', ')}`);
      return;
    }
    const name = String(holder.at(-1));
    const message = `\`${clipped(name)}\` is no kind of app${this.#problems.didYouMean(name, known)}`;
    const hint = `known: ${known.join(', ')}; under a name of its own an app needs \`kind\``;
    this.#problems.error(keySpotAt(this.#tree, holder), 'PW0305', message, hint);
  }

  #wordsFor(issue: Issue, path: Path): { readonly code: Code; readonly message: string; readonly hint: string | null } {
    const plain = plainOf(descend(this.#tree, path) ?? this.#tree);
    switch (issue.code) {
      case 'custom':
        return { code: issue.params?.code ?? 'PW0309', message: issue.message, hint: issue.params?.hint ?? null };
      case 'invalid_type': {
        const message = `expected ${typeName(issue.expected)}, found ${describe(plain)}`;
        return { code: 'PW0303', message, hint: typeHint(issue.expected, plain) };
      }
      case 'invalid_value':
        return this.#choice(issue.values ?? [], plain);
      case 'too_small':
      case 'too_big': {
        const bound = issue.minimum ?? issue.maximum;
        const limit = `at ${issue.minimum === undefined ? 'most' : 'least'} ${bound}`;
        const message =
          typeof plain === 'number'
            ? `${plain} is out of range: it must be ${limit}`
            : `the list must have ${limit} item${Number(bound) === 1 ? '' : 's'}`;
        return { code: 'PW0306', message, hint: null };
      }
      default:
        return { code: 'PW0309', message: issue.message, hint: null };
    }
  }

  #choice(values: readonly unknown[], plain: unknown): { code: Code; message: string; hint: string | null } {
    const suggestion = typeof plain === 'string' ? (this.#problems?.didYouMean(plain, values.map(String)) ?? '') : '';
    const message = `expected ${quotedList(values)}, found ${describe(plain)}${suggestion}`;
    return { code: 'PW0305', message, hint: null };
  }
}

function quotedList(values: readonly unknown[]): string {
  const quoted = values.map((value) => `\`${String(value)}\``);
  return quoted.length > 1 ? `one of ${quoted.join(', ')}` : (quoted[0] ?? '');
}

function typeName(expected: string | undefined): string {
  switch (expected) {
    case 'string':
      return 'text';
    case 'int':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return '`true` or `false`';
    case 'array':
    case 'tuple':
      return 'a list';
    case 'null':
      return 'nothing';
    default:
      return 'a mapping';
  }
}

function typeHint(expected: string | undefined, plain: unknown): string | null {
  if (expected === 'string' && (typeof plain === 'number' || typeof plain === 'boolean')) {
    return `put it in quotes: "${plain}"`;
  }
  if (expected === 'boolean' && typeof plain === 'string' && /^(?:yes|no|on|off)$/i.test(plain)) {
    return 'YAML 1.2 knows only `true` and `false`';
  }
  return null;
}
