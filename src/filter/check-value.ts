/** The values of a filter, resolved: fields, literals of the type that is expected, slices, arithmetic, functions. */

import type { FieldValue } from '../layers/field.ts';
import { negated, operationOf } from './arithmetic.ts';
import { resolveCall } from './check-call.ts';
import { characterLiteral, textLiteral, typeName, wordLiteral } from './literal.ts';
import { choiceOf, isLiteral, lookUp, networkOf, refuseUnknown } from './names.ts';
import { pairSources } from './pairing.ts';
import type { Constant, Operand, Source, ValueType } from './plan.ts';
import { quoted, refuse, type Span } from './problem.ts';
import { hasOctets } from './slices.ts';
import {
  type Arithmetic,
  type Negative,
  type OnLayer,
  printValue,
  type Slice,
  type Value,
  type Word,
} from './syntax.ts';
import { namedValue } from './value-names.ts';
import type { Scope } from './vocabulary.ts';

/** What stands alone or at the left side must come from the frame. `right`: the other side, for the hint. */
export function resolveLeft(value: Value, scope: Scope, right?: Value): Source {
  if (!isLiteral(value, scope)) return resolveSource(value, null, scope);
  if (value.kind === 'word' && !/^[0-9:]/.test(value.text)) refuseUnknown(value, scope);
  const shown = printValue(value);
  const turned = right && !isLiteral(right, scope) ? `${printValue(right)} == ${shown}` : null;
  return refuse(
    value,
    `${quoted(shown)} is neither a field nor a protocol`,
    turned === null ? 'a test begins with a field: tcp.port == 80' : `the field stands at the left: ${turned}`,
  );
}

/** The right side of a comparison with `left`: also networks and nodes. */
export function resolveOperand(value: Value, left: Source, scope: Scope): Operand {
  const { type } = left;
  const special = networkOf(value, type, scope) ?? (value.kind === 'word' ? choiceOf(value, type, scope) : null);
  if (special) return special;
  const named = nameIn(value, scope);
  const number = named === null ? null : namedValue(named, left);
  if (number !== null) return constant(type, number);
  if (left.kind === 'extra' && value.kind === 'word') return extraLiteral(value, left, scope);
  return resolveSource(value, type, scope);
}

/** The text of a word that is no field, or of a quoted string; null: it is something else. */
function nameIn(value: Value, scope: Scope): string | null {
  if (value.kind === 'text') return new TextDecoder().decode(value.bytes);
  return value.kind === 'word' && lookUp(value, scope) === null ? value.text : null;
}

/** `node == dns`: a node may bear the name of a protocol. */
function extraLiteral(value: Word, { type, name }: Extract<Source, { kind: 'extra' }>, scope: Scope): Source {
  const isName = type === 'string' && (scope.names.has(value.text) || lookUp(value, scope)?.type !== 'string');
  if (!isName) return resolveSource(value, type, scope);
  if (name === 'node') refuseUnknownNode(value, scope);
  return { kind: 'constant', type, value: value.text };
}

function refuseUnknownNode(word: Word, scope: Scope): void {
  const known = [...scope.names.names()];
  if (known.length > 0 && !scope.names.has(word.text)) refuseUnknown(word, { ...scope, only: known });
}

/** `wanted`: the type that a literal would be of; null where no literal can stand. */
export function resolveSource(value: Value, wanted: ValueType | null, scope: Scope): Source {
  switch (value.kind) {
    case 'word':
      return resolveWord(value, wanted, scope);
    case 'text':
    case 'character':
      return resolveQuoted(value, wanted);
    case 'slice':
      return resolveSlice(value, scope);
    case 'layer':
      return resolveLayer(value, scope);
    case 'arithmetic':
      return resolveArithmetic(value, wanted, scope);
    case 'negative':
      return resolveNegative(value, wanted, scope);
    case 'call':
      return resolveCall(value, scope, (argument, type) => resolveSource(argument, type, scope));
  }
}

function resolveWord(word: Word, wanted: ValueType | null, scope: Scope): Source {
  const source = lookUp(word, scope);
  if (source) return source;
  if (wanted === null || wanted === 'none') return refuseUnknown(word, scope);
  return constant(wanted, wordLiteral(wanted, word.text, word));
}

function resolveQuoted(value: Extract<Value, { kind: 'text' | 'character' }>, wanted: ValueType | null): Source {
  if (wanted === null) return refuse(value, `${quoted(printValue(value))} is neither a field nor a protocol`);
  return constant(wanted, value.kind === 'text' ? textLiteral(wanted, value) : characterLiteral(wanted, value));
}

function constant(type: ValueType, value: FieldValue): Constant {
  return { kind: 'constant', type, value };
}

function resolveSlice({ of, ranges }: Slice, scope: Scope): Source {
  const source = resolveSource(of, null, scope);
  if (!hasOctets(source.type)) {
    const what = source.type === 'none' ? 'without a value' : typeName(source.type);
    refuse(
      of,
      `${quoted(printValue(of))} is ${what} and cannot be sliced`,
      'slice a protocol or a byte string: tcp[0:2]',
    );
  }
  return { kind: 'slice', type: 'bytes', of: source, ranges };
}

function resolveLayer(value: OnLayer, scope: Scope): Source {
  const source = resolveSource(value.of, null, scope);
  if ((source.kind !== 'field' && source.kind !== 'protocol') || source.layers !== null) {
    return refuse(value, 'only a field or a protocol can be looked for in one layer', 'such as: ip.src#2');
  }
  return { ...source, layers: value.ranges };
}

function resolveArithmetic(value: Arithmetic, wanted: ValueType | null, scope: Scope): Source {
  const { operator } = value;
  const [left, right] = resolveSides(value, wanted, scope);
  const type = left.type === 'signed' || right.type === 'signed' ? 'signed' : left.type;
  const operation = operationOf(operator, type);
  if (!operation) return refuse(value, `${operator} cannot be applied to ${typeName(left.type)}`);
  if (left.kind !== 'constant' || right.kind !== 'constant') return { kind: 'arithmetic', type, operator, left, right };
  const result = operation(left.value, right.value);
  return result === null ? refuse(value, 'this has no result') : constant(type, result);
}

/** A literal is of its neighbour's type, and two are of the type that is wanted. */
function resolveSides({ left, right }: Arithmetic, wanted: ValueType | null, scope: Scope): [Source, Source] {
  const isLeftLiteral = isLiteral(left, scope);
  const one =
    isLeftLiteral && !isLiteral(right, scope) ? null : resolveSource(left, isLeftLiteral ? wanted : null, scope);
  const other = resolveSource(right, one?.type ?? null, scope);
  const first = one ?? resolveSource(left, other.type, scope);
  return pairSources(first, other, left, right);
}

function resolveNegative({ of, at, length }: Negative, wanted: ValueType | null, scope: Scope): Source {
  const source = resolveSource(of, wanted, scope);
  const { type } = source;
  if (type !== 'unsigned' && type !== 'signed' && type !== 'float' && type !== 'time') {
    refuse({ at, length } satisfies Span, `${typeName(type)} has no sign`);
  }
  if (source.kind === 'constant') return constant(type, negated(source.value));
  return { kind: 'negative', type, of: source };
}
