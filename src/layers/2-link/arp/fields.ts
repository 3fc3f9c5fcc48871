/** ARP as Wireshark shows it. What it remembers of earlier frames (duplicate addresses) comes as `ArpSeen`. */

import { formatIpv4, formatMac, isGroupMac, MAC_BROADCAST, readMac } from '../../../wire/address.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { ARP_OPERATION } from './header.ts';

export const ARP: Protocol = {
  name: 'arp',
  title: 'Address Resolution Protocol',
  layer: 2,
  meaning: 'Asks who on the link has an IP address, and answers with a MAC address.',
};

export const ARP_FIELDS = fieldTable(2, 'arp', {
  'hw.type': ['unsigned', 'Hardware type', 'The kind of link: 1 is Ethernet.'],
  'proto.type': ['unsigned', 'Protocol type', 'The protocol whose address is asked for: 0x0800 IPv4.', 'hex4'],
  'hw.size': ['unsigned', 'Hardware size', 'Octets of a hardware address.'],
  'proto.size': ['unsigned', 'Protocol size', 'Octets of a protocol address.'],
  opcode: ['unsigned', 'Opcode', '1 request: who has it? 2 reply: I do.'],
  isgratuitous: ['boolean', 'Is gratuitous', 'Sender and target are the same: it tells and does not ask.'],
  isprobe: ['boolean', 'Is probe', 'A host asks whether an address is free before it takes it (RFC 5227).'],
  isannouncement: ['boolean', 'Is announcement', 'A host says that it now has an address (RFC 5227).'],
  'src.hw_mac': ['ether', 'Sender MAC address', 'The MAC address of who sends this.'],
  'src.proto_ipv4': ['ipv4', 'Sender IP address', 'The IP address of who sends this.'],
  'dst.hw_mac': ['ether', 'Target MAC address', 'The MAC address asked for: zero in a request.'],
  'dst.proto_ipv4': ['ipv4', 'Target IP address', 'The IP address asked for.'],
  'duplicate-address-detected': ['none', 'Duplicate IP address configured', 'Two MAC addresses claim one IP address.'],
  'duplicate-address-frame': ['unsigned', 'Frame showing earlier use of IP address', 'Who claimed it before.'],
  'seconds-since-duplicate-address-frame': [
    'unsigned',
    'Seconds since earlier frame seen',
    'How long ago the other claim was, in whole seconds.',
  ],
});

/** Another station's claim to the sender's or target's address. */
export interface DuplicateAddress {
  readonly ip: number;
  readonly mac: number;
  readonly earlierMac: number;
  readonly earlierFrame: number;
  readonly secondsSince: number;
}

/** True when this is ARP between Ethernet and IPv4 and all of it is there: the only kind that has addresses to show. */
export function isEthernetIpv4(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= 28 && u16(bytes, at) === 1 && u16(bytes, at + 2) === 0x0800 && u16(bytes, at + 4) === 0x0604;
}

const OPERATIONS: Readonly<Record<string, string>> = {
  '1': 'request',
  '2': 'reply',
  '3': 'reverse request',
  '4': 'reverse reply',
};

function isGratuitous(bytes: Uint8Array, at: number): boolean {
  return u32(bytes, at + 14) === u32(bytes, at + 24);
}

/** RFC 5227: a probe has no sender address; an announcement is a gratuitous request. */
function kindOf(bytes: Uint8Array, at: number): 'probe' | 'announcement' | 'gratuitous' | 'plain' {
  const operation = u16(bytes, at + 6);
  if (operation === ARP_OPERATION.request && u32(bytes, at + 14) === 0 && readMac(bytes, at + 18) === 0) return 'probe';
  if (!isGratuitous(bytes, at)) return 'plain';
  return operation === ARP_OPERATION.request ? 'announcement' : 'gratuitous';
}

export function arpText(bytes: Uint8Array, at: number): string {
  const operation = u16(bytes, at + 6);
  const name = OPERATIONS[operation] ?? `opcode 0x${operation.toString(16).padStart(4, '0')}`;
  const title = operation === 3 || operation === 4 ? 'Reverse Address Resolution Protocol' : ARP.title;
  return `${title} (${name})`;
}

export function arpInfo(bytes: Uint8Array, at: number): string {
  const operation = u16(bytes, at + 6);
  const sender = formatIpv4(u32(bytes, at + 14));
  const target = formatIpv4(u32(bytes, at + 24));
  const kind = kindOf(bytes, at);
  if (operation === ARP_OPERATION.request) {
    if (kind === 'announcement') return `ARP Announcement for ${target}`;
    if (kind === 'probe') return `Who has ${target}? (ARP Probe)`;
    return `Who has ${target}? Tell ${sender}`;
  }
  const mac = formatMac(readMac(bytes, at + 8));
  if (operation === ARP_OPERATION.reply) {
    return kind === 'gratuitous' ? `Gratuitous ARP for ${sender} (Reply)` : `${sender} is at ${mac}`;
  }
  return `Unknown ARP opcode 0x${operation.toString(16).padStart(4, '0')}`;
}

/** The duplicate warnings that Wireshark puts behind the info, before those of an earlier address. */
export function duplicateInfo(duplicate: DuplicateAddress): string {
  return ` (duplicate use of ${formatIpv4(duplicate.ip)} detected!)`;
}

export function arpFields(
  bytes: Uint8Array,
  at: number,
  end: number,
  duplicates: readonly DuplicateAddress[],
): Field[] {
  const T = ARP_FIELDS;
  if (end - at < 8) return [];
  const fields: Field[] = [
    field(T['hw.type'], u16(bytes, at), at, 2),
    field(T['proto.type'], u16(bytes, at + 2), at + 2, 2),
    field(T['hw.size'], u8(bytes, at + 4), at + 4, 1),
    field(T['proto.size'], u8(bytes, at + 5), at + 5, 1),
    field(T.opcode, u16(bytes, at + 6), at + 6, 2),
  ];
  if (!isEthernetIpv4(bytes, at, end)) return fields;
  const kind = kindOf(bytes, at);
  if (kind === 'gratuitous' || kind === 'announcement') fields.push(field(T.isgratuitous, true, at, 0));
  if (kind === 'probe') fields.push(field(T.isprobe, true, at, 0));
  if (kind === 'announcement') fields.push(field(T.isannouncement, true, at, 0));
  fields.push(
    field(T['src.hw_mac'], readMac(bytes, at + 8), at + 8, 6),
    field(T['src.proto_ipv4'], u32(bytes, at + 14), at + 14, 4),
    field(T['dst.hw_mac'], readMac(bytes, at + 18), at + 18, 6),
    field(T['dst.proto_ipv4'], u32(bytes, at + 24), at + 24, 4),
  );
  for (const duplicate of duplicates) {
    fields.push(
      field(T['duplicate-address-detected'], null, at, 0),
      field(T['duplicate-address-frame'], duplicate.earlierFrame, at, 0),
      field(T['seconds-since-duplicate-address-frame'], duplicate.secondsSince, at, 0),
    );
  }
  return fields;
}

/** Addresses that may stand for one host: neither group, broadcast nor zero. */
export function isHostMac(mac: number): boolean {
  return mac !== 0 && mac !== MAC_BROADCAST && !isGroupMac(mac);
}
