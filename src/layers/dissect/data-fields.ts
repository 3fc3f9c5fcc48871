/** Octets that no protocol was found for: Wireshark's `data`. */

import type { Field } from '../field.ts';
import type { Protocol } from './dissection.ts';
import { field, fieldTable } from './field-table.ts';

export const DATA: Protocol = {
  name: 'data',
  title: 'Data',
  layer: 7,
  meaning: 'Octets of an application that is not known.',
};

export const DATA_FIELDS = fieldTable(7, 'data', {
  data: ['bytes', 'Data', 'The octets.'],
  len: ['signed', 'Length', 'How many octets.'],
});

export function dataFields(bytes: Uint8Array, at: number, end: number): Field[] {
  return [field(DATA_FIELDS.data, bytes.subarray(at, end), at, end - at), field(DATA_FIELDS.len, end - at, at, 0)];
}
