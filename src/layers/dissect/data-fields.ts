/** Octets that no protocol was found for: Wireshark's `data`. */

import type { Field } from '../field.ts';
import type { FrameDissection, Protocol } from './dissection.ts';
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

/** Adds bytes[at..end) as data, if there is any. */
export function addData(read: FrameDissection, bytes: Uint8Array, at: number, end: number): void {
  const length = end - at;
  if (length <= 0) return;
  read.add(
    DATA,
    bytes,
    at,
    length,
    () => `Data (${length} byte${length === 1 ? '' : 's'})`,
    () => dataFields(bytes, at, end),
  );
}
