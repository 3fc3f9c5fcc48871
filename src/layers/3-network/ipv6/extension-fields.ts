/** IPv6 extension headers as Wireshark shows them (RFC 8200 section 4): each is a protocol of its own. */

import { u8, u16, u32 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { addressAt, nextHeaderText } from './fields.ts';

function extension(name: string, title: string, meaning: string): Protocol {
  return { name: `ipv6.${name}`, title, layer: 3, meaning };
}

export const HOP_BY_HOP = extension('hopopts', 'IPv6 Hop-by-Hop Option', 'Options for every router on the way.');
export const DESTINATION = extension('dstopts', 'Destination Options for IPv6', 'Options for the destination.');
export const ROUTING = extension('routing', 'Routing Header for IPv6', 'Nodes to visit on the way.');
export const FRAGMENT = extension('fraghdr', 'Fragment Header for IPv6', 'A part of a packet that was too big.');

export const EXTENSION_PROTOCOLS: readonly Protocol[] = [HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION];

const OPTIONS_ROWS = {
  nxt: ['unsigned', 'Next Header', 'What follows this header.'],
  len: ['unsigned', 'Length', 'Units of 8 octets, the first not counted.'],
  len_oct: ['unsigned', 'Length', 'Octets of the header.'],
} as const;

const HOP_BY_HOP_FIELDS = fieldTable(3, 'ipv6.hopopts', OPTIONS_ROWS);
const DESTINATION_FIELDS = fieldTable(3, 'ipv6.dstopts', OPTIONS_ROWS);
const ROUTING_FIELDS = fieldTable(3, 'ipv6.routing', {
  ...OPTIONS_ROWS,
  type: ['unsigned', 'Type', 'Which kind of routing header: 2 mobile IPv6, 4 segment routing.'],
  segleft: ['unsigned', 'Segments Left', 'Nodes still to be visited.'],
});
const FRAGMENT_FIELDS = fieldTable(3, 'ipv6.fraghdr', {
  nxt: ['unsigned', 'Next header', 'What the packet carries.'],
  reserved_octet: ['unsigned', 'Reserved octet', 'Must be zero.', 'hex2'],
  offset: ['unsigned', 'Offset', 'Octets before this fragment, divided by 8.'],
  reserved_bits: ['unsigned', 'Reserved bits', 'Must be zero.'],
  more: ['boolean', 'More Fragments', 'This is not the last fragment.'],
  ident: ['unsigned', 'Identification', 'Tells which fragments belong together.', 'hex8'],
});
const OPTION_FIELDS = fieldTable(3, 'ipv6', {
  opt: ['none', 'IPv6 Option', 'There is an option.'],
  'opt.type': ['unsigned', 'Type', 'Which option: 0 and 1 are padding, 5 a router alert.', 'hex2'],
  'opt.type.action': ['unsigned', 'Action', 'What who does not know it does: 0 skips it.'],
  'opt.type.change': ['boolean', 'May Change', 'Routers may change it on the way.'],
  'opt.type.rest': ['unsigned', 'Low-Order Bits', 'Which option, without action and change.', 'hex2'],
  'opt.length': ['unsigned', 'Length', 'Octets of its data.'],
  'opt.router_alert': ['unsigned', 'Router Alert', 'What routers shall look at: 0 MLD, 1 RSVP.'],
});

export const EXTENSION_FIELDS = {
  ...prefixed('hopopts', HOP_BY_HOP_FIELDS),
  ...prefixed('dstopts', DESTINATION_FIELDS),
  ...prefixed('routing', ROUTING_FIELDS),
  ...prefixed('fraghdr', FRAGMENT_FIELDS),
  ...OPTION_FIELDS,
};

function prefixed<T>(name: string, table: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(table).map(([key, type]) => [`${name}.${key}`, type]));
}

/** Octets of a header other than the fragment's, from its length. */
export function extensionBytes(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at + 1) + 1) * 8;
}

export function optionsFields(bytes: Uint8Array, at: number, end: number, isHopByHop: boolean): Field[] {
  const T = isHopByHop ? HOP_BY_HOP_FIELDS : DESTINATION_FIELDS;
  if (end - at < 8) return [];
  const length = extensionBytes(bytes, at);
  return [
    field(T.nxt, u8(bytes, at), at, 1, nextHeaderText(u8(bytes, at))),
    field(T.len, u8(bytes, at + 1), at + 1, 1),
    field(T.len_oct, length, at + 1, 1),
    ...optionFields(bytes, at + 2, Math.min(end, at + length)),
  ];
}

const PAD_1 = 0;
const ROUTER_ALERT = 5;

function optionFields(bytes: Uint8Array, start: number, end: number): Field[] {
  const T = OPTION_FIELDS;
  const fields: Field[] = [];
  for (let at = start; at < end; ) {
    const type = u8(bytes, at);
    const length = type === PAD_1 || at + 1 >= end ? 0 : u8(bytes, at + 1);
    const total = type === PAD_1 ? 1 : 2 + length;
    fields.push(
      field(T.opt, null, at, Math.min(total, end - at)),
      field(T['opt.type'], type, at, 1),
      bitField(T['opt.type.action'], type >>> 6, at, 1, 0, 2),
      bitField(T['opt.type.change'], (type & 0x20) !== 0, at, 1, 2, 1),
      bitField(T['opt.type.rest'], type & 0x1f, at, 1, 3, 5),
    );
    if (type !== PAD_1) fields.push(field(T['opt.length'], length, at + 1, 1));
    if (type === ROUTER_ALERT && length === 2 && at + 4 <= end) {
      fields.push(field(T['opt.router_alert'], u16(bytes, at + 2), at + 2, 2));
    }
    at += total;
  }
  return fields;
}

const ROUTES: Readonly<Record<number, string>> = {
  0: 'Source Route',
  1: 'Nimrod',
  2: 'Type 2 Routing',
  3: 'RPL Source Route',
  4: 'Segment Routing',
};

/** `Routing Header for IPv6 (Source Route)`. */
export function routingText(bytes: Uint8Array, at: number): string {
  const type = u8(bytes, at + 2);
  return `${ROUTING.title} (${ROUTES[type] ?? `Unknown type ${type}`})`;
}

export function routingFields(bytes: Uint8Array, at: number, end: number): Field[] {
  const T = ROUTING_FIELDS;
  if (end - at < 8) return [];
  return [
    field(T.nxt, u8(bytes, at), at, 1, nextHeaderText(u8(bytes, at))),
    field(T.len, u8(bytes, at + 1), at + 1, 1),
    field(T.len_oct, extensionBytes(bytes, at), at + 1, 1),
    field(T.type, u8(bytes, at + 2), at + 2, 1),
    field(T.segleft, u8(bytes, at + 3), at + 3, 1),
  ];
}

/** What a fragment header says. */
export interface FragmentHeader {
  readonly next: number;
  readonly offset: number;
  readonly more: boolean;
  readonly identification: number;
}

export const FRAGMENT_BYTES = 8;

export function readFragment(bytes: Uint8Array, at: number): FragmentHeader {
  const word = u16(bytes, at + 2);
  return { next: u8(bytes, at), offset: word & 0xfff8, more: (word & 1) !== 0, identification: u32(bytes, at + 4) };
}

export function fragmentFields(bytes: Uint8Array, at: number): Field[] {
  const T = FRAGMENT_FIELDS;
  const { next, offset, more, identification } = readFragment(bytes, at);
  return [
    field(T.nxt, next, at, 1, nextHeaderText(next)),
    field(T.reserved_octet, u8(bytes, at + 1), at + 1, 1),
    bitField(T.offset, offset / 8, at + 2, 2, 0, 13, `${offset / 8} (${offset} bytes)`),
    bitField(T.reserved_bits, (u16(bytes, at + 2) >>> 1) & 3, at + 2, 2, 13, 2),
    bitField(T.more, more, at + 2, 2, 15, 1),
    field(T.ident, identification, at + 4, 4),
  ];
}

/** The last segment of a source route (types 0 and 2) is where the packet goes, for the columns and checksums. */
export function finalDestination(bytes: Uint8Array, at: number, end: number): bigint | null {
  const type = u8(bytes, at + 2);
  const left = u8(bytes, at + 3);
  const last = at + extensionBytes(bytes, at) - 16;
  return left > 0 && (type === 0 || type === 2) && last >= at + 8 && last + 16 <= end ? addressAt(bytes, last) : null;
}
