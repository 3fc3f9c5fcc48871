/** DHCP as Wireshark shows it (RFC 2131, RFC 2132, RFC 951). */

import { formatMac, readMac } from '../../../wire/address.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { dhcpOptionFields, messageTypeOf, messageTypeText, overloadOf } from './option-fields.ts';

export const DHCP: Protocol = {
  name: 'dhcp',
  title: 'Dynamic Host Configuration Protocol',
  layer: 7,
  meaning: 'Lends a host its address and tells it how the network is set up.',
};

export const DHCP_FIELDS = fieldTable(7, 'dhcp', {
  type: ['unsigned', 'Message type', '1: from a client, 2: from a server.'],
  'hw.type': ['unsigned', 'Hardware type', 'The kind of link: 1 Ethernet.', 'hex2'],
  'hw.len': ['unsigned', 'Hardware address length', 'Octets of the hardware address.'],
  hops: ['unsigned', 'Hops', 'Relays that passed it on.'],
  id: ['unsigned', 'Transaction ID', 'Ties answers to questions.', 'hex8'],
  secs: ['unsigned', 'Seconds elapsed', 'Since the client began to ask.'],
  flags: ['unsigned', 'Bootp flags', 'Whether the answer shall be broadcast.', 'hex4'],
  'flags.bc': ['boolean', 'Broadcast flag', 'The client cannot take unicast yet.'],
  'flags.reserved': ['unsigned', 'Reserved flags', 'Must be zero.', 'hex4'],
  'ip.client': ['ipv4', 'Client IP address', 'The address the client has.'],
  'ip.your': ['ipv4', 'Your (client) IP address', 'The address the server gives.'],
  'ip.server': ['ipv4', 'Next server IP address', 'Who is asked next, for the file to boot from.'],
  'ip.relay': ['ipv4', 'Relay agent IP address', 'The relay on the link of the client.'],
  'hw.mac_addr': ['ether', 'Client MAC address', 'Who asks.'],
  'hw.addr_padding': ['bytes', 'Client hardware address padding', 'Room for longer addresses.'],
  server: ['string', 'Server host name', 'The name of the server, if it says one.'],
  file: ['string', 'Boot file name', 'The file to boot from, if there is one.'],
  cookie: ['ipv4', 'Magic cookie', '99.130.83.99: options follow (RFC 2132 section 2).'],
  bootp: ['boolean', 'Frame is BOOTP', 'It has no message type: BOOTP, what DHCP came from.'],
});

/** What a client identifier of Ethernet is shown as. */
const HARDWARE = { type: DHCP_FIELDS['hw.type'], address: DHCP_FIELDS['hw.mac_addr'] };

/** Header, up to the magic cookie. */
const HEADER_BYTES = 236;
export const LEAST_BYTES = HEADER_BYTES + 4;
const COOKIE = 0x63825363;
const ETHERNET = 1;
const MAC_BYTES = 6;
const ADDRESS_ROOM = 16;

const KINDS: Readonly<Record<number, string>> = { 1: 'Boot Request', 2: 'Boot Reply' };

function hasMac(bytes: Uint8Array, at: number): boolean {
  return (u8(bytes, at + 1) === ETHERNET || u8(bytes, at + 1) === 6) && u8(bytes, at + 2) === MAC_BYTES;
}

export function hasCookie(bytes: Uint8Array, at: number): boolean {
  return u32(bytes, at + HEADER_BYTES) === COOKIE;
}

/** The message bytes[at..end), which has its whole header and a cookie. */
export function isDhcp(bytes: Uint8Array, at: number, end: number): boolean {
  return hasCookie(bytes, at) && messageTypeOf(bytes, at + LEAST_BYTES, end) !== null;
}

export function dhcpText(bytes: Uint8Array, at: number, end: number): string {
  const type = hasCookie(bytes, at) ? messageTypeOf(bytes, at + LEAST_BYTES, end) : null;
  return type === null ? DHCP.title : `${DHCP.title} (${messageTypeText(type)})`;
}

export function dhcpInfo(bytes: Uint8Array, at: number, end: number): string {
  const type = hasCookie(bytes, at) ? messageTypeOf(bytes, at + LEAST_BYTES, end) : null;
  if (type !== null) {
    return `DHCP ${messageTypeText(type).padEnd(8)} - Transaction ID 0x${u32(bytes, at + 4).toString(16)}`;
  }
  const kind = u8(bytes, at);
  const name = KINDS[kind] ?? `Unknown BOOTP message type (${kind})`;
  if (kind !== 1 || !hasMac(bytes, at)) return name;
  const mac = formatMac(readMac(bytes, at + 28));
  return `${name} from ${mac} (${mac})`;
}

export function dhcpFields(bytes: Uint8Array, at: number, end: number): Field[] {
  const T = DHCP_FIELDS;
  if (end - at < LEAST_BYTES) return [];
  const flags = u16(bytes, at + 10);
  const fields = [
    field(T.type, u8(bytes, at), at, 1, `${KINDS[u8(bytes, at)] ?? 'Unknown'} (${u8(bytes, at)})`),
    field(T['hw.type'], u8(bytes, at + 1), at + 1, 1),
    field(T['hw.len'], u8(bytes, at + 2), at + 2, 1),
    field(T.hops, u8(bytes, at + 3), at + 3, 1),
    field(T.id, u32(bytes, at + 4), at + 4, 4),
    field(T.secs, secondsOf(bytes, at), at + 8, 2),
    field(T.flags, flags, at + 10, 2),
    bitField(T['flags.bc'], (flags & 0x8000) !== 0, at + 10, 2, 0, 1),
    bitField(T['flags.reserved'], flags & 0x7fff, at + 10, 2, 1, 15),
    field(T['ip.client'], u32(bytes, at + 12), at + 12, 4),
    field(T['ip.your'], u32(bytes, at + 16), at + 16, 4),
    field(T['ip.server'], u32(bytes, at + 20), at + 20, 4),
    field(T['ip.relay'], u32(bytes, at + 24), at + 24, 4),
    ...hardwareFields(bytes, at),
  ];
  const [file, server] = overloadOf(bytes, at + LEAST_BYTES, hasCookie(bytes, at) ? end : at);
  if (!server) fields.push(field(T.server, textOf(bytes, at + 44, 64), at + 44, 64));
  if (!file) fields.push(field(T.file, textOf(bytes, at + 108, 128), at + 108, 128));
  if (!isDhcp(bytes, at, end)) fields.push(field(T.bootp, true, at, 0));
  if (!hasCookie(bytes, at)) return fields;
  fields.push(field(T.cookie, COOKIE, at + HEADER_BYTES, 4));
  fields.push(...dhcpOptionFields(bytes, at, at + LEAST_BYTES, end, HARDWARE));
  return fields;
}

/** Some clients write it in the wrong order: Wireshark sees that in a small number that would be a great one. */
function secondsOf(bytes: Uint8Array, at: number): number {
  const seconds = u16(bytes, at + 8);
  return seconds > 255 && (seconds & 0xff) === 0 ? seconds >>> 8 : seconds;
}

function hardwareFields(bytes: Uint8Array, at: number): Field[] {
  const T = DHCP_FIELDS;
  const length = u8(bytes, at + 2);
  const place = at + 28;
  const address = hasMac(bytes, at) ? [field(T['hw.mac_addr'], readMac(bytes, place), place, MAC_BYTES)] : [];
  if (length === 0 || length >= ADDRESS_ROOM) return address;
  const from = place + length;
  const padding = bytes.subarray(from, place + ADDRESS_ROOM);
  return [...address, field(T['hw.addr_padding'], padding, from, padding.length)];
}

/** Up to the first NUL. */
function textOf(bytes: Uint8Array, at: number, length: number): string {
  let text = '';
  for (let place = at; place < at + length; place++) {
    const octet = u8(bytes, place);
    if (octet === 0) break;
    text += octet < 0x80 ? String.fromCharCode(octet) : '\ufffd';
  }
  return text;
}
