/** A scenario's own certification authority: X.509 certificates (RFC 5280), the same octets for the same seed. */

import { createHash } from 'node:crypto';
import { joined } from '../../../wire/octets.ts';
import {
  ascii,
  bitString,
  integer,
  objectId,
  octetString,
  sequence,
  set,
  TRUE,
  tagged,
  time,
  utf8String,
} from './der.ts';
import { type KeyKind, type SigningKey, signingKey } from './signature.ts';

/** Valid in the time of scenarios, which begins with the year 2000, and in that of whoever looks at captures. */
const NOT_BEFORE = '19990101000000Z';
const NOT_AFTER = '20491231235959Z';
/** The last moment before scenarios begin. */
const EXPIRED = '19991231235959Z';

export interface Certificate {
  /** DER. */
  readonly bytes: Uint8Array;
  readonly key: SigningKey;
}

export interface CertificateOptions {
  /** DNS names and IPv4 addresses (as text) that it is for. */
  readonly names: readonly string[];
  readonly key: KeyKind;
  readonly isExpired: boolean;
  /** Signed with its own key. */
  readonly isSelfSigned: boolean;
}

type Draw = (purpose: string) => (length: number) => Uint8Array;

export class Authority {
  readonly root: Certificate;
  readonly #name: string;
  readonly #draw: Draw;
  /** By purpose and options: a server that starts again has the same certificate. */
  readonly #issued = new Map<string, Certificate>();

  /** `draw`: chance, by purpose. */
  constructor(name: string, draw: Draw) {
    this.#name = name;
    this.#draw = draw;
    const key = signingKey('p256', draw('root'));
    const subject = commonName(name);
    const extensions = [
      extension('2.5.29.19', sequence(TRUE), true),
      // keyCertSign and cRLSign.
      extension('2.5.29.15', bitString(Uint8Array.of(0x06), 1), true),
      extension('2.5.29.14', octetString(keyIdentifier(key))),
    ];
    this.root = { key, bytes: signed(this.#serial('root'), subject, key, subject, key, NOT_AFTER, extensions) };
  }

  /** A certificate for a server; `purpose` tells its key from others. */
  issue(purpose: string, options: CertificateOptions): Certificate {
    const key = `${purpose} ${JSON.stringify(options)}`;
    const certificate = this.#issued.get(key) ?? this.#make(purpose, options);
    this.#issued.set(key, certificate);
    return certificate;
  }

  #make(purpose: string, { names, key: kind, isExpired, isSelfSigned }: CertificateOptions): Certificate {
    const key = signingKey(kind, this.#draw(`key/${purpose}`));
    const issuer = isSelfSigned ? key : this.root.key;
    const alternatives = names.map((name) => {
      const octets = name.split('.').map(Number);
      const isAddress = octets.length === 4 && octets.every((octet) => octet >= 0 && octet < 256);
      return isAddress ? tagged(0x87, Uint8Array.from(octets)) : tagged(0x82, ascii(name));
    });
    const extensions = [
      extension('2.5.29.17', sequence(...alternatives)),
      extension('2.5.29.19', sequence(), true),
      // digitalSignature.
      extension('2.5.29.15', bitString(Uint8Array.of(0x80), 7), true),
      extension('2.5.29.37', sequence(objectId('1.3.6.1.5.5.7.3.1'))),
      extension('2.5.29.14', octetString(keyIdentifier(key))),
      extension('2.5.29.35', sequence(tagged(0x80, keyIdentifier(issuer)))),
    ];
    const subject = commonName(names[0] ?? 'server');
    const until = isExpired ? EXPIRED : NOT_AFTER;
    const serial = this.#serial(purpose);
    const issuerName = isSelfSigned ? subject : commonName(this.#name);
    return { key, bytes: signed(serial, subject, key, issuerName, issuer, until, extensions) };
  }

  /** RFC 5280 section 4.1.2.2: positive, of at most 20 octets. */
  #serial(purpose: string): bigint {
    const bytes = this.#draw(`serial/${purpose}`)(16);
    return BigInt(`0x${Buffer.from(bytes).toString('hex')}`) | 1n;
  }
}

function signed(
  serial: bigint,
  subject: Uint8Array,
  key: SigningKey,
  issuer: Uint8Array,
  issuerKey: SigningKey,
  notAfter: string,
  extensions: readonly Uint8Array[],
): Uint8Array {
  const algorithm = sequence(objectId(issuerKey.kind === 'p256' ? '1.2.840.10045.4.3.2' : '1.3.101.112'));
  const toBeSigned = sequence(
    tagged(0xa0, integer(2n)),
    integer(serial),
    algorithm,
    issuer,
    sequence(time(NOT_BEFORE), time(notAfter)),
    subject,
    publicKeyInfo(key),
    tagged(0xa3, sequence(...extensions)),
  );
  return sequence(toBeSigned, algorithm, bitString(issuerKey.sign(toBeSigned)));
}

function publicKeyInfo({ kind, publicKey }: SigningKey): Uint8Array {
  const algorithm =
    kind === 'p256'
      ? sequence(objectId('1.2.840.10045.2.1'), objectId('1.2.840.10045.3.1.7'))
      : sequence(objectId('1.3.101.112'));
  return sequence(algorithm, bitString(publicKey));
}

function commonName(name: string): Uint8Array {
  return sequence(set(sequence(objectId('2.5.4.3'), utf8String(name))));
}

function extension(id: string, value: Uint8Array, isCritical = false): Uint8Array {
  return sequence(objectId(id), ...(isCritical ? [TRUE] : []), octetString(value));
}

/** RFC 5280 section 4.2.1.2, method 1. */
function keyIdentifier({ publicKey }: SigningKey): Uint8Array {
  return Uint8Array.from(createHash('sha1').update(publicKey).digest());
}

/** `-----BEGIN CERTIFICATE-----`. */
export function pem(label: 'CERTIFICATE' | 'PRIVATE KEY', der: Uint8Array): string {
  const base64 = Buffer.from(joined(der)).toString('base64');
  return `-----BEGIN ${label}-----\n${base64.replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${label}-----\n`;
}
