/** Handshake messages of TLS 1.3 (RFC 8446 section 4), written and read. A message here is its body, without its head. */

import { joined } from '../../../wire/octets.ts';
import { Reader } from '../../../wire/reader.ts';
import { EXTENSION, HANDSHAKE, TlsProblem } from './header.ts';
import {
  take8,
  take16,
  take24,
  u16List,
  u16Octets,
  u24Octets,
  u32Octets,
  vector8,
  vector16,
  vector24,
} from './vectors.ts';

export type Extensions = ReadonlyMap<number, Uint8Array>;

const LEGACY_VERSION = 0x0303;
export const TLS_1_3 = 0x0304;

/** Type, length and body: as it goes into records, and into the transcript. */
export function handshakeMessage(type: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return joined(Uint8Array.of(type), u24Octets(body.length), body);
}

export interface ClientHello {
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly suites: readonly number[];
  readonly extensions: Extensions;
}

export function encodeClientHello({ random, sessionId, suites, extensions }: ClientHello): Uint8Array<ArrayBuffer> {
  const head = joined(u16Octets(LEGACY_VERSION), random, vector8(sessionId), vector16(u16Octets(...suites)));
  return joined(head, vector8(Uint8Array.of(0)), encodeExtensions(extensions));
}

export function decodeClientHello(body: Uint8Array): ClientHello | TlsProblem {
  const reader = new Reader(body);
  const version = reader.u16();
  const random = reader.slice(32);
  const sessionId = take8(reader);
  const suites = u16List(take16(reader));
  const compression = take8(reader);
  // Before TLS 1.2 extensions could be left out; whoever does so speaks no TLS 1.3.
  if (!reader.short && reader.left === 0) return new TlsProblem('protocol_version', 'the client speaks no TLS 1.3');
  const extensions = decodeExtensions(reader);
  if (reader.short || reader.left > 0 || !suites || sessionId.length > 32) return notDecoded('ClientHello');
  if (extensions instanceof TlsProblem) return extensions;
  if (version !== LEGACY_VERSION && !extensions.has(EXTENSION.supportedVersions)) {
    return new TlsProblem('protocol_version', 'the client speaks no TLS 1.3');
  }
  if (compression.length !== 1 || compression[0] !== 0) {
    // Section 4.1.2: anything but one zero is for those who speak an older TLS.
    return extensions.has(EXTENSION.supportedVersions)
      ? new TlsProblem('illegal_parameter', 'the client would compress')
      : new TlsProblem('protocol_version', 'the client speaks no TLS 1.3');
  }
  return { random, sessionId, suites, extensions };
}

export interface ServerHello {
  readonly random: Uint8Array;
  readonly sessionId: Uint8Array;
  readonly suite: number;
  readonly extensions: Extensions;
}

export function encodeServerHello({ random, sessionId, suite, extensions }: ServerHello): Uint8Array<ArrayBuffer> {
  const head = joined(u16Octets(LEGACY_VERSION), random, vector8(sessionId), u16Octets(suite), Uint8Array.of(0));
  return joined(head, encodeExtensions(extensions));
}

export function decodeServerHello(body: Uint8Array): ServerHello | TlsProblem {
  const reader = new Reader(body);
  const version = reader.u16();
  const random = reader.slice(32);
  const sessionId = take8(reader);
  const suite = reader.u16();
  const compression = reader.u8();
  if (reader.short) return notDecoded('ServerHello');
  if (reader.left === 0) return new TlsProblem('protocol_version', 'the server speaks no TLS 1.3');
  const extensions = decodeExtensions(reader);
  if (extensions instanceof TlsProblem) return extensions;
  if (reader.short || reader.left > 0) return notDecoded('ServerHello');
  // Section 4.2.1: where it says its version in an extension, the old place means nothing.
  if (version !== LEGACY_VERSION && !extensions.has(EXTENSION.supportedVersions)) {
    return new TlsProblem('protocol_version', 'the server speaks no TLS 1.3');
  }
  if (compression !== 0) return new TlsProblem('illegal_parameter', 'the server would compress');
  return { random, sessionId, suite, extensions };
}

export function encodeExtensions(extensions: Extensions): Uint8Array<ArrayBuffer> {
  return vector16(...[...extensions].map(([type, content]) => joined(u16Octets(type), vector16(content))));
}

function decodeExtensions(reader: Reader): Map<number, Uint8Array> | TlsProblem {
  const inner = new Reader(take16(reader));
  const extensions = new Map<number, Uint8Array>();
  while (inner.left > 0 && !inner.short) {
    const type = inner.u16();
    const content = take16(inner);
    if (extensions.has(type)) return new TlsProblem('illegal_parameter', `extension ${type} stands twice`);
    extensions.set(type, content);
  }
  if (inner.short) reader.short = true;
  return extensions;
}

export function decodeEncryptedExtensions(body: Uint8Array): Extensions | TlsProblem {
  const reader = new Reader(body);
  const extensions = decodeExtensions(reader);
  if (extensions instanceof TlsProblem) return extensions;
  return reader.short || reader.left > 0 ? notDecoded('EncryptedExtensions') : extensions;
}

/** Certificates, the sender's own first (section 4.4.2). */
export function encodeCertificate(context: Uint8Array, chain: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return joined(vector8(context), vector24(...chain.map((each) => joined(vector24(each), vector16()))));
}

export interface CertificateMessage {
  readonly context: Uint8Array;
  readonly chain: readonly Uint8Array[];
  /** Whether anything stands beside the certificates. */
  readonly hasExtensions: boolean;
}

export function decodeCertificate(body: Uint8Array): CertificateMessage | TlsProblem {
  const reader = new Reader(body);
  const context = take8(reader);
  const list = new Reader(take24(reader));
  const chain: Uint8Array[] = [];
  let hasExtensions = false;
  while (list.left > 0 && !list.short) {
    const certificate = take24(list);
    if (take16(list).length > 0) hasExtensions = true;
    if (certificate.length === 0) return notDecoded('Certificate');
    chain.push(certificate);
  }
  if (reader.short || list.short || reader.left > 0) return notDecoded('Certificate');
  return { context, chain, hasExtensions };
}

/** Section 4.3.2: its context, which is empty in a handshake, and what the certificate should be like. */
export function decodeCertificateRequest(
  body: Uint8Array,
): { readonly context: Uint8Array; readonly extensions: Extensions } | TlsProblem {
  const reader = new Reader(body);
  const context = take8(reader);
  const extensions = decodeExtensions(reader);
  if (extensions instanceof TlsProblem) return extensions;
  return reader.short || reader.left > 0 ? notDecoded('CertificateRequest') : { context, extensions };
}

export function encodeCertificateVerify(scheme: number, signature: Uint8Array): Uint8Array<ArrayBuffer> {
  return joined(u16Octets(scheme), vector16(signature));
}

export function decodeCertificateVerify(
  body: Uint8Array,
): { readonly scheme: number; readonly signature: Uint8Array } | TlsProblem {
  const reader = new Reader(body);
  const scheme = reader.u16();
  const signature = take16(reader);
  return reader.short || reader.left > 0 ? notDecoded('CertificateVerify') : { scheme, signature };
}

/** Section 4.4.3: what CertificateVerify signs. */
export function signedContent(role: 'client' | 'server', transcript: Uint8Array): Uint8Array<ArrayBuffer> {
  const words = new TextEncoder().encode(`TLS 1.3, ${role} CertificateVerify`);
  return joined(new Uint8Array(64).fill(0x20), words, Uint8Array.of(0), transcript);
}

export interface NewSessionTicket {
  readonly lifetimeSeconds: number;
  readonly ageAdd: number;
  readonly nonce: Uint8Array;
  readonly ticket: Uint8Array;
}

export function encodeNewSessionTicket(message: NewSessionTicket): Uint8Array<ArrayBuffer> {
  const { lifetimeSeconds, ageAdd, nonce, ticket } = message;
  return joined(u32Octets(lifetimeSeconds), u32Octets(ageAdd), vector8(nonce), vector16(ticket), vector16());
}

export function decodeNewSessionTicket(body: Uint8Array): NewSessionTicket | TlsProblem {
  const reader = new Reader(body);
  const lifetimeSeconds = reader.u32();
  const ageAdd = reader.u32();
  const nonce = take8(reader);
  const ticket = take16(reader);
  take16(reader);
  if (reader.short || reader.left > 0 || ticket.length === 0) return notDecoded('NewSessionTicket');
  return { lifetimeSeconds, ageAdd, nonce, ticket };
}

export interface PskOffer {
  readonly identities: readonly { readonly identity: Uint8Array; readonly obfuscatedAge: number }[];
  readonly binders: readonly Uint8Array[];
  /** How long the list of binders is, its length included: what a binder does not cover. */
  readonly bindersBytes: number;
}

/** Section 4.2.11, in a ClientHello. */
export function encodePskOffer({ identities, binders }: Omit<PskOffer, 'bindersBytes'>): Uint8Array<ArrayBuffer> {
  const offered = identities.map(({ identity, obfuscatedAge }) => joined(vector16(identity), u32Octets(obfuscatedAge)));
  return joined(vector16(...offered), vector16(...binders.map((binder) => vector8(binder))));
}

export function decodePskOffer(content: Uint8Array): PskOffer | TlsProblem {
  const reader = new Reader(content);
  const offered = new Reader(take16(reader));
  const bindersBytes = reader.left;
  const list = new Reader(take16(reader));
  const identities: PskOffer['identities'][number][] = [];
  while (offered.left > 0 && !offered.short) {
    const identity = take16(offered);
    identities.push({ identity, obfuscatedAge: offered.u32() });
  }
  const binders: Uint8Array[] = [];
  while (list.left > 0 && !list.short) binders.push(take8(list));
  if (reader.short || offered.short || list.short || reader.left > 0) return notDecoded('pre_shared_key');
  if (identities.length === 0 || identities.length !== binders.length) {
    return new TlsProblem('illegal_parameter', 'each key that is offered needs a binder');
  }
  return { identities, binders, bindersBytes };
}

export function notDecoded(what: string): TlsProblem {
  return new TlsProblem('decode_error', `the ${what} cannot be read`);
}

const NAMES: ReadonlyMap<number, string> = new Map([
  [HANDSHAKE.clientHello, 'ClientHello'],
  [HANDSHAKE.serverHello, 'ServerHello'],
  [HANDSHAKE.newSessionTicket, 'NewSessionTicket'],
  [HANDSHAKE.encryptedExtensions, 'EncryptedExtensions'],
  [HANDSHAKE.certificate, 'Certificate'],
  [HANDSHAKE.certificateRequest, 'CertificateRequest'],
  [HANDSHAKE.certificateVerify, 'CertificateVerify'],
  [HANDSHAKE.finished, 'Finished'],
  [HANDSHAKE.keyUpdate, 'KeyUpdate'],
]);

export function messageName(type: number): string {
  return NAMES.get(type) ?? `message ${type}`;
}
