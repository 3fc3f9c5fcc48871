/** The chain of extension headers behind an IPv6 header (RFC 8200 section 4), read in place. */

import { u8, u16, u32 } from '../../../wire/reader.ts';
import { IPV6_HEADER_BYTES, NEXT_HEADER, nextHeaderOf } from './header.ts';

export const FRAGMENT_HEADER_BYTES = 8;

/** Where a chain leads. Offsets count in the buffer that was read. */
export interface Chain {
  /** The upper-layer protocol, or `NEXT_HEADER.fragment` where the chain stops at a fragment header. */
  readonly protocol: number;
  /** Where its header begins. */
  readonly at: number;
  /** The octet that names it: an ICMPv6 parameter problem points there. */
  readonly namedAt: number;
}

/** Why a packet ends with its extension headers. */
export interface ChainProblem {
  readonly problem: string;
  /** The code of the ICMPv6 parameter problem that answers it (RFC 4443 section 3.4); null: none does. */
  readonly code: number | null;
  /** The octet that is wrong. */
  readonly at: number;
  /** Told even if the packet was sent to a group: option types that begin with the bits 10 (RFC 8200 section 4.2). */
  readonly evenToGroups: boolean;
}

/** Codes of a parameter problem (RFC 4443 section 3.4, RFC 7112 section 4). */
export const PARAMETER_PROBLEM = { field: 0, nextHeader: 1, option: 2, incompleteChain: 3 } as const;

export function isProblem(chain: Chain | ChainProblem): chain is ChainProblem {
  return 'problem' in chain;
}

/** True for what stands between the IPv6 header and the upper layer. */
export function isExtension(nextHeader: number): boolean {
  return (
    nextHeader === NEXT_HEADER.hopByHop ||
    nextHeader === NEXT_HEADER.routing ||
    nextHeader === NEXT_HEADER.fragment ||
    nextHeader === NEXT_HEADER.destination
  );
}

/**
 * Follows the chain of the packet bytes[start..end), whose IPv6 header is sound, as its destination does. An atomic
 * fragment, offset 0 with nothing behind it, is no fragment at all (RFC 6946).
 */
export function readChain(bytes: Uint8Array, start: number, end: number): Chain | ChainProblem {
  let namedAt = start + 6;
  let protocol = nextHeaderOf(bytes, start);
  let at = start + IPV6_HEADER_BYTES;
  while (isExtension(protocol)) {
    if (protocol === NEXT_HEADER.hopByHop && at !== start + IPV6_HEADER_BYTES) {
      return told('hop-by-hop options may only follow the IPv6 header', PARAMETER_PROBLEM.nextHeader, namedAt);
    }
    if (end - at < 8) return silent('the packet ends within its extension headers', at);
    if (protocol === NEXT_HEADER.fragment && (u16(bytes, at + 2) & 0xfff9) !== 0) return { protocol, at, namedAt };
    const length = protocol === NEXT_HEADER.fragment ? FRAGMENT_HEADER_BYTES : 8 + 8 * u8(bytes, at + 1);
    if (at + length > end) return silent('the packet ends within its extension headers', at);
    const problem =
      protocol === NEXT_HEADER.routing
        ? whyNotRouted(bytes, at)
        : protocol === NEXT_HEADER.fragment
          ? null
          : whyNotOptions(bytes, at + 2, at + length);
    if (problem) return problem;
    protocol = u8(bytes, at);
    namedAt = at;
    at += length;
  }
  return { protocol, at, namedAt };
}

/** RFC 8200 section 4.4: no type is known here, and type 0 is forbidden (RFC 5095); with nothing left it is skipped. */
function whyNotRouted(bytes: Uint8Array, at: number): ChainProblem | null {
  if (u8(bytes, at + 3) === 0) return null;
  return told(`routing type ${u8(bytes, at + 2)} is not understood here`, PARAMETER_PROBLEM.field, at + 2);
}

/** RFC 8200 section 4.2: the two highest bits of an unknown option say what becomes of the packet. */
function whyNotOptions(bytes: Uint8Array, from: number, to: number): ChainProblem | null {
  for (let at = from; at < to; ) {
    const type = u8(bytes, at);
    if (type === 0) {
      at++;
      continue;
    }
    const next = at + 2 + u8(bytes, at + 1);
    if (at + 2 > to || next > to) return silent('an option is longer than its header', at);
    const action = type === 1 ? 0 : type >>> 6;
    const problem = `the option 0x${type.toString(16).padStart(2, '0')} is not understood here`;
    if (action === 1) return silent(problem, at);
    if (action > 1) return { problem, code: PARAMETER_PROBLEM.option, at, evenToGroups: action === 2 };
    at = next;
  }
  return null;
}

function told(problem: string, code: number, at: number): ChainProblem {
  return { problem, code, at, evenToGroups: false };
}

function silent(problem: string, at: number): ChainProblem {
  return { problem, code: null, at, evenToGroups: false };
}

/** The fragment header (RFC 8200 section 4.5): next header, 0, offset in units of 8 octets with M in bit 0, identification. */
export function fragmentOffsetOf(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + 2) & 0xfff8;
}

export function hasMoreFragments(bytes: Uint8Array, at: number): boolean {
  return (u8(bytes, at + 3) & 1) !== 0;
}

export function fragmentIdentificationOf(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + 4);
}
