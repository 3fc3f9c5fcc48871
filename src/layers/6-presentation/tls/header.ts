/** Records of TLS 1.3 (RFC 8446 section 5.1), and the numbers that stand in them and in handshake messages (appendix B). */

import { type Malformed, malformed, u16 } from '../../../wire/reader.ts';
import { putU16 } from '../../../wire/writer.ts';

export const RECORD_HEADER_BYTES = 5;
/** Section 5.1: what one record may carry; protected it may be 256 octets longer (section 5.2). */
export const MAX_PLAINTEXT_BYTES = 1 << 14;
export const MAX_CIPHERTEXT_BYTES = MAX_PLAINTEXT_BYTES + 256;

export const CONTENT = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

export const HANDSHAKE = {
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  encryptedExtensions: 8,
  certificate: 11,
  certificateRequest: 13,
  certificateVerify: 15,
  finished: 20,
  keyUpdate: 24,
  messageHash: 254,
} as const;

export const EXTENSION = {
  serverName: 0,
  supportedGroups: 10,
  signatureAlgorithms: 13,
  alpn: 16,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  cookie: 44,
  pskKeyExchangeModes: 45,
  keyShare: 51,
} as const;

/** Section 6, with the names that stand there. */
export const ALERT = {
  close_notify: 0,
  unexpected_message: 10,
  bad_record_mac: 20,
  record_overflow: 22,
  handshake_failure: 40,
  bad_certificate: 42,
  unsupported_certificate: 43,
  certificate_revoked: 44,
  certificate_expired: 45,
  certificate_unknown: 46,
  illegal_parameter: 47,
  unknown_ca: 48,
  access_denied: 49,
  decode_error: 50,
  decrypt_error: 51,
  protocol_version: 70,
  insufficient_security: 71,
  internal_error: 80,
  inappropriate_fallback: 86,
  user_canceled: 90,
  missing_extension: 109,
  unsupported_extension: 110,
  unrecognized_name: 112,
  unknown_psk_identity: 115,
  certificate_required: 116,
  no_application_protocol: 120,
} as const;

export type AlertName = keyof typeof ALERT;

const ALERT_NAMES = new Map<number, string>(Object.entries(ALERT).map(([name, code]) => [code, name]));

export function alertName(code: number): string {
  return ALERT_NAMES.get(code) ?? `alert ${code}`;
}

/** What ends a connection: the alert that the other side is sent, and a sentence for people. */
export class TlsProblem {
  readonly alert: AlertName;
  readonly why: string;

  constructor(alert: AlertName, why: string) {
    this.alert = alert;
    this.why = why;
  }
}

export interface RecordHeader {
  readonly type: number;
  readonly version: number;
  /** Octets behind the header. */
  readonly length: number;
}

/** The header of a record. Needs `RECORD_HEADER_BYTES`. */
export function readRecordHeader(bytes: Uint8Array, at: number): RecordHeader | Malformed {
  const type = bytes[at] as number;
  if (type < CONTENT.changeCipherSpec || type > CONTENT.applicationData) return malformed(at, `content type ${type}`);
  return { type, version: u16(bytes, at + 1), length: u16(bytes, at + 3) };
}

export function writeRecordHeader(bytes: Uint8Array, at: number, type: number, version: number, length: number): void {
  bytes[at] = type;
  putU16(bytes, at + 1, version);
  putU16(bytes, at + 3, length);
}

/** RFC 8446 section 4.1.3: the random of a ServerHello that is a HelloRetryRequest. */
export const RETRY_RANDOM = Uint8Array.from(
  Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex'),
);
