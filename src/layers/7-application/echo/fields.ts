/** The echo service as Wireshark shows it (RFC 862). */

import type { Protocol } from '../../dissect/dissection.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';

export const ECHO: Protocol = {
  name: 'echo',
  title: 'Echo',
  layer: 7,
  meaning: 'Sends back what it gets.',
};

export const ECHO_FIELDS = fieldTable(7, 'echo', {
  data: ['bytes', 'Echo data', 'What was sent.'],
  request: ['boolean', 'Echo request', 'It goes to the echo service.'],
  response: ['boolean', 'Echo response', 'It comes back from the echo service.'],
});

export function echoFields(bytes: Uint8Array, at: number, end: number, request: boolean): Field[] {
  const T = ECHO_FIELDS;
  const direction = request ? T.request : T.response;
  return [field(direction, true, at, 0), field(T.data, bytes.subarray(at, end), at, end - at)];
}
