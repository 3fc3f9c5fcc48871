/** IPv6, its extension headers, ICMPv6 and neighbour discovery: tshark reads each frame as we do. */

import { describe, expect, it } from 'vitest';
import { pcap } from '../capture/build.ts';
import { captureDifferences } from './captures.ts';
import { ethernet, joined } from './frames.ts';
import * as six from './ipv6-frames.ts';
import { tsharkVersion } from './tshark.ts';

const version = tsharkVersion();
const A = six.ip6('fe80::1');
const B = six.ip6('2001:db8::2');
const ALL = six.ip6('ff02::1');
const { hex } = six;

const MESSAGE: Readonly<Record<string, readonly [type: number, code: number, rest: Uint8Array]>> = {
  'echo request': [128, 0, hex('1234 0007 6162636465')],
  'echo reply': [129, 0, hex('1234 0007 6162636465')],
  'echo reply unasked': [129, 0, hex('9999 0001')],
  'router solicitation': [133, 0, hex('00000000')],
  'router solicitation with address': [133, 0, hex('00000000 0101 020000000001')],
  'router advertisement': [
    134,
    0,
    joined(
      hex('40 e8 0708 00007530 000003e8 0101 020000000001 0501 0000 000005dc'),
      hex('0304 40 e0 00278d00 00093a80 00000000'),
      six.octetsOf(six.ip6('2001:db8:1::')),
      hex('1903 0000 00000e10'),
      six.octetsOf(six.ip6('2001:db8::53')),
    ),
  ],
  'router advertisement without options': [134, 0, hex('00 00 0000 00000000 00000000')],
  'neighbour solicitation': [135, 0, joined(hex('00000000'), six.octetsOf(B), hex('0101 020000000001'))],
  'neighbour solicitation with nonce': [135, 0, joined(hex('00000000'), six.octetsOf(B), hex('0e01 aabbccddeeff'))],
  'neighbour solicitation without option': [135, 0, joined(hex('00000000'), six.octetsOf(B))],
  'neighbour advertisement': [136, 0, joined(hex('e0000000'), six.octetsOf(B), hex('0201 020000000002'))],
  'neighbour advertisement, no flags': [136, 0, joined(hex('00000000'), six.octetsOf(B))],
  'neighbour advertisement, override': [136, 0, joined(hex('20000001'), six.octetsOf(B), hex('0201 020000000002'))],
  redirect: [137, 0, joined(hex('00000000'), six.octetsOf(A), six.octetsOf(B), hex('0201 020000000002'))],
  'listener query': [130, 0, joined(hex('03e8 0000'), six.octetsOf(ALL))],
  'listener report': [131, 0, joined(hex('0000 0000'), six.octetsOf(ALL))],
  'listener done': [132, 0, joined(hex('0000 0000'), six.octetsOf(ALL))],
  'listener report 2': [
    143,
    0,
    joined(hex('0000 0002 0400 0000'), six.octetsOf(ALL), hex('0100 0001'), six.octetsOf(ALL), six.octetsOf(B)),
  ],
};

const QUOTED = six.ipv6(B, A, six.udp6(B, A, [5000, 6000], 'quoted'), { next: 17 });
const ERRORS = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 9].map((code) => [1, code, joined(hex('00000000'), QUOTED)] as const),
  [2, 0, joined(hex('00000500'), QUOTED)] as const,
  ...[0, 1, 5].map((code) => [3, code, joined(hex('00000000'), QUOTED)] as const),
  ...[0, 1, 2, 3, 9].map((code) => [4, code, joined(hex('00000028'), QUOTED)] as const),
];

function frame(packet: Uint8Array): Uint8Array {
  return ethernet(0x020000000001, 0x333300000001, 0x86dd, packet);
}

function message([type, code, rest]: readonly [number, number, Uint8Array]): Uint8Array {
  return frame(six.ipv6(A, B, six.icmpv6(A, B, type, code, rest), { next: 58, hopLimit: 255 }));
}

function check(frames: readonly Uint8Array[]): void {
  const records = frames.map((bytes, index) => ({ seconds: 1_700_000_000 + index, part: 0, bytes }));
  expect(captureDifferences(pcap(records))).toEqual([]);
}

const SYN = 2;
const ACK = 16;
const text = (length: number) => six.udp6(A, B, [4000, 4001], 'x'.repeat(length));

describe.skipIf(version === null)(`tshark (${version ?? 'not installed'})`, { timeout: 60_000 }, () => {
  it('each message of ICMPv6', () => check(Object.values(MESSAGE).map(message)));

  it('each error, with what it quotes', () => check(ERRORS.map(message)));

  it('a wrong checksum, and messages that are cut short', () => {
    const bad = message(MESSAGE['echo request'] as never);
    bad[60] = 1;
    check([bad]);
  });

  it('UDP and TCP over IPv6', () => {
    const ports = [40000, 4080] as const;
    const back = [4080, 40000] as const;
    check([
      frame(six.ipv6(A, B, text(5), { next: 17, first: 0x6b8abcde })),
      frame(six.ipv6(A, B, six.tcp6(A, B, ports, 100, 0, SYN), { next: 6 })),
      frame(six.ipv6(B, A, six.tcp6(B, A, back, 500, 101, SYN | ACK), { next: 6 })),
      frame(six.ipv6(A, B, six.tcp6(A, B, ports, 101, 501, ACK), { next: 6 })),
      frame(six.ipv6(A, B, six.tcp6(A, B, ports, 101, 501, ACK, hex('616263')), { next: 6 })),
      frame(six.ipv6(A, B, six.tcp6(A, B, ports, 101, 501, ACK, hex('616263')), { next: 6 })),
    ]);
  });

  it('extension headers', () => {
    const hopByHop = (next: number) => joined(Uint8Array.of(next, 0), hex('0502 0000 0100'));
    const destination = (next: number) => joined(Uint8Array.of(next, 0), hex('0104 00000000'));
    const routing = (next: number, type: number) =>
      joined(Uint8Array.of(next, 2, type, 1, 0, 0, 0, 0), six.octetsOf(B));
    check([
      frame(six.ipv6(A, B, joined(hopByHop(17), text(4)), { next: 0 })),
      frame(six.ipv6(A, B, joined(destination(17), text(4)), { next: 60 })),
      frame(six.ipv6(A, B, joined(hopByHop(60), destination(17), text(4)), { next: 0 })),
      ...[0, 2].map((type) => frame(six.ipv6(A, ALL, joined(routing(17, type), text(4)), { next: 43 }))),
      frame(six.ipv6(A, B, joined(six.fragmentHeader(17, 0, false, 7), text(4)), { next: 44 })),
      frame(six.ipv6(A, B, new Uint8Array(0), { next: 59 })),
      frame(six.ipv6(A, B, hex('0102030405'), { next: 59 })),
    ]);
  });

  it('fragments: in order, out of order, and with one missing', () => {
    const whole = text(200);
    const piece = (from: number, to: number, id: number) => {
      const header = six.fragmentHeader(17, from, to < whole.length, id);
      return frame(six.ipv6(A, B, joined(header, whole.subarray(from, to)), { next: 44 }));
    };
    check([
      piece(0, 80, 1),
      piece(80, 160, 1),
      piece(160, 208, 1),
      piece(160, 208, 2),
      piece(0, 80, 2),
      piece(80, 160, 2),
      piece(0, 80, 3),
      piece(160, 208, 3),
    ]);
  });

  it('packets in packets', () => {
    const inner = six.ipv6(A, B, text(3), { next: 17 });
    check([frame(six.ipv6(B, A, inner, { next: 41 }))]);
  });
});
