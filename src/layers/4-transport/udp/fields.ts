/** The UDP header as Wireshark shows it (RFC 768). Stream and times come from the conversation. */

import { finish, sum } from '../../../wire/checksum.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { checksumOf, destinationPortOf, lengthOf, sourcePortOf, UDP_HEADER_BYTES } from './header.ts';

export const UDP: Protocol = {
  name: 'udp',
  title: 'User Datagram Protocol',
  layer: 4,
  meaning: 'Carries messages from port to port: no connection, no order, no repetition.',
};

const STATUS = '0 bad, 1 good, 2 not verified, 3 the sender made none.';

export const UDP_FIELDS = fieldTable(4, 'udp', {
  srcport: ['unsigned', 'Source Port', 'The port of the sender.'],
  dstport: ['unsigned', 'Destination Port', 'The port the datagram is for.'],
  port: ['unsigned', 'Source or Destination Port', 'Either port: either matches.'],
  length: ['unsigned', 'Length', 'Octets of header and payload.'],
  checksum: ['unsigned', 'Checksum', 'The Internet checksum over addresses, header and payload; 0 for none.', 'hex4'],
  checksum_calculated: ['unsigned', 'Calculated Checksum', 'What the checksum should be.', 'hex4'],
  'checksum.status': ['unsigned', 'Checksum Status', `Whether the checksum is right: ${STATUS}`],
  stream: ['unsigned', 'Stream index', 'Which conversation of the capture, from 0.'],
  time_relative: ['time', 'Time since first frame', 'Since the first datagram of the conversation.'],
  time_delta: ['time', 'Time since previous frame', 'Since the datagram before it in the conversation.'],
  payload: ['bytes', 'Payload', 'The message.'],
});

/** What is known of a datagram besides its octets. */
export interface UdpSeen {
  readonly stream: number;
  /** Null in the quotation of an ICMP error, which is no datagram of the conversation. */
  readonly times: { readonly relativeNs: number; readonly deltaNs: number } | null;
  /** Partial sum of the pseudo-header; null: the checksum is not verified. */
  readonly pseudo: number | null;
}

export function udpText(bytes: Uint8Array, at: number): string {
  const source = sourcePortOf(bytes, at);
  return `User Datagram Protocol, Src Port: ${source}, Dst Port: ${destinationPortOf(bytes, at)}`;
}

/** `room`: octets of the packet's payload, which the datagram must fit. */
export function udpInfo(bytes: Uint8Array, at: number, room: number): string {
  const length = lengthOf(bytes, at);
  const ports = `${sourcePortOf(bytes, at)} → ${destinationPortOf(bytes, at)}`;
  if (length < UDP_HEADER_BYTES) return `${ports} [BAD UDP LENGTH ${length} < ${UDP_HEADER_BYTES}]`;
  const remark = length > room ? ` [BAD UDP LENGTH ${length} > IP PAYLOAD LENGTH]` : '';
  return `${ports}${remark} Len=${length - UDP_HEADER_BYTES}`;
}

/** Whether the checksum is wrong, as far as that can be told. */
export function isChecksumBad(bytes: Uint8Array, at: number, end: number, pseudo: number | null): boolean {
  if (pseudo === null || checksumOf(bytes, at) === 0 || at + lengthOf(bytes, at) > end) return false;
  return finish(sum(bytes, at, at + lengthOf(bytes, at), pseudo)) !== 0;
}

/** The datagram in bytes[at..end): as much as the packet holds, whatever the datagram says of its length. */
export function udpFields(bytes: Uint8Array, at: number, end: number, seen: UdpSeen | null): Field[] {
  const T = UDP_FIELDS;
  const source = sourcePortOf(bytes, at);
  const destination = destinationPortOf(bytes, at);
  const length = lengthOf(bytes, at);
  const fields = [
    field(T.srcport, source, at, 2),
    field(T.dstport, destination, at + 2, 2),
    field(T.port, source, at, 2),
    field(T.port, destination, at + 2, 2),
    field(T.length, length, at + 4, 2),
  ];
  // A quotation may end within the header, and one with a length that cannot be is not read on.
  if (end - at < UDP_HEADER_BYTES) return fields.filter((each) => each.at + each.length <= end);
  if (length < UDP_HEADER_BYTES) return fields;
  fields.push(...checksumFields(bytes, at, end, seen?.pseudo ?? null));
  if (seen) fields.push(field(T.stream, seen.stream, at, 0));
  if (seen?.times) {
    fields.push(field(T.time_relative, seen.times.relativeNs, at, 0), field(T.time_delta, seen.times.deltaNs, at, 0));
  }
  const start = at + UDP_HEADER_BYTES;
  if (end > start && length > UDP_HEADER_BYTES) {
    fields.push(field(T.payload, bytes.subarray(start, end), start, end - start));
  }
  return fields;
}

function checksumFields(bytes: Uint8Array, at: number, end: number, pseudo: number | null): Field[] {
  const T = UDP_FIELDS;
  const written = checksumOf(bytes, at);
  const stop = at + lengthOf(bytes, at);
  const fields = [field(T.checksum, written, at + 6, 2)];
  if (written === 0) return [...fields, field(T['checksum.status'], 3, at + 6, 0)];
  if (pseudo === null || stop > end) return [...fields, field(T['checksum.status'], 2, at + 6, 0)];
  const partial = sum(bytes, at, stop, pseudo);
  const good = finish(partial) === 0;
  const expected = finish(partial - written);
  fields.push(field(T.checksum_calculated, good ? written : expected === 0 ? 0xffff : expected, at + 6, 0));
  fields.push(field(T['checksum.status'], good ? 1 : 0, at + 6, 0));
  return fields;
}
