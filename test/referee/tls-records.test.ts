/** TLS records octet by octet: tshark reads whole, cut and unknown ones as we do. */

import { expect, it } from 'vitest';
import { pcap } from '../capture/build.ts';
import { captureDifferences } from './captures.ts';
import { joined } from './frames.ts';
import { hex } from './ipv6-frames.ts';
import { Heard, type Way } from './streams.ts';
import { tsharkVersion } from './tshark.ts';

const version = tsharkVersion();
const RANDOM = '11'.repeat(32);
const number = (value: number, octets: number) => value.toString(16).padStart(2 * octets, '0');

function record(type: number, content: string, recordVersion = '0303'): Uint8Array {
  return hex(`${number(type, 1)} ${recordVersion} ${number(hex(content).length, 2)} ${content}`);
}

function handshake(type: number, body: string): string {
  return `${number(type, 1)} ${number(hex(body).length, 3)} ${body}`;
}

function hello(type: 1 | 2, extensions: string, helloVersion = '0303'): string {
  const chosen = type === 1 ? '0004 1301 c02f 01 00' : '1301 00';
  const list = extensions === '' ? '' : `${number(hex(extensions).length, 2)} ${extensions}`;
  return handshake(type, `${helloVersion} ${RANDOM} 00 ${chosen} ${list}`);
}

const SERVER_NAME = '0000 0008 0006 00 0003 617070';
const ALPN = '0010 000b 0009 02 6832 05 6d71747431';
const TLS_1_3 = '002b 0002 0304';
const CHANGE = record(20, '01');
const CLIENT_HELLO = record(22, hello(1, `${SERVER_NAME} ${ALPN}`), '0301');

const STREAMS: readonly (readonly (readonly [Way, Uint8Array])[])[] = [
  [
    ['>', CLIENT_HELLO],
    ['<', record(22, hello(2, TLS_1_3))],
    ['<', CHANGE],
    ['<', record(23, '00'.repeat(20))],
    ['>', CHANGE],
  ],
  // TLS 1.2: what follows a change of keys is encrypted.
  [
    ['>', CLIENT_HELLO],
    ['<', record(22, `${hello(2, '')} ${handshake(11, '000000')} ${handshake(14, '')}`)],
    ['>', record(22, handshake(16, '0102'))],
    ['>', CHANGE],
    ['>', record(21, '00112233')],
    ['>', record(24, '00112233')],
    ['>', record(23, '00112233')],
    ['<', joined(CHANGE, record(23, '0011'))],
  ],
  [['>', record(22, hello(1, '', '0301'), '0301')]],
  [
    ['>', record(22, hello(1, '', '0302'), '0302')],
    ['<', record(21, '0228', '0302')],
  ],
  [['<', record(21, '0100')]],
  [['<', record(21, '0963')]],
  // Two records of which the second comes in a segment of its own, and one cut within its header.
  [
    ['>', joined(CLIENT_HELLO, CHANGE.subarray(0, 3))],
    ['>', CHANGE.subarray(3)],
  ],
  [
    ['>', CLIENT_HELLO.subarray(0, 30)],
    ['>', CLIENT_HELLO.subarray(30)],
  ],
  // Messages that nobody knows, the second time behind one that is known.
  [['>', record(22, handshake(99, '00'))]],
  [['>', record(22, `${hello(1, '')} ${handshake(99, '00')}`)]],
  [['>', record(22, hello(1, '0000 0008 0006 00 0009 617070'))]],
];

it.skipIf(version === null)('TLS records of every kind', { timeout: 60_000 }, () => {
  const heard = new Heard();
  for (const pieces of STREAMS) heard.stream(443, pieces, '');
  expect(captureDifferences(pcap(heard.records))).toEqual([]);
});
