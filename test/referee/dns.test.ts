/** DNS: tshark reads every kind of record, whole and broken, in datagrams and streams, as we do. */

import { describe, expect, it } from 'vitest';
import { pcap } from '../capture/build.ts';
import { captureDifferences } from './captures.ts';
import { bytesOf, joined } from './frames.ts';
import { hex } from './ipv6-frames.ts';
import { Heard, type Way } from './streams.ts';
import { tsharkVersion } from './tshark.ts';

const version = tsharkVersion();
const QUESTION = hex('06 736572766572 03 6c616e 00 0001 0001');
const QUERY = '0100';
const RESPONSE = '8180';
const NAME = 'c00c';
const A = record(1, '0a000002');

/** Type, data, and the owner's name; the length may lie. */
function record(type: number, data: string, owner = NAME, length = hex(data).length): string {
  return `${owner} ${number(type)} 0001 0000003c ${number(length)} ${data}`;
}

function number(value: number): string {
  return value.toString(16).padStart(4, '0');
}

function message(id: number, flags: string, records: readonly string[], question = QUESTION): Uint8Array {
  const counts = `${question.length > 0 ? '0001' : '0000'} ${number(records.length)} 0000 0000`;
  return joined(hex(`${number(id)} ${flags} ${counts}`), question, hex(records.join('')));
}

const labels = (name: string) =>
  Buffer.from(joined(...name.split('.').map((label) => joined(Uint8Array.of(label.length), bytesOf(label))))).toString(
    'hex',
  );

const RECORDS: Readonly<Record<string, readonly string[]>> = {
  'an address, and one that is too short': [A, record(1, '0a00')],
  'an address of IPv6': [record(28, '20010db8000000000000000000000001')],
  'an address of IPv6 that is too short': [record(28, '20010db8')],
  'other names': [record(5, NAME), record(2, NAME), record(12, `0161${NAME}`), record(39, NAME)],
  'a name that is cut': [record(5, '0461')],
  'a pointer that loops': [record(5, 'c028')],
  'a label of no kind': [record(2, '8061')],
  'where the zone begins': [record(6, `${NAME} 0161${NAME} 00000001 00000e10 00000258 00015180 0000003c`)],
  'the beginning of a zone without a mailbox': [record(6, NAME)],
  'the beginning of a zone without numbers': [record(6, `${NAME} ${NAME} 0001`)],
  'mail, and mail without a server': [record(15, `000a ${NAME}`)],
  'mail that is too short': [record(15, '0a')],
  'mail to nowhere': [record(15, '000a 0561')],
  'a service': [record(33, `0001 0002 0050 ${NAME}`, `${labels('_http._tcp')}${NAME}`)],
  'a service of one label': [record(33, `0001 0002 0050 ${NAME}`, `${labels('_http')}00`)],
  'a service without a domain': [record(33, `0001 0002 0050 ${NAME}`, `${labels('_http._tcp')}00`)],
  'a service that is too short': [record(33, '0001')],
  'a service nowhere': [record(33, '0001 0002 0050 0561')],
  texts: [record(16, '02 6869 03 796f75')],
  'a machine': [record(13, '03 504450 04 554e4958')],
  'something else': [record(65280, '01020304')],
  options: [record(41, '000a 0008 0102030405060708 000c 0000', '00')],
  'longer than the message': [A, record(1, '0a000002', NAME, 40)],
  'a name that points nowhere': [A, record(1, '0a000002', 'c0ff')],
};

const MESSAGES: readonly (readonly (readonly [Way, Uint8Array, number?])[])[] = [
  ...Object.values(RECORDS).map((records, index) => [
    ['>' as const, message(index, QUERY, [])] as const,
    ['<' as const, message(index, RESPONSE, records)] as const,
  ]),
  // Results, and a result that has no name; operations, and one that has none.
  ...[1, 2, 3, 5, 12].map((rcode) => [['<' as const, message(rcode, `818${rcode.toString(16)}`, [])] as const]),
  ...['0900', '1000', '1800', '2800', 'a800'].map((flags) => [['>' as const, message(7, flags, [A])] as const]),
  // A query again, soon and late, and the response twice.
  [
    ['>', message(9, QUERY, [])],
    ['>', message(9, QUERY, [])],
    ['<', message(9, RESPONSE, [A])],
    ['<', message(9, RESPONSE, [A])],
    ['>', message(9, QUERY, [])],
  ],
  [
    ['>', message(9, QUERY, [])],
    ['>', message(9, QUERY, []), 6],
  ],
  [['>', message(9, '0120', [], hex('0161000001 0001'))]],
  [['>', message(9, QUERY, [], hex('00 0002 0001'))]],
  ...[1, 2, 3, 4, 5, 7, 11, 12, 15, 24].map((length) => [
    ['>' as const, message(9, QUERY, []).subarray(0, length)] as const,
  ]),
];

const streamed = (bytes: Uint8Array) => joined(hex(number(bytes.length)), bytes);

describe.skipIf(version === null)(`tshark (${version ?? 'not installed'})`, { timeout: 60_000 }, () => {
  it('in datagrams', () => {
    const heard = new Heard();
    for (const messages of MESSAGES) heard.datagrams(53, messages);
    expect(captureDifferences(pcap(heard.records))).toEqual([]);
  });

  it('in streams: whole, several in a segment, and cut in the length and in the message', () => {
    const heard = new Heard();
    const both = joined(streamed(message(1, QUERY, [])), streamed(message(2, QUERY, [])));
    heard.stream(53, [
      ['>', both],
      ['<', streamed(message(1, RESPONSE, [A]))],
    ]);
    heard.stream(53, [
      ['>', both.subarray(0, 1)],
      ['>', both.subarray(1, 20)],
      ['>', both.subarray(20, both.length / 2)],
      ['>', both.subarray(both.length / 2)],
      ['<', streamed(message(3, RESPONSE, [A]).subarray(0, 3))],
    ]);
    expect(captureDifferences(pcap(heard.records))).toEqual([]);
  });
});
