/** ICMPv6 messages as Wireshark shows them (RFC 4443). The packet that an error quotes is a layer of its own. */

import { finish, sum } from '../../../wire/checksum.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import type { EchoRequest } from '../icmp/fields.ts';
import { neighbourFields, neighbourInfo } from './neighbour-fields.ts';

export const ICMPV6: Protocol = {
  name: 'icmpv6',
  title: 'Internet Control Message Protocol v6',
  layer: 3,
  meaning: 'Reports errors of IPv6, answers pings, finds neighbours, routers and prefixes.',
};

export const ICMPV6_FIELDS = fieldTable(3, 'icmpv6', {
  type: ['unsigned', 'Type', '1 unreachable, 2 too big, 128 echo request, 135 neighbour solicitation.'],
  code: ['unsigned', 'Code', 'Which kind of the type; of an unreachable, 4 is the port.'],
  checksum: ['unsigned', 'Checksum', 'The Internet checksum over pseudo-header and message.', 'hex4'],
  'checksum.status': ['unsigned', 'Checksum Status', 'Whether the checksum is right: 0 bad, 1 good, 2 not verified.'],
  'echo.identifier': ['unsigned', 'Identifier', 'Tells whose echo this is.', 'hex4'],
  'echo.sequence_number': ['unsigned', 'Sequence', 'Which echo of the series this is.'],
  resp_to: ['unsigned', 'Response To', 'The frame with the request that this answers.'],
  resptime: ['float', 'Response Time', 'From the request to this reply, in milliseconds.'],
  mtu: ['unsigned', 'MTU', 'The greatest packet that the next link takes.'],
  pointer: ['unsigned', 'Pointer', 'The octet of the quoted packet that is wrong.'],
});

export const ICMPV6_HEADER_BYTES = 4;

export const ECHO_REQUEST = 128;
export const ECHO_REPLY = 129;

const TYPES: Readonly<Record<number, string>> = {
  0: 'Reserved',
  1: 'Destination Unreachable',
  2: 'Packet Too Big',
  3: 'Time Exceeded',
  4: 'Parameter Problem',
  128: 'Echo (ping) request',
  129: 'Echo (ping) reply',
  130: 'Multicast Listener Query',
  131: 'Multicast Listener Report',
  132: 'Multicast Listener Done',
  133: 'Router Solicitation',
  134: 'Router Advertisement',
  135: 'Neighbor Solicitation',
  136: 'Neighbor Advertisement',
  137: 'Redirect',
  138: 'Router Renumbering',
  139: 'Node Information Query',
  140: 'Node Information Reply',
  143: 'Multicast Listener Report Message v2',
};

const CODES: Readonly<Record<number, readonly string[]>> = {
  1: [
    'no route to destination',
    'Administratively prohibited',
    'Beyond scope of source address',
    'Address unreachable',
    'Port unreachable',
    'Source address failed ingress/egress policy',
    'Reject route to destination',
    'Error in Source Routing Header',
  ],
  3: ['hop limit exceeded in transit', 'fragment reassembly time exceeded'],
  4: [
    'erroneous header field encountered',
    'unrecognized Next Header type encountered',
    'unrecognized IPv6 option encountered',
    'IPv6 First Fragment has incomplete IPv6 Header Chain',
    'SR Upper-layer Header Error',
  ],
};

/** What is known of a message besides its octets. */
export interface Icmpv6Seen {
  readonly hopLimit: number;
  /** The pseudo-header's sum; null: the message is not whole, or only quoted. */
  readonly pseudo: number | null;
  readonly request: EchoRequest | null;
}

export function isIcmpv6Error(type: number): boolean {
  return type >= 1 && type <= 4;
}

export function icmpv6Info(bytes: Uint8Array, at: number, end: number, seen: Icmpv6Seen): string {
  const type = u8(bytes, at);
  const code = end - at > 1 ? u8(bytes, at + 1) : 0;
  const name = TYPES[type] ?? 'Unknown';
  const codes = CODES[type];
  if (codes) return `${name} (${codes[code] ?? (type === 1 ? 'Unknown' : `Unknown (${code})`)})`;
  if ((type === ECHO_REQUEST || type === ECHO_REPLY) && end - at >= 8) {
    const identifier = u16(bytes, at + 4)
      .toString(16)
      .padStart(4, '0');
    const text = `${name} id=0x${identifier}, seq=${u16(bytes, at + 6)}, hop limit=${seen.hopLimit}`;
    return seen.request ? `${text} (request in ${seen.request.frame})` : text;
  }
  return name + neighbourInfo(bytes, at, end, type);
}

export function icmpv6Fields(bytes: Uint8Array, at: number, end: number, seen: Icmpv6Seen): Field[] {
  const T = ICMPV6_FIELDS;
  if (end === at) return [];
  const type = u8(bytes, at);
  const typeField = field(T.type, type, at, 1, `${TYPES[type] ?? 'Unknown'} (${type})`);
  if (end - at < 2) return [typeField];
  const code = u8(bytes, at + 1);
  const words = CODES[type]?.[code];
  const status = seen.pseudo === null ? 2 : finish(sum(bytes, at, end, seen.pseudo)) === 0 ? 1 : 0;
  const codeField = words ? field(T.code, code, at + 1, 1, `${words} (${code})`) : field(T.code, code, at + 1, 1);
  if (end - at < ICMPV6_HEADER_BYTES) return [typeField, codeField];
  const fields = [
    typeField,
    codeField,
    field(T.checksum, u16(bytes, at + 2), at + 2, 2),
    field(T['checksum.status'], status, at + 2, 0),
  ];
  if (end - at < 8) return fields;
  if (type === ECHO_REQUEST || type === ECHO_REPLY) {
    fields.push(field(T['echo.identifier'], u16(bytes, at + 4), at + 4, 2));
    fields.push(field(T['echo.sequence_number'], u16(bytes, at + 6), at + 6, 2));
    if (seen.request) {
      fields.push(field(T.resp_to, seen.request.frame, at, 0));
      fields.push(field(T.resptime, seen.request.elapsedNs / 1e6, at, 0));
    }
    return fields;
  }
  if (type === 2) return [...fields, field(T.mtu, u32(bytes, at + 4), at + 4, 4)];
  if (type === 4) return [...fields, field(T.pointer, u32(bytes, at + 4), at + 4, 4)];
  return [...fields, ...neighbourFields(bytes, at, end, type)];
}
