/** Chains of certificates, and what a client makes of each (RFC 5280 section 6, RFC 9525). */

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkChain } from '../../../../src/layers/6-presentation/tls/certificate-check.ts';
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
} from '../../../../src/layers/6-presentation/tls/der.ts';
import { TlsProblem } from '../../../../src/layers/6-presentation/tls/header.ts';

const ED25519 = sequence(objectId('1.3.101.112'));
const NOW = Date.UTC(2010, 0, 1) / 1000;

interface Owner {
  readonly name: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const owner = (name: string): Owner => ({ name, ...generateKeyPairSync('ed25519') });
const [ROOT, MIDDLE, LEAF, STRANGER] = [owner('root'), owner('middle'), owner('leaf'), owner('stranger')];
const nameOf = ({ name }: Owner) => sequence(set(sequence(objectId('2.5.4.3'), utf8String(name))));
const keyOf = ({ publicKey }: Owner) => new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));

interface Changes {
  readonly from?: string;
  readonly until?: string;
  readonly isAuthority?: boolean;
  readonly names?: readonly string[];
  /** Who signs in the issuer's name. */
  readonly signer?: Owner;
}

function certificate(subject: Owner, issuer: Owner, changes: Changes = {}): Uint8Array {
  const {
    from = '20000101000000Z',
    until = '20300101000000Z',
    isAuthority = false,
    names = [],
    signer = issuer,
  } = changes;
  const alternatives = names.map((each) => tagged(0x82, ascii(each)));
  const extensions = [
    ...(isAuthority ? [sequence(objectId('2.5.29.19'), TRUE, octetString(sequence(TRUE)))] : []),
    ...(names.length > 0 ? [sequence(objectId('2.5.29.17'), octetString(sequence(...alternatives)))] : []),
  ];
  const body = sequence(
    tagged(0xa0, integer(2n)),
    integer(7n),
    ED25519,
    nameOf(issuer),
    sequence(time(from), time(until)),
    nameOf(subject),
    keyOf(subject),
    ...(extensions.length > 0 ? [tagged(0xa3, sequence(...extensions))] : []),
  );
  return sequence(body, ED25519, bitString(new Uint8Array(sign(null, body, signer.privateKey))));
}

const CA = { isAuthority: true };
const root = certificate(ROOT, ROOT, CA);
const middle = certificate(MIDDLE, ROOT, CA);
const leaf = (changes: Changes = {}) => certificate(LEAF, MIDDLE, { names: ['a.lan'], ...changes });

function verdict(chain: readonly Uint8Array[], serverName = 'a.lan', roots = [root], nowSeconds = NOW): string {
  const result = checkChain(chain, { roots, serverName, nowSeconds });
  return result instanceof TlsProblem ? `${result.alert}: ${result.why.replace(/\n/g, ' ')}` : 'good';
}

describe('a chain', () => {
  it.each<[string, readonly Uint8Array[], RegExp]>([
    ['up to a trusted authority', [leaf(), middle], /^good$/],
    ['with the authority itself', [leaf(), middle, root], /^good$/],
    [
      'of one that is trusted itself',
      [certificate(LEAF, LEAF, { names: ['a.lan'], isAuthority: true })],
      /^unknown_ca: unknown authority/,
    ],
    ['that ends too early', [leaf()], /^unknown_ca: unknown authority: nobody trusted signed for middle$/],
    ['whose next certificate is another', [leaf(), certificate(STRANGER, ROOT, CA)], /^unknown_ca: /],
    [
      'whose issuer is no authority',
      [leaf(), certificate(MIDDLE, ROOT)],
      /^bad_certificate: bad signature: the issuer is no authority$/,
    ],
    ['that a stranger signed', [leaf({ signer: STRANGER }), middle], /^bad_certificate: bad signature/],
    [
      'whose authority did not sign',
      [leaf(), certificate(MIDDLE, ROOT, { ...CA, signer: STRANGER })],
      /^bad_certificate: bad signature/,
    ],
    ['of nothing', [], /^bad_certificate: malformed/],
    ['of octets', [Uint8Array.of(1, 2, 3)], /^bad_certificate: malformed/],
    ['with octets behind', [leaf(), Uint8Array.of(1, 2, 3)], /^bad_certificate: malformed/],
    [
      'that is over',
      [leaf({ until: '20050101000000Z' }), middle],
      /^certificate_expired: expired: the certificate of leaf ended Jan +1 00:00:00 2005 GMT$/,
    ],
    [
      'that has not begun',
      [leaf({ from: '20200301000000Z' }), middle],
      /^certificate_expired: not valid yet: the one of leaf begins Mar +1/,
    ],
    [
      'for nobody',
      [leaf({ names: [] }), middle],
      /^bad_certificate: wrong name: the certificate is for nobody, not for a.lan$/,
    ],
    [
      'for somebody else',
      [leaf({ names: ['b.lan'] }), middle],
      /^bad_certificate: wrong name: the certificate is for DNS:b.lan, not for a.lan$/,
    ],
  ])('%s', (_, chain, expected) => {
    expect(verdict(chain)).toMatch(expected);
  });

  it('is good where the server’s own certificate is trusted, whoever signed it', () => {
    expect(verdict([leaf()], 'a.lan', [leaf()])).toBe('good');
  });

  it('roots that cannot be read are none', () => {
    expect(verdict([leaf(), middle], 'a.lan', [Uint8Array.of(1)])).toMatch(/^unknown_ca/);
  });
});
