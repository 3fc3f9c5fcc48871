/** ICMP messages as Wireshark shows them (RFC 792, RFC 1191). The packet that an error quotes is a layer of its own. */

import { formatIpv4 } from '../../../wire/address.ts';
import { finish, sum } from '../../../wire/checksum.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { codeOf, ICMP_TYPE, identifierOf, sequenceOf, typeOf } from './header.ts';

export const ICMP: Protocol = {
  name: 'icmp',
  title: 'Internet Control Message Protocol',
  layer: 3,
  meaning: 'Reports errors of IP to the sender, and answers pings.',
};

export const ICMP_FIELDS = fieldTable(3, 'icmp', {
  type: ['unsigned', 'Type', '8 echo request, 0 reply, 3 destination unreachable, 11 time exceeded.'],
  code: ['unsigned', 'Code', 'Which kind of the type; of an unreachable, 3 is the port.'],
  checksum: ['unsigned', 'Checksum', 'The Internet checksum over the message.', 'hex4'],
  'checksum.status': ['unsigned', 'Checksum Status', 'Whether the checksum is right: 0 bad, 1 good, 2 not verified.'],
  ident: ['unsigned', 'Identifier (BE)', 'Tells whose echo this is.'],
  ident_le: ['unsigned', 'Identifier (LE)', 'The identifier with its octets swapped, as some systems write it.'],
  seq: ['unsigned', 'Sequence Number (BE)', 'Which echo of the series this is.'],
  seq_le: ['unsigned', 'Sequence Number (LE)', 'The sequence number with its octets swapped.'],
  resp_to: ['unsigned', 'Request frame', 'The frame with the request that this answers.'],
  resptime: ['float', 'Response time', 'From the request to this reply, in milliseconds.'],
  unused: ['bytes', 'Unused', 'Octets that have no meaning in this message.'],
  length: ['unsigned', 'Length', 'How much of the datagram is quoted, in units of 4 octets (RFC 4884).'],
  'length.original_datagram': ['unsigned', 'Length of original datagram', 'The same in octets.'],
  mtu: ['unsigned', 'MTU of next hop', 'The greatest packet that the next link takes (RFC 1191).'],
  pointer: ['unsigned', 'Pointer', 'The octet of the quoted header that is wrong.'],
  redir_gw: ['ipv4', 'Gateway Address', 'The better router for that destination.'],
});

/** The request that an echo reply answers. */
export interface EchoRequest {
  readonly frame: number;
  readonly elapsedNs: number;
}

const TYPES: Readonly<Record<string, string>> = {
  '0': 'Echo (ping) reply',
  '1': 'Reserved',
  '2': 'Reserved',
  '3': 'Destination unreachable',
  '4': 'Source quench (flow control)',
  '5': 'Redirect',
  '6': 'Alternate host address',
  '8': 'Echo (ping) request',
  '9': 'Router advertisement',
  '10': 'Router solicitation',
  '11': 'Time-to-live exceeded',
  '12': 'Parameter problem',
  '13': 'Timestamp request',
  '14': 'Timestamp reply',
  '15': 'Information request',
  '16': 'Information reply',
  '17': 'Address mask request',
  '18': 'Address mask reply',
  '30': 'Traceroute',
};

const UNREACHABLE: readonly string[] = [
  'Network unreachable',
  'Host unreachable',
  'Protocol unreachable',
  'Port unreachable',
  'Fragmentation needed',
  'Source route failed',
  'Destination network unknown',
  'Destination host unknown',
  'Source host isolated',
  'Network administratively prohibited',
  'Host administratively prohibited',
  'Network unreachable for TOS',
  'Host unreachable for TOS',
  'Communication administratively filtered',
  'Host precedence violation',
  'Precedence cutoff in effect',
];
const REDIRECT: readonly string[] = [
  'Redirect for network',
  'Redirect for host',
  'Redirect for TOS and network',
  'Redirect for TOS and host',
];
const TIME_EXCEEDED: readonly string[] = ['Time to live exceeded in transit', 'Fragment reassembly time exceeded'];
const PARAMETER: readonly string[] = ['Pointer indicates the error', 'Required option missing', 'Bad length'];

function codeText(type: number, code: number): string | undefined {
  if (type === ICMP_TYPE.unreachable) return UNREACHABLE[code];
  if (type === ICMP_TYPE.redirect) return REDIRECT[code];
  if (type === ICMP_TYPE.timeExceeded) return TIME_EXCEEDED[code];
  return type === ICMP_TYPE.parameterProblem ? PARAMETER[code] : undefined;
}

function hasCodes(type: number): boolean {
  return (
    type === ICMP_TYPE.unreachable ||
    type === ICMP_TYPE.redirect ||
    type === ICMP_TYPE.timeExceeded ||
    type === ICMP_TYPE.parameterProblem
  );
}

/** Messages with identifier and sequence number: echo, timestamp, information and address mask. */
function isNumbered(type: number): boolean {
  return type === ICMP_TYPE.echoRequest || type === ICMP_TYPE.echoReply || (type >= 13 && type <= 18);
}

/** The info column of the message; `request` for a reply whose request was seen. */
export function icmpInfo(bytes: Uint8Array, at: number, end: number, ttl: number, request: EchoRequest | null): string {
  const type = typeOf(bytes, at);
  const name = TYPES[type] ?? 'Unknown ICMP (obsolete or malformed?)';
  if (hasCodes(type)) {
    const code = codeOf(bytes, at);
    return `${name.padEnd(20)} (${codeText(type, code) ?? `Unknown code: ${code}`})`;
  }
  if (!isNumbered(type) || end - at < 8) return name.padEnd(20);
  const identifier = identifierOf(bytes, at).toString(16).padStart(4, '0');
  const sequence = sequenceOf(bytes, at);
  const text = `${name.padEnd(20)} id=0x${identifier}, seq=${sequence}/${swapped(sequence)}, ttl=${ttl}`;
  return request ? `${text} (request in ${request.frame})` : text;
}

function swapped(value: number): number {
  return ((value & 0xff) << 8) | (value >>> 8);
}

export function icmpFields(
  bytes: Uint8Array,
  at: number,
  end: number,
  checkable: boolean,
  request: EchoRequest | null,
): Field[] {
  const T = ICMP_FIELDS;
  const fields: Field[] = [];
  if (end - at < 4) return fields;
  const type = typeOf(bytes, at);
  const code = codeOf(bytes, at);
  const status = checkable ? (finish(sum(bytes, at, end)) === 0 ? 1 : 0) : 2;
  const codeWords = codeText(type, code);
  fields.push(
    field(T.type, type, at, 1, `${TYPES[type] ?? 'Unknown'} (${type})`),
    codeWords ? field(T.code, code, at + 1, 1, `${codeWords} (${code})`) : field(T.code, code, at + 1, 1),
    field(T.checksum, u16(bytes, at + 2), at + 2, 2),
    field(T['checksum.status'], status, at + 2, 0),
  );
  if (end - at >= 8) fields.push(...restFields(bytes, at, type, code, request));
  return fields;
}

function restFields(bytes: Uint8Array, at: number, type: number, code: number, request: EchoRequest | null): Field[] {
  const T = ICMP_FIELDS;
  if (isNumbered(type)) {
    const identifier = identifierOf(bytes, at);
    const sequence = sequenceOf(bytes, at);
    const fields = [
      field(T.ident, identifier, at + 4, 2),
      field(T.ident_le, swapped(identifier), at + 4, 2),
      field(T.seq, sequence, at + 6, 2),
      field(T.seq_le, swapped(sequence), at + 6, 2),
    ];
    if (request) {
      fields.push(field(T.resp_to, request.frame, at, 0), field(T.resptime, request.elapsedNs / 1e6, at, 0));
    }
    return fields;
  }
  const unused = (length: number, from: number) => field(T.unused, bytes.subarray(from, from + length), from, length);
  if (type === ICMP_TYPE.redirect) {
    const gateway = u32(bytes, at + 4);
    return [field(T.redir_gw, gateway, at + 4, 4, formatIpv4(gateway))];
  }
  const quotes =
    type === ICMP_TYPE.unreachable || type === ICMP_TYPE.timeExceeded || type === ICMP_TYPE.parameterProblem;
  if (!quotes) return [];
  const pointed = type === ICMP_TYPE.parameterProblem;
  const start = pointed ? [field(T.pointer, u8(bytes, at + 4), at + 4, 1)] : [];
  const tooBig = type === ICMP_TYPE.unreachable && code === 4;
  const end = tooBig ? [field(T.mtu, u16(bytes, at + 6), at + 6, 2)] : [unused(2, at + 6)];
  const words = u8(bytes, at + 5);
  if (words !== 0) {
    const length = [field(T.length, words, at + 5, 1), field(T['length.original_datagram'], words * 4, at + 5, 0)];
    return [...start, ...(pointed ? [] : [unused(1, at + 4)]), ...length, ...end];
  }
  if (tooBig) return [unused(2, at + 4), ...end];
  return pointed ? [...start, unused(3, at + 5)] : [unused(4, at + 4)];
}
