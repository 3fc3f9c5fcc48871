import type { Context } from '../../kernel/context.ts';
import type { Nanos } from '../../kernel/journal.ts';
import type { IpAddress } from '../../wire/address.ts';

/** A token bucket: so many errors at once, and one more after each interval (RFC 4443 section 2.4(f), RFC 1812 section 4.3.2.8). */
export interface ErrorLimitOptions {
  readonly burst: number;
  readonly intervalNs: Nanos;
  /** A bucket for each peer, as Linux has it; false: one for all. */
  readonly perPeer: boolean;
  /** "Fragmentation needed" and "packet too big" always go: path MTU discovery hangs on them. */
  readonly exemptsTooBig: boolean;
}

/** RFC 4443 section 2.4(f): ten at once and ten a second are its example for a small device; RFC 1812 has no numbers. */
export const RFC_ERROR_LIMIT: ErrorLimitOptions = {
  burst: 10,
  intervalNs: 100_000_000,
  perPeer: false,
  exemptsTooBig: false,
};
/** net.ipv4.icmp_ratelimit and net.ipv6.icmp.ratelimit, 1000 ms, with the burst of six of Linux's buckets. */
export const LINUX_ERROR_LIMIT: ErrorLimitOptions = {
  burst: 6,
  intervalNs: 1_000_000_000,
  perPeer: true,
  exemptsTooBig: true,
};

/** Peers whose bucket is remembered; a full one need not be. */
const MOST_PEERS = 1024;

interface Bucket {
  tokens: number;
  /** When the tokens were counted last. */
  sinceNs: Nanos;
}

/** Keeps a node from answering a flood of bad packets with a flood of errors. */
export class ErrorLimit {
  readonly #context: Context;
  readonly #options: ErrorLimitOptions;
  readonly #buckets = new Map<IpAddress, Bucket>();

  constructor(context: Context, options: ErrorLimitOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Takes a token for an error to a peer; false: there is none left. */
  allows(peer: IpAddress, isTooBig: boolean): boolean {
    const { burst, intervalNs, perPeer, exemptsTooBig } = this.#options;
    if (isTooBig && exemptsTooBig) return true;
    const { nowNs } = this.#context;
    const key = perPeer ? peer : 0;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, sinceNs: nowNs };
    const earned = Math.floor((nowNs - bucket.sinceNs) / intervalNs);
    bucket.tokens = Math.min(burst, bucket.tokens + earned);
    bucket.sinceNs = bucket.tokens === burst ? nowNs : bucket.sinceNs + earned * intervalNs;
    if (this.#buckets.size >= MOST_PEERS) this.#buckets.clear();
    this.#buckets.set(key, bucket);
    if (bucket.tokens === 0) return false;
    bucket.tokens--;
    return true;
  }
}
