/** What presentation offers applications: streams that nobody on the way can read or change (TLS 1.3), and codings. */

import type { StreamService } from '../4-transport/service.ts';

export interface TlsService {
  /** Streams to a server of that name. The user hears `onOpen` when the handshake is over, or `onClose`. */
  client(options: TlsClientOptions): StreamService;
  /** Listeners with a certificate of the scenario's authority. A stream is handed over when its handshake is over. */
  server(options: TlsServerOptions): StreamService;
}

interface TlsOptions {
  /** What the application speaks, the best liked first (RFC 7301); empty: it does not say. */
  readonly protocols: readonly string[];
  /** By their names in RFC 8446, the best liked first; empty: all that we have. */
  readonly suites: readonly string[];
  readonly groups: readonly ('x25519' | 'secp256r1')[];
  /** New keys after so many records; null: when the cipher asks for it. */
  readonly renewAfter: number | null;
}

export interface TlsClientOptions extends TlsOptions {
  /** Whom the certificate must be for: a DNS name or an IPv4 address. */
  readonly serverName: string;
  readonly trusts: 'the authority' | 'nobody';
}

export interface TlsServerOptions extends TlsOptions {
  /** DNS names and IPv4 addresses. */
  readonly names: readonly string[];
  readonly key: 'p256' | 'ed25519';
  readonly isExpired: boolean;
  /** Signed with its own key, and so by nobody whom others trust. */
  readonly isSelfSigned: boolean;
}

/** How content may be coded on its way (RFC 9110 section 8.4.1). */
export type ContentCoding = 'gzip' | 'deflate';
export type Decoded = Uint8Array | 'damaged' | 'too-big';

export interface ContentCodings {
  encode(coding: ContentCoding, content: Uint8Array): Uint8Array;
  /** At most so many octets. */
  decode(coding: ContentCoding, bytes: Uint8Array, maxBytes: number): Decoded;
}
