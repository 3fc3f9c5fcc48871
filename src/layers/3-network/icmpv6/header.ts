/**
 * ICMPv6 messages (RFC 4443 section 2.1): type, code, checksum and four octets whose meaning depends on the type; then
 * data. The checksum covers a pseudo-header too (section 2.3).
 */

import { finish, sum } from '../../../wire/checksum.ts';
import { u8, u16, u32 } from '../../../wire/reader.ts';
import { putU8, putU16, putU32 } from '../../../wire/writer.ts';

export const ICMPV6_HEADER_BYTES = 8;

export const ICMPV6_TYPE = {
  unreachable: 1,
  tooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighbourSolicitation: 135,
  neighbourAdvertisement: 136,
  redirect: 137,
} as const;

/** Codes of a destination unreachable (RFC 4443 section 3.1). */
export const UNREACHABLE = { noRoute: 0, prohibited: 1, beyondScope: 2, address: 3, port: 4 } as const;
export const TIME_EXCEEDED = { inTransit: 0, reassembly: 1 } as const;

/** RFC 4443 section 2.1: error messages have a zero in the highest bit of their type. */
export function isIcmpv6Error(type: number): boolean {
  return type < 128;
}

/**
 * Writes header and checksum over bytes[at..end); the data behind the header must stand there already. `rest` are the
 * four octets behind the checksum: identifier and sequence number, MTU, pointer. `pseudo` is the pseudo-header's sum.
 */
export function writeIcmpv6(
  bytes: Uint8Array,
  at: number,
  end: number,
  type: number,
  code: number,
  rest: number,
  pseudo: number,
): void {
  putU8(bytes, at, type);
  putU8(bytes, at + 1, code);
  putU16(bytes, at + 2, 0);
  putU32(bytes, at + 4, rest);
  putU16(bytes, at + 2, finish(sum(bytes, at, end, pseudo)));
}

/** Null when bytes[start..end) are an ICMPv6 message with a good checksum; else why not. */
export function checkIcmpv6(
  bytes: Uint8Array,
  start: number,
  end: number,
  pseudo: number,
): 'checksum' | 'malformed' | null {
  if (end - start < ICMPV6_HEADER_BYTES) return 'malformed';
  return finish(sum(bytes, start, end, pseudo)) === 0 ? null : 'checksum';
}

export function typeOf(bytes: Uint8Array, at: number): number {
  return u8(bytes, at);
}

export function codeOf(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + 1);
}

/** The identifier of an echo. */
export function identifierOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 4);
}

/** The sequence number of an echo. */
export function sequenceOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 6);
}

/** The four octets behind the checksum as one number: the MTU of a packet too big, the pointer of a parameter problem. */
export function restOf(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + 4);
}
