/** ICMP messages (RFC 792): type, code, checksum and four octets whose meaning depends on the type; then data. */

import { finish, sum } from '../../../wire/checksum.ts';
import { u8, u16 } from '../../../wire/reader.ts';
import { putU8, putU16 } from '../../../wire/writer.ts';

export const ICMP_HEADER_BYTES = 8;

export const ICMP_TYPE = {
  echoReply: 0,
  unreachable: 3,
  sourceQuench: 4,
  redirect: 5,
  echoRequest: 8,
  timeExceeded: 11,
  parameterProblem: 12,
} as const;

/** Codes of a destination unreachable (RFC 792, RFC 1122 section 3.2.2.1). */
export const UNREACHABLE = { net: 0, host: 1, protocol: 2, port: 3, fragmentationNeeded: 4 } as const;
export const TIME_EXCEEDED = { inTransit: 0, reassembly: 1 } as const;

/** RFC 792's error messages quote a datagram; no ICMP error may be sent about them (RFC 1122 section 3.2.2). */
export function isIcmpError(type: number): boolean {
  return (
    type === ICMP_TYPE.unreachable ||
    type === ICMP_TYPE.sourceQuench ||
    type === ICMP_TYPE.redirect ||
    type === ICMP_TYPE.timeExceeded ||
    type === ICMP_TYPE.parameterProblem
  );
}

/**
 * Writes header and checksum over bytes[at..end); the data behind the header must stand there already.
 * `first` and `second` are the two 16-bit halves of the rest of the header: identifier and sequence number of an echo,
 * 0 and the next-hop MTU of a fragmentation needed (RFC 1191 section 4).
 */
export function writeIcmp(
  bytes: Uint8Array,
  at: number,
  end: number,
  type: number,
  code: number,
  first: number,
  second: number,
): void {
  putU8(bytes, at, type);
  putU8(bytes, at + 1, code);
  putU16(bytes, at + 2, 0);
  putU16(bytes, at + 4, first);
  putU16(bytes, at + 6, second);
  putU16(bytes, at + 2, finish(sum(bytes, at, end)));
}

/** Null when bytes[start..end) are an ICMP message with a good checksum; else why not. */
export function checkIcmp(bytes: Uint8Array, start: number, end: number): 'checksum' | 'malformed' | null {
  if (end - start < ICMP_HEADER_BYTES) return 'malformed';
  return finish(sum(bytes, start, end)) === 0 ? null : 'checksum';
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

/** The sequence number of an echo, or the next-hop MTU of a fragmentation needed. */
export function sequenceOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 6);
}
