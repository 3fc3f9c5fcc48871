/** How the `fields.ts` of each protocol declares its fields, and how one value becomes a `Field`. */

import type { LayerNumber } from '../../kernel/journal.ts';
import type { Field, FieldKind, FieldType, FieldValue } from '../field.ts';

export type FieldRow = readonly [kind: FieldKind, label: string, meaning: string, show?: FieldType['show']];

/**
 * The field types of one protocol by the rest of their names: `{ srcport: [...] }` under `tcp` is `tcp.srcport`.
 */
export function fieldTable<K extends string>(
  layer: LayerNumber,
  protocol: string,
  rows: Readonly<Record<K, FieldRow>>,
): Readonly<Record<K, FieldType>> {
  const types: Partial<Record<K, FieldType>> = {};
  for (const key of Object.keys(rows) as K[]) {
    const [kind, label, meaning, show] = rows[key];
    const name = `${protocol}.${key}`;
    types[key] = show ? { name, kind, label, layer, meaning, show } : { name, kind, label, layer, meaning };
  }
  return types as Record<K, FieldType>;
}

/** A field of whole octets; `length` 0 for what was computed and stands nowhere. */
export function field(type: FieldType, value: FieldValue, at: number, length: number, text?: string): Field {
  return text === undefined ? { type, value, at, length } : { type, value, at, length, text };
}

/** A field of some bits of `length` octets: `first` counts from the most significant bit of octet `at`. */
export function bitField(
  type: FieldType,
  value: FieldValue,
  at: number,
  length: number,
  first: number,
  count: number,
  text?: string,
): Field {
  const bits = [first, count] as const;
  return text === undefined ? { type, value, at, length, bits } : { type, value, at, length, bits, text };
}
