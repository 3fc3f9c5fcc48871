/**
 * Records of TLS (RFC 8446 section 5, RFC 5246 section 6) as one who listens can read them: nothing is decrypted, so what
 * stands behind a change of cipher is only measured.
 *
 *   type 1 | version 2 | length 2 | fragment
 */

import { u8, u16 } from '../../../wire/reader.ts';

export const RECORD_HEADER_BYTES = 5;
export const CONTENT = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23, heartbeat: 24 } as const;
export const HANDSHAKE = { clientHello: 1, serverHello: 2 } as const;
export const VERSION = { ssl3: 0x0300, tls13: 0x0304 } as const;
/** RFC 5246 section 6.2.3: a fragment may grow by 2048 octets. */
const GREATEST_FRAGMENT_BYTES = 16_384 + 2_048;
const HANDSHAKE_HEADER_BYTES = 4;

const MESSAGES: Readonly<Record<number, string>> = {
  0: 'Hello Request',
  1: 'Client Hello',
  2: 'Server Hello',
  3: 'Hello Verify Request',
  4: 'New Session Ticket',
  5: 'End of Early Data',
  6: 'Hello Retry Request',
  8: 'Encrypted Extensions',
  11: 'Certificate',
  12: 'Server Key Exchange',
  13: 'Certificate Request',
  14: 'Server Hello Done',
  15: 'Certificate Verify',
  16: 'Client Key Exchange',
  20: 'Finished',
  21: 'Certificate URL',
  22: 'Certificate Status',
  23: 'Supplemental Data',
  24: 'Key Update',
  25: 'Compressed Certificate',
};

/** A message of the handshake: bytes[at..end), header included. */
export interface HandshakeMessage {
  readonly type: number;
  readonly name: string;
  readonly at: number;
  readonly end: number;
}

export interface TlsRecord {
  readonly at: number;
  readonly end: number;
  readonly type: number;
  /** As the record says; TLS 1.3 says 1.2. */
  readonly version: number;
  /** Of the session, as far as it is known. */
  readonly sessionVersion: number;
  /** What it holds cannot be read. */
  readonly isEncrypted: boolean;
  readonly messages: readonly HandshakeMessage[];
}

/** Could a record begin here? Five octets are there. */
export function looksLikeRecord(bytes: Uint8Array, at: number): boolean {
  const type = u8(bytes, at);
  const length = u16(bytes, at + 3);
  const isKnown = type >= CONTENT.changeCipherSpec && type <= CONTENT.heartbeat;
  return isKnown && u8(bytes, at + 1) === 3 && u8(bytes, at + 2) <= 4 && length <= GREATEST_FRAGMENT_BYTES;
}

export function recordEnd(bytes: Uint8Array, at: number): number {
  return at + RECORD_HEADER_BYTES + u16(bytes, at + 3);
}

/** What is known of a session while its records are read one by one. */
export class TlsSession {
  /** 0: not known yet. */
  #version = 0;
  /** Ports to which what is sent is encrypted. */
  readonly #encryptedTowards = new Set<number>();

  /** Reads the record at `at`, which is whole. `towards`: the port that it is sent to. */
  read(bytes: Uint8Array, at: number, towards: number): TlsRecord {
    const end = recordEnd(bytes, at);
    const type = u8(bytes, at);
    const version = u16(bytes, at + 1);
    const fragment = at + RECORD_HEADER_BYTES;
    const isEncrypted = type !== CONTENT.changeCipherSpec && this.#encryptedTowards.has(towards);
    const messages = type === CONTENT.handshake && !isEncrypted ? messagesIn(bytes, fragment, end) : [];
    const isOpaque = isEncrypted || (type === CONTENT.handshake && messages.length === 0);
    for (const message of messages) this.#learn(bytes, message, version);
    const sessionVersion = this.#version === 0 ? version : this.#version;
    // TLS 1.3 changes keys without a record that says so, but everything behind that is application data.
    if (type === CONTENT.changeCipherSpec && this.#version !== VERSION.tls13) this.#encryptedTowards.add(towards);
    return { at, end, type, version, sessionVersion, isEncrypted: isOpaque, messages };
  }

  #learn(bytes: Uint8Array, { type, at, end }: HandshakeMessage, version: number): void {
    if (type !== HANDSHAKE.serverHello) return;
    this.#version = selectedVersion(bytes, at, end) ?? version;
  }
}

/** None when they do not fit or the first is of no known type: then it is no handshake that could be read. */
function messagesIn(bytes: Uint8Array, start: number, end: number): HandshakeMessage[] {
  const messages: HandshakeMessage[] = [];
  for (let at = start; at < end; ) {
    if (end - at < HANDSHAKE_HEADER_BYTES) return [];
    const next = at + HANDSHAKE_HEADER_BYTES + lengthOf(bytes, at);
    if (next > end) return [];
    const type = u8(bytes, at);
    const name = MESSAGES[type];
    if (name === undefined) break;
    messages.push({ type, name, at, end: next });
    at = next;
  }
  return messages;
}

/** Octets behind the header of a handshake message. */
export function lengthOf(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at + 1) << 16) | u16(bytes, at + 2);
}

const SUPPORTED_VERSIONS = 43;
const SERVER_NAME = 0;
const ALPN = 16;
/** Version and random of a hello, behind the header of the message. */
const HELLO_FIXED_BYTES = 34;

/** bytes[at..end). */
export type Range = readonly [at: number, end: number];

export interface HelloExtension {
  readonly type: number;
  /** Where its type stands. */
  readonly at: number;
  /** Behind type and length. */
  readonly content: Range;
}

/** What stands in a hello, as far as it can be read. */
export interface Hello {
  /** Offered by a client; of a server's just one. */
  readonly suites: Range;
  readonly extensions: readonly HelloExtension[];
}

/** A ClientHello or ServerHello (RFC 8446 sections 4.1.2 and 4.1.3, RFC 5246 section 7.4.1); null: it ends too early. */
export function readHello(bytes: Uint8Array, at: number, end: number): Hello | null {
  let place = at + HANDSHAKE_HEADER_BYTES + HELLO_FIXED_BYTES;
  if (place >= end) return null;
  place += 1 + u8(bytes, place);
  if (place + 2 > end) return null;
  const isClient = u8(bytes, at) === HANDSHAKE.clientHello;
  const suites: Range = isClient ? [place + 2, place + 2 + u16(bytes, place)] : [place, place + 2];
  place = suites[1];
  if (place >= end) return null;
  place += isClient ? 1 + u8(bytes, place) : 1;
  return { suites, extensions: place + 2 > end ? [] : extensionsIn(bytes, place, end) };
}

function extensionsIn(bytes: Uint8Array, start: number, end: number): HelloExtension[] {
  const extensions: HelloExtension[] = [];
  const stop = Math.min(end, start + 2 + u16(bytes, start));
  for (let at = start + 2; at + 4 <= stop; ) {
    const next = at + 4 + u16(bytes, at + 2);
    if (next > stop) break;
    extensions.push({ type: u16(bytes, at), at, content: [at + 4, next] });
    at = next;
  }
  return extensions;
}

/** Which version the server chose, if an extension says so (RFC 8446 section 4.2.1). */
function selectedVersion(bytes: Uint8Array, at: number, end: number): number | null {
  const found = readHello(bytes, at, end)?.extensions.find(({ type }) => type === SUPPORTED_VERSIONS);
  return found && found.content[1] - found.content[0] >= 2 ? u16(bytes, found.content[0]) : null;
}

/** The name of the server that a client asks for, or null (RFC 6066 section 3). */
export function serverNameIn(bytes: Uint8Array, { extensions }: Hello): Range | null {
  const found = extensions.find(({ type }) => type === SERVER_NAME);
  if (!found || found.content[1] - found.content[0] < 5) return null;
  const from = found.content[0] + 5;
  const to = from + u16(bytes, found.content[0] + 3);
  return to <= found.content[1] ? [from, to] : null;
}

/** What the application offers to speak, or was answered (RFC 7301). */
export function protocolsIn(bytes: Uint8Array, { extensions }: Hello): Range[] {
  const found = extensions.find(({ type }) => type === ALPN);
  const names: Range[] = [];
  if (!found || found.content[1] - found.content[0] < 2) return names;
  for (let at = found.content[0] + 2; at < found.content[1]; ) {
    const name: Range = [at + 1, at + 1 + u8(bytes, at)];
    if (name[1] > found.content[1]) break;
    names.push(name);
    at = name[1];
  }
  return names;
}
