/** What the two handshakes share: the link that they speak over, what they are told, and what they agree on. */

import type { Trust } from './certificate-check.ts';
import type { TlsProblem } from './header.ts';
import type { Transcript } from './key-schedule.ts';
import type { CipherSuite } from './record-cipher.ts';
import type { SigningKey } from './signature.ts';

/** What a handshake can do to its connection. */
export interface HandshakeLink {
  readonly transcript: Transcript;
  /** Sends a message, and adds it to the transcript. */
  send(type: number, body: Uint8Array): void;
  /** Appendix D.4: what middleboxes of old look for. */
  changeCipherSpec(): void;
  protectReading(suite: CipherSuite, secret: Uint8Array): void;
  protectWriting(suite: CipherSuite, secret: Uint8Array): void;
  /** A secret under its name in key logs. */
  log(label: SecretLabel, random: Uint8Array, secret: Uint8Array): void;
  done(agreed: Agreed): void;
}

export type SecretLabel =
  | 'CLIENT_HANDSHAKE_TRAFFIC_SECRET'
  | 'SERVER_HANDSHAKE_TRAFFIC_SECRET'
  | 'CLIENT_TRAFFIC_SECRET_0'
  | 'SERVER_TRAFFIC_SECRET_0'
  | 'EXPORTER_SECRET';

export interface Agreed {
  readonly suite: CipherSuite;
  /** null: a session before was resumed, and no new point was looked for; else the group's number. */
  readonly group: number;
  readonly isResumed: boolean;
  readonly wasRetried: boolean;
  /** What the application speaks, where both sides said. */
  readonly protocol: string | null;
  readonly serverName: string | null;
  readonly resumptionSecret: Uint8Array;
}

/** One side's part: it is handed each message, and returns what is wrong with it. */
export interface Handshake {
  /** `raw`: with its head, for the transcript. */
  onMessage(type: number, body: Uint8Array, raw: Uint8Array): TlsProblem | null;
}

/** A session that may be resumed. */
export interface StoredSession {
  readonly psk: Uint8Array;
  readonly suite: number;
  readonly ticket: Uint8Array;
  readonly ageAdd: number;
  readonly receivedNs: number;
  readonly lifetimeNs: number;
}

export interface ClientSettings {
  readonly serverName: string;
  /** Protocols of the application, the best liked first (RFC 7301). */
  readonly protocols: readonly string[];
  readonly suites: readonly CipherSuite[];
  readonly groups: readonly number[];
  readonly trust: Trust;
  readonly session: StoredSession | null;
  readonly nowNs: number;
  readonly draw: (length: number) => Uint8Array;
}

export interface ServerSettings {
  readonly chain: readonly Uint8Array[];
  readonly key: SigningKey;
  readonly protocols: readonly string[];
  readonly suites: readonly CipherSuite[];
  readonly groups: readonly number[];
  /** The key that a ticket of ours stands for; null: it is none, or is over. */
  readonly sessionOf: (ticket: Uint8Array) => { readonly psk: Uint8Array; readonly suite: number } | null;
  readonly draw: (length: number) => Uint8Array;
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, at) => octet === other[at]);
}
