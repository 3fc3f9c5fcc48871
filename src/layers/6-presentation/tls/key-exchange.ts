/** (EC)DHE shares (RFC 8446 section 4.2.8): X25519 (RFC 7748) and secp256r1, of private keys that are drawn elsewhere. */

import { createECDH, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';

export const GROUP = { secp256r1: 0x0017, x25519: 0x001d } as const;

export interface KeyShare {
  readonly group: number;
  readonly publicKey: Uint8Array;
  /** The shared secret with the peer's share; null when that is no point to share with. */
  agree(peer: Uint8Array): Uint8Array | null;
}

export const GROUP_NAMES: ReadonlyMap<number, string> = new Map([
  [GROUP.x25519, 'x25519'],
  [GROUP.secp256r1, 'secp256r1'],
]);

/** `draw`: octets of chance. null: a group that we do not have. */
export function keyShare(group: number, draw: (length: number) => Uint8Array): KeyShare | null {
  if (group === GROUP.x25519) return x25519Share(draw(32));
  return group === GROUP.secp256r1 ? p256Share(draw) : null;
}

const X25519_PRIVATE = Buffer.from('302e020100300506032b656e04220420', 'hex');
const X25519_PUBLIC = Buffer.from('302a300506032b656e032100', 'hex');

function x25519Share(privateKey: Uint8Array): KeyShare {
  const key = createPrivateKey({ key: Buffer.concat([X25519_PRIVATE, privateKey]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    group: GROUP.x25519,
    publicKey: Uint8Array.from(spki.subarray(-32)),
    agree: (peer) => {
      if (peer.length !== 32) return null;
      try {
        const der = Buffer.concat([X25519_PUBLIC, peer]);
        const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
        return Uint8Array.from(diffieHellman({ privateKey: key, publicKey }));
      } catch {
        // Points of small order share a secret that everybody knows (RFC 8446 section 7.4.2).
        return null;
      }
    },
  };
}

function p256Share(draw: (length: number) => Uint8Array): KeyShare {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(p256Scalar(draw));
  return {
    group: GROUP.secp256r1,
    publicKey: Uint8Array.from(ecdh.getPublicKey()),
    agree: (peer) => {
      try {
        return peer[0] === 4 ? Uint8Array.from(ecdh.computeSecret(peer)) : null;
      } catch {
        return null;
      }
    },
  };
}

/** The order of P-256. */
export const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** A private key: from 1 to the order less 1, drawn until one is (FIPS 186-5 appendix A.2.2). */
export function p256Scalar(draw: (length: number) => Uint8Array): Uint8Array {
  for (;;) {
    const bytes = draw(32);
    const scalar = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
    if (scalar > 0n && scalar < P256_ORDER) return bytes;
  }
}
