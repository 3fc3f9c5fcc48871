/** The server's handshake (RFC 8446 section 2 and appendix A.2). */

import type { Agreed, Handshake, HandshakeLink, ServerSettings } from './handshake.ts';
import { isSame } from './handshake.ts';
import { EXTENSION, HANDSHAKE, RETRY_RANDOM, TlsProblem } from './header.ts';
import {
  decodeModes,
  decodeNumbers,
  decodeProtocols,
  decodeServerName,
  decodeShares,
  decodeVersions,
  encodeProtocols,
  encodeShare,
  type Share,
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
  decodeClientHello,
  decodePskOffer,
  encodeCertificate,
  encodeCertificateVerify,
  encodeExtensions,
  encodeServerHello,
  messageName,
  notDecoded,
  signedContent,
  TLS_1_3,
} from './messages.ts';
import type { CipherSuite } from './record-cipher.ts';
import { u16Octets } from './vectors.ts';

/** What a ClientHello lets us choose. */
interface Choice {
  readonly hello: ClientHello;
  readonly suite: CipherSuite;
  readonly psk: Uint8Array | null;
  readonly protocol: string | null;
  readonly serverName: string | null;
}

export class ServerHandshake implements Handshake {
  readonly #link: HandshakeLink;
  readonly #settings: ServerSettings;
  #step: 'client hello' | 'second client hello' | 'finished' | 'done' = 'client hello';
  /** The group that a HelloRetryRequest asked for, and the hello that it answered. */
  #retry: { readonly group: number; readonly suite: CipherSuite } | null = null;
  #finishing: { readonly secret: Uint8Array; readonly finish: (raw: Uint8Array) => void } | null = null;

  constructor(link: HandshakeLink, settings: ServerSettings) {
    this.#link = link;
    this.#settings = settings;
  }

  onMessage(type: number, body: Uint8Array, raw: Uint8Array): TlsProblem | null {
    const isHello = this.#step === 'client hello' || this.#step === 'second client hello';
    if (isHello && type === HANDSHAKE.clientHello) return this.#onHello(body, raw);
    if (this.#step === 'finished' && type === HANDSHAKE.finished) return this.#onFinished(body, raw);
    return new TlsProblem('unexpected_message', `${messageName(type)} where ${this.#step} was due`);
  }

  #onHello(body: Uint8Array, raw: Uint8Array): TlsProblem | null {
    const hello = decodeClientHello(body);
    if (hello instanceof TlsProblem) return hello;
    const choice = this.#choose(hello, raw);
    if (choice instanceof TlsProblem) return choice;
    const shares = this.#sharesOf(hello);
    if (shares instanceof TlsProblem) return shares;
    const { groups, draw } = this.#settings;
    const group = this.#retry?.group ?? groups.find((each) => shares.offered.some((share) => share.group === each));
    const theirs = shares.offered.find((share) => share.group === group);
    if (theirs && group !== undefined) return this.#answer(choice, theirs, keyShare(group, draw) as KeyShare, raw);
    if (this.#retry) return new TlsProblem('illegal_parameter', 'the second ClientHello lacks what was asked for');
    const wanted = groups.find((each) => shares.supported.includes(each));
    if (wanted === undefined) return new TlsProblem('handshake_failure', 'no group that both sides have');
    this.#askAgain(choice, wanted, raw);
    return null;
  }

  #choose(hello: ClientHello, raw: Uint8Array): Choice | TlsProblem {
    const { extensions } = hello;
    const { suites, key, protocols } = this.#settings;
    const versions = decodeVersions(extensions.get(EXTENSION.supportedVersions) ?? Uint8Array.of(2, 3, 3));
    if (versions instanceof TlsProblem) return versions;
    if (!versions.includes(TLS_1_3)) return new TlsProblem('protocol_version', 'the client speaks no TLS 1.3');
    const suite = suites.find(({ id }) => hello.suites.includes(id));
    if (!suite) return new TlsProblem('handshake_failure', 'no cipher suite that both sides have');
    if (this.#retry && this.#retry.suite !== suite) return illegal('the second ClientHello offers other suites');
    const psk = this.#pskOf(hello, suite, raw);
    if (psk instanceof TlsProblem) return psk;
    const schemes = extensions.get(EXTENSION.signatureAlgorithms);
    if (!schemes && !psk)
      return new TlsProblem('missing_extension', 'the client does not say what signatures it reads');
    const read = schemes ? decodeNumbers(schemes, 'signature_algorithms') : [];
    if (read instanceof TlsProblem) return read;
    if (!psk && !read.includes(key.scheme)) {
      return new TlsProblem('handshake_failure', 'the client does not read our signatures');
    }
    const name = extensions.get(EXTENSION.serverName);
    const serverName = name ? decodeServerName(name) : null;
    if (serverName instanceof TlsProblem) return serverName;
    const alpn = extensions.get(EXTENSION.alpn);
    const offered = alpn ? decodeProtocols(alpn) : [];
    if (offered instanceof TlsProblem) return offered;
    const protocol = protocols.find((each) => offered.includes(each)) ?? null;
    if (protocol === null && offered.length > 0 && protocols.length > 0) {
      return new TlsProblem('no_application_protocol', `nobody here speaks ${offered.join(' or ')}`);
    }
    return { hello, suite, psk, protocol, serverName };
  }

  #sharesOf({ extensions }: ClientHello): { supported: readonly number[]; offered: readonly Share[] } | TlsProblem {
    const groups = extensions.get(EXTENSION.supportedGroups);
    const content = extensions.get(EXTENSION.keyShare);
    if (!groups || !content) return new TlsProblem('missing_extension', 'the client shares no key');
    const supported = decodeNumbers(groups, 'supported_groups');
    if (supported instanceof TlsProblem) return supported;
    const offered = decodeShares(content);
    return offered instanceof TlsProblem ? offered : { supported, offered };
  }

  /** A session of before, if the client proves that it has its key. */
  #pskOf({ extensions }: ClientHello, suite: CipherSuite, raw: Uint8Array): Uint8Array | TlsProblem | null {
    const content = extensions.get(EXTENSION.preSharedKey);
    if (!content) return null;
    if ([...extensions.keys()].at(-1) !== EXTENSION.preSharedKey) return illegal('pre_shared_key is not the last');
    const said = extensions.get(EXTENSION.pskKeyExchangeModes);
    if (!said) return new TlsProblem('missing_extension', 'the client does not say how it would use its key');
    const modes = decodeModes(said);
    if (modes instanceof TlsProblem) return modes;
    const offer = decodePskOffer(content);
    if (offer instanceof TlsProblem) return offer;
    const [first] = offer.identities;
    const [binder] = offer.binders;
    const session = first && modes.includes(1) ? this.#settings.sessionOf(first.identity) : null;
    if (!session || !binder || session.suite !== suite.id) return null;
    const covered = raw.subarray(0, raw.length - offer.bindersBytes);
    if (!isSame(binder, pskBinder(session.psk, this.#link.transcript.digestWith(covered)))) {
      return new TlsProblem('decrypt_error', 'the client does not have the key of the session');
    }
    return session.psk;
  }

  #askAgain({ hello, suite }: Choice, group: number, raw: Uint8Array): void {
    const link = this.#link;
    link.transcript.add(raw);
    link.transcript.foldForRetry();
    this.#retry = { group, suite };
    const extensions = new Map([
      [EXTENSION.supportedVersions as number, u16Octets(TLS_1_3)],
      [EXTENSION.keyShare, u16Octets(group)],
    ]);
    const { sessionId } = hello;
    const message = encodeServerHello({ random: RETRY_RANDOM, sessionId, suite: suite.id, extensions });
    link.send(HANDSHAKE.serverHello, message);
    if (sessionId.length > 0) link.changeCipherSpec();
    this.#step = 'second client hello';
  }

  #answer(choice: Choice, theirs: Share, ours: KeyShare, raw: Uint8Array): TlsProblem | null {
    const { hello, suite, psk } = choice;
    const shared = ours.agree(theirs.publicKey);
    if (!shared) return illegal('the key of the client is no point to share with');
    const link = this.#link;
    const { transcript } = link;
    transcript.add(raw);
    this.#sendHello(choice, ours);
    const secret = handshakeSecret(earlySecret(psk), shared);
    const digest = transcript.digest;
    const client = deriveSecret(secret, 'c hs traffic', digest);
    const server = deriveSecret(secret, 's hs traffic', digest);
    link.log('CLIENT_HANDSHAKE_TRAFFIC_SECRET', hello.random, client);
    link.log('SERVER_HANDSHAKE_TRAFFIC_SECRET', hello.random, server);
    if (hello.sessionId.length > 0 && !this.#retry) link.changeCipherSpec();
    link.protectWriting(suite, server);
    link.protectReading(suite, client);
    this.#sendProofs(choice, server);
    this.#finishLater(choice, masterSecret(secret), client, ours.group);
    return null;
  }

  #sendHello({ hello, suite, psk }: Choice, ours: KeyShare): void {
    const extensions = new Map<number, Uint8Array>([
      [EXTENSION.supportedVersions, u16Octets(TLS_1_3)],
      [EXTENSION.keyShare, encodeShare(ours)],
    ]);
    if (psk) extensions.set(EXTENSION.preSharedKey, Uint8Array.of(0, 0));
    const { draw } = this.#settings;
    const message = { random: draw(32), sessionId: hello.sessionId, suite: suite.id, extensions };
    this.#link.send(HANDSHAKE.serverHello, encodeServerHello(message));
  }

  /** Who we are, unless the session of before says so, and that both sides saw the same handshake. */
  #sendProofs({ psk, protocol, serverName }: Choice, secret: Uint8Array): void {
    const link = this.#link;
    const { chain, key } = this.#settings;
    const extensions = new Map<number, Uint8Array>();
    if (serverName !== null && !psk) extensions.set(EXTENSION.serverName, new Uint8Array(0));
    if (protocol !== null) extensions.set(EXTENSION.alpn, encodeProtocols([protocol]));
    link.send(HANDSHAKE.encryptedExtensions, encodeExtensions(extensions));
    if (!psk) {
      link.send(HANDSHAKE.certificate, encodeCertificate(new Uint8Array(0), chain));
      const signature = key.sign(signedContent('server', link.transcript.digest));
      link.send(HANDSHAKE.certificateVerify, encodeCertificateVerify(key.scheme, signature));
    }
    link.send(HANDSHAKE.finished, finishedData(secret, link.transcript.digest));
  }

  #finishLater(choice: Choice, master: Uint8Array, clientSecret: Uint8Array, group: number): void {
    const link = this.#link;
    const { hello, suite, psk, protocol, serverName } = choice;
    const digest = link.transcript.digest;
    const writing = deriveSecret(master, 's ap traffic', digest);
    const reading = deriveSecret(master, 'c ap traffic', digest);
    link.log('CLIENT_TRAFFIC_SECRET_0', hello.random, reading);
    link.log('SERVER_TRAFFIC_SECRET_0', hello.random, writing);
    link.log('EXPORTER_SECRET', hello.random, deriveSecret(master, 'exp master', digest));
    link.protectWriting(suite, writing);
    const finish = (raw: Uint8Array) => {
      link.transcript.add(raw);
      link.protectReading(suite, reading);
      const resumptionSecret = deriveSecret(master, 'res master', link.transcript.digest);
      const agreed: Agreed = {
        suite,
        group,
        isResumed: psk !== null,
        wasRetried: this.#retry !== null,
        protocol,
        serverName,
        resumptionSecret,
      };
      link.done(agreed);
    };
    this.#finishing = { secret: clientSecret, finish };
    this.#step = 'finished';
  }

  #onFinished(body: Uint8Array, raw: Uint8Array): TlsProblem | null {
    if (!this.#finishing) return new TlsProblem('internal_error', 'nothing is to be finished');
    const { secret, finish } = this.#finishing;
    if (body.length !== HASH_BYTES) return notDecoded('Finished');
    if (!isSame(body, finishedData(secret, this.#link.transcript.digest))) {
      return new TlsProblem('decrypt_error', 'the two sides did not see the same handshake');
    }
    this.#step = 'done';
    finish(raw);
    return null;
  }
}

function illegal(why: string): TlsProblem {
  return new TlsProblem('illegal_parameter', why);
}
