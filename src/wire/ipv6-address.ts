/** What IPv6 addresses are made of (RFC 4291), and how they stand in packets. */

import type { Ipv6, Mac } from './address.ts';
import { u32 } from './reader.ts';
import { putU32 } from './writer.ts';

export const IPV6_UNSPECIFIED: Ipv6 = 0n;
export const ALL_NODES: Ipv6 = 0xff020000_00000000_00000000_00000001n;
export const ALL_ROUTERS: Ipv6 = 0xff020000_00000000_00000000_00000002n;
/** fe80::/64: RFC 4291 section 2.5.6 has 54 zero bits between the prefix and the interface identifier. */
const LINK_LOCAL_PREFIX: Ipv6 = 0xfe800000_00000000_00000000_00000000n;

const SOLICITED_NODE: Ipv6 = 0xff020000_00000000_00000001_ff000000n;
const ALL_ONES: Ipv6 = (1n << 128n) - 1n;

interface Remembered {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly address: Ipv6;
}

/** Addresses read lately, by a hash: packets of one flow make no new integers of 128 bits. */
const REMEMBERED: (Remembered | undefined)[] = new Array<Remembered | undefined>(256);

export function readIpv6(bytes: Uint8Array, at: number): Ipv6 {
  const a = u32(bytes, at);
  const b = u32(bytes, at + 4);
  const c = u32(bytes, at + 8);
  const d = u32(bytes, at + 12);
  const slot = (a ^ b ^ c ^ d ^ (d >>> 8)) & 255;
  const known = REMEMBERED[slot];
  if (known && known.d === d && known.c === c && known.b === b && known.a === a) return known.address;
  const address = (((((BigInt(a) << 32n) | BigInt(b)) << 32n) | BigInt(c)) << 32n) | BigInt(d);
  REMEMBERED[slot] = { a, b, c, d, address };
  return address;
}

export function writeIpv6Address(bytes: Uint8Array, at: number, address: Ipv6): void {
  const high = address >> 64n;
  putU32(bytes, at, Number(high >> 32n));
  putU32(bytes, at + 4, Number(high & 0xffffffffn));
  putU32(bytes, at + 8, Number((address >> 32n) & 0xffffffffn));
  putU32(bytes, at + 12, Number(address & 0xffffffffn));
}

/** The network an address lies in; prefix 0..128. */
export function ipv6NetworkOf(address: Ipv6, prefix: number): Ipv6 {
  return address & (ALL_ONES << BigInt(128 - prefix));
}

/** ff00::/8 (RFC 4291 section 2.7). */
export function isIpv6Multicast(address: Ipv6): boolean {
  return address >> 120n === 0xffn;
}

/** fe80::/10: good on its own link only. */
export function isLinkLocal(address: Ipv6): boolean {
  return address >> 118n === 0x3fan;
}

/** The group that everybody with an address of these last 24 bits listens to (RFC 4291 section 2.7.1). */
export function solicitedNodeOf(address: Ipv6): Ipv6 {
  return SOLICITED_NODE | (address & 0xffffffn);
}

/** 33:33 and the last four octets of the group (RFC 2464 section 7). */
export function multicastMacOf(group: Ipv6): Mac {
  return 0x333300000000 + Number(group & 0xffffffffn);
}

/** The modified EUI-64 of a MAC address: ff:fe in its middle, the universal bit turned over (RFC 4291, appendix A). */
export function interfaceIdOf(mac: Mac): bigint {
  const bits = BigInt(mac);
  return (((bits >> 24n) << 40n) | 0xfffe000000n | (bits & 0xffffffn)) ^ (1n << 57n);
}

/** The address that a card gives itself on its link (RFC 4291 section 2.5.6). */
export function linkLocalOf(mac: Mac): Ipv6 {
  return LINK_LOCAL_PREFIX | interfaceIdOf(mac);
}

/** How many leading bits two addresses share (RFC 6724 section 2.2). */
export function commonPrefixLength(one: Ipv6, other: Ipv6): number {
  const differing = one ^ other;
  return differing === 0n ? 128 : 128 - differing.toString(2).length;
}
