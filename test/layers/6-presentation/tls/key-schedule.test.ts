/** Codecs, key schedule, key exchange and record protection against RFC 8448, and signatures against RFC 6979. */

import { describe, expect, it } from 'vitest';
import { p256Key } from '../../../../src/layers/6-presentation/tls/signature.ts';
import { hexOf, Player, readTraces } from './rfc8448.ts';

const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

const TRACES = readTraces();
const [SIMPLE] = TRACES;
if (!SIMPLE) throw new Error('there are no traces');

/** What is said in each, by section. */
const HELLOS = ['client: ClientHello', 'server: ServerHello'];
const PROOFS = ['server: Certificate', 'server: CertificateVerify, good', 'server: Finished'];
const SHARES = ['client shares x25519', 'server shares x25519'];
const SAID: Readonly<Record<number, readonly string[]>> = {
  3: [...HELLOS, ...SHARES, 'server: EncryptedExtensions', ...PROOFS, 'client: Finished', 'server: NewSessionTicket'],
  4: [
    ...HELLOS,
    ...SHARES,
    'server: EncryptedExtensions',
    'server: Finished',
    'client: EndOfEarlyData',
    'client: Finished',
  ],
  5: [
    'client: ClientHello',
    'server: HelloRetryRequest',
    ...HELLOS,
    'client shares secp256r1',
    'server shares secp256r1',
    'server: EncryptedExtensions',
    ...PROOFS,
    'client: Finished',
  ],
  6: [
    ...HELLOS,
    ...SHARES,
    'server: EncryptedExtensions',
    'server: CertificateRequest',
    ...PROOFS,
    'client: Certificate',
    'client: CertificateVerify, good',
    'client: Finished',
  ],
  7: [...HELLOS, ...SHARES, 'server: EncryptedExtensions', ...PROOFS, 'client: Finished'],
};

describe.each(TRACES)('RFC 8448 section $section', (trace) => {
  // Section 4 resumes what section 3 began.
  const psk = trace.section === 4 ? new Player(SIMPLE, null).play().psk : null;
  const player = new Player(trace, psk).play();

  it('says what it says', () => {
    expect(player.said).toEqual(SAID[trace.section]);
  });

  it('is written octet by octet as it stands there', () => {
    expect(trace.records.length).toBeGreaterThanOrEqual(6);
    expect(player.written.length).toBeGreaterThan(trace.records.length);
    for (const { ours, theirs } of player.written) expect(ours).toBe(theirs);
  });

  it('derives every secret, key and initialisation vector', () => {
    const given = [...trace.values].filter(([name]) => !(trace.section === 4 && name === 'resumption psk'));
    expect(given.length).toBeGreaterThanOrEqual(16);
    expect(given.map(([name]) => [name, player.made.get(name)])).toEqual(given);
    if (psk) expect(hexOf(psk)).toBe(trace.values.get('resumption psk'));
  });

  it('ends with close_notify on both sides', () => {
    expect(player.heard.slice(-2)).toEqual(['client: 21 0100', 'server: 21 0100']);
  });
});

it('all five traces are there', () => {
  expect(TRACES.map(({ section }) => section)).toEqual([3, 4, 5, 6, 7]);
});

describe('signatures', () => {
  it('of ECDSA are those of RFC 6979 appendix A.2.5', () => {
    const key = p256Key(octets('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721'));
    const of = (text: string) => hexOf(key.sign(new TextEncoder().encode(text)));
    expect(of('sample')).toBe(
      '3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
        '022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
    );
    expect(of('test')).toBe(
      '3045022100f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367' +
        '0220019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083',
    );
  });
});
