/**
 * What a connection has learnt of its path (RFC 1191): the greatest datagram that gets through, from ICMP's "fragmentation
 * needed", or from the silence of a black hole (RFC 4821).
 */

import type { Context } from '../../../kernel/context.ts';
import type { Nanos } from '../../../kernel/journal.ts';
import type { IpAddress } from '../../../wire/address.ts';
import type { TcpProfile } from './profile.ts';

/** RFC 1191 section 6.3: after ten minutes a larger one may be tried. */
const LIFETIME_NS: Nanos = 600 * 1_000_000_000;
/** RFC 1191 section 7.1, for routers that do not tell their MTU. */
const PLATEAUS = [65_535, 32_000, 17_914, 8166, 4352, 2002, 1492, 1006, 508, 296, 68] as const;
/** Every path carries this: what is left when a black hole swallows all that is larger. */
const SAFE_BYTES = 576;

const LEAST_IPV6_BYTES = 1280;

/** Below 1280 no IPv6 path is (RFC 8200 section 5); for IPv4 the profile knows what to believe. */
export function leastMtuTowards(address: IpAddress, profile: TcpProfile): number {
  return typeof address === 'bigint' ? LEAST_IPV6_BYTES : profile.leastPathMtuBytes;
}

export class PathMtu {
  #bytes: number | null = null;
  #untilNs: Nanos = 0;
  readonly #context: Context;
  /** No path is narrower. */
  readonly leastBytes: number;

  constructor(context: Context, leastBytes: number) {
    this.#context = context;
    this.leastBytes = leastBytes;
  }

  /** The greatest datagram in octets, the interface allowing `linkBytes`. */
  within(linkBytes: number): number {
    if (this.#bytes === null) return linkBytes;
    if (this.#context.nowNs >= this.#untilNs) this.#bytes = null;
    return this.#bytes === null ? linkBytes : Math.min(this.#bytes, linkBytes);
  }

  /** A router says how much it can pass on, 0 if it does not know. True: that is less than was thought. */
  onTooBig(saidBytes: number, sentBytes: number): boolean {
    const fallback = PLATEAUS.find((plateau) => plateau < sentBytes) ?? this.leastBytes;
    return this.#narrow(saidBytes === 0 ? fallback : saidBytes, sentBytes);
  }

  /** Nothing large gets an answer. */
  onBlackHole(sentBytes: number): boolean {
    return this.#narrow(SAFE_BYTES, sentBytes);
  }

  #narrow(bytes: number, sentBytes: number): boolean {
    const floored = Math.max(bytes, this.leastBytes);
    if (floored >= sentBytes) return false;
    this.#bytes = floored;
    this.#untilNs = this.#context.nowNs + LIFETIME_NS;
    return true;
  }
}
