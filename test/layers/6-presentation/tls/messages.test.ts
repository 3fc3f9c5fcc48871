/** Handshake messages and extensions octet by octet: what is taken, and which alert answers what is not (RFC 8446). */

import { describe, expect, it } from 'vitest';
import { time } from '../../../../src/layers/6-presentation/tls/der.ts';
import { TlsProblem } from '../../../../src/layers/6-presentation/tls/header.ts';
import {
  decodeModes,
  decodeNumbers,
  decodeProtocols,
  decodeServerName,
  decodeShare,
  decodeShares,
  decodeVersions,
  isCookie,
} from '../../../../src/layers/6-presentation/tls/hello-extensions.ts';
import {
  decodeCertificate,
  decodeCertificateRequest,
  decodeCertificateVerify,
  decodeClientHello,
  decodeEncryptedExtensions,
  decodeNewSessionTicket,
  decodePskOffer,
  decodeServerHello,
} from '../../../../src/layers/6-presentation/tls/messages.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const RANDOM = '11'.repeat(32);
const VERSIONS = '002b 0003 020304';
const TWICE = '0005 0000 0005 0000';
const list = (content: string) => `${(hex(content).length >>> 0).toString(16).padStart(4, '0')} ${content}`;

/** Why it is refused, or null. */
function alertOf(read: unknown): string | null {
  return read instanceof TlsProblem ? read.alert : null;
}

const ALL = {
  ClientHello: decodeClientHello,
  ServerHello: decodeServerHello,
  EncryptedExtensions: decodeEncryptedExtensions,
  Certificate: decodeCertificate,
  CertificateRequest: decodeCertificateRequest,
  CertificateVerify: decodeCertificateVerify,
  NewSessionTicket: decodeNewSessionTicket,
  'list of keys': decodePskOffer,
  'server name': decodeServerName,
  'list of protocols': decodeProtocols,
  'list of numbers': (body: Uint8Array) => decodeNumbers(body, 'numbers'),
  'list of versions': decodeVersions,
  'list of shares': decodeShares,
  share: decodeShare,
  'list of modes': decodeModes,
};

const CLIENT = `0303 ${RANDOM} 00 0002 1301 01 00`;
const SERVER = `0303 ${RANDOM} 00 1301 00`;

describe('a message', () => {
  it.each<[keyof typeof ALL, string, string, string | null]>([
    ['ClientHello', 'whole', `${CLIENT} ${list(VERSIONS)}`, null],
    ['ClientHello', 'without extensions', CLIENT, 'protocol_version'],
    ['ClientHello', 'of another version', `0301 ${RANDOM} 00 0002 1301 01 00 0000`, 'protocol_version'],
    ['ClientHello', 'of another version in the old place', `0301 ${RANDOM} 00 0002 1301 01 00 ${list(VERSIONS)}`, null],
    ['ClientHello', 'with an extension twice', `${CLIENT} ${list(TWICE)}`, 'illegal_parameter'],
    ['ClientHello', 'with half an extension', `${CLIENT} 0004 0005 0009`, 'decode_error'],
    ['ClientHello', 'with half a suite', `0303 ${RANDOM} 00 0003 130113 01 00 0000`, 'decode_error'],
    ['ClientHello', 'with octets behind', `${CLIENT} 0000 00`, 'decode_error'],
    ['ClientHello', 'of a long session', `0303 ${RANDOM} 21 ${'22'.repeat(33)} 0002 1301 01 00 0000`, 'decode_error'],
    ['ClientHello', 'that compresses', `0303 ${RANDOM} 00 0002 1301 01 01 ${list(VERSIONS)}`, 'illegal_parameter'],
    ['ClientHello', 'that compresses in two ways', `0303 ${RANDOM} 00 0002 1301 02 0001 0000`, 'protocol_version'],
    ['ServerHello', 'whole', `${SERVER} ${list(VERSIONS)}`, null],
    ['ServerHello', 'without extensions', SERVER, 'protocol_version'],
    ['ServerHello', 'cut short', `0303 ${RANDOM}`, 'decode_error'],
    ['ServerHello', 'with an extension twice', `${SERVER} ${list(TWICE)}`, 'illegal_parameter'],
    ['ServerHello', 'with octets behind', `${SERVER} 0000 00`, 'decode_error'],
    ['ServerHello', 'with half an extension', `${SERVER} 0002 0005`, 'decode_error'],
    ['ServerHello', 'of another version', `0301 ${RANDOM} 00 1301 00 0000`, 'protocol_version'],
    ['ServerHello', 'of another version in the old place', `0301 ${RANDOM} 00 1301 00 ${list(VERSIONS)}`, null],
    ['ServerHello', 'that compresses', `0303 ${RANDOM} 00 1301 01 0000`, 'illegal_parameter'],
    ['EncryptedExtensions', 'whole', list('0000 0000'), null],
    ['EncryptedExtensions', 'with one twice', list(TWICE), 'illegal_parameter'],
    ['EncryptedExtensions', 'with octets behind', '0000 00', 'decode_error'],
    ['EncryptedExtensions', 'cut short', '0004 0000', 'decode_error'],
    ['Certificate', 'whole', '00 000006 000001 30 0000', null],
    ['Certificate', 'without an octet', '00 000005 000000 0000', 'decode_error'],
    ['Certificate', 'with octets behind', '00 000000 00', 'decode_error'],
    ['Certificate', 'with half a certificate', '00 000003 000009', 'decode_error'],
    ['CertificateRequest', 'whole', `00 ${list('000d 0000')}`, null],
    ['CertificateRequest', 'with an extension twice', `00 ${list(TWICE)}`, 'illegal_parameter'],
    ['CertificateRequest', 'cut short', '00 0004', 'decode_error'],
    ['CertificateRequest', 'with octets behind', '00 0000 00', 'decode_error'],
    ['CertificateVerify', 'whole', '0807 0001 33', null],
    ['CertificateVerify', 'cut short', '0807 0002 33', 'decode_error'],
    ['CertificateVerify', 'with octets behind', '0807 0001 33 00', 'decode_error'],
    ['NewSessionTicket', 'whole', '00000e10 00000001 01 00 0001 44 0000', null],
    ['NewSessionTicket', 'without a ticket', '00000e10 00000001 01 00 0000 0000', 'decode_error'],
    ['NewSessionTicket', 'cut short', '00000e10 00000001 01 00 0001 44', 'decode_error'],
    ['NewSessionTicket', 'with octets behind', '00000e10 00000001 01 00 0001 44 0000 00', 'decode_error'],
    ['list of keys', 'whole', `${list('0001 55 00000000')} ${list('01 66')}`, null],
    ['list of keys', 'that is empty', '0000 0000', 'illegal_parameter'],
    ['list of keys', 'without a binder', `${list('0001 55 00000000')} 0000`, 'illegal_parameter'],
    ['list of keys', 'with octets behind', `${list('0001 55 00000000')} ${list('01 66')} 00`, 'decode_error'],
    ['list of keys', 'with half a key', `${list('0001 55 0000')} ${list('01 66')}`, 'decode_error'],
    ['list of keys', 'with half a binder', `${list('0001 55 00000000')} ${list('02 66')}`, 'decode_error'],
    ['server name', 'whole', '0004 00 0001 61', null],
    ['server name', 'of another type', '0004 01 0001 61', 'decode_error'],
    ['server name', 'that is empty', '0003 00 0000', 'decode_error'],
    ['server name', 'cut short', '0004 00 0002 61', 'decode_error'],
    ['server name', 'longer than itself', '0009 00 0001 61', 'decode_error'],
    ['server name', 'with octets behind', '0004 00 0001 61 00', 'decode_error'],
    ['list of protocols', 'whole', '0003 02 6832', null],
    ['list of protocols', 'that is empty', '0000', 'decode_error'],
    ['list of protocols', 'with an empty one', '0003 01 61 00', 'decode_error'],
    ['list of protocols', 'with half of one', '0002 02 68', 'decode_error'],
    ['list of protocols', 'with octets behind', '0003 02 6832 00', 'decode_error'],
    ['list of protocols', 'longer than itself', '0009 02 6832', 'decode_error'],
    ['list of numbers', 'whole', '0002 001d', null],
    ['list of numbers', 'that is empty', '0000', 'decode_error'],
    ['list of numbers', 'with half of one', '0003 001d 00', 'decode_error'],
    ['list of numbers', 'with octets behind', '0002 001d 00', 'decode_error'],
    ['list of numbers', 'cut short', '0004 001d', 'decode_error'],
    ['list of versions', 'whole', '02 0304', null],
    ['list of versions', 'with half of one', '03 0304 03', 'decode_error'],
    ['list of versions', 'with octets behind', '02 0304 00', 'decode_error'],
    ['list of versions', 'cut short', '04 0304', 'decode_error'],
    ['list of shares', 'whole', list('001d 0001 77'), null],
    ['list of shares', 'that is empty', '0000', null],
    ['list of shares', 'with two of a group', list('001d 0001 77 001d 0001 88'), 'illegal_parameter'],
    ['list of shares', 'with half of one', list('001d 0002 77'), 'decode_error'],
    ['list of shares', 'with octets behind', '0000 00', 'decode_error'],
    ['list of shares', 'cut short', '0004', 'decode_error'],
    ['share', 'whole', '001d 0001 77', null],
    ['share', 'cut short', '001d 0002 77', 'decode_error'],
    ['share', 'with octets behind', '001d 0001 77 00', 'decode_error'],
    ['list of modes', 'whole', '01 01', null],
    ['list of modes', 'that is empty', '00', 'decode_error'],
    ['list of modes', 'cut short', '02 01', 'decode_error'],
    ['list of modes', 'with octets behind', '01 01 00', 'decode_error'],
  ])('%s %s', (what, _, octets, alert) => {
    expect(alertOf(ALL[what](hex(octets)))).toBe(alert);
  });

  it('of certificates says whether anything stands beside them', () => {
    expect(decodeCertificate(hex('00 000006 000001 30 0000'))).toMatchObject({ hasExtensions: false });
    expect(decodeCertificate(hex('00 000007 000001 30 0001 00'))).toMatchObject({ hasExtensions: true });
  });

  it.each([
    ['0001 61', true],
    ['0000', false],
    ['0002 61', false],
    ['0001 61 00', false],
  ])('a cookie is at least an octet and nothing else: %s', (octets, isOne) => {
    expect(isCookie(hex(octets))).toBe(isOne);
  });
});

describe('a date of a certificate (RFC 5280 section 4.1.2.5)', () => {
  it.each([
    ['20491231235959Z', [23, 13], '491231235959Z'],
    ['20500101000000Z', [24, 15], '20500101000000Z'],
  ])('%s', (text, head, written) => {
    expect([...time(text)]).toEqual([...head, ...Buffer.from(written)]);
  });
});
