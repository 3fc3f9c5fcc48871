/** Protection of records (RFC 8446 section 5.2 to 5.4): AES-128-GCM and ChaCha20-Poly1305. */

import { type CipherGCM, createCipheriv, createDecipheriv, type DecipherGCM } from 'node:crypto';
import { RECORD_HEADER_BYTES, writeRecordHeader } from './header.ts';
import { expandLabel } from './key-schedule.ts';

export const TAG_BYTES = 16;
const IV_BYTES = 12;
const NO_BYTES = new Uint8Array(0);

export interface CipherSuite {
  readonly id: number;
  readonly name: string;
  readonly algorithm: 'aes-128-gcm' | 'chacha20-poly1305';
  readonly keyBytes: number;
  /** Section 5.5: after so many records the key must change. */
  readonly maxRecords: number;
}

/** In the order in which we like them. */
export const CIPHER_SUITES: readonly CipherSuite[] = [
  { id: 0x1301, name: 'TLS_AES_128_GCM_SHA256', algorithm: 'aes-128-gcm', keyBytes: 16, maxRecords: 2 ** 24 },
  {
    id: 0x1303,
    name: 'TLS_CHACHA20_POLY1305_SHA256',
    algorithm: 'chacha20-poly1305',
    keyBytes: 32,
    maxRecords: 2 ** 48,
  },
];

/** One direction's keys and the count of its records. */
export class RecordCipher {
  readonly suite: CipherSuite;
  readonly secret: Uint8Array;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  #sequence: number;

  /** `sequence`: of the next record; whoever opens one of many says which. */
  constructor(suite: CipherSuite, secret: Uint8Array, sequence = 0) {
    this.suite = suite;
    this.secret = secret;
    this.#sequence = sequence;
    this.#key = expandLabel(secret, 'key', NO_BYTES, suite.keyBytes);
    this.#iv = expandLabel(secret, 'iv', NO_BYTES, IV_BYTES);
  }

  /** Whether so many records went under this key that there should be a new one. */
  get isWornOut(): boolean {
    return this.#sequence >= this.suite.maxRecords;
  }

  /** A whole protected record of a content of at most 2^14 octets. */
  seal(type: number, content: Uint8Array): Uint8Array<ArrayBuffer> {
    const length = content.length + 1 + TAG_BYTES;
    const record = new Uint8Array(RECORD_HEADER_BYTES + length);
    writeRecordHeader(record, 0, 23, 0x0303, length);
    const { algorithm } = this.suite;
    const cipher = createCipheriv(algorithm as 'aes-128-gcm', this.#key, this.#nonce(), {
      authTagLength: TAG_BYTES,
    }) as CipherGCM;
    cipher.setAAD(record.subarray(0, RECORD_HEADER_BYTES));
    record.set(cipher.update(content), RECORD_HEADER_BYTES);
    record.set(cipher.update(Uint8Array.of(type)), RECORD_HEADER_BYTES + content.length);
    cipher.final();
    record.set(cipher.getAuthTag(), record.length - TAG_BYTES);
    return record;
  }

  /** What a protected record holds; null when it was not made with this key, or was changed. */
  open(record: Uint8Array): { readonly type: number; readonly content: Uint8Array } | null {
    const end = record.length - TAG_BYTES;
    if (end <= RECORD_HEADER_BYTES) return null;
    const { algorithm } = this.suite;
    const decipher = createDecipheriv(algorithm as 'aes-128-gcm', this.#key, this.#nonce(), {
      authTagLength: TAG_BYTES,
    }) as DecipherGCM;
    decipher.setAAD(record.subarray(0, RECORD_HEADER_BYTES));
    decipher.setAuthTag(record.subarray(end));
    const inner = Uint8Array.from(decipher.update(record.subarray(RECORD_HEADER_BYTES, end)));
    try {
      decipher.final();
    } catch {
      return null;
    }
    // Zeros behind the content are padding; the octet before them is the content's type (section 5.4).
    let last = inner.length - 1;
    while (last >= 0 && inner[last] === 0) last--;
    return { type: last < 0 ? 0 : (inner[last] as number), content: inner.subarray(0, Math.max(0, last)) };
  }

  #nonce(): Uint8Array {
    const nonce = this.#iv.slice();
    let rest = this.#sequence++;
    for (let at = IV_BYTES - 1; rest > 0; at--) {
      nonce[at] = (nonce[at] as number) ^ (rest % 256);
      rest = Math.floor(rest / 256);
    }
    return nonce;
  }
}
