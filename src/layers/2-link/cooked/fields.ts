/** Link headers that capture programs make up, as Wireshark shows them: Linux "cooked" (both versions) and loopback. */

import { formatIpv4, formatMac, readMac } from '../../../wire/address.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';

export const COOKED: Protocol = {
  name: 'sll',
  title: 'Linux cooked-mode capture',
  layer: 2,
  meaning: 'What Linux knew of a frame that was captured on any interface.',
};

export const LOOPBACK: Protocol = {
  name: 'null',
  title: 'Null/Loopback',
  layer: 2,
  meaning: 'Says which kind of packet follows, on a loopback interface that has no frames.',
};

export const RAW: Protocol = {
  name: 'raw',
  title: 'Raw packet data',
  layer: 2,
  meaning: 'An IP packet without a frame.',
};

export const COOKED_FIELDS = fieldTable(2, 'sll', {
  etype: ['unsigned', 'Protocol', 'The protocol of the payload, as an EtherType.', 'hex4'],
  ltype: ['unsigned', 'Protocol', 'The kind of payload, where it has no EtherType.', 'hex4'],
  ifindex: ['unsigned', 'Interface index', 'The number of the interface (version 2).'],
  hatype: ['unsigned', 'Link-layer address type', 'The kind of interface: 1 Ethernet, 772 loopback.'],
  pkttype: ['unsigned', 'Packet type', '0 to us, 1 broadcast, 2 multicast, 3 to others, 4 from us.'],
  halen: ['unsigned', 'Link-layer address length', 'Octets of the address.'],
  'src.eth': ['ether', 'Source', 'The station that sent the frame.'],
  'src.ipv4': ['ipv4', 'Source', 'Who sent it, on a link with addresses of four octets.'],
  unused: ['bytes', 'Unused', 'Room for longer addresses.'],
});

export const LOOPBACK_FIELDS = fieldTable(2, 'null', {
  family: ['unsigned', 'Family', 'The address family: 2 IPv4; 24, 28 or 30 IPv6.'],
});

export const COOKED_BYTES = { 1: 16, 2: 20 } as const;
const ADDRESS_BYTES = 8;
/** Up to here the protocol field is no EtherType: 1 an 802.3 frame, 4 LLC. */
const LEAST_ETHER_TYPE = 0x0600;

interface Cooked {
  readonly version: 1 | 2;
  readonly type: number;
  readonly typeAt: number;
  readonly hardware: number;
  readonly hardwareAt: number;
  readonly packetType: number;
  readonly lengthAt: number;
  readonly length: number;
  readonly addressAt: number;
}

/** The header at `at`, which is whole. */
function readCooked(bytes: Uint8Array, at: number, version: 1 | 2): Cooked {
  const places =
    version === 1
      ? { typeAt: at + 14, hardwareAt: at + 2, lengthAt: at + 4, addressAt: at + 6 }
      : { typeAt: at, hardwareAt: at + 8, lengthAt: at + 11, addressAt: at + 12 };
  return {
    version,
    ...places,
    type: u16(bytes, places.typeAt),
    hardware: u16(bytes, places.hardwareAt),
    packetType: version === 1 ? u16(bytes, at) : u8(bytes, at + 10),
    length: version === 1 ? u16(bytes, at + 4) : u8(bytes, at + 11),
  };
}

export function cookedType(bytes: Uint8Array, at: number, version: 1 | 2): number {
  return readCooked(bytes, at, version).type;
}

/** What the Source column says; '' where there is no address that it knows. */
export function cookedSource(bytes: Uint8Array, at: number, version: 1 | 2): string {
  const { length, addressAt } = readCooked(bytes, at, version);
  if (length === 4) return formatIpv4(u32(bytes, addressAt));
  return length === 6 ? formatMac(readMac(bytes, addressAt)) : '';
}

export function cookedText(version: 1 | 2): string {
  return `Linux cooked capture v${version}`;
}

export function cookedFields(bytes: Uint8Array, at: number, version: 1 | 2): Field[] {
  const T = COOKED_FIELDS;
  const head = readCooked(bytes, at, version);
  const { length, addressAt, type } = head;
  const kind = field(type < LEAST_ETHER_TYPE ? T.ltype : T.etype, type, head.typeAt, 2);
  const hardware = field(T.hatype, head.hardware, head.hardwareAt, 2);
  const packetType = field(T.pkttype, head.packetType, version === 1 ? at : at + 10, version === 1 ? 2 : 1);
  const halen = field(T.halen, length, head.lengthAt, version === 1 ? 2 : 1);
  const address =
    length === 6
      ? [field(T['src.eth'], readMac(bytes, addressAt), addressAt, 6)]
      : length === 4
        ? [field(T['src.ipv4'], u32(bytes, addressAt), addressAt, 4)]
        : [];
  const used = Math.min(length, ADDRESS_BYTES);
  const from = addressAt + used;
  const rest = bytes.subarray(from, addressAt + ADDRESS_BYTES);
  const unused = used < ADDRESS_BYTES ? [field(T.unused, rest, from, rest.length)] : [];
  if (version === 1) return [packetType, hardware, halen, ...address, ...unused, kind];
  return [kind, field(T.ifindex, u32(bytes, at + 4), at + 4, 4), hardware, packetType, halen, ...address, ...unused];
}

export const LOOPBACK_BYTES = 4;
/** AF_INET everywhere; AF_INET6 of NetBSD and OpenBSD, FreeBSD, macOS. */
const FAMILY = { ipv4: 2, ipv6: [24, 28, 30] } as const;

/** The family of a loopback header, whichever byte order its machine had. */
export function loopbackFamily(bytes: Uint8Array, at: number): number {
  const family = u32(bytes, at);
  return family & 0xffff0000 ? swapped(family) : family;
}

function swapped(value: number): number {
  return ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

/** Which IP version a family means; null: another protocol. */
export function versionOf(family: number): 4 | 6 | null {
  if (family === FAMILY.ipv4) return 4;
  return (FAMILY.ipv6 as readonly number[]).includes(family) ? 6 : null;
}

export function loopbackFields(bytes: Uint8Array, at: number): Field[] {
  return [field(LOOPBACK_FIELDS.family, loopbackFamily(bytes, at), at, LOOPBACK_BYTES)];
}
