/**
 * Messages of Neighbour Discovery (RFC 4861 section 4), which are ICMPv6 messages, and their options. Offsets count from
 * the ICMPv6 type.
 */

import type { Ipv6, Mac } from '../../../wire/address.ts';
import { readMac, writeMac } from '../../../wire/address.ts';
import { readIpv6, writeIpv6Address } from '../../../wire/ipv6-address.ts';
import { type Malformed, malformed, u8, u16, u32 } from '../../../wire/reader.ts';
import { putU8, putU16, putU32 } from '../../../wire/writer.ts';
import { ICMPV6_HEADER_BYTES, ICMPV6_TYPE } from '../icmpv6/header.ts';

/** Solicitation and advertisement of a neighbour: ICMPv6 header and the target's address. */
export const NEIGHBOUR_MESSAGE_BYTES = 24;
export const ROUTER_ADVERTISEMENT_BYTES = 16;

export const ND_OPTION = { sourceMac: 1, targetMac: 2, prefix: 3, mtu: 5 } as const;
export const MAC_OPTION_BYTES = 8;
export const PREFIX_OPTION_BYTES = 32;
export const MTU_OPTION_BYTES = 8;

/** Flags in the four octets behind a neighbour advertisement's checksum. */
export const ROUTER_FLAG = 0x80000000;
export const SOLICITED_FLAG = 0x40000000;
export const OVERRIDE_FLAG = 0x20000000;

/** All ones: for ever (RFC 4861 section 4.6.2). */
export const INFINITE_SECONDS = 0xffffffff;

export interface PrefixInformation {
  readonly prefix: Ipv6;
  readonly prefixLength: number;
  readonly onLink: boolean;
  /** Hosts may make addresses of it (RFC 4862). */
  readonly autonomous: boolean;
  readonly validSeconds: number;
  readonly preferredSeconds: number;
}

export interface NdOptions {
  readonly sourceMac: Mac | null;
  readonly targetMac: Mac | null;
  readonly mtuBytes: number | null;
  readonly prefixes: readonly PrefixInformation[];
}

/** RFC 4191 section 2.1; 2 is reserved and counts as medium. */
export type RouterPreference = 'low' | 'medium' | 'high';

export interface RouterAdvertisement {
  /** 0: not said. */
  readonly hopLimit: number;
  readonly preference: RouterPreference;
  /** 0: no default router. */
  readonly lifetimeSeconds: number;
  /** 0: not said. */
  readonly reachableMs: number;
  readonly retransMs: number;
}

export function targetOf(bytes: Uint8Array, at: number): Ipv6 {
  return readIpv6(bytes, at + ICMPV6_HEADER_BYTES);
}

export function writeTarget(bytes: Uint8Array, at: number, target: Ipv6): void {
  writeIpv6Address(bytes, at + ICMPV6_HEADER_BYTES, target);
}

/** A link-layer address option: type `sourceMac` or `targetMac`. */
export function writeMacOption(bytes: Uint8Array, at: number, type: number, mac: Mac): void {
  putU8(bytes, at, type);
  putU8(bytes, at + 1, 1);
  writeMac(bytes, at + 2, mac);
}

export function writeMtuOption(bytes: Uint8Array, at: number, mtuBytes: number): void {
  putU8(bytes, at, ND_OPTION.mtu);
  putU8(bytes, at + 1, 1);
  putU16(bytes, at + 2, 0);
  putU32(bytes, at + 4, mtuBytes);
}

export function writePrefixOption(bytes: Uint8Array, at: number, information: PrefixInformation): void {
  putU8(bytes, at, ND_OPTION.prefix);
  putU8(bytes, at + 1, 4);
  putU8(bytes, at + 2, information.prefixLength);
  putU8(bytes, at + 3, (information.onLink ? 0x80 : 0) | (information.autonomous ? 0x40 : 0));
  putU32(bytes, at + 4, information.validSeconds);
  putU32(bytes, at + 8, information.preferredSeconds);
  putU32(bytes, at + 12, 0);
  writeIpv6Address(bytes, at + 16, information.prefix);
}

const PREFERENCES: readonly RouterPreference[] = ['medium', 'high', 'medium', 'low'];
const PREFERENCE_BITS: Readonly<Record<RouterPreference, number>> = { medium: 0, high: 1, low: 3 };

/** Everything of an advertisement but the ICMPv6 header's type, code and checksum; `at` is where that begins. */
export function writeRouterAdvertisement(bytes: Uint8Array, at: number, said: RouterAdvertisement): void {
  putU32(bytes, at + 4, advertisementRest(said));
  putU32(bytes, at + 8, said.reachableMs);
  putU32(bytes, at + 12, said.retransMs);
}

/** The four octets behind the checksum. */
export function advertisementRest({ hopLimit, preference, lifetimeSeconds }: RouterAdvertisement): number {
  return ((hopLimit << 24) | (PREFERENCE_BITS[preference] << 19) | lifetimeSeconds) >>> 0;
}

export function readRouterAdvertisement(bytes: Uint8Array, at: number): RouterAdvertisement {
  return {
    hopLimit: u8(bytes, at + 4),
    preference: PREFERENCES[(u8(bytes, at + 5) >>> 3) & 3] as RouterPreference,
    lifetimeSeconds: u16(bytes, at + 6),
    reachableMs: u32(bytes, at + 8),
    retransMs: u32(bytes, at + 12),
  };
}

/** Where the options of a message begin, or null when it is no message of Neighbour Discovery. */
export function optionsOffset(type: number): number | null {
  if (type === ICMPV6_TYPE.routerSolicitation) return ICMPV6_HEADER_BYTES;
  if (type === ICMPV6_TYPE.routerAdvertisement) return ROUTER_ADVERTISEMENT_BYTES;
  if (type === ICMPV6_TYPE.redirect) return 40;
  const isNeighbour = type === ICMPV6_TYPE.neighbourSolicitation || type === ICMPV6_TYPE.neighbourAdvertisement;
  return isNeighbour ? NEIGHBOUR_MESSAGE_BYTES : null;
}

/** Reads the options in bytes[from..end). RFC 4861 section 4.6: a length of zero makes the packet void, unknown types none. */
export function readOptions(bytes: Uint8Array, from: number, end: number): NdOptions | Malformed {
  let sourceMac: Mac | null = null;
  let targetMac: Mac | null = null;
  let mtuBytes: number | null = null;
  const prefixes: PrefixInformation[] = [];
  for (let at = from; at < end; ) {
    const length = end - at < 2 ? 0 : u8(bytes, at + 1) * 8;
    if (length === 0) return malformed(at, 'an option of length zero');
    if (at + length > end) return malformed(at, 'an option is longer than the message');
    const type = u8(bytes, at);
    if (type === ND_OPTION.sourceMac) sourceMac = readMac(bytes, at + 2);
    else if (type === ND_OPTION.targetMac) targetMac = readMac(bytes, at + 2);
    else if (type === ND_OPTION.mtu) mtuBytes = u32(bytes, at + 4);
    else if (type === ND_OPTION.prefix && length === PREFIX_OPTION_BYTES) prefixes.push(readPrefix(bytes, at));
    at += length;
  }
  return { sourceMac, targetMac, mtuBytes, prefixes };
}

function readPrefix(bytes: Uint8Array, at: number): PrefixInformation {
  const flags = u8(bytes, at + 3);
  return {
    prefix: readIpv6(bytes, at + 16),
    prefixLength: u8(bytes, at + 2),
    onLink: (flags & 0x80) !== 0,
    autonomous: (flags & 0x40) !== 0,
    validSeconds: u32(bytes, at + 4),
    preferredSeconds: u32(bytes, at + 8),
  };
}
