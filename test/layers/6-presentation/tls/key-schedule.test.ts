/** Key schedule, key exchange and record protection against RFC 8448, and signatures against RFC 6979 and 8032. */

import { describe, expect, it } from 'vitest';
import { x25519Share } from '../../../../src/layers/6-presentation/tls/key-exchange.ts';
import {
  deriveSecret,
  earlySecret,
  expandLabel,
  finishedData,
  handshakeSecret,
  joined,
  masterSecret,
  resumptionPsk,
  Transcript,
} from '../../../../src/layers/6-presentation/tls/key-schedule.ts';
import { decodeNewSessionTicket } from '../../../../src/layers/6-presentation/tls/messages.ts';
import {
  CIPHER_SUITES,
  type CipherSuite,
  RecordCipher,
} from '../../../../src/layers/6-presentation/tls/record-cipher.ts';
import { RecordLayer } from '../../../../src/layers/6-presentation/tls/record-layer.ts';
import { p256Key } from '../../../../src/layers/6-presentation/tls/signature.ts';
import { TRACE } from './rfc8448.ts';

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const octets = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
const [AES] = CIPHER_SUITES as [CipherSuite];

function transcriptOf(...messages: readonly Uint8Array[]): Uint8Array {
  const transcript = new Transcript();
  for (const message of messages) transcript.add(message);
  return transcript.digest;
}

const HELLOS = [TRACE.clientHello, TRACE.serverHello];
const FLIGHT = [TRACE.encryptedExtensions, TRACE.certificate, TRACE.certificateVerify];

describe('RFC 8448 section 3', () => {
  const early = earlySecret(null);
  const shared = x25519Share(TRACE.clientPrivate).agree(TRACE.serverPublic) as Uint8Array;
  const handshake = handshakeSecret(early, shared);
  const master = masterSecret(handshake);

  it('shares a secret (X25519, RFC 7748)', () => {
    expect(hexOf(x25519Share(TRACE.clientPrivate).publicKey)).toBe(hexOf(TRACE.clientPublic));
    expect(hexOf(x25519Share(TRACE.serverPrivate).publicKey)).toBe(hexOf(TRACE.serverPublic));
    expect(hexOf(shared)).toBe(hexOf(TRACE.shared));
    expect(hexOf(x25519Share(TRACE.serverPrivate).agree(TRACE.clientPublic) as Uint8Array)).toBe(hexOf(TRACE.shared));
  });

  it('derives every secret', () => {
    const hellos = transcriptOf(...HELLOS);
    const finished = transcriptOf(...HELLOS, ...FLIGHT, TRACE.serverFinished);
    const all = transcriptOf(...HELLOS, ...FLIGHT, TRACE.serverFinished, TRACE.clientFinished);
    expect([early, handshake, master].map(hexOf)).toEqual([
      TRACE.earlySecret,
      TRACE.handshakeSecret,
      TRACE.masterSecret,
    ]);
    expect(hexOf(deriveSecret(handshake, 'c hs traffic', hellos))).toBe(TRACE.clientHandshake);
    expect(hexOf(deriveSecret(handshake, 's hs traffic', hellos))).toBe(TRACE.serverHandshake);
    expect(hexOf(deriveSecret(master, 'c ap traffic', finished))).toBe(TRACE.clientApplication);
    expect(hexOf(deriveSecret(master, 's ap traffic', finished))).toBe(TRACE.serverApplication);
    expect(hexOf(deriveSecret(master, 'exp master', finished))).toBe(TRACE.exporter);
    expect(hexOf(deriveSecret(master, 'res master', all))).toBe(TRACE.resumption);
  });

  it('derives keys and initialisation vectors', () => {
    for (const name of ['clientHandshake', 'serverHandshake', 'clientApplication', 'serverApplication'] as const) {
      const secret = octets(TRACE[name]);
      const none = new Uint8Array(0);
      expect([expandLabel(secret, 'key', none, 16), expandLabel(secret, 'iv', none, 12)].map(hexOf)).toEqual([
        ...TRACE.keys[name],
      ]);
    }
  });

  it('finishes both sides', () => {
    const server = finishedData(octets(TRACE.serverHandshake), transcriptOf(...HELLOS, ...FLIGHT));
    expect(hexOf(server)).toBe(hexOf(TRACE.serverFinished.subarray(4)));
    const before = transcriptOf(...HELLOS, ...FLIGHT, TRACE.serverFinished);
    expect(hexOf(finishedData(octets(TRACE.clientHandshake), before))).toBe(hexOf(TRACE.clientFinished.subarray(4)));
  });

  it('writes the hellos in the clear', () => {
    const layer = new RecordLayer();
    const records = [...layer.seal(22, TRACE.clientHello), ...new RecordLayer().seal(22, TRACE.serverHello)];
    expect(records.map(hexOf)).toEqual([
      TRACE.records.clientHelloHead + hexOf(TRACE.clientHello),
      TRACE.records.serverHelloHead + hexOf(TRACE.serverHello),
    ]);
  });

  it.each([
    [
      'the flight of the server',
      TRACE.serverHandshake,
      22,
      0,
      joined(...FLIGHT, TRACE.serverFinished),
      TRACE.records.serverFlight,
    ],
    ['Finished of the client', TRACE.clientHandshake, 22, 0, TRACE.clientFinished, TRACE.records.clientFinished],
    ['the ticket', TRACE.serverApplication, 22, 0, TRACE.newSessionTicket, TRACE.records.ticket],
    [
      'data of the server',
      TRACE.serverApplication,
      23,
      1,
      Uint8Array.from({ length: 50 }, (_, at) => at),
      TRACE.records.serverData,
    ],
    ['close_notify of the client', TRACE.clientApplication, 21, 1, Uint8Array.of(1, 0), TRACE.records.clientAlert],
  ] as const)('protects %s, and opens it', (_what, secret, type, before, content, record) => {
    const [sealing, opening] = [new RecordCipher(AES, octets(secret)), new RecordCipher(AES, octets(secret))];
    for (let count = 0; count < before; count++) opening.open(sealing.seal(23, new Uint8Array(1)));
    expect(hexOf(sealing.seal(type, content))).toBe(hexOf(record));
    const opened = opening.open(record);
    expect([opened?.type, hexOf(opened?.content ?? new Uint8Array(0))]).toEqual([type, hexOf(content)]);
  });

  it('makes of the ticket the key of section 4', () => {
    const ticket = decodeNewSessionTicket(TRACE.newSessionTicket.subarray(4));
    if ('why' in ticket) throw new Error(ticket.why);
    const psk = resumptionPsk(octets(TRACE.resumption), ticket.nonce);
    expect([psk, earlySecret(psk)].map(hexOf)).toEqual([TRACE.psk, TRACE.earlyOfPsk]);
  });
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
