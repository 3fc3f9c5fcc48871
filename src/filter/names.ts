/** What a bare name means: a field, a protocol, a node's address, a network. */

import { parseWord, typeName } from './literal.ts';
import { nearest } from './nearest.ts';
import type { Operand, Source, ValueType } from './plan.ts';
import { quoted, refuse } from './problem.ts';
import type { Value, Word } from './syntax.ts';
import { holderOf, isExtra, type Scope } from './vocabulary.ts';

/** The field or protocol of that name, or null. A dot before it says that it is one; a colon, that it is none. */
export function lookUp({ text }: Word, { table }: Pick<Scope, 'table'>): Source | null {
  if (text.startsWith(':')) return null;
  const name = text.startsWith('.') ? text.slice(1) : text;
  if (table.isProtocol(name)) return { kind: 'protocol', type: 'protocol', name, whole: false, layers: null };
  const type = table.field(name);
  if (!type) return null;
  if (isExtra(name)) return { kind: 'extra', type: type.kind, name };
  return { kind: 'field', type: type.kind, name, holder: holderOf(name, table), layers: null };
}

/** Nothing but literals: what it is depends on what it is compared with. */
export function isLiteral(value: Value, scope: Scope): boolean {
  switch (value.kind) {
    case 'word':
      return lookUp(value, scope) === null;
    case 'text':
    case 'character':
      return true;
    case 'arithmetic':
      return isLiteral(value.left, scope) && isLiteral(value.right, scope);
    case 'negative':
      return isLiteral(value.of, scope);
    default:
      return false;
  }
}

/** `only`: the names among which a near one is sought, where others cannot be meant. */
export function refuseUnknown(word: Word, scope: Scope & { readonly only?: readonly string[] }): never {
  const { text } = word;
  if (scope.only) {
    const near = nearest(text, scope.only);
    return refuse(word, `there is no node ${quoted(text)}`, near === null ? undefined : `did you mean ${near}?`);
  }
  const message = `${quoted(text)} is neither a field nor a protocol`;
  const minus = /^(.+?)-([0-9].*)$/.exec(text);
  if (minus && scope.table.field(minus[1] as string)) {
    return refuse(word, message, `a minus has a blank before it: ${minus[1]} - ${minus[2]}`);
  }
  if (scope.names.has(text)) return refuse(word, message, `compare a field with the node: ip.addr == ${text}`);
  const near = nearest(text, scope.table.names());
  return refuse(word, message, near === null ? undefined : `did you mean ${near}?`);
}

/** A node's name as the addresses it has. */
export function choiceOf({ text }: Word, type: ValueType, { names }: Scope): Operand | null {
  if (!names.has(text)) return null;
  if (type === 'ether') return { kind: 'choice', type, name: text, values: names.macsOf(text), lent: null };
  if (type !== 'ipv4' && type !== 'ipv6') return null;
  const family = type === 'ipv4' ? 'number' : 'bigint';
  const values = names.addressesOf(text).filter((it) => typeof it === family);
  return { kind: 'choice', type, name: text, values, lent: names.lentTo?.(text) ?? null };
}

/** `10.0.0.0/24`, which is written like a division, where an address is expected. */
export function networkOf(value: Value, type: ValueType, scope: Scope): Operand | null {
  const isNetwork = value.kind === 'arithmetic' && value.operator === '/' && value.left.kind === 'word';
  if (!isNetwork || (type !== 'ipv4' && type !== 'ipv6') || value.right.kind !== 'word') return null;
  const { left, right } = value;
  const bits = type === 'ipv4' ? 32 : 128;
  const prefix = /^[0-9]{1,3}$/.test(right.text) ? Number(right.text) : bits + 1;
  if (prefix > bits) refuse(right, `a prefix has 0 to ${bits} bits, not ${quoted(right.text)}`);
  const address = addressOf(left as Word, type, scope);
  if (typeof address === 'number') {
    // Shifts count modulo 32, so that /0 needs its own mask.
    const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
    return { kind: 'network', type: 'ipv4', network: (address & mask) >>> 0, mask };
  }
  const mask = ((1n << BigInt(prefix)) - 1n) << BigInt(128 - prefix);
  return { kind: 'network', type: 'ipv6', network: address & mask, mask };
}

/** The address, or the one of a node that has exactly one. */
function addressOf(word: Word, type: 'ipv4' | 'ipv6', scope: Scope): number | bigint {
  const choice = choiceOf(word, type, scope);
  if (choice?.kind === 'choice') {
    const [only, more] = choice.values;
    if (only === undefined || more !== undefined) {
      return refuse(
        word,
        `${quoted(word.text)} has not exactly one such address`,
        'write the network itself: 10.0.0.0/24',
      );
    }
    return only as number | bigint;
  }
  const address = parseWord(type, word.text);
  if (address === null) return refuse(word, `${quoted(word.text)} is not ${typeName(type)}`);
  return address as number | bigint;
}
