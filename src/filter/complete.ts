/** What could be written next in a filter: for the line in which a person types one. */

import type { FieldType } from '../layers/field.ts';
import { FUNCTIONS } from './check-call.ts';
import { type Token, tokenize } from './lexer.ts';
import { orProblem } from './problem.ts';
import type { Scope } from './vocabulary.ts';
import { COMPARISONS, RESERVED } from './words.ts';

export interface Candidate {
  /** What stands in the filter when it is chosen. */
  readonly text: string;
  /** What it is, in a few words. */
  readonly meaning: string;
}

export interface Completion {
  /** The part of the filter that a candidate replaces, in UTF-16 code units; empty where nothing was begun. */
  readonly at: number;
  readonly length: number;
  /** The likeliest first; none where nothing is known, as within a string. */
  readonly candidates: readonly Candidate[];
}

/**
 * What the grammar expects. `field`: what a test begins with. `relation`: what is asked of the field. `value`: the other
 * side. `set`: the brace of a set. `junction`: another test.
 */
type Expectation = 'field' | 'relation' | 'value' | 'set' | 'junction';

interface State {
  expectation: Expectation;
  /** The last name at a left side. */
  field: string | null;
  inSet: boolean;
}

/** How many candidates are worth showing. */
const GREATEST_COUNT = 50;

/** `cursor`: an offset in `text`. Only what stands before it counts; the rest of the word it stands in is replaced. */
export function complete(text: string, cursor: number, scope: Scope): Completion {
  const before = text.slice(0, cursor);
  const begun = /[A-Za-z_][A-Za-z0-9_.-]*$/.exec(before)?.[0] ?? '';
  const rest = begun === '' ? '' : (/^[A-Za-z0-9_.-]*/.exec(text.slice(cursor))?.[0] ?? '');
  const at = before.length - begun.length;
  const tokens = orProblem(() => tokenize(before.slice(0, at)));
  // Numbers and addresses are not completed.
  if (begun === '' && /[A-Za-z0-9_.:-]$/.test(before)) return { at, length: 0, candidates: [] };
  // What cannot be read is a string that is not closed, or an error that is told elsewhere.
  if (!Array.isArray(tokens)) return { at, length: 0, candidates: [] };
  const state = stateAfter(tokens);
  const candidates = state === null ? [] : matching(begun, candidatesFor(state, scope));
  return { at, length: begun.length + rest.length, candidates: candidates.slice(0, GREATEST_COUNT) };
}

/** null: within a slice. */
function stateAfter(tokens: readonly Token[]): State | null {
  const state: State = { expectation: 'field', field: null, inSet: false };
  let inBrackets = false;
  for (const token of tokens) {
    if (token.kind === 'operator' && token.text === '[') inBrackets = true;
    else if (token.kind === 'operator' && token.text === ']') inBrackets = false;
    else if (token.kind !== 'end' && !inBrackets) advance(state, token);
  }
  return inBrackets ? null : state;
}

const JUNCTIONS: ReadonlySet<string> = new Set(['and', 'or', 'xor', '&&', '||', '^^']);
const BEFORE_FIELD: ReadonlySet<string> = new Set(['not', '!', 'any', 'all']);

function advance(state: State, token: Token): void {
  const { text } = token;
  const isPlain = token.kind === 'word' || token.kind === 'operator';
  if (isPlain && JUNCTIONS.has(text)) setState(state, 'field', null);
  else if (isPlain && (COMPARISONS.has(text) || text === 'contains' || text === 'matches' || text === '~')) {
    state.expectation = 'value';
  } else if (isPlain && text === 'in') state.expectation = 'set';
  else if (isPlain && BEFORE_FIELD.has(text)) {
    if (state.expectation !== 'relation') state.expectation = 'field';
  } else if (token.kind === 'operator') advanceSign(state, text);
  else if (state.expectation === 'field') setState(state, 'relation', /^[a-z._]/i.test(text) ? text : state.field);
  else state.expectation = 'junction';
}

function advanceSign(state: State, sign: string): void {
  // A parenthesis begins a group of tests, or the arguments of a function.
  if (sign === '(') state.expectation = 'field';
  else if (sign === '{' && state.expectation === 'set') {
    state.inSet = true;
    state.expectation = 'value';
  } else if (sign === '}' && state.inSet) {
    state.inSet = false;
    state.expectation = 'junction';
  } else if (state.inSet) state.expectation = 'value';
  // After an arithmetic sign comes what came before it.
  else if ('+-*/%&,'.includes(sign)) state.expectation = state.expectation === 'relation' ? 'field' : 'value';
}

function setState(state: State, expectation: Expectation, field: string | null): void {
  state.expectation = expectation;
  state.field = field;
}

function candidatesFor({ expectation, field }: State, scope: Scope): Candidate[] {
  const type = field === null ? undefined : scope.table.field(field);
  switch (expectation) {
    case 'field':
      return [...fieldCandidates(scope), ...functionCandidates(), ...PREFIXES];
    case 'relation':
      return [...relationCandidates(type), ...JOINTS];
    case 'value':
      return type ? valueCandidates(type, scope) : [];
    case 'set':
      return [{ text: '{', meaning: 'a set: {80, 443, 8000..8100}' }];
    case 'junction':
      return [...JOINTS];
  }
}

const PREFIXES: readonly Candidate[] = [
  { text: 'not', meaning: 'the opposite of what follows' },
  { text: 'any', meaning: 'one of several values must pass' },
  { text: 'all', meaning: 'each of several values must pass' },
];

const JOINTS: readonly Candidate[] = [
  { text: 'and', meaning: 'both' },
  { text: 'or', meaning: 'one or both' },
  { text: 'xor', meaning: 'one but not both' },
];

function fieldCandidates({ table }: Scope): Candidate[] {
  const protocols: Candidate[] = [];
  const fields: Candidate[] = [];
  for (const name of table.names()) {
    const meaning = table.field(name)?.meaning ?? '';
    (table.isProtocol(name) ? protocols : fields).push({ text: name, meaning });
  }
  return [...protocols, ...fields];
}

function functionCandidates(): Candidate[] {
  return [...FUNCTIONS].map(([name, meaning]) => ({ text: `${name}(`, meaning }));
}

const EQUALITIES: readonly Candidate[] = [
  { text: '==', meaning: 'a value is equal' },
  { text: '!=', meaning: 'all values differ' },
];
const ORDERS: readonly Candidate[] = [
  { text: '>', meaning: 'greater' },
  { text: '<', meaning: 'less' },
  { text: '>=', meaning: 'greater or equal' },
  { text: '<=', meaning: 'less or equal' },
];
const SEARCHES: readonly Candidate[] = [
  { text: 'contains', meaning: 'the value contains this' },
  { text: 'matches', meaning: 'the value matches this regular expression' },
];
const MEMBERSHIP: readonly Candidate[] = [{ text: 'in', meaning: 'the value is in a set' }];

/** What can be asked of a field of this type; of a protocol, what can be asked of octets. */
function relationCandidates(type: FieldType | undefined): Candidate[] {
  switch (type?.kind) {
    case 'none':
    case 'boolean':
      return type.kind === 'none' ? [] : [...EQUALITIES];
    case undefined:
    case 'string':
    case 'bytes':
      return [...EQUALITIES, ...SEARCHES, ...MEMBERSHIP];
    default:
      return [...EQUALITIES, ...ORDERS, ...MEMBERSHIP];
  }
}

function valueCandidates({ name, kind }: FieldType, { names, table }: Scope): Candidate[] {
  if (kind === 'boolean') {
    return [
      { text: 'true', meaning: 'set' },
      { text: 'false', meaning: 'not set' },
    ];
  }
  const nodes = [...names.names()].map((text) => ({ text, meaning: 'a node' }));
  if (name === 'node') return nodes;
  const addresses = kind === 'ipv4' || kind === 'ipv6' || kind === 'ether' ? nodes : [];
  const fields = [...table.names()]
    .filter((other) => other !== name && !table.isProtocol(other) && table.field(other)?.kind === kind)
    .map((text) => ({ text, meaning: table.field(text)?.meaning ?? '' }));
  return [...addresses, ...fields];
}

/**
 * Those that begin with what was begun, short names before long ones; where there are none, those that contain it. What
 * is complete already is no candidate.
 */
function matching(begun: string, candidates: readonly Candidate[]): Candidate[] {
  if (begun === '') return [...candidates];
  const wanted = begun.toLowerCase();
  const others = candidates.filter(({ text }) => text !== begun && !RESERVED.has(begun));
  const starting = others.filter(({ text }) => text.toLowerCase().startsWith(wanted));
  const found = starting.length > 0 ? starting : others.filter(({ text }) => text.toLowerCase().includes(wanted));
  return found.toSorted((one, other) => one.text.length - other.text.length);
}
