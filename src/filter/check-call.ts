/** The functions: how many arguments, of which types, and the type of what they return. */

import { typeName } from './literal.ts';
import { isLiteral } from './names.ts';
import { nearest } from './nearest.ts';
import type { FunctionName, Source, ValueType } from './plan.ts';
import { quoted, refuse } from './problem.ts';
import { hasOctets } from './slices.ts';
import { type Call, printValue, type Value } from './syntax.ts';
import type { Scope } from './vocabulary.ts';

export const FUNCTIONS: ReadonlyMap<FunctionName, string> = new Map<FunctionName, string>([
  ['upper', 'a string in upper case (ASCII)'],
  ['lower', 'a string in lower case (ASCII)'],
  ['len', 'how many octets a string or byte string has'],
  ['count', 'how often a field is in the frame'],
  ['string', 'a number or address as text'],
  ['max', 'the greatest of its arguments'],
  ['min', 'the least of its arguments'],
  ['abs', 'a number without its sign'],
]);

/** Resolves an argument; a literal is of the type `wanted`, and null is none. */
type Resolve = (argument: Value, wanted: ValueType | null) => Source;

export function resolveCall(call: Call, scope: Scope, resolve: Resolve): Source {
  const name = call.name as FunctionName;
  if (!FUNCTIONS.has(name)) {
    const near = nearest(call.name, FUNCTIONS.keys());
    const known = `there are ${[...FUNCTIONS.keys()].join(', ')}`;
    return refuse(call, `there is no function ${quoted(call.name)}`, near === null ? known : `did you mean ${near}?`);
  }
  if (name === 'max' || name === 'min') return resolveExtreme(name, call, scope, resolve);
  const [argument, more] = call.arguments;
  if (argument === undefined || more !== undefined) return refuse(call, `${name} takes one argument`);
  const of = resolveArgument(argument, scope, resolve);
  if (name === 'count') {
    if (of.kind === 'field' || of.kind === 'protocol' || of.kind === 'extra') return returns(name, 'unsigned', [of]);
    return refuse(argument, 'only fields and protocols can be counted');
  }
  if (!ACCEPTED[name](of.type)) {
    refuse(argument, `${name} takes ${WANTED[name]}, and ${quoted(printValue(argument))} is ${typeName(of.type)}`);
  }
  return returns(name, RESULTS[name] ?? of.type, [of]);
}

type OneArgument = Exclude<FunctionName, 'max' | 'min' | 'count'>;

const isNumber = (type: ValueType) => type === 'unsigned' || type === 'signed' || type === 'float' || type === 'time';

const ACCEPTED: Readonly<Record<OneArgument, (type: ValueType) => boolean>> = {
  upper: (type) => type === 'string',
  lower: (type) => type === 'string',
  len: hasOctets,
  string: (type) => ['unsigned', 'signed', 'ipv4', 'ipv6', 'ether'].includes(type),
  abs: isNumber,
};

const WANTED: Readonly<Record<OneArgument, string>> = {
  upper: 'a string',
  lower: 'a string',
  len: 'a string or a byte string',
  string: 'a whole number or an address',
  abs: 'a number',
};

/** Where it is not the argument's own type. */
const RESULTS: Readonly<Partial<Record<OneArgument, ValueType>>> = { len: 'unsigned', string: 'string' };

function returns(name: FunctionName, type: ValueType, sources: readonly Source[]): Source {
  return { kind: 'call', type, name, arguments: sources };
}

function resolveArgument(argument: Value, scope: Scope, resolve: Resolve): Source {
  if (!isLiteral(argument, scope) || argument.kind === 'word') return resolve(argument, null);
  return refuse(argument, `${quoted(printValue(argument))} is no field`, 'functions are applied to fields');
}

/** Literals are of the type of the first argument that is none. */
function resolveExtreme(name: 'max' | 'min', call: Call, scope: Scope, resolve: Resolve): Source {
  const first = call.arguments.find((argument) => !isLiteral(argument, scope));
  if (first === undefined) return refuse(call, `${name} takes at least one field`);
  const { type } = resolve(first, null);
  if (type === 'none' || type === 'boolean' || type === 'bytes' || type === 'protocol')
    refuse(first, `${quoted(printValue(first))} has no order`);
  const sources = call.arguments.map((argument) => {
    const source = resolve(argument, type);
    if (source.type !== type) refuse(argument, `the arguments of ${name} are all of one type`);
    return source;
  });
  return returns(name, type, sources);
}
