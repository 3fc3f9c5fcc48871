/**
 * Addresses as text and as numbers.
 *
 * An IPv4 address is one unsigned 32-bit integer everywhere in the simulator: comparing and routing it costs nothing.
 * A MAC address is one 48-bit integer, exact in a double.
 */

import { u16, u32 } from './reader.ts';
import { putU16, putU32 } from './writer.ts';

/** An IPv4 address, 0..2^32-1. */
export type Ipv4 = number;
/** An EUI-48 MAC address, 0..2^48-1. */
export type Mac = number;

export const MAC_BROADCAST: Mac = 0xffffffffffff;
export const IPV4_BROADCAST: Ipv4 = 0xffffffff;

const QUAD = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** `10.0.0.1` as a number, or null when the text is not a dotted quad. Leading zeros are refused: is `010` eight or ten? */
export function parseIpv4(text: string): Ipv4 | null {
  const parts = QUAD.exec(text);
  if (!parts) return null;
  let value = 0;
  for (const part of parts.slice(1)) {
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return null;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatIpv4(address: Ipv4): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** The mask of a prefix length 0..32; a shift by 32 would be a shift by 0, hence the special case. */
export function prefixMask(prefix: number): number {
  return prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
}

/** The prefix length of a mask; null where its ones do not come first (RFC 950 section 2.1 frowns on such). */
export function prefixOf(mask: number): number | null {
  const prefix = Math.clz32(~mask);
  return prefixMask(prefix) === mask >>> 0 ? prefix : null;
}

/** The network an address lies in. */
export function networkOf(address: Ipv4, prefix: number): Ipv4 {
  return (address & prefixMask(prefix)) >>> 0;
}

/** The all-ones host of a network (RFC 919); meaningless for /31 and /32 (RFC 3021). */
export function broadcastOf(address: Ipv4, prefix: number): Ipv4 {
  return (networkOf(address, prefix) | ~prefixMask(prefix)) >>> 0;
}

/** 224.0.0.0/4 (RFC 5771). */
export function isMulticast(address: Ipv4): boolean {
  return address >>> 28 === 0xe;
}

const HEX_PAIRS = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;

export function parseMac(text: string): Mac | null {
  return HEX_PAIRS.test(text) ? Number.parseInt(text.replace(/[:-]/g, ''), 16) : null;
}

export function formatMac(mac: Mac): string {
  const hex = mac.toString(16).padStart(12, '0');
  return `${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4, 6)}:${hex.slice(6, 8)}:${hex.slice(8, 10)}:${hex.slice(10)}`;
}

export function readMac(bytes: Uint8Array, at: number): Mac {
  return u16(bytes, at) * 0x100000000 + u32(bytes, at + 2);
}

export function writeMac(bytes: Uint8Array, at: number, mac: Mac): void {
  putU16(bytes, at, macHigh(mac));
  putU32(bytes, at + 2, macLow(mac));
}

/** The first two octets of a MAC address, 0..65535, and the other four as a signed number: no engine puts either into a box. */
export function macHigh(mac: Mac): number {
  return Math.floor(mac / 0x100000000);
}

export function macLow(mac: Mac): number {
  return (mac - macHigh(mac) * 0x100000000) | 0;
}

/** The group bit: the first octet's least significant one (IEEE 802.3, 3.2.3). Broadcast is a group address too. */
export function isGroupMac(mac: Mac): boolean {
  return (Math.floor(mac / 0x10000000000) & 1) === 1;
}

/** An IPv6 address as a 128-bit integer; `typeof` tells the two families apart, and `===` compares within each. */
export type Ipv6 = bigint;
export type IpAddress = Ipv4 | Ipv6;

/** The eight groups of an IPv6 address, `::` expanded, or null. An embedded dotted quad is allowed (RFC 4291 2.2). */
export function parseIpv6(text: string): Ipv6 | null {
  const [left, right, more] = text.split('::');
  if (left === undefined || more !== undefined || text.includes('%')) return null;
  const head = groupsOf(left);
  const tail = right === undefined ? [] : groupsOf(right);
  if (!head || !tail) return null;
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...new Array<number>(right === undefined ? 0 : missing).fill(0), ...tail];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

function groupsOf(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (part.includes('.') && index === parts.length - 1) {
      const quad = parseIpv4(part);
      if (quad === null) return null;
      groups.push(quad >>> 16, quad & 0xffff);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

/** Canonical text by RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
export function formatIpv6(address: Ipv6): string {
  const groups = Array.from({ length: 8 }, (_, index) => Number((address >> BigInt(112 - 16 * index)) & 0xffffn));
  let bestAt = -1;
  let bestLength = 1;
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > bestLength) [bestAt, bestLength] = [at, length];
  }
  const hex = groups.map((group) => group.toString(16));
  if (bestAt < 0) return hex.join(':');
  return `${hex.slice(0, bestAt).join(':')}::${hex.slice(bestAt + bestLength).join(':')}`;
}

export function parseIp(text: string): IpAddress | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

export function formatIp(address: IpAddress): string {
  return typeof address === 'number' ? formatIpv4(address) : formatIpv6(address);
}

/**
 * `host:port` as URLs and remote ends are written: an IPv6 address stands in brackets (RFC 3986 section 3.2.2). The port
 * is left out where it is the usual one.
 */
export function authorityText(host: string, port: number, usualPort: number | null = null): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return port === usualPort ? shown : `${shown}:${port}`;
}
