/** Neighbour discovery (RFC 4861, RFC 8106) and multicast listeners (RFC 2710, RFC 3810) as Wireshark shows them. */

import { formatIpv6, formatMac, readMac } from '../../../wire/address.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { addressAt } from '../ipv6/fields.ts';
import { discoveryOptions, isOptionCut, optionOf } from './option-fields.ts';

const RECORD = 'mldr.mar';

export const NEIGHBOUR_FIELDS = fieldTable(3, 'icmpv6', {
  reserved: ['bytes', 'Reserved', 'Octets that have no meaning in this message.'],
  'nd.ra.cur_hop_limit': ['unsigned', 'Cur hop limit', 'The hop limit that hosts shall use; 0: not said.'],
  'nd.ra.flag': ['unsigned', 'Flags', 'What else the router says of the link.', 'hex2'],
  'nd.ra.flag.m': ['boolean', 'Managed address configuration', 'Addresses come from DHCPv6.'],
  'nd.ra.flag.o': ['boolean', 'Other configuration', 'Other settings come from DHCPv6.'],
  'nd.ra.flag.h': ['boolean', 'Home Agent', 'The router is a home agent too (RFC 6275).'],
  'nd.ra.flag.prf': ['unsigned', 'Prf (Default Router Preference)', '0 medium, 1 high, 3 low (RFC 4191).'],
  'nd.ra.flag.p': ['boolean', 'Proxy', 'The router passes neighbour discovery on (RFC 4389).'],
  'nd.ra.flag.rsv': ['unsigned', 'Reserved', 'Must be zero.'],
  'nd.ra.router_lifetime': ['unsigned', 'Router lifetime (s)', 'How long it is a default router; 0: it is none.'],
  'nd.ra.reachable_time': ['unsigned', 'Reachable time (ms)', 'How long a neighbour counts as reachable.'],
  'nd.ra.retrans_timer': ['unsigned', 'Retrans timer (ms)', 'Between two solicitations.'],
  'nd.ns.target_address': ['ipv6', 'Target Address', 'Whose link-layer address is asked for.'],
  'nd.na.flag': ['unsigned', 'Flags', 'Router, solicited, override.', 'hex8'],
  'nd.na.flag.r': ['boolean', 'Router', 'Who answers is a router.'],
  'nd.na.flag.s': ['boolean', 'Solicited', 'This answers a solicitation.'],
  'nd.na.flag.o': ['boolean', 'Override', 'It replaces what was known.'],
  'nd.na.flag.rsv': ['unsigned', 'Reserved', 'Must be zero.'],
  'nd.na.target_address': ['ipv6', 'Target Address', 'Whose link-layer address is told.'],
  'nd.rd.target_address': ['ipv6', 'Target Address', 'The better next hop.'],
  'rd.na.destination_address': ['ipv6', 'Destination Address', 'Where it is the better next hop to.'],
  'mld.maximum_response_delay': ['unsigned', 'Maximum Response Delay [ms]', 'How long an answer may take.'],
  'mld.multicast_address': ['ipv6', 'Multicast Address', 'The group; :: asks for all.'],
  'mldr.nb_mcast_records': ['unsigned', 'Number of Multicast Address Records', 'How many records follow.'],
  'mldr.mar': ['none', 'Multicast Address Record', 'What is listened to of one group.'],
  'mldr.mar.record_type': ['unsigned', 'Record Type', '1 include, 2 exclude, 3 and 4 changed to these.'],
  'mldr.mar.aux_data_len': ['unsigned', 'Aux Data Len', 'Words of further data.'],
  'mldr.mar.nb_sources': ['unsigned', 'Number of Sources', 'How many sources the record names.'],
  'mldr.mar.multicast_address': ['ipv6', 'Multicast Address', 'The group.'],
  'mldr.mar.source_address': ['ipv6', 'Source Address', 'A source that is listened to, or is not.'],
});

const TYPE = {
  query: 130,
  report: 131,
  done: 132,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  solicitation: 135,
  advertisement: 136,
  redirect: 137,
  reportV2: 143,
} as const;

/** What the info column says behind the name of the message. */
export function neighbourInfo(bytes: Uint8Array, at: number, end: number, type: number): string {
  const target = end - at >= 24 ? formatIpv6(addressAt(bytes, at + 8)) : '';
  switch (type) {
    case TYPE.routerSolicitation:
      return macInfo(bytes, at + 8, end, 1, ' from ');
    case TYPE.routerAdvertisement:
      return macInfo(bytes, at + 16, end, 1, ' from ');
    case TYPE.solicitation:
      return target === '' ? '' : ` for ${target}${macInfo(bytes, at + 24, end, 1, ' from ')}`;
    case TYPE.advertisement:
      if (target === '') return '';
      return ` ${target}${flagsInfo(u8(bytes, at + 4))}${macInfo(bytes, at + 24, end, 2, ' is at ')}`;
    case TYPE.redirect:
      return macInfo(bytes, at + 40, end, 2, ' is at ');
    default:
      return '';
  }
}

const OPTIONS_AT: Readonly<Record<number, number>> = {
  [TYPE.solicitation]: 24,
  [TYPE.advertisement]: 24,
  [TYPE.redirect]: 40,
};

/** Whether a message ends within its addresses or within an option. */
export function isDiscoveryCut(bytes: Uint8Array, at: number, end: number, type: number): boolean {
  const from = OPTIONS_AT[type];
  return from !== undefined && (at + from > end || isOptionCut(bytes, at + from, end));
}

function flagsInfo(flags: number): string {
  const names = [flags & 0x80 ? 'rtr' : '', flags & 0x40 ? 'sol' : '', flags & 0x20 ? 'ovr' : ''].filter(Boolean);
  return ` (${names.length === 0 ? 'none' : names.join(', ')})`;
}

function macInfo(bytes: Uint8Array, at: number, end: number, kind: number, words: string): string {
  const option = optionOf(bytes, at, end, kind);
  return option === null ? '' : `${words}${formatMac(readMac(bytes, option + 2))}`;
}

export function neighbourFields(bytes: Uint8Array, at: number, end: number, type: number): Field[] {
  const T = NEIGHBOUR_FIELDS;
  const reserved = (length: number) => field(T.reserved, bytes.subarray(at + 4, at + 4 + length), at + 4, length);
  const address = (name: keyof typeof T, where: number) =>
    where + 16 <= end ? [field(T[name], addressAt(bytes, where), where, 16)] : [];
  switch (type) {
    case 1:
    case 3:
      return [reserved(4)];
    case TYPE.query:
    case TYPE.report:
    case TYPE.done:
      return listenerFields(bytes, at, end);
    case TYPE.routerSolicitation:
      return [reserved(4), ...discoveryOptions(bytes, at + 8, end)];
    case TYPE.routerAdvertisement:
      return end - at < 16 ? [] : [...advertisedFields(bytes, at), ...discoveryOptions(bytes, at + 16, end)];
    case TYPE.solicitation:
      return [reserved(4), ...address('nd.ns.target_address', at + 8), ...discoveryOptions(bytes, at + 24, end)];
    case TYPE.advertisement:
      return [
        ...flagFields(bytes, at),
        ...address('nd.na.target_address', at + 8),
        ...discoveryOptions(bytes, at + 24, end),
      ];
    case TYPE.redirect:
      return [
        reserved(4),
        ...address('nd.rd.target_address', at + 8),
        ...address('rd.na.destination_address', at + 24),
        ...discoveryOptions(bytes, at + 40, end),
      ];
    case TYPE.reportV2:
      return [reserved(2), ...recordFields(bytes, at, end)];
    default:
      return [];
  }
}

function advertisedFields(bytes: Uint8Array, at: number): Field[] {
  const T = NEIGHBOUR_FIELDS;
  const flags = u8(bytes, at + 5);
  const place = at + 5;
  return [
    field(T['nd.ra.cur_hop_limit'], u8(bytes, at + 4), at + 4, 1),
    field(T['nd.ra.flag'], flags, place, 1),
    bitField(T['nd.ra.flag.m'], (flags & 0x80) !== 0, place, 1, 0, 1),
    bitField(T['nd.ra.flag.o'], (flags & 0x40) !== 0, place, 1, 1, 1),
    bitField(T['nd.ra.flag.h'], (flags & 0x20) !== 0, place, 1, 2, 1),
    bitField(T['nd.ra.flag.prf'], (flags >>> 3) & 3, place, 1, 3, 2),
    bitField(T['nd.ra.flag.p'], (flags & 0x04) !== 0, place, 1, 5, 1),
    bitField(T['nd.ra.flag.rsv'], flags & 3, place, 1, 6, 2),
    field(T['nd.ra.router_lifetime'], u16(bytes, at + 6), at + 6, 2),
    field(T['nd.ra.reachable_time'], u32(bytes, at + 8), at + 8, 4),
    field(T['nd.ra.retrans_timer'], u32(bytes, at + 12), at + 12, 4),
  ];
}

function flagFields(bytes: Uint8Array, at: number): Field[] {
  const T = NEIGHBOUR_FIELDS;
  const flags = u32(bytes, at + 4);
  return [
    field(T['nd.na.flag'], flags, at + 4, 4),
    bitField(T['nd.na.flag.r'], flags >>> 31 === 1, at + 4, 4, 0, 1),
    bitField(T['nd.na.flag.s'], ((flags >>> 30) & 1) === 1, at + 4, 4, 1, 1),
    bitField(T['nd.na.flag.o'], ((flags >>> 29) & 1) === 1, at + 4, 4, 2, 1),
    bitField(T['nd.na.flag.rsv'], flags & 0x1fffffff, at + 4, 4, 3, 29),
  ];
}

/** Version 1, and the part of version 2's query that is the same. */
function listenerFields(bytes: Uint8Array, at: number, end: number): Field[] {
  const T = NEIGHBOUR_FIELDS;
  // A longer query is version 2's: its delay is a code (RFC 3810 section 5.1.3).
  if (end - at !== 24) return [];
  return [
    field(T['mld.maximum_response_delay'], u16(bytes, at + 4), at + 4, 2),
    field(T.reserved, bytes.subarray(at + 6, at + 8), at + 6, 2),
    field(T['mld.multicast_address'], addressAt(bytes, at + 8), at + 8, 16),
  ];
}

function recordFields(bytes: Uint8Array, at: number, end: number): Field[] {
  const T = NEIGHBOUR_FIELDS;
  const count = u16(bytes, at + 6);
  const fields = [field(T['mldr.nb_mcast_records'], count, at + 6, 2)];
  let place = at + 8;
  for (let record = 0; record < count && place + 20 <= end; record++) {
    const sources = u16(bytes, place + 2);
    const length = 20 + sources * 16 + u8(bytes, place + 1) * 4;
    fields.push(
      field(T[RECORD], null, place, Math.min(length, end - place)),
      field(T['mldr.mar.record_type'], u8(bytes, place), place, 1),
      field(T['mldr.mar.aux_data_len'], u8(bytes, place + 1), place + 1, 1),
      field(T['mldr.mar.nb_sources'], sources, place + 2, 2),
      field(T['mldr.mar.multicast_address'], addressAt(bytes, place + 4), place + 4, 16),
    );
    for (let source = 0, where = place + 20; source < sources && where + 16 <= end; source++, where += 16) {
      fields.push(field(T['mldr.mar.source_address'], addressAt(bytes, where), where, 16));
    }
    place += length;
  }
  return fields;
}
