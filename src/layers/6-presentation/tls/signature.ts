/**
 * Signatures of certificates and of CertificateVerify (RFC 8446 section 4.2.3). Whoever signs twice must write the same
 * octets twice: Ed25519 does by itself (RFC 8032), ECDSA with RFC 6979's nonces.
 */

import { constants, createECDH, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { joined } from '../../../wire/octets.ts';
import { integer, sequence } from './der.ts';
import { P256_ORDER, p256Scalar } from './key-exchange.ts';
import { hmac, sha256 } from './key-schedule.ts';

export const SCHEME = { ecdsa_secp256r1_sha256: 0x0403, ed25519: 0x0807, rsa_pss_rsae_sha256: 0x0804 } as const;

export type KeyKind = 'p256' | 'ed25519';

export interface SigningKey {
  readonly kind: KeyKind;
  /** The scheme of its signatures in handshakes. */
  readonly scheme: number;
  /** As a certificate has it: an uncompressed point, or 32 octets. */
  readonly publicKey: Uint8Array;
  /** As programs take it: PKCS #8. */
  readonly pkcs8: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

const ED25519_PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex');

export function signingKey(kind: KeyKind, draw: (length: number) => Uint8Array): SigningKey {
  return kind === 'ed25519' ? ed25519Key(draw(32)) : p256Key(p256Scalar(draw));
}

function ed25519Key(seed: Uint8Array): SigningKey {
  const pkcs8 = Buffer.concat([ED25519_PRIVATE, seed]);
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    kind: 'ed25519',
    scheme: SCHEME.ed25519,
    publicKey: Uint8Array.from(spki.subarray(-32)),
    pkcs8: Uint8Array.from(pkcs8),
    sign: (message) => Uint8Array.from(sign(null, message, key)),
  };
}

export function p256Key(scalar: Uint8Array): SigningKey {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar);
  const publicKey = Uint8Array.from(ecdh.getPublicKey());
  const d = Buffer.from(scalar).toString('base64url');
  const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)].map((each) =>
    Buffer.from(each).toString('base64url'),
  );
  const key = createPrivateKey({ key: { kty: 'EC', crv: 'P-256', d, x, y } as JsonWebKey, format: 'jwk' });
  return {
    kind: 'p256',
    scheme: SCHEME.ecdsa_secp256r1_sha256,
    publicKey,
    pkcs8: Uint8Array.from(key.export({ format: 'der', type: 'pkcs8' })),
    sign: (message) => ecdsa(scalar, sha256(message)),
  };
}

interface JsonWebKey {
  readonly [member: string]: unknown;
}

/** ECDSA of a digest with the nonce of RFC 6979 section 3.2; the point is computed by the library. */
function ecdsa(scalar: Uint8Array, digest: Uint8Array): Uint8Array {
  const d = numberOf(scalar);
  const e = numberOf(digest) % P256_ORDER;
  for (const k of nonces(scalar, octets32(e))) {
    const point = createECDH('prime256v1');
    point.setPrivateKey(octets32(k));
    const r = numberOf(point.getPublicKey().subarray(1, 33)) % P256_ORDER;
    const s = (inverse(k) * (e + r * d)) % P256_ORDER;
    if (r !== 0n && s !== 0n) return sequence(integer(r), integer(s));
  }
  throw new Error('the nonces never end');
}

function* nonces(scalar: Uint8Array, digest: Uint8Array): Generator<bigint> {
  let key: Uint8Array = new Uint8Array(32);
  let value: Uint8Array = new Uint8Array(32).fill(1);
  for (const octet of [0, 1]) {
    key = hmac(key, joined(value, Uint8Array.of(octet), scalar, digest));
    value = hmac(key, value);
  }
  for (;;) {
    value = hmac(key, value);
    const k = numberOf(value);
    if (k > 0n && k < P256_ORDER) yield k;
    key = hmac(key, joined(value, Uint8Array.of(0)));
    value = hmac(key, value);
  }
}

function inverse(value: bigint): bigint {
  let [low, high, x, y] = [((value % P256_ORDER) + P256_ORDER) % P256_ORDER, P256_ORDER, 1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high] = [high - quotient * low, low];
    [x, y] = [y - quotient * x, x];
  }
  return ((x % P256_ORDER) + P256_ORDER) % P256_ORDER;
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function octets32(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'));
}

/** Whether a signature of that scheme over the message was made with the key's other half. */
export function isSigned(scheme: number, key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    if (scheme === SCHEME.ed25519) return key.asymmetricKeyType === 'ed25519' && verify(null, message, key, signature);
    if (scheme === SCHEME.ecdsa_secp256r1_sha256) {
      return key.asymmetricKeyType === 'ec' && verify('sha256', message, key, signature);
    }
    const pss = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    return key.asymmetricKeyType === 'rsa' && verify('sha256', message, pss, signature);
  } catch {
    return false;
  }
}
