/** The key schedule of TLS 1.3 (RFC 8446 section 7) for the suites with SHA-256: HKDF (RFC 5869) and what is made of it. */

import { createHash, createHmac, type Hash } from 'node:crypto';
import { joined } from '../../../wire/octets.ts';

export const HASH_BYTES = 32;
const NO_BYTES = new Uint8Array(0);
const ZEROS = new Uint8Array(HASH_BYTES);

export function sha256(bytes: Uint8Array): Uint8Array {
  return octetsOf(createHash('sha256').update(bytes).digest());
}

export function hmac(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return octetsOf(createHmac('sha256', key).update(bytes).digest());
}

/** RFC 5869 section 2.2. */
function extract(salt: Uint8Array, secret: Uint8Array): Uint8Array {
  return hmac(salt, secret);
}

/** RFC 8446 section 7.1: HKDF-Expand with a label; at most 255 times the hash. */
export function expandLabel(secret: Uint8Array, label: string, context: Uint8Array, length: number): Uint8Array {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  const info = Uint8Array.of(length >> 8, length & 255, name.length, ...name, context.length, ...context);
  const output = new Uint8Array(length);
  let block: Uint8Array = NO_BYTES;
  for (let at = 0, counter = 1; at < length; at += HASH_BYTES, counter++) {
    block = hmac(secret, joined(block, info, Uint8Array.of(counter)));
    output.set(block.subarray(0, Math.min(HASH_BYTES, length - at)), at);
  }
  return output;
}

/** `transcript`: the hash of the messages so far. */
export function deriveSecret(secret: Uint8Array, label: string, transcript: Uint8Array): Uint8Array {
  return expandLabel(secret, label, transcript, HASH_BYTES);
}

/** Of an early secret, the handshake's; of that, the master secret. */
function next(secret: Uint8Array, input: Uint8Array): Uint8Array {
  return extract(deriveSecret(secret, 'derived', sha256(NO_BYTES)), input);
}

/** `psk`: null without one. */
export function earlySecret(psk: Uint8Array | null): Uint8Array {
  return extract(ZEROS, psk ?? ZEROS);
}

export function handshakeSecret(early: Uint8Array, sharedSecret: Uint8Array): Uint8Array {
  return next(early, sharedSecret);
}

export function masterSecret(handshake: Uint8Array): Uint8Array {
  return next(handshake, ZEROS);
}

/** Section 4.2.11.2: what proves that a client has the key of a session before. `transcript`: up to the binders. */
export function pskBinder(psk: Uint8Array, transcript: Uint8Array): Uint8Array {
  return finishedData(deriveSecret(earlySecret(psk), 'res binder', sha256(NO_BYTES)), transcript);
}

/** Section 4.4.4: what Finished says. `base`: the sender's traffic secret. */
export function finishedData(base: Uint8Array, transcript: Uint8Array): Uint8Array {
  return hmac(expandLabel(base, 'finished', NO_BYTES, HASH_BYTES), transcript);
}

/** Section 4.6.1: the key that a ticket stands for. */
export function resumptionPsk(resumptionSecret: Uint8Array, nonce: Uint8Array): Uint8Array {
  return expandLabel(resumptionSecret, 'resumption', nonce, HASH_BYTES);
}

/** Section 7.2: the secret after a KeyUpdate. */
export function updatedSecret(secret: Uint8Array): Uint8Array {
  return expandLabel(secret, 'traffic upd', NO_BYTES, HASH_BYTES);
}

/** The hash over the handshake's messages as they go. */
export class Transcript {
  #hash: Hash = createHash('sha256');

  add(message: Uint8Array): void {
    this.#hash.update(message);
  }

  get digest(): Uint8Array {
    return octetsOf(this.#hash.copy().digest());
  }

  /** The digest with more behind it that is not added. */
  digestWith(more: Uint8Array): Uint8Array {
    return octetsOf(this.#hash.copy().update(more).digest());
  }

  /** Section 4.4.1: a HelloRetryRequest makes the first ClientHello into its hash. */
  foldForRetry(): void {
    const digest = this.digest;
    this.#hash = createHash('sha256');
    this.add(Uint8Array.of(254, 0, 0, HASH_BYTES));
    this.add(digest);
  }
}

/** Node's Buffers may share memory with others; what is kept must not. */
function octetsOf(buffer: Buffer): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(buffer);
}
