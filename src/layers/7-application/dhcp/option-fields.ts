/** The options of DHCP (RFC 2132) as Wireshark shows them. */

import { readMac } from '../../../wire/address.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field, FieldType } from '../../field.ts';

export const DHCP_OPTION_FIELDS = fieldTable(7, 'dhcp', {
  'option.type': ['unsigned', 'Option', 'Which option: 53 message type, 50 requested address, 51 lease time.'],
  'option.length': ['unsigned', 'Length', 'Octets of its value.'],
  'option.value': ['bytes', 'Value', 'The value as it stands.'],
  'option.end': ['unsigned', 'Option End', 'The end of the options: 255.'],
  'option.padding': ['bytes', 'Padding', 'Octets behind the options, or between them.'],
  'option.dhcp': ['unsigned', 'DHCP', '1 discover, 2 offer, 3 request, 4 decline, 5 ACK, 6 NAK, 7 release, 8 inform.'],
  'option.subnet_mask': ['ipv4', 'Subnet Mask', 'Which part of the address is the network.'],
  'option.time_offset': ['signed', 'Time Offset', 'Seconds east of UTC.'],
  'option.router': ['ipv4', 'Router', 'The way out of the network.'],
  'option.domain_name_server': ['ipv4', 'Domain Name Server', 'Who answers DNS questions.'],
  'option.hostname': ['string', 'Host Name', 'What the client calls itself, or is called.'],
  'option.domain_name': ['string', 'Domain Name', 'Where names without dots are looked up.'],
  'option.interface_mtu': ['unsigned', 'Interface MTU', 'The greatest packet of the network.'],
  'option.broadcast_address': ['ipv4', 'Broadcast Address', 'Everybody on the network.'],
  'option.ntp_server': ['ipv4', 'Network Time Protocol Server', 'Who knows the time.'],
  'option.requested_ip_address': ['ipv4', 'Requested IP Address', 'The address the client wants.'],
  'option.ip_address_lease_time': ['unsigned', 'IP Address Lease Time', 'Seconds that the address is lent for.'],
  'option.dhcp_server_id': ['ipv4', 'DHCP Server Identifier', 'Which server is meant, or speaks.'],
  'option.request_list_item': ['unsigned', 'Parameter Request List Item', 'An option that the client asks for.'],
  'option.option_overload': ['unsigned', 'Option Overload', 'Where more options stand: 1 file, 2 server name, 3 both.'],
  'option.message': ['string', 'Message', 'Why not, in words.'],
  'option.dhcp_max_message_size': ['unsigned', 'Maximum DHCP Message Size', 'The longest message that is taken.'],
  'option.renewal_time_value': [
    'unsigned',
    'Renewal Time Value',
    'Seconds until the client asks its server again (T1).',
  ],
  'option.rebinding_time_value': ['unsigned', 'Rebinding Time Value', 'Seconds until it asks any server (T2).'],
  'option.vendor_class_id': ['string', 'Vendor class identifier', 'Which kind of client asks.'],
  'option.tftp_server_name': ['string', 'TFTP Server Name', 'Where the boot file lies.'],
  'option.bootfile_name': ['string', 'Bootfile name', 'The boot file.'],
});

const T = DHCP_OPTION_FIELDS;
const PAD = 0;
const OVERLOAD = 52;
const MESSAGE_TYPE = 53;
const REQUEST_LIST = 55;
const CLIENT_ID = 61;
const END = 255;
const SERVER_AT = 44;
const SERVER_BYTES = 64;
const FILE_AT = 108;
const FILE_BYTES = 128;

const MESSAGE_TYPES: readonly string[] = [
  '',
  'Discover',
  'Offer',
  'Request',
  'Decline',
  'ACK',
  'NAK',
  'Release',
  'Inform',
  'Force Renew',
  'Lease query',
  'Lease Unassigned',
  'Lease Unknown',
  'Lease Active',
  'Bulk Lease Query',
  'Lease Query Done',
  'Active LeaseQuery',
  'Lease Query Status',
  'TLS',
];

export function messageTypeText(type: number): string {
  return MESSAGE_TYPES[type] || `Unknown Message Type (0x${type.toString(16).padStart(2, '0')})`;
}

type Form = 'addresses' | 'text' | 'u16' | 'u32' | 'i32';
const VALUES: ReadonlyMap<number, readonly [FieldType, Form]> = new Map([
  [1, [T['option.subnet_mask'], 'addresses']],
  [2, [T['option.time_offset'], 'i32']],
  [3, [T['option.router'], 'addresses']],
  [6, [T['option.domain_name_server'], 'addresses']],
  [12, [T['option.hostname'], 'text']],
  [15, [T['option.domain_name'], 'text']],
  [26, [T['option.interface_mtu'], 'u16']],
  [28, [T['option.broadcast_address'], 'addresses']],
  [42, [T['option.ntp_server'], 'addresses']],
  [50, [T['option.requested_ip_address'], 'addresses']],
  [51, [T['option.ip_address_lease_time'], 'u32']],
  [54, [T['option.dhcp_server_id'], 'addresses']],
  [56, [T['option.message'], 'text']],
  [57, [T['option.dhcp_max_message_size'], 'u16']],
  [58, [T['option.renewal_time_value'], 'u32']],
  [59, [T['option.rebinding_time_value'], 'u32']],
  [60, [T['option.vendor_class_id'], 'text']],
  [66, [T['option.tftp_server_name'], 'text']],
  [67, [T['option.bootfile_name'], 'text']],
]);

/** The value of option 53; null: there is none. */
export function messageTypeOf(bytes: Uint8Array, start: number, end: number): number | null {
  return firstOctetOf(bytes, start, end, MESSAGE_TYPE);
}

/** The first octet of an option; null: there is none. */
function firstOctetOf(bytes: Uint8Array, start: number, end: number, wanted: number): number | null {
  for (let at = start; at < end; ) {
    const type = u8(bytes, at);
    if (type === END || (type !== PAD && at + 2 > end)) return null;
    if (type === wanted && at + 2 < end) return u8(bytes, at + 2);
    at += type === PAD ? 1 : 2 + u8(bytes, at + 1);
  }
  return null;
}

/** True when an option reaches past the end, where reading stops. */
export function areOptionsCut(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const type = u8(bytes, at);
    if (type === END) return false;
    if (type !== PAD && (at + 2 > end || at + 2 + u8(bytes, at + 1) > end)) return true;
    at += type === PAD ? 1 : 2 + u8(bytes, at + 1);
  }
  return false;
}

/** Whether the places of the boot file and of the server's name hold options instead (RFC 2132 section 9.3). */
export function overloadOf(bytes: Uint8Array, start: number, end: number): readonly [file: boolean, server: boolean] {
  const value = firstOctetOf(bytes, start, end, OVERLOAD) ?? 0;
  return [(value & 1) !== 0, (value & 2) !== 0];
}

/** How a hardware address is shown. */
export interface HardwareFields {
  readonly type: FieldType;
  readonly address: FieldType;
}

/** The options bytes[start..end) of the message at `message`. */
export function dhcpOptionFields(
  bytes: Uint8Array,
  message: number,
  start: number,
  end: number,
  hardware: HardwareFields,
): Field[] {
  const fields: Field[] = [];
  for (let at = start; at < end; ) {
    const type = u8(bytes, at);
    if (type === PAD) {
      let stop = at;
      while (stop < end && u8(bytes, stop) === PAD) stop++;
      fields.push(field(T['option.type'], PAD, at, 1));
      fields.push(field(T['option.padding'], bytes.subarray(at, stop), at, stop - at));
      at = stop;
      continue;
    }
    if (type === END) {
      // Wireshark prints the type of the end as 0.
      fields.push(field(T['option.type'], 0, at, 1), field(T['option.end'], END, at, 1));
      if (at + 1 < end) fields.push(field(T['option.padding'], bytes.subarray(at + 1, end), at + 1, end - at - 1));
      break;
    }
    fields.push(field(T['option.type'], type, at, 1));
    if (at + 2 > end) break;
    const length = u8(bytes, at + 1);
    const stop = at + 2 + length;
    fields.push(field(T['option.length'], length, at + 1, 1));
    if (stop > end) break;
    fields.push(field(T['option.value'], bytes.subarray(at + 2, stop), at + 2, length));
    fields.push(...valueFields(bytes, at + 2, stop, type, hardware));
    if (type === OVERLOAD && length === 1 && start > message + FILE_AT + FILE_BYTES) {
      fields.push(...overloadedFields(bytes, message, u8(bytes, at + 2), hardware));
    }
    at = stop;
  }
  return fields;
}

function overloadedFields(bytes: Uint8Array, message: number, value: number, hardware: HardwareFields): Field[] {
  const [file, server] = [message + FILE_AT, message + SERVER_AT];
  const held = (at: number, length: number) => {
    const stop = optionsEnd(bytes, at, at + length);
    return dhcpOptionFields(bytes, message, at, stop, hardware);
  };
  return [...(value & 2 ? held(server, SERVER_BYTES) : []), ...(value & 1 ? held(file, FILE_BYTES) : [])];
}

/** Behind the end option; what follows it there is no padding of the message. */
function optionsEnd(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; ) {
    const type = u8(bytes, at);
    if (type === END) return at + 1;
    at += type === PAD || at + 1 >= end ? 1 : 2 + u8(bytes, at + 1);
  }
  return end;
}

function valueFields(bytes: Uint8Array, at: number, stop: number, type: number, hardware: HardwareFields): Field[] {
  const length = stop - at;
  if (type === MESSAGE_TYPE && length === 1) {
    const message = u8(bytes, at);
    return [field(T['option.dhcp'], message, at, 1, `${MESSAGE_TYPES[message] || 'Unknown'} (${message})`)];
  }
  if (type === OVERLOAD && length === 1) return [field(T['option.option_overload'], u8(bytes, at), at, 1)];
  if (type === REQUEST_LIST) {
    return Array.from({ length }, (_, index) =>
      field(T['option.request_list_item'], u8(bytes, at + index), at + index, 1),
    );
  }
  if (type === CLIENT_ID && length === 7 && u8(bytes, at) === 1) {
    return [field(hardware.type, 1, at, 1), field(hardware.address, readMac(bytes, at + 1), at + 1, 6)];
  }
  const known = VALUES.get(type);
  return known ? formFields(bytes, at, length, ...known) : [];
}

/** A value of another length than its form is left as octets. */
function formFields(bytes: Uint8Array, at: number, length: number, type: FieldType, form: Form): Field[] {
  switch (form) {
    case 'addresses':
      return length % 4 !== 0
        ? []
        : Array.from({ length: length / 4 }, (_, index) => field(type, u32(bytes, at + index * 4), at + index * 4, 4));
    case 'text':
      return length === 0 ? [] : [field(type, textOf(bytes, at, at + length), at, length)];
    case 'u16':
      return length === 2 ? [field(type, u16(bytes, at), at, 2)] : [];
    case 'u32':
      return length === 4 ? [field(type, u32(bytes, at), at, 4)] : [];
    case 'i32':
      return length === 4 ? [field(type, u32(bytes, at) | 0, at, 4)] : [];
  }
}

function textOf(bytes: Uint8Array, at: number, end: number): string {
  let text = '';
  for (let place = at; place < end && u8(bytes, place) !== 0; place++) {
    const octet = u8(bytes, place);
    text += octet < 0x80 ? String.fromCharCode(octet) : '\ufffd';
  }
  return text;
}
