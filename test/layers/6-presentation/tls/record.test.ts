/** Records as one reads them who only listens: what ends too early is read as far as it goes. */

import { describe, expect, it } from 'vitest';
import { recordInfo, tlsFields, versionName } from '../../../../src/layers/6-presentation/tls/fields.ts';
import { protocolsIn, readHello, serverNameIn, TlsSession } from '../../../../src/layers/6-presentation/tls/record.ts';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const number = (value: number, octets: number) => value.toString(16).padStart(2 * octets, '0');
const sized = (octets: number, content: string) => `${number(hex(content).length, octets)} ${content}`;
const RANDOM = '11'.repeat(32);
const RETRY = 'cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c';
const CLIENT = `0303 ${RANDOM} 00 0002 1301 01 00`;

/** The name of each message of a hello's body, with what stands in it. */
function helloOf(type: 1 | 2, body: string) {
  const bytes = hex(`${number(type, 1)} ${sized(3, body)}`);
  const hello = readHello(bytes, 0, bytes.length);
  const text = ([from, to]: readonly [number, number]) => Buffer.from(bytes.subarray(from, to)).toString('latin1');
  if (!hello) return null;
  const name = serverNameIn(bytes, hello);
  return {
    types: hello.extensions.map((each) => each.type),
    name: name && text(name),
    protocols: protocolsIn(bytes, hello).map(text),
  };
}

const NOTHING = { types: [], name: null, protocols: [] };

describe('a hello that one listens to', () => {
  it.each([
    ['without a session', 1, `0303 ${RANDOM}`, null],
    ['without suites', 1, `0303 ${RANDOM} 00`, null],
    ['without methods of compression', 1, `0303 ${RANDOM} 00 0002 1301`, null],
    ['without extensions', 1, CLIENT, NOTHING],
    ['of a server', 2, `0303 ${RANDOM} 00 1301 00 ${sized(2, '002b 0002 0304')}`, { ...NOTHING, types: [43] }],
    [
      'whole',
      1,
      `${CLIENT} ${sized(2, `0000 0006 0004 00 0001 61 0010 0004 0002 01 62`)}`,
      { types: [0, 16], name: 'a', protocols: ['b'] },
    ],
    [
      'with an extension that is cut',
      1,
      `${CLIENT} ${sized(2, '002b 0000 0000 0009 00')}`,
      { ...NOTHING, types: [43] },
    ],
    ['with a name that is cut', 1, `${CLIENT} ${sized(2, '0000 0006 0004 00 0009 61')}`, { ...NOTHING, types: [0] }],
    ['with no name', 1, `${CLIENT} ${sized(2, '0000 0002 0000')}`, { ...NOTHING, types: [0] }],
    [
      'with a protocol that is cut',
      1,
      `${CLIENT} ${sized(2, '0010 0006 0004 01 62 09 63')}`,
      { types: [16], name: null, protocols: ['b'] },
    ],
    ['with no protocols', 1, `${CLIENT} ${sized(2, '0010 0000')}`, { ...NOTHING, types: [16] }],
  ] as const)('%s', (_, type, body, read) => {
    expect(helloOf(type, body)).toEqual(read);
  });
});

describe('a record that one listens to', () => {
  it.each([
    ['a message longer than the record', '16 0303 0006 01 000009 0303', 'Encrypted Handshake Message', 5],
    ['less than the head of a message', '16 0303 0003 01 0000', 'Encrypted Handshake Message', 5],
    ['a hello of two octets', '16 0303 0006 01 000002 0303', 'Client Hello', 8],
    ['a hello of no octets', '16 0303 0004 01 000000', 'Client Hello', 7],
    ['a request to try again', `16 0303 002a 02 000026 0303 ${RETRY} 00 1301 00`, 'Hello Retry Request', 9],
    ['a server hello that is cut', '16 0303 0006 02 000002 0303', 'Server Hello', 8],
    ['no data', '17 0303 0000', 'Application Data', 4],
    ['a heartbeat', '18 0303 0003 01 0000', 'Encrypted Heartbeat', 4],
    ['an alert without a description', '15 0303 0001 02', 'Encrypted Alert', 5],
  ])('of %s', (_, octets, info, fields) => {
    const bytes = hex(octets);
    const record = new TlsSession().read(bytes, 0, 443);
    expect(recordInfo(bytes, record)).toBe(info);
    expect(tlsFields(bytes, [record])).toHaveLength(fields);
  });

  it('takes the version of a server that chooses one which has no name', () => {
    const session = new TlsSession();
    const bytes = hex(
      `16 0303 ${sized(2, `02 ${sized(3, `0303 ${RANDOM} 00 1301 00 ${sized(2, '002b 0002 0505')}`)}`)}`,
    );
    expect(versionName(session.read(bytes, 0, 443).sessionVersion)).toBe('TLS');
    expect(['0x0301', '0x0304'].map((version) => versionName(Number(version)))).toEqual(['TLSv1', 'TLSv1.3']);
  });
});
