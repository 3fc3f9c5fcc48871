/** Messages of ICMP and ICMPv6 that are cut, odd or unknown: tshark reads each as we do. */

import { describe, expect, it } from 'vitest';
import { pcap } from '../capture/build.ts';
import { captureDifferences } from './captures.ts';
import { ethernet, icmp, ip, joined, onEthernet, udp } from './frames.ts';
import { hex, icmpv6, ip6, ipv6, octetsOf } from './ipv6-frames.ts';
import { tsharkVersion } from './tshark.ts';

const version = tsharkVersion();
const A = ip6('fe80::1');
const B = ip6('2001:db8::2');
const ADDRESS = Buffer.from(octetsOf(B)).toString('hex');

const PACKET = Buffer.from(ipv6(B, A, hex('0fa0 1770 0008 0000'), { next: 17 })).toString('hex');

/** Type, and what stands behind the checksum. */
const MESSAGES: Readonly<Record<string, readonly [type: number, rest: string]>> = {
  'without what every message has': [135, ''],
  'a solicitation without a target': [135, '00000000'],
  'a solicitation with half a target': [135, '00000000 20010db8'],
  'an advertisement without a target': [136, '00000000'],
  'a redirect with one address': [137, `00000000 ${ADDRESS}`],
  'a redirect with an option of length zero': [137, `00000000 ${ADDRESS} ${ADDRESS} 0200 000000000000`],
  'a redirect of a packet': [137, `00000000 ${ADDRESS} ${ADDRESS} 0407 000000000000 ${PACKET}`],
  'an option of length zero': [135, `00000000 ${ADDRESS} 0100 020000000001`],
  'an option that is cut': [135, `00000000 ${ADDRESS} 0102 020000000001`],
  'an option that nobody knows': [133, '00000000 c801 000000000000'],
};

const CUT: Readonly<Record<string, readonly [type: number, code: number, octets: number]>> = {
  'a type alone': [128, 0, 1],
  'a type and a code': [128, 0, 2],
  'a head without its checksum': [128, 0, 3],
};

function check(frames: readonly Uint8Array[]): void {
  const records = frames.map((bytes, index) => ({ seconds: 1_700_000_000 + index, part: 0, bytes }));
  expect(captureDifferences(pcap(records))).toEqual([]);
}

const six = (payload: Uint8Array) =>
  ethernet(0x020000000001, 0x333300000001, 0x86dd, ipv6(A, B, payload, { next: 58, hopLimit: 255 }));

const CLIENT = ip('10.0.0.1');
const SERVER = ip('10.0.0.2');
const QUOTED = udp(CLIENT, SERVER, 4000, 4001, hex(''));
/** Type, code, both halves of the second word. */
const ERRORS: readonly (readonly [number, number, number, number])[] = [
  ...[0, 1, 2, 3, 9].map((code) => [5, code, 0x0a00, 0x0001] as const),
  ...[0, 1, 2, 3].map((code) => [12, code, 0x1400, 0] as const),
  [3, 99, 0, 0],
  [3, 4, 0, 1400],
  [4, 0, 0, 0],
  [11, 7, 0, 0],
  [3, 1, 0x0008, 0],
  [3, 1, 0x1234, 0x5678],
];

describe.skipIf(version === null)(`tshark (${version ?? 'not installed'})`, { timeout: 60_000 }, () => {
  it('messages of Neighbour Discovery', () => {
    check(Object.values(MESSAGES).map(([type, rest]) => six(icmpv6(A, B, type, 0, hex(rest)))));
  });

  it('messages of ICMPv6 that are cut', () => {
    check(
      Object.values(CUT).map(([type, code, octets]) =>
        six(icmpv6(A, B, type, code, hex('12340007')).subarray(0, octets)),
      ),
    );
  });

  it('errors of ICMP with every kind of second word', () => {
    check(
      ERRORS.map(([type, code, first, second]) => onEthernet(icmp(SERVER, CLIENT, type, code, first, second, QUOTED))),
    );
  });

  it('requests that hold nothing', () => {
    check([8, 99].map((type) => onEthernet(icmp(CLIENT, SERVER, type, 0, 1, 1, joined()))));
  });
});
