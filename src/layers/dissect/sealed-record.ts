/** Opens protected TLS records (RFC 8446 section 5.2) for those who have the secrets: of a key log, or of a journal. */

import { updatedSecret } from '../6-presentation/tls/key-schedule.ts';
import { CIPHER_SUITES, type CipherSuite, RecordCipher } from '../6-presentation/tls/record-cipher.ts';

/** With what one record is protected. */
export interface Seal {
  readonly suite: CipherSuite;
  /** The traffic secret of its sender. */
  readonly secret: Uint8Array;
  /** How many records were protected with it before. */
  readonly count: number;
}

/** null: a suite that we cannot open. */
export function suiteOf(id: number): CipherSuite | null {
  return CIPHER_SUITES.find((suite) => suite.id === id) ?? null;
}

/** What a whole record holds, and of what type it truly is; null: it was protected otherwise. */
export function openSealed(
  { suite, secret, count }: Seal,
  record: Uint8Array,
): { readonly type: number; readonly content: Uint8Array } | null {
  return new RecordCipher(suite, secret, count).open(record);
}

/** The secret behind a KeyUpdate (section 7.2). */
export function renewed(secret: Uint8Array): Uint8Array {
  return updatedSecret(secret);
}
