/** RFC 8448's traces, followed record by record with our own codecs, key exchange, key schedule and record protection. */

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  CONTENT,
  EXTENSION,
  HANDSHAKE,
  RETRY_RANDOM,
  TlsProblem,
} from '../../../../src/layers/6-presentation/tls/header.ts';
import { decodeShare, decodeShares } from '../../../../src/layers/6-presentation/tls/hello-extensions.ts';
import { GROUP, type KeyShare, keyShare } from '../../../../src/layers/6-presentation/tls/key-exchange.ts';
import {
  deriveSecret,
  earlySecret,
  expandLabel,
  finishedData,
  handshakeSecret,
  masterSecret,
  pskBinder,
  resumptionPsk,
  Transcript,
} from '../../../../src/layers/6-presentation/tls/key-schedule.ts';
import {
  decodeCertificate,
  decodeCertificateVerify,
  decodeClientHello,
  decodeEncryptedExtensions,
  decodeNewSessionTicket,
  decodePskOffer,
  decodeServerHello,
  encodeCertificate,
  encodeCertificateVerify,
  encodeClientHello,
  encodeExtensions,
  encodeServerHello,
  signedContent,
} from '../../../../src/layers/6-presentation/tls/messages.ts';
import {
  CIPHER_SUITES,
  type CipherSuite,
  RecordCipher,
} from '../../../../src/layers/6-presentation/tls/record-cipher.ts';
import { RecordLayer } from '../../../../src/layers/6-presentation/tls/record-layer.ts';
import { isSigned } from '../../../../src/layers/6-presentation/tls/signature.ts';

export type Role = 'client' | 'server';

export interface Trace {
  readonly section: number;
  readonly title: string;
  readonly privateKeys: Readonly<Record<Role, readonly Uint8Array[]>>;
  readonly records: readonly { readonly from: Role; readonly bytes: Uint8Array }[];
  /** Secrets, keys and initialisation vectors by name, in hexadecimal. */
  readonly values: ReadonlyMap<string, string>;
}

/** What the file of octets says: names with a colon, and under each its octets. */
export function readTraces(): readonly Trace[] {
  const text = readFileSync(new URL('rfc8448.txt', import.meta.url), 'utf8');
  return text
    .split(/^(?=\d\. )/m)
    .slice(1)
    .map((part) => {
      const [head = '', ...rest] = part.split('\n');
      const entries = rest
        .join('\n')
        .split(/^(?=\S)/m)
        .flatMap((entry) => {
          const [, name, hex] = /^(.+):\n([0-9a-f\s]+)$/.exec(entry) ?? [];
          return name && hex ? [[name, hex.replace(/\s/g, '')] as const] : [];
        });
      const of = (wanted: string) => entries.filter(([name]) => name === wanted).map(([, hex]) => octets(hex));
      const isValue = ([name]: readonly [string, string]) => !/ (record|private key)$/.test(name);
      return {
        section: Number.parseInt(head, 10),
        title: head.slice(3),
        privateKeys: { client: of('client private key'), server: of('server private key') },
        records: entries.flatMap(([name, hex]) => {
          const [, from] = /^(client|server) record$/.exec(name) ?? [];
          return from ? [{ from: from as Role, bytes: octets(hex) }] : [];
        }),
        values: new Map(entries.filter(isValue)),
      };
    });
}

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
export const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const NONE = new Uint8Array(0);
const [AES] = CIPHER_SUITES as [CipherSuite];

/** Decoded, or the test fails with what is wrong. */
export function read<Message>(message: Message | TlsProblem): Message {
  if (message instanceof TlsProblem) throw new Error(message.why);
  return message;
}

export class Player {
  /** What we make of it: secrets, keys and initialisation vectors by the RFC's names. */
  readonly made = new Map<string, string>();
  /** Pairs of a record or message as we write it, and as it stands in the RFC. */
  readonly written: { readonly ours: string; readonly theirs: string }[] = [];
  /** Names of the messages in their order, with who said them; and what was found good. */
  readonly said: string[] = [];
  /** The content of application data and alerts, as text for people. */
  readonly heard: string[] = [];
  readonly #trace: Trace;
  readonly #psk: Uint8Array | null;
  readonly #transcript = new Transcript();
  readonly #clear = { client: new RecordLayer(), server: new RecordLayer() };
  readonly #ciphers: { [role in Role]: { seal: RecordCipher; open: RecordCipher } | null } = {
    client: null,
    server: null,
  };
  readonly #secrets = new Map<string, Uint8Array>();
  readonly #certificates = new Map<Role, X509Certificate>();
  /** A pre_shared_key that the server has chosen. */
  #isResumed = false;
  readonly #shares: { [role in Role]: { group: number; publicKey: Uint8Array } | null } = {
    client: null,
    server: null,
  };

  /** `psk`: of a session before, where it is resumed. */
  constructor(trace: Trace, psk: Uint8Array | null) {
    this.#trace = trace;
    this.#psk = psk;
  }

  play(): this {
    for (const { from, bytes } of this.#trace.records) this.#onRecord(from, bytes);
    return this;
  }

  get psk(): Uint8Array {
    return this.#secrets.get('resumption psk') as Uint8Array;
  }

  #onRecord(from: Role, record: Uint8Array): void {
    const [outer = 0] = record;
    const ciphers = this.#ciphers[from];
    const isProtected = outer === CONTENT.applicationData;
    const opened = isProtected ? ciphers?.open.open(record) : { type: outer, content: record.subarray(5) };
    if (!opened) throw new Error(`a record of the ${from} does not open`);
    const { type, content } = opened;
    const ours = isProtected ? ciphers?.seal.seal(type, content) : this.#clear[from].seal(type, content)[0];
    this.written.push({ ours: hexOf(ours ?? NONE), theirs: hexOf(record) });
    if (type !== CONTENT.handshake) {
      this.heard.push(`${from}: ${type} ${hexOf(content)}`);
      return;
    }
    for (let at = 0; at < content.length; ) {
      const end = at + 4 + (((content[at + 1] ?? 0) << 16) | ((content[at + 2] ?? 0) << 8) | (content[at + 3] ?? 0));
      this.#onMessage(from, content[at] as number, content.subarray(at, end));
      at = end;
    }
  }

  #onMessage(from: Role, type: number, raw: Uint8Array): void {
    const body = raw.subarray(4);
    switch (type) {
      case HANDSHAKE.clientHello:
        this.#onClientHello(body, raw);
        return;
      case HANDSHAKE.serverHello:
        this.#onServerHello(body, raw);
        return;
      case HANDSHAKE.encryptedExtensions:
        this.#same(encodeExtensions(read(decodeEncryptedExtensions(body))), body);
        this.#add(from, 'EncryptedExtensions', raw);
        return;
      case HANDSHAKE.certificateRequest:
        this.#add(from, 'CertificateRequest', raw);
        return;
      case HANDSHAKE.certificate: {
        const { context, chain } = read(decodeCertificate(body));
        this.#same(encodeCertificate(context, chain), body);
        this.#certificates.set(from, new X509Certificate(chain[0] as Uint8Array));
        this.#add(from, 'Certificate', raw);
        return;
      }
      case HANDSHAKE.certificateVerify: {
        const { scheme, signature } = read(decodeCertificateVerify(body));
        this.#same(encodeCertificateVerify(scheme, signature), body);
        const key = (this.#certificates.get(from) as X509Certificate).publicKey;
        const isGood = isSigned(scheme, key, signedContent(from, this.#transcript.digest), signature);
        this.#add(from, `CertificateVerify, ${isGood ? 'good' : 'forged'}`, raw);
        return;
      }
      case HANDSHAKE.finished:
        this.#onFinished(from, body, raw);
        return;
      case HANDSHAKE.newSessionTicket: {
        const { nonce } = read(decodeNewSessionTicket(body));
        this.said.push(`${from}: NewSessionTicket`);
        this.#keep('resumption psk', resumptionPsk(this.#secret('res master'), nonce));
        return;
      }
      case END_OF_EARLY_DATA:
        this.#add(from, 'EndOfEarlyData', raw);
        this.#protect('client', 'handshake', 'c hs traffic');
        return;
      default:
        throw new Error(`a message of type ${type}`);
    }
  }

  #onClientHello(body: Uint8Array, raw: Uint8Array): void {
    const hello = read(decodeClientHello(body));
    this.#same(encodeClientHello(hello), body);
    const [share] = read(decodeShares(hello.extensions.get(EXTENSION.keyShare) as Uint8Array));
    this.#shares.client = share ?? null;
    const offer = hello.extensions.get(EXTENSION.preSharedKey);
    const psk = this.#psk;
    if (offer && psk) {
      const { bindersBytes, binders } = read(decodePskOffer(offer));
      const covered = raw.subarray(0, raw.length - bindersBytes);
      const binder = pskBinder(psk, this.#transcript.digestWith(covered));
      this.#keep('binder', binder);
      this.#same(binder, binders[0] as Uint8Array);
    }
    this.#add('client', 'ClientHello', raw);
    if (!offer || !psk) return;
    const early = earlySecret(psk);
    const digest = this.#transcript.digest;
    this.#keep('c e traffic', deriveSecret(early, 'c e traffic', digest));
    this.#keep('e exp master', deriveSecret(early, 'e exp master', digest));
    if (hello.extensions.has(EXTENSION.earlyData)) this.#protect('client', 'early', 'c e traffic');
  }

  #onServerHello(body: Uint8Array, raw: Uint8Array): void {
    const hello = read(decodeServerHello(body));
    this.#same(encodeServerHello(hello), body);
    if (hexOf(hello.random) === hexOf(RETRY_RANDOM)) {
      this.#transcript.foldForRetry();
      this.#add('server', 'HelloRetryRequest', raw);
      return;
    }
    this.#shares.server = read(decodeShare(hello.extensions.get(EXTENSION.keyShare) as Uint8Array));
    this.#isResumed = hello.extensions.has(EXTENSION.preSharedKey);
    this.#add('server', 'ServerHello', raw);
    const shared = this.#agree();
    const early = this.#keep('early secret', earlySecret(this.#isResumed ? this.#psk : null));
    const secret = this.#keep('handshake secret', handshakeSecret(early, shared));
    const digest = this.#transcript.digest;
    this.#keep('c hs traffic', deriveSecret(secret, 'c hs traffic', digest));
    this.#keep('s hs traffic', deriveSecret(secret, 's hs traffic', digest));
    this.#keep('master secret', masterSecret(secret));
    this.#protect('server', 'handshake', 's hs traffic');
    if (!this.#secrets.has('c e traffic')) this.#protect('client', 'handshake', 'c hs traffic');
  }

  /** Both sides have the private keys that go with what they shared, and come to one secret. */
  #agree(): Uint8Array {
    const [client, server] = [this.#keyOf('client'), this.#keyOf('server')];
    const shared = client.agree(server.publicKey) as Uint8Array;
    this.#same(server.agree(client.publicKey) as Uint8Array, shared);
    return this.#keep('shared secret', shared);
  }

  #keyOf(role: Role): KeyShare {
    const { group, publicKey } = this.#shares[role] as { group: number; publicKey: Uint8Array };
    const keys = this.#trace.privateKeys[role];
    const key = keyShare(group, () => keys.at(-1) as Uint8Array) as KeyShare;
    this.#same(key.publicKey, publicKey);
    this.said.push(`${role} shares ${group === GROUP.x25519 ? 'x25519' : 'secp256r1'}`);
    return key;
  }

  #onFinished(from: Role, body: Uint8Array, raw: Uint8Array): void {
    const base = this.#secret(from === 'client' ? 'c hs traffic' : 's hs traffic');
    this.#same(finishedData(base, this.#transcript.digest), body);
    this.#add(from, 'Finished', raw);
    const master = this.#secret('master secret');
    const digest = this.#transcript.digest;
    if (from === 'client') {
      this.#keep('res master', deriveSecret(master, 'res master', digest));
      this.#protect('client', 'application', 'c ap traffic');
      return;
    }
    for (const label of ['c ap traffic', 's ap traffic', 'exp master']) {
      this.#keep(label, deriveSecret(master, label, digest));
    }
    this.#protect('server', 'application', 's ap traffic');
  }

  #protect(role: Role, what: 'early' | 'handshake' | 'application', label: string): void {
    const secret = this.#secret(label);
    this.#keep(`${role} ${what} key`, expandLabel(secret, 'key', NONE, AES.keyBytes));
    this.#keep(`${role} ${what} iv`, expandLabel(secret, 'iv', NONE, 12));
    this.#ciphers[role] = { seal: new RecordCipher(AES, secret), open: new RecordCipher(AES, secret) };
  }

  #add(from: Role, name: string, raw: Uint8Array): void {
    this.said.push(`${from}: ${name}`);
    this.#transcript.add(raw);
  }

  #keep(name: string, secret: Uint8Array): Uint8Array {
    this.made.set(name, hexOf(secret));
    this.#secrets.set(name, secret);
    return secret;
  }

  #secret(name: string): Uint8Array {
    return this.#secrets.get(name) as Uint8Array;
  }

  #same(ours: Uint8Array, theirs: Uint8Array): void {
    this.written.push({ ours: hexOf(ours), theirs: hexOf(theirs) });
  }
}

/** RFC 8446 section 4.5. We neither offer nor take early data, so only the trace says it. */
const END_OF_EARLY_DATA = 5;
