/** DHCP and BOOTP: tshark reads each message as we do. */

import { describe, expect, it } from 'vitest';
import { pcap } from '../capture/build.ts';
import { captureDifferences } from './captures.ts';
import { bytesOf, ip, joined, onEthernet, udp } from './frames.ts';
import { tsharkVersion } from './tshark.ts';

const version = tsharkVersion();
const COOKIE = Uint8Array.of(99, 130, 83, 99);
const SERVER = Uint8Array.of(192, 168, 1, 1);
const OFFERED = Uint8Array.of(192, 168, 1, 50);
const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1);
const END = Uint8Array.of(255);

interface Head {
  readonly op?: number;
  readonly hardware?: readonly [type: number, length: number];
  readonly flags?: number;
  readonly seconds?: number;
  readonly file?: Uint8Array;
  readonly name?: string;
  readonly serverName?: Uint8Array;
  readonly cookie?: Uint8Array;
}

function message(options: readonly Uint8Array[], head: Head = {}): Uint8Array {
  const bytes = new Uint8Array(236);
  const [type, length] = head.hardware ?? [1, 6];
  bytes.set([head.op ?? 1, type, length, 1, 0x12, 0x34, 0xab, 0xcd]);
  new DataView(bytes.buffer).setUint16(8, head.seconds ?? 0);
  new DataView(bytes.buffer).setUint16(10, head.flags ?? 0);
  bytes.set(OFFERED, 16);
  bytes.set(MAC, 28);
  bytes.set(head.serverName ?? bytesOf(head.name ?? ''), 44);
  bytes.set(head.file ?? new Uint8Array(0), 108);
  return joined(bytes, head.cookie ?? COOKIE, ...options);
}

function option(type: number, ...values: readonly (Uint8Array | string | number)[]): Uint8Array {
  const value = joined(
    ...values.map((one) =>
      typeof one === 'string' ? bytesOf(one) : typeof one === 'number' ? Uint8Array.of(one) : one,
    ),
  );
  return joined(Uint8Array.of(type, value.length), value);
}

function long(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

const MESSAGES: Readonly<Record<string, Uint8Array>> = {
  discover: message(
    [
      option(53, 1),
      option(61, 1, MAC),
      option(12, 'client'),
      option(55, Uint8Array.of(1, 3, 6, 15, 26, 28, 51, 58, 59, 119, 121, 252)),
      option(57, 5, 220),
      option(60, 'packetwalk'),
      END,
      new Uint8Array(20),
    ],
    { flags: 0x8000 },
  ),
  offer: message(
    [
      option(53, 2),
      option(54, SERVER),
      option(51, long(3600)),
      option(58, long(1800)),
      option(59, long(3150)),
      option(1, Uint8Array.of(255, 255, 255, 0)),
      option(3, SERVER),
      option(6, SERVER, Uint8Array.of(8, 8, 8, 8)),
      option(15, 'example.lan'),
      option(28, Uint8Array.of(192, 168, 1, 255)),
      option(26, 5, 220),
      option(42, SERVER),
      option(2, long(0xfffff1f0)),
      END,
    ],
    { op: 2 },
  ),
  request: message([option(53, 3), option(50, OFFERED), option(54, SERVER), option(66, 'tftp'), option(67, 'f'), END]),
  ack: message([option(53, 5), option(51, long(0xffffffff)), END], { op: 2, name: 'srv', file: bytesOf('boot.img') }),
  nak: message([option(53, 6), option(56, 'no lease'), END], { op: 2 }),
  others: message([option(53, 7), option(80), new Uint8Array(2), option(224, 'xx'), END], { seconds: 258 }),
  'unknown message type': message([option(53, 99), END]),
  'options in the file name': message([option(53, 1), option(52, 1), END], {
    file: joined(option(12, 'inhere'), END),
  }),
  'options in the server name': message([option(53, 1), option(52, 2), END], {
    serverName: joined(Uint8Array.of(0), option(12, 'there')),
  }),
  'options in both': message([option(53, 1), option(52, 3), END], {
    serverName: joined(option(12, 'x'), END),
    file: joined(option(15, 'lan'), END),
  }),
  'values of wrong lengths': message([
    option(53, 5),
    option(1, 255, 255),
    option(3, 1, 2, 3),
    option(26, 5),
    option(51, 0, 1),
    option(2, 9),
    option(12),
    END,
  ]),
  'letters that are no ASCII': message([option(53, 1), option(12, 'grün'), END], { name: 'grün' }),
  'seconds the other way round': message([option(53, 1), END], { seconds: 512 }),
  'hardware of another length': message([option(53, 1), END], { hardware: [6, 8] }),
  'hardware without an address': message([option(53, 1), END], { hardware: [1, 0] }),
  'hardware of too many octets': message([option(53, 1), END], { hardware: [1, 16] }),
  'an operation that does not exist': message([], { op: 7 }),
  'without an end': message([option(53, 1)]),
  'cut within an option': message([option(53, 1), Uint8Array.of(12, 32, 65)]),
  bootp: message([]),
  'bootp reply': message([], { op: 2 }),
  'another cookie': message([option(53, 1)], { cookie: Uint8Array.of(1, 2, 3, 4) }),
  'cut within the header': Uint8Array.of(1, 1, 6, 0, 1, 2, 3, 4),
};

describe.skipIf(version === null)(`tshark (${version ?? 'not installed'})`, { timeout: 60_000 }, () => {
  it('each message of DHCP', () => {
    const records = Object.values(MESSAGES).map((bytes, index) => {
      const isReply = bytes[0] === 2;
      const [from, to] = isReply ? [67, 68] : [68, 67];
      return {
        seconds: 1_700_000_000 + index,
        part: 0,
        bytes: onEthernet(udp(ip('192.168.1.9'), ip('192.168.1.255'), from, to, bytes)),
      };
    });
    expect(captureDifferences(pcap(records))).toEqual([]);
  });
});
