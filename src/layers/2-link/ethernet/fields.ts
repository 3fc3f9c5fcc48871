/** Ethernet II as Wireshark shows it: both addresses with their two low bits, EtherType, padding, trailer and FCS. */

import { formatMac, type Mac } from '../../../wire/address.ts';
import { crc32 } from '../../../wire/checksum.ts';
import { u32 } from '../../../wire/reader.ts';
import type { Protocol } from '../../dissect/dissection.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { destinationOf, etherTypeOf, FCS_BYTES, fcsOf, LEAST_ETHER_TYPE, sourceOf } from './header.ts';

export const ETHERNET: Protocol = {
  name: 'eth',
  title: 'Ethernet II',
  layer: 2,
  meaning: 'Carries packets from one station of a link to another or to all of them.',
};

const STATUS = '0 bad, 1 good, 2 not verified.';

export const ETHERNET_FIELDS = fieldTable(2, 'eth', {
  dst: ['ether', 'Destination', 'The station or group the frame is for.'],
  addr: ['ether', 'Address', 'Source or destination: either matches.'],
  'dst.lg': ['boolean', 'LG bit', 'The destination address is locally administered.'],
  lg: ['boolean', 'LG bit', 'An address is locally administered: not from a manufacturer.'],
  'dst.ig': ['boolean', 'IG bit', 'The destination is a group (multicast or broadcast), not one station.'],
  ig: ['boolean', 'IG bit', 'An address names a group and not one station.'],
  src: ['ether', 'Source', 'The station that sent the frame.'],
  'src.lg': ['boolean', 'LG bit', 'The source address is locally administered.'],
  'src.ig': ['boolean', 'IG bit', 'The source address is a group, which it must not be.'],
  type: ['unsigned', 'Type', 'The protocol of the payload: 0x0800 IPv4, 0x0806 ARP.', 'hex4'],
  len: ['unsigned', 'Length', 'Octets of payload, in an IEEE 802.3 frame, which has no type.'],
  padding: ['bytes', 'Padding', 'Zeros that bring the frame to the least length.'],
  trailer: ['bytes', 'Trailer', 'What stands behind the packet and is no padding.'],
  fcs: ['unsigned', 'Frame check sequence', 'The CRC-32 over the frame.', 'hex8'],
  'fcs.status': ['unsigned', 'FCS Status', `Whether the frame check sequence is right: ${STATUS}`],
});

/** What lies behind the payload. All offsets in the frame. */
export interface EthernetTail {
  /** Where the payload ends, as the packet inside says. */
  readonly payloadEnd: number;
  readonly paddingEnd: number;
  readonly trailerEnd: number;
  readonly fcs: boolean;
  readonly verify: boolean;
  /** The trailer is shown with the tag in front of the payload, as Wireshark does. */
  readonly isTagged: boolean;
}

/** Frames up to here, without FCS, were padded; what is longer has a trailer. */
const LEAST_FRAME_BYTES = 60;

/**
 * Divides what lies behind the payload: zeros up to the least length are padding, the rest is a trailer. With `fcs`
 * null the last four octets are taken for an FCS when the frame has its least length with them and they are no padding;
 * of a frame with a tag they are not, and where it is known to have an FCS, Wireshark counts that in its least length.
 */
export function ethernetTail(
  bytes: Uint8Array,
  payloadEnd: number,
  fcs: boolean | null,
  verify: boolean,
  isTagged = false,
): EthernetTail {
  const behind = bytes.length - payloadEnd;
  const guessed = !isTagged && behind >= FCS_BYTES && bytes.length >= LEAST_FRAME_BYTES + FCS_BYTES;
  const hasFcs = fcs === null ? guessed : fcs && behind >= FCS_BYTES;
  const trailerEnd = hasFcs ? bytes.length - FCS_BYTES : bytes.length;
  const leastBytes = isTagged && hasFcs ? LEAST_FRAME_BYTES - FCS_BYTES : LEAST_FRAME_BYTES;
  const paddable = Math.min(trailerEnd, Math.max(payloadEnd, leastBytes));
  let paddingEnd = payloadEnd;
  while (paddingEnd < paddable && bytes[paddingEnd] === 0) paddingEnd++;
  if (paddingEnd < paddable) paddingEnd = payloadEnd;
  return { payloadEnd, paddingEnd, trailerEnd, fcs: hasFcs, verify, isTagged };
}

export function ethernetText(bytes: Uint8Array, at: number): string {
  return `Ethernet II, Src: ${formatMac(sourceOf(bytes, at))}, Dst: ${formatMac(destinationOf(bytes, at))}`;
}

/** `tail` null: a header without its frame. */
export function ethernetFields(bytes: Uint8Array, at: number, tail: EthernetTail | null): Field[] {
  const T = ETHERNET_FIELDS;
  const destination = destinationOf(bytes, at);
  const source = sourceOf(bytes, at);
  const fields: Field[] = [
    ...addressFields(destination, at, T.dst, T['dst.lg'], T['dst.ig']),
    ...addressFields(source, at + 6, T.src, T['src.lg'], T['src.ig']),
  ];
  const type = etherTypeOf(bytes, at);
  fields.push(field(type < LEAST_ETHER_TYPE ? T.len : T.type, type, at + 12, 2));
  if (tail) fields.push(...tailFields(bytes, tail));
  return fields;
}

type EtherType = (typeof ETHERNET_FIELDS)[keyof typeof ETHERNET_FIELDS];

function addressFields(mac: Mac, at: number, type: EtherType, lg: EtherType, ig: EtherType): Field[] {
  const T = ETHERNET_FIELDS;
  const first = Math.floor(mac / 0x10000000000);
  const local = (first & 2) !== 0;
  const group = (first & 1) !== 0;
  return [
    field(type, mac, at, 6),
    field(T.addr, mac, at, 6),
    bitField(lg, local, at, 1, 6, 1),
    bitField(T.lg, local, at, 1, 6, 1),
    bitField(ig, group, at, 1, 7, 1),
    bitField(T.ig, group, at, 1, 7, 1),
  ];
}

function tailFields(bytes: Uint8Array, tail: EthernetTail): Field[] {
  const T = ETHERNET_FIELDS;
  const fields: Field[] = [];
  const { payloadEnd, paddingEnd, trailerEnd } = tail;
  if (paddingEnd > payloadEnd) {
    fields.push(field(T.padding, bytes.subarray(payloadEnd, paddingEnd), payloadEnd, paddingEnd - payloadEnd));
  }
  if (trailerEnd > paddingEnd && !tail.isTagged) {
    fields.push(field(T.trailer, bytes.subarray(paddingEnd, trailerEnd), paddingEnd, trailerEnd - paddingEnd));
  }
  if (tail.fcs) {
    // Wireshark shows the octets in the order of the wire, and not the CRC's number.
    fields.push(field(T.fcs, u32(bytes, trailerEnd), trailerEnd, FCS_BYTES));
    fields.push(field(T['fcs.status'], tail.verify ? (isFcsBad(bytes, tail) ? 0 : 1) : 2, trailerEnd, 0));
  }
  return fields;
}

/** Whether the frame check sequence is wrong; false where there is none. */
export function isFcsBad(bytes: Uint8Array, { fcs, trailerEnd }: EthernetTail): boolean {
  return fcs && crc32(bytes, 0, trailerEnd) !== fcsOf(bytes, trailerEnd + FCS_BYTES);
}
