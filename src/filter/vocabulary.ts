/** The names a filter may use: fields and protocols, the simulator's own fields, and the nodes of a scenario. */

import type { FieldType } from '../layers/field.ts';
import type { IpAddress, Mac } from '../wire/address.ts';

export interface FieldTable {
  field(name: string): FieldType | undefined;
  isProtocol(name: string): boolean;
  /** Of fields and protocols, each once. */
  names(): Iterable<string>;
}

/** The nodes that addresses can be named after: `ip.src == client`. */
export interface FilterNames {
  has(name: string): boolean;
  names(): Iterable<string>;
  /** All addresses of a node, of both families; empty for switches and for names that are not known. */
  addressesOf(name: string): readonly IpAddress[];
  macsOf(name: string): readonly Mac[];
  /** Of a node that gets addresses while a run goes on: those it has had so far. null: it has none but the above. */
  lentTo?(name: string): (() => readonly IpAddress[]) | null;
}

/** What names can mean. */
export interface Scope {
  readonly table: FieldTable;
  readonly names: FilterNames;
}

/** For captures, in which nobody has a name. */
export const NO_NAMES: FilterNames = {
  has: () => false,
  names: () => [],
  addressesOf: () => [],
  macsOf: () => [],
};

export type ExtraName = 'node' | 'link' | 'layer' | 'pw.lost' | 'pw.reason';

const EXTRAS: readonly FieldType[] = [
  { name: 'node', kind: 'string', label: 'Node', layer: 1, meaning: 'The node that sent or received the frame.' },
  { name: 'link', kind: 'string', label: 'Link', layer: 1, meaning: 'The id of the link that the frame crosses.' },
  { name: 'layer', kind: 'unsigned', label: 'Layer', layer: 1, meaning: 'The layer at which it is seen, 1 to 7.' },
  { name: 'pw.lost', kind: 'boolean', label: 'Lost', layer: 1, meaning: 'The frame never arrived.' },
  { name: 'pw.reason', kind: 'string', label: 'Reason', layer: 1, meaning: 'Why the frame was lost.' },
];

/** What the simulator knows of a frame besides its octets; no capture says so. */
export const EXTRA_FIELDS: ReadonlyMap<string, FieldType> = new Map(EXTRAS.map((type) => [type.name, type]));

export function isExtra(name: string): name is ExtraName {
  return EXTRA_FIELDS.has(name);
}

/** A table of fields together with the simulator's own. */
export function fieldTableOf(
  fields: ReadonlyMap<string, FieldType>,
  protocols: Pick<ReadonlyMap<string, unknown>, 'has' | 'keys'>,
): FieldTable {
  const names = new Set([...protocols.keys(), ...fields.keys(), ...EXTRA_FIELDS.keys()]);
  return {
    field: (name) => fields.get(name) ?? EXTRA_FIELDS.get(name),
    isProtocol: (name) => protocols.has(name),
    names: () => names,
  };
}

/**
 * The protocol in whose layers a field stands: the longest that its name begins with. Filters look nowhere else, so that
 * the fields of other layers need not be built. null: it may be anywhere. `ip.version` is a field of IPv6 packets too.
 */
export function holderOf(name: string, table: FieldTable): string | null {
  if (name === 'ip.version') return null;
  for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
    const prefix = name.slice(0, end);
    if (table.isProtocol(prefix)) return prefix;
  }
  return null;
}
