/** Marks of congestion in every kind of frame (RFC 3168 section 5, RFC 8200 section 3, IEEE 802.1Q). */

import { describe, expect, it } from 'vitest';
import { Pdu } from '../../src/layers/pdu.ts';
import { finish, sum } from '../../src/wire/checksum.ts';
import { markFrame } from '../../src/world/congestion-mark.ts';
import { ethernet, ip, ipv4 } from '../referee/frames.ts';
import { ip6, ipv6 } from '../referee/ipv6-frames.ts';

const [A, B] = [ip('10.0.0.1'), ip('10.0.0.2')];

function four(ecn: number): Uint8Array {
  const bytes = ipv4(A, B, new Uint8Array(30), { protocol: 17 });
  bytes[1] = ecn;
  bytes.fill(0, 10, 12);
  const checksum = finish(sum(bytes, 0, 20));
  bytes.set([checksum >> 8, checksum & 255], 10);
  return bytes;
}

const six = (ecn: number) =>
  ipv6(ip6('2001:db8::1'), ip6('2001:db8::2'), new Uint8Array(30), { next: 59, first: 0x60000000 + (ecn << 20) });
const tagged = (type: number, packet: Uint8Array) => Uint8Array.of(0, 7, type >> 8, type & 255, ...packet);

describe('a frame that finds a congested queue', () => {
  it.each<[string, number, Uint8Array, boolean]>([
    ['of IPv4 that is capable', 0x0800, four(2), true],
    ['of IPv4 that is not', 0x0800, four(0), false],
    ['of IPv4 that is marked already', 0x0800, four(3), true],
    ['of IPv6 that is capable', 0x86dd, six(1), true],
    ['of IPv6 that is not', 0x86dd, six(0), false],
    ['with a tag', 0x8100, tagged(0x86dd, six(2)), true],
    ['with two tags', 0x8100, tagged(0x8100, tagged(0x0800, four(1))), true],
    [
      'with nothing but tags',
      0x8100,
      new Uint8Array(46).fill(0x81).map((octet, at) => (at % 2 === 0 ? octet : 0)),
      false,
    ],
    ['of another protocol', 0x0806, new Uint8Array(46), false],
  ])('%s', (_, etherType, payload, isMarked) => {
    const bytes = ethernet(1, 2, etherType, payload);
    const frame = Pdu.around(bytes);
    expect(markFrame(frame, true)).toBe(isMarked);
    const now = frame.view();
    const changed = ethernet(1, 2, etherType, now.slice(14, 14 + payload.length));
    // The frame check sequence holds, whatever was changed.
    expect([...now]).toEqual([...changed]);
    if (!isMarked) expect([...now]).toEqual([...bytes]);
    else expect(markFrame(frame, true)).toBe(true);
  });

  it('of a few octets is none', () => {
    expect(markFrame(Pdu.around(new Uint8Array(18)), false)).toBe(false);
  });
});
