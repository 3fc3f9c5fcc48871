/** The IEEE 802.1Q tag: priority, drop eligibility, VLAN, and the EtherType of what follows. */

import { u16 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';

export const VLAN: Protocol = {
  name: 'vlan',
  title: '802.1Q Virtual LAN',
  layer: 2,
  meaning: 'Says which virtual LAN a frame belongs to.',
};

export const VLAN_FIELDS = fieldTable(2, 'vlan', {
  priority: ['unsigned', 'Priority', 'The class of service, 0 to 7.'],
  dei: ['boolean', 'DEI', 'The frame may be dropped first when there is no room.'],
  id: ['unsigned', 'ID', 'The number of the virtual LAN.'],
  etype: ['unsigned', 'Type', 'The protocol of what follows the tag.', 'hex4'],
  len: ['unsigned', 'Length', 'Octets of payload, where no type stands.'],
  trailer: ['bytes', 'Trailer', 'What stands behind the packet and is no padding.'],
});

export function vlanText(bytes: Uint8Array, at: number): string {
  const tag = u16(bytes, at);
  return `802.1Q Virtual LAN, PRI: ${tag >>> 13}, DEI: ${(tag >>> 12) & 1}, ID: ${tag & 0xfff}`;
}

/** `at`: behind the EtherType 0x8100. `trailer`: from where to where; null: there is none, or another tag follows. */
export function vlanFields(
  bytes: Uint8Array,
  at: number,
  trailer: { readonly from: number; readonly to: number } | null = null,
): Field[] {
  const T = VLAN_FIELDS;
  const tag = u16(bytes, at);
  const type = u16(bytes, at + 2);
  return [
    bitField(T.priority, tag >>> 13, at, 2, 0, 3),
    bitField(T.dei, (tag & 0x1000) !== 0, at, 2, 3, 1),
    bitField(T.id, tag & 0xfff, at, 2, 4, 12),
    field(type < 0x0600 ? T.len : T.etype, type, at + 2, 2),
    ...(trailer && trailer.to > trailer.from
      ? [field(T.trailer, bytes.subarray(trailer.from, trailer.to), trailer.from, trailer.to - trailer.from)]
      : []),
  ];
}
