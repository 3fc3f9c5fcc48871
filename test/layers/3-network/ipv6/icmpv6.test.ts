/** ICMPv6 messages that a node answers with nothing, and errors that are for nobody, or for somebody (RFC 4443). */

import { describe, expect, it } from 'vitest';
import { hex, icmpv6, ipv6, udp6 } from '../../../referee/ipv6-frames.ts';
import { ip6, makeNode } from './node.ts';

const HERE = '2001:db8:1::1';
const PEER = '2001:db8:1::2';
const [US, THEM] = [ip6(HERE), ip6(PEER)];
const DATAGRAM = ipv6(US, THEM, udp6(US, THEM, [40_000, 53], 'question'), { next: 17 });
const echo = (type: number) => ipv6(US, THEM, icmpv6(US, THEM, type, 0, hex('0007 0001 61')), { next: 58 });

/** What an error about a packet tells the transport. */
function told(type: number, code: number, quoted: Uint8Array): string[] {
  const node = makeNode();
  const payload = icmpv6(THEM, US, type, code, Uint8Array.of(0, 0, 5, 0xdc, ...quoted));
  node.receive(PEER, HERE, { nextHeader: 58, payload });
  return node.errors.map((error) => `${error.kind} ${error.code}`);
}

describe('an ICMPv6 error', () => {
  it.each<[string, number, number, Uint8Array, string[]]>([
    ['about a datagram of ours', 1, 4, DATAGRAM, ['unreachable 3']],
    ['of a code that nobody knows', 1, 99, DATAGRAM, ['unreachable 0']],
    ['of too big', 2, 0, DATAGRAM, ['too-big 4']],
    ['of a parameter', 4, 0, DATAGRAM, ['parameter-problem 0']],
    ['of a type that nobody knows', 100, 0, DATAGRAM, []],
    ['about a datagram of others', 1, 4, ipv6(THEM, US, udp6(THEM, US, [1, 2], 'x'), { next: 17 }), []],
    ['that quotes half a header', 1, 4, DATAGRAM.subarray(0, 20), []],
    ['about a packet that ends within its extensions', 1, 4, ipv6(US, THEM, hex('1100'), { next: 0 }), []],
    ['about an echo that nobody waits for', 1, 4, echo(128), []],
    ['about an answer to an echo', 1, 4, echo(129), []],
    ['about an echo that is cut', 1, 4, ipv6(US, THEM, hex('80000000'), { next: 58 }), []],
  ])('%s', (_, type, code, quoted, errors) => {
    expect(told(type, code, quoted)).toEqual(errors);
  });
});

describe('an echo', () => {
  const arrives = (from: string, type: number) => {
    const node = makeNode();
    const payload = icmpv6(ip6(from), US, type, 0, hex('0007 0001 61'));
    node.receive(from, HERE, { nextHeader: 58, payload });
    return { sent: node.sent.length, reasons: node.reasons() };
  };

  it('is answered, and an answer that nobody waits for is dropped', () => {
    expect(arrives(PEER, 128).sent).toBe(1);
    const { sent, reasons } = arrives(PEER, 129);
    expect([sent, reasons.length]).toEqual([0, 1]);
  });

  it('from nowhere is answered with nothing', () => {
    expect(arrives('::', 128).sent).toBe(0);
  });
});
