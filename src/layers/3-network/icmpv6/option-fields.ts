/** Options of neighbour discovery as Wireshark shows them (RFC 4861 section 4.6, RFC 3971, RFC 8106). */

import { u8, u32 } from '../../../wire/reader.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field } from '../../field.ts';
import { addressAt } from '../ipv6/fields.ts';

export const DISCOVERY_OPTION_FIELDS = fieldTable(3, 'icmpv6', {
  opt: ['none', 'ICMPv6 Option', 'There is an option.'],
  'opt.type': ['unsigned', 'Type', 'Which option: 1 source and 2 target link-layer address, 3 prefix, 5 MTU.'],
  'opt.length': ['unsigned', 'Length', 'Units of 8 octets.'],
  'opt.linkaddr': ['bytes', 'Link-layer address', 'The link-layer address.', 'colons'],
  'opt.src_linkaddr': ['bytes', 'Source Link-layer address', 'The link-layer address of the sender.', 'colons'],
  'opt.target_linkaddr': ['bytes', 'Target Link-layer address', 'The link-layer address of the target.', 'colons'],
  'opt.prefix.length': ['unsigned', 'Prefix Length', 'Bits of the prefix that count.'],
  'opt.prefix.flag': ['unsigned', 'Flag', 'What the prefix is for.', 'hex2'],
  'opt.prefix.flag.l': ['boolean', 'On-link flag(L)', 'Addresses under it are on this link.'],
  'opt.prefix.flag.a': ['boolean', 'Autonomous address-configuration flag(A)', 'Hosts may make addresses of it.'],
  'opt.prefix.flag.r': ['boolean', 'Router address flag(R)', 'It is the whole address of the router.'],
  'opt.prefix.flag.reserved': ['unsigned', 'Reserved', 'Must be zero.'],
  'opt.prefix.valid_lifetime': ['unsigned', 'Valid Lifetime', 'Seconds that addresses under it are valid.'],
  'opt.prefix.preferred_lifetime': ['unsigned', 'Preferred Lifetime', 'Seconds that they are preferred.'],
  'opt.prefix': ['ipv6', 'Prefix', 'The prefix.'],
  'opt.mtu': ['unsigned', 'MTU', 'The MTU of the link.'],
  'opt.nonce': ['bytes', 'Nonce', 'A random number that the answer repeats (RFC 3971).'],
  'opt.rdnss.lifetime': ['unsigned', 'Lifetime', 'Seconds that the DNS servers may be asked.'],
  'opt.rdnss': ['ipv6', 'Recursive DNS Servers', 'A DNS server (RFC 8106).'],
});

const KIND = { source: 1, target: 2, prefix: 3, redirected: 4, mtu: 5, nonce: 14, servers: 25 } as const;
const ETHERNET_OPTION_BYTES = 8;

/** Where the first option of a kind begins that holds an Ethernet address; null: there is none. */
export function optionOf(bytes: Uint8Array, start: number, end: number, kind: number): number | null {
  for (let at = start; at + 2 <= end; ) {
    const length = u8(bytes, at + 1) * 8;
    if (length === 0 || at + length > end) return null;
    if (u8(bytes, at) === kind && length === ETHERNET_OPTION_BYTES) return at;
    at += length;
  }
  return null;
}

/** Whether the last option goes beyond the end; one of length zero ends them all. */
export function isOptionCut(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (let length = -1; at + 2 <= end && length !== 0; at += length) length = u8(bytes, at + 1) * 8;
  return at > end;
}

/** Where an option ends that quotes a packet, for whoever reads it on; null: there is none. */
export function redirectedPacket(bytes: Uint8Array, start: number, end: number): readonly [number, number] | null {
  for (let at = start; at + 8 <= end; ) {
    const length = u8(bytes, at + 1) * 8;
    if (length === 0) return null;
    if (u8(bytes, at) === KIND.redirected) return [at + 8, Math.min(end, at + length)];
    at += length;
  }
  return null;
}

export function discoveryOptions(bytes: Uint8Array, start: number, end: number): Field[] {
  const T = DISCOVERY_OPTION_FIELDS;
  const fields: Field[] = [];
  for (let at = start; at + 2 <= end; ) {
    const kind = u8(bytes, at);
    const units = u8(bytes, at + 1);
    const stop = at + units * 8;
    fields.push(
      field(T.opt, null, at, Math.min(stop, end) - at),
      field(T['opt.type'], kind, at, 1),
      field(T['opt.length'], units, at + 1, 1),
    );
    if (units === 0 || stop > end) break;
    fields.push(...valueFields(bytes, at, stop, kind));
    at = stop;
  }
  return fields;
}

function valueFields(bytes: Uint8Array, at: number, stop: number, kind: number): Field[] {
  const T = DISCOVERY_OPTION_FIELDS;
  switch (kind) {
    case KIND.source:
    case KIND.target: {
      if (stop - at !== ETHERNET_OPTION_BYTES) return [];
      const own = kind === KIND.source ? T['opt.src_linkaddr'] : T['opt.target_linkaddr'];
      const address = bytes.subarray(at + 2, stop);
      return [field(T['opt.linkaddr'], address, at + 2, 6), field(own, address, at + 2, 6)];
    }
    case KIND.prefix:
      return stop - at === 32 ? prefixFields(bytes, at) : [];
    case KIND.mtu:
      return stop - at === 8 ? [field(T['opt.mtu'], u32(bytes, at + 4), at + 4, 4)] : [];
    case KIND.nonce:
      return [field(T['opt.nonce'], bytes.subarray(at + 2, stop), at + 2, stop - at - 2)];
    case KIND.servers: {
      const fields = [field(T['opt.rdnss.lifetime'], u32(bytes, at + 4), at + 4, 4)];
      for (let place = at + 8; place + 16 <= stop; place += 16) {
        fields.push(field(T['opt.rdnss'], addressAt(bytes, place), place, 16));
      }
      return fields;
    }
    default:
      return [];
  }
}

function prefixFields(bytes: Uint8Array, at: number): Field[] {
  const T = DISCOVERY_OPTION_FIELDS;
  const flags = u8(bytes, at + 3);
  return [
    field(T['opt.prefix.length'], u8(bytes, at + 2), at + 2, 1),
    field(T['opt.prefix.flag'], flags, at + 3, 1),
    bitField(T['opt.prefix.flag.l'], (flags & 0x80) !== 0, at + 3, 1, 0, 1),
    bitField(T['opt.prefix.flag.a'], (flags & 0x40) !== 0, at + 3, 1, 1, 1),
    bitField(T['opt.prefix.flag.r'], (flags & 0x20) !== 0, at + 3, 1, 2, 1),
    bitField(T['opt.prefix.flag.reserved'], flags & 0x1f, at + 3, 1, 3, 5),
    field(T['opt.prefix.valid_lifetime'], u32(bytes, at + 4), at + 4, 4),
    field(T['opt.prefix.preferred_lifetime'], u32(bytes, at + 8), at + 8, 4),
    field(T['opt.prefix'], addressAt(bytes, at + 16), at + 16, 16),
  ];
}
