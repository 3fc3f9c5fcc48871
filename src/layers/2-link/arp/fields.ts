/** ARP as Wireshark shows it. What it remembers of earlier frames (duplicate addresses) comes as `ArpSeen`. */

import { formatIpv4, formatMac, isGroupMac, MAC_BROADCAST, readMac } from '../../../wire/address.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { ETHER_TYPE } from '../ethernet/header.ts';
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

/** Where the four addresses stand, which depends on their lengths. */
interface ArpLayout {
  readonly hardwareBytes: number;
  readonly protocolBytes: number;
  readonly senderHardware: number;
  readonly senderProtocol: number;
  readonly targetHardware: number;
  readonly targetProtocol: number;
  readonly end: number;
  readonly isMac: boolean;
  readonly isIpv4: boolean;
}

const FIXED_BYTES = 8;
/** Ethernet, and the other IEEE 802 networks: both have EUI-48 addresses. */
const MAC_NETWORKS: readonly number[] = [1, 6];

function layoutOf(bytes: Uint8Array, at: number): ArpLayout {
  const hardwareBytes = u8(bytes, at + 4);
  const protocolBytes = u8(bytes, at + 5);
  const senderHardware = at + FIXED_BYTES;
  const senderProtocol = senderHardware + hardwareBytes;
  const targetHardware = senderProtocol + protocolBytes;
  const targetProtocol = targetHardware + hardwareBytes;
  return {
    hardwareBytes,
    protocolBytes,
    senderHardware,
    senderProtocol,
    targetHardware,
    targetProtocol,
    end: targetProtocol + protocolBytes,
    isMac: MAC_NETWORKS.includes(u16(bytes, at)) && hardwareBytes === 6,
    isIpv4: u16(bytes, at + 2) === ETHER_TYPE.ipv4 && protocolBytes === 4,
  };
}

/** Where the packet at `at` ends by its own lengths; Infinity when not even these are there. */
export function arpEnd(bytes: Uint8Array, at: number, end: number): number {
  return end - at < FIXED_BYTES ? Number.POSITIVE_INFINITY : layoutOf(bytes, at).end;
}

const OPERATIONS: Readonly<Record<string, string>> = {
  '0': 'reserved',
  '1': 'request',
  '2': 'reply',
  '3': 'reverse request',
  '4': 'reverse reply',
  '5': 'drarp request',
  '6': 'drarp reply',
  '7': 'drarp error',
  '8': 'inverse request',
  '9': 'inverse reply',
  '10': 'arp nak',
  '24': 'experimental 1',
  '25': 'experimental 2',
};

/** What the column says of the protocol, by the operation. */
export function arpProtocol(bytes: Uint8Array, at: number): string {
  const operation = u16(bytes, at + 6);
  if (operation === 3 || operation === 4) return 'RARP';
  if (operation >= 5 && operation <= 7) return 'DRARP';
  return operation === 8 || operation === 9 ? 'Inverse ARP' : 'ARP';
}

type Kind = 'probe' | 'announcement' | 'gratuitous' | 'plain';

/** RFC 5227: a probe has no sender address; an announcement is a gratuitous request. */
function kindOf(bytes: Uint8Array, at: number): Kind {
  const { isMac, isIpv4, senderProtocol, targetProtocol, targetHardware } = layoutOf(bytes, at);
  const operation = u16(bytes, at + 6);
  const asks = operation === ARP_OPERATION.request;
  if (!isIpv4 || !isMac || !(asks || operation === ARP_OPERATION.reply)) return 'plain';
  const sender = u32(bytes, senderProtocol);
  if (asks && sender === 0 && readMac(bytes, targetHardware) === 0) return 'probe';
  if (sender !== u32(bytes, targetProtocol)) return 'plain';
  return asks ? 'announcement' : 'gratuitous';
}

export function arpText(bytes: Uint8Array, at: number, end: number): string {
  if (arpEnd(bytes, at, end) > end) return 'arp';
  const operation = u16(bytes, at + 6);
  const kind = kindOf(bytes, at);
  if (kind === 'probe') return `${ARP.title} (ARP Probe)`;
  if (kind === 'announcement') return `${ARP.title} (ARP Announcement)`;
  const name = OPERATIONS[operation] ?? `opcode 0x${operation.toString(16).padStart(4, '0')}`;
  return `${ARP.title} (${kind === 'gratuitous' ? `${name}/gratuitous ARP` : name})`;
}

export function arpInfo(bytes: Uint8Array, at: number): string {
  const layout = layoutOf(bytes, at);
  const hardware = (place: number) =>
    layout.isMac ? formatMac(readMac(bytes, place)) : hex(bytes, place, layout.hardwareBytes);
  const protocol = (place: number) =>
    layout.isIpv4 ? formatIpv4(u32(bytes, place)) : hex(bytes, place, layout.protocolBytes);
  const sender = protocol(layout.senderProtocol);
  const target = protocol(layout.targetProtocol);
  const kind = kindOf(bytes, at);
  const operation = u16(bytes, at + 6);
  switch (operation) {
    case ARP_OPERATION.request:
      if (kind === 'announcement') return `ARP Announcement for ${target}`;
      return kind === 'probe' ? `Who has ${target}? (ARP Probe)` : `Who has ${target}? Tell ${sender}`;
    case ARP_OPERATION.reply:
      return kind === 'gratuitous'
        ? `Gratuitous ARP for ${sender} (Reply)`
        : `${sender} is at ${hardware(layout.senderHardware)}`;
    case 3:
    case 5:
    case 8:
      return `Who is ${hardware(layout.targetHardware)}? Tell ${hardware(layout.senderHardware)}`;
    case 4:
    case 6:
      return `${hardware(layout.targetHardware)} is at ${target}`;
    case 9:
      return `${hardware(layout.senderHardware)} is at ${sender}`;
    case 7:
      return 'DRARP Error';
    case 10:
      return 'ARP NAK';
    case 24:
    case 25:
      return `Experimental ${operation - 23} ( opcode ${operation} )`;
    default:
      return operation === 0 ? 'Reserved opcode 0' : `Unknown ARP opcode 0x${operation.toString(16).padStart(4, '0')}`;
  }
}

function hex(bytes: Uint8Array, at: number, length: number): string {
  return Array.from(bytes.subarray(at, at + length), (octet) => octet.toString(16).padStart(2, '0')).join('');
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
  if (end - at < FIXED_BYTES) return [];
  const fields: Field[] = [
    field(T['hw.type'], u16(bytes, at), at, 2),
    field(T['proto.type'], u16(bytes, at + 2), at + 2, 2),
    field(T['hw.size'], u8(bytes, at + 4), at + 4, 1),
    field(T['proto.size'], u8(bytes, at + 5), at + 5, 1),
    field(T.opcode, u16(bytes, at + 6), at + 6, 2),
  ];
  const layout = layoutOf(bytes, at);
  if (layout.end > end) return fields;
  const kind = kindOf(bytes, at);
  if (kind === 'gratuitous' || kind === 'announcement') fields.push(field(T.isgratuitous, true, at, 0));
  if (kind === 'probe') fields.push(field(T.isprobe, true, at, 0));
  if (kind === 'announcement') fields.push(field(T.isannouncement, true, at, 0));
  const { senderHardware, senderProtocol, targetHardware, targetProtocol, isMac, isIpv4 } = layout;
  if (isMac) fields.push(field(T['src.hw_mac'], readMac(bytes, senderHardware), senderHardware, 6));
  if (isIpv4) fields.push(field(T['src.proto_ipv4'], u32(bytes, senderProtocol), senderProtocol, 4));
  if (isMac) fields.push(field(T['dst.hw_mac'], readMac(bytes, targetHardware), targetHardware, 6));
  // A DRARP error has a status in the place of the target's address.
  if (isIpv4 && u16(bytes, at + 6) !== 7) {
    fields.push(field(T['dst.proto_ipv4'], u32(bytes, targetProtocol), targetProtocol, 4));
  }
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
