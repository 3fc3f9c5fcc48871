/** The client's handshake (RFC 8446 section 2 and appendix A.1). */

import type { X509Certificate } from 'node:crypto';
import { checkChain } from './certificate-check.ts';
import type { ClientSettings, Handshake, HandshakeLink } from './handshake.ts';
import { isSame } from './handshake.ts';
import { EXTENSION, HANDSHAKE, RETRY_RANDOM, TlsProblem } from './header.ts';
import {
  decodeProtocols,
  decodeShare,
  encodeNumbers,
  encodeProtocols,
  encodeServerName,
  encodeShares,
  encodeVersions,
  isCookie,
} from './hello-extensions.ts';
import { type KeyShare, keyShare } from './key-exchange.ts';
import {
  deriveSecret,
  earlySecret,
  finishedData,
  HASH_BYTES,
  handshakeSecret,
  masterSecret,
  pskBinder,
} from './key-schedule.ts';
import {
  type ClientHello,
  decodeCertificate,
  decodeCertificateRequest,
  decodeCertificateVerify,
  decodeEncryptedExtensions,
  decodeServerHello,
  type Extensions,
  encodeCertificate,
  encodeClientHello,
  encodePskOffer,
  handshakeMessage,
  messageName,
  notDecoded,
  type ServerHello,
  signedContent,
  TLS_1_3,
} from './messages.ts';
import type { CipherSuite } from './record-cipher.ts';
import { isSigned, SCHEME } from './signature.ts';
import { u16Octets, vector8 } from './vectors.ts';

const SCHEMES = [SCHEME.ecdsa_secp256r1_sha256, SCHEME.ed25519, SCHEME.rsa_pss_rsae_sha256];
/** In which message a server may answer what (section 4.2). */
const ANSWERS = {
  ServerHello: [EXTENSION.keyShare, EXTENSION.preSharedKey, EXTENSION.supportedVersions],
  HelloRetryRequest: [EXTENSION.keyShare, EXTENSION.cookie, EXTENSION.supportedVersions],
  EncryptedExtensions: [EXTENSION.serverName, EXTENSION.supportedGroups, EXTENSION.alpn],
} as const;

type Step = 'server hello' | 'extensions' | 'certificate' | 'certificate verify' | 'finished' | 'done';

export class ClientHandshake implements Handshake {
  readonly #link: HandshakeLink;
  readonly #settings: ClientSettings;
  readonly #random: Uint8Array;
  readonly #sessionId: Uint8Array;
  /** Extensions of our hello: a server may answer no others, but ask for a cookie to be said again. */
  readonly #offers = new Set<number>([EXTENSION.cookie]);
  #share: KeyShare;
  #step: Step = 'server hello';
  #retry: ServerHello | null = null;
  #suite: CipherSuite | null = null;
  #isResumed = false;
  #protocol: string | null = null;
  #certificate: X509Certificate | null = null;
  /** The context of a CertificateRequest, to which we have no certificate. */
  #requested: Uint8Array | null = null;
  #secrets = { handshake: new Uint8Array(0), client: new Uint8Array(0), server: new Uint8Array(0) } as {
    handshake: Uint8Array;
    client: Uint8Array;
    server: Uint8Array;
  };

  constructor(link: HandshakeLink, settings: ClientSettings) {
    this.#link = link;
    this.#settings = settings;
    this.#random = settings.draw(32);
    this.#sessionId = settings.draw(32);
    const [first = 0] = settings.groups;
    this.#share = keyShare(first, settings.draw) as KeyShare;
  }

  start(): void {
    this.#sendHello(null);
  }

  onMessage(type: number, body: Uint8Array, raw: Uint8Array): TlsProblem | null {
    const step = this.#step;
    if (step === 'server hello' && type === HANDSHAKE.serverHello) return this.#onHello(body, raw);
    if (step === 'extensions' && type === HANDSHAKE.encryptedExtensions) return this.#onExtensions(body, raw);
    if (step === 'certificate' && type === HANDSHAKE.certificateRequest) return this.#onRequest(body, raw);
    if (step === 'certificate' && type === HANDSHAKE.certificate) return this.#onCertificate(body, raw);
    if (step === 'certificate verify' && type === HANDSHAKE.certificateVerify) return this.#onVerify(body, raw);
    if (step === 'finished' && type === HANDSHAKE.finished) return this.#onFinished(body, raw);
    return new TlsProblem('unexpected_message', `${messageName(type)} where ${step} was due`);
  }

  #sendHello(cookie: Uint8Array | null): void {
    const { serverName, protocols, suites, groups } = this.#settings;
    const extensions = new Map<number, Uint8Array>();
    const name = encodeServerName(serverName);
    if (name) extensions.set(EXTENSION.serverName, name);
    extensions.set(EXTENSION.supportedGroups, encodeNumbers(groups));
    extensions.set(EXTENSION.signatureAlgorithms, encodeNumbers(SCHEMES));
    if (protocols.length > 0) extensions.set(EXTENSION.alpn, encodeProtocols(protocols));
    extensions.set(EXTENSION.supportedVersions, encodeVersions([TLS_1_3]));
    if (cookie) extensions.set(EXTENSION.cookie, cookie);
    extensions.set(EXTENSION.pskKeyExchangeModes, vector8(Uint8Array.of(1)));
    extensions.set(EXTENSION.keyShare, encodeShares([this.#share]));
    const hello: ClientHello = {
      random: this.#random,
      sessionId: this.#sessionId,
      suites: suites.map(({ id }) => id),
      extensions,
    };
    this.#offerSession(hello, extensions);
    for (const type of extensions.keys()) this.#offers.add(type);
    this.#link.send(HANDSHAKE.clientHello, encodeClientHello(hello));
  }

  /** Section 4.2.11: the last extension, whose binder covers all that stands before it. */
  #offerSession(hello: ClientHello, extensions: Map<number, Uint8Array>): void {
    const session = this.#offered;
    if (!session) return;
    const { psk, ticket, ageAdd, receivedNs } = session;
    const ageMs = Math.floor((this.#settings.nowNs - receivedNs) / 1_000_000);
    const identities = [{ identity: ticket, obfuscatedAge: (ageMs + ageAdd) >>> 0 }];
    const offer = (binder: Uint8Array) => {
      extensions.set(EXTENSION.preSharedKey, encodePskOffer({ identities, binders: [binder] }));
      return handshakeMessage(HANDSHAKE.clientHello, encodeClientHello(hello));
    };
    const draft = offer(new Uint8Array(HASH_BYTES));
    const covered = draft.subarray(0, draft.length - (2 + 1 + HASH_BYTES));
    offer(pskBinder(psk, this.#link.transcript.digestWith(covered)));
  }

  get #offered() {
    const { session, suites } = this.#settings;
    return session && suites.some(({ id }) => id === session.suite) ? session : null;
  }

  #onHello(body: Uint8Array, raw: Uint8Array): TlsProblem | null {
    const hello = decodeServerHello(body);
    if (hello instanceof TlsProblem) return hello;
    const version = hello.extensions.get(EXTENSION.supportedVersions);
    if (!version) return new TlsProblem('protocol_version', 'the server speaks no TLS 1.3');
    if (version.length !== 2) return notDecoded('supported_versions');
    if (!isSame(version, u16Octets(TLS_1_3))) return illegal('the server chose a version that was not offered');
    if (!isSame(hello.sessionId, this.#sessionId)) return illegal('the server does not echo the session id');
    const suite = this.#settings.suites.find(({ id }) => id === hello.suite);
    if (!suite || (this.#retry && this.#retry.suite !== hello.suite)) return illegal('the suite was not offered');
    const isRetry = isSame(hello.random, RETRY_RANDOM);
    const problem = this.#unasked(isRetry ? 'HelloRetryRequest' : 'ServerHello', hello.extensions);
    if (problem) return problem;
    return isRetry ? this.#onRetry(hello, raw) : this.#onChoice(hello, suite, raw);
  }

  /** Section 4.2: what was not asked for is not supported; what was, may be answered in its place only. */
  #unasked(where: keyof typeof ANSWERS, extensions: Extensions): TlsProblem | null {
    const answers: readonly number[] = ANSWERS[where];
    for (const type of extensions.keys()) {
      if (!this.#offers.has(type)) return new TlsProblem('unsupported_extension', `nobody asked for extension ${type}`);
      if (!answers.includes(type)) return illegal(`extension ${type} has no place in ${where}`);
    }
    return null;
  }

  #onRetry(hello: ServerHello, raw: Uint8Array): TlsProblem | null {
    if (this.#retry) return new TlsProblem('unexpected_message', 'a second HelloRetryRequest');
    const { transcript } = this.#link;
    const chosen = hello.extensions.get(EXTENSION.keyShare);
    const cookie = hello.extensions.get(EXTENSION.cookie) ?? null;
    if (cookie && !isCookie(cookie)) return notDecoded('cookie');
    if (!chosen && !cookie) return illegal('a HelloRetryRequest that asks for nothing else');
    if (chosen) {
      if (chosen.length !== 2) return notDecoded('key_share');
      const group = ((chosen[0] as number) << 8) | (chosen[1] as number);
      const isNew = group !== this.#share.group && this.#settings.groups.includes(group);
      const share = isNew ? keyShare(group, this.#settings.draw) : null;
      if (!share) return illegal('a HelloRetryRequest for a group that was not offered, or was sent');
      this.#share = share;
    }
    this.#retry = hello;
    transcript.foldForRetry();
    transcript.add(raw);
    this.#link.changeCipherSpec();
    this.#sendHello(cookie);
    return null;
  }

  #onChoice(hello: ServerHello, suite: CipherSuite, raw: Uint8Array): TlsProblem | null {
    const content = hello.extensions.get(EXTENSION.keyShare);
    if (!content) return new TlsProblem('missing_extension', 'the server shares no key');
    const share = decodeShare(content);
    if (share instanceof TlsProblem) return share;
    if (share.group !== this.#share.group) return illegal('the server shares a key of another group');
    const psk = this.#chosenPsk(hello);
    if (psk instanceof TlsProblem) return psk;
    const shared = this.#share.agree(share.publicKey);
    if (!shared) return illegal('the key of the server is no point to share with');
    this.#suite = suite;
    this.#isResumed = psk !== null;
    const { transcript } = this.#link;
    transcript.add(raw);
    const secret = handshakeSecret(earlySecret(psk), shared);
    const digest = transcript.digest;
    this.#secrets = {
      handshake: secret,
      client: deriveSecret(secret, 'c hs traffic', digest),
      server: deriveSecret(secret, 's hs traffic', digest),
    };
    this.#link.log('CLIENT_HANDSHAKE_TRAFFIC_SECRET', this.#random, this.#secrets.client);
    this.#link.log('SERVER_HANDSHAKE_TRAFFIC_SECRET', this.#random, this.#secrets.server);
    if (!this.#retry) this.#link.changeCipherSpec();
    this.#link.protectReading(suite, this.#secrets.server);
    this.#link.protectWriting(suite, this.#secrets.client);
    this.#step = 'extensions';
    return null;
  }

  /** Section 4.2.11: its hash must be that of the suite; all our suites have the same one. */
  #chosenPsk(hello: ServerHello): Uint8Array | TlsProblem | null {
    const chosen = hello.extensions.get(EXTENSION.preSharedKey);
    if (!chosen) return null;
    const session = this.#offered;
    if (chosen.length !== 2) return notDecoded('pre_shared_key');
    if (!session || !isSame(chosen, Uint8Array.of(0, 0))) return illegal('the server chose a key that was not offered');
    return session.psk;
  }

  #onExtensions(body: Uint8Array, raw: Uint8Array): TlsProblem | null {
    const extensions = decodeEncryptedExtensions(body);
    if (extensions instanceof TlsProblem) return extensions;
    const { protocols } = this.#settings;
    const problem = this.#unasked('EncryptedExtensions', extensions);
    if (problem) return problem;
    if ((extensions.get(EXTENSION.serverName)?.length ?? 0) > 0) return notDecoded('server_name');
    const alpn = extensions.get(EXTENSION.alpn);
    if (alpn) {
      const chosen = decodeProtocols(alpn);
      if (chosen instanceof TlsProblem) return chosen;
      const [protocol = ''] = chosen;
      if (chosen.length !== 1 || !protocols.includes(protocol)) return illegal('the protocol was not offered');
      this.#protocol = protocol;
    }
    this.#link.transcript.add(raw);
    this.#step = this.#isResumed ? 'finished' : 'certificate';
    return null;
  }

  #onRequest(body: Uint8Array, raw: Uint8Array): TlsProblem | null {
    if (this.#requested) return new TlsProblem('unexpected_message', 'a second CertificateRequest');
    const request = decodeCertificateRequest(body);
    if (request instanceof TlsProblem) return request;
    const { context, extensions } = request;
    if (context.length > 0) return illegal('a context is for requests after the handshake');
    if (!extensions.has(EXTENSION.signatureAlgorithms)) {
      return new TlsProblem('missing_extension', 'the server does not say what signatures it reads');
    }
    this.#requested = context;
    this.#link.transcript.add(raw);
    return null;
  }

  #onCertificate(body: Uint8Array, raw: Uint8Array): TlsProblem | null {
    const message = decodeCertificate(body);
    if (message instanceof TlsProblem) return message;
    if (message.context.length > 0) return illegal('the certificate answers a request that nobody made');
    if (message.chain.length === 0) return new TlsProblem('decode_error', 'the server has no certificate');
    if (message.hasExtensions) {
      return new TlsProblem('unsupported_extension', 'nobody asked for anything beside the certificates');
    }
    const leaf = checkChain(message.chain, this.#settings.trust);
    if (leaf instanceof TlsProblem) return leaf;
    this.#certificate = leaf;
    this.#link.transcript.add(raw);
    this.#step = 'certificate verify';
    return null;
  }

  #onVerify(body: Uint8Array, raw: Uint8Array): TlsProblem | null {
    const message = decodeCertificateVerify(body);
    if (message instanceof TlsProblem) return message;
    const { scheme, signature } = message;
    if (!SCHEMES.some((each) => each === scheme)) return illegal('the signature is of a kind that was not offered');
    const { transcript } = this.#link;
    const content = signedContent('server', transcript.digest);
    if (!this.#certificate || !isSigned(scheme, this.#certificate.publicKey, content, signature)) {
      return new TlsProblem('decrypt_error', 'the server does not have the key of its certificate');
    }
    transcript.add(raw);
    this.#step = 'finished';
    return null;
  }

  #onFinished(body: Uint8Array, raw: Uint8Array): TlsProblem | null {
    const link = this.#link;
    const { transcript } = link;
    const { handshake, client, server } = this.#secrets;
    if (body.length !== HASH_BYTES) return notDecoded('Finished');
    if (!isSame(body, finishedData(server, transcript.digest))) {
      return new TlsProblem('decrypt_error', 'the two sides did not see the same handshake');
    }
    transcript.add(raw);
    const master = masterSecret(handshake);
    const digest = transcript.digest;
    const reading = deriveSecret(master, 's ap traffic', digest);
    const writing = deriveSecret(master, 'c ap traffic', digest);
    link.log('CLIENT_TRAFFIC_SECRET_0', this.#random, writing);
    link.log('SERVER_TRAFFIC_SECRET_0', this.#random, reading);
    link.log('EXPORTER_SECRET', this.#random, deriveSecret(master, 'exp master', digest));
    if (this.#requested) link.send(HANDSHAKE.certificate, encodeCertificate(this.#requested, []));
    link.send(HANDSHAKE.finished, finishedData(client, transcript.digest));
    const suite = this.#suite as CipherSuite;
    link.protectReading(suite, reading);
    link.protectWriting(suite, writing);
    this.#step = 'done';
    link.done({
      suite,
      group: this.#share.group,
      isResumed: this.#isResumed,
      wasRetried: this.#retry !== null,
      protocol: this.#protocol,
      serverName: this.#settings.serverName,
      resumptionSecret: deriveSecret(master, 'res master', transcript.digest),
    });
    return null;
  }
}

function illegal(why: string): TlsProblem {
  return new TlsProblem('illegal_parameter', why);
}
