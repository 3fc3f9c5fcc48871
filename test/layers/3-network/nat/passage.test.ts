/** A NAT asked about single packets: what passes, what is changed, and what is refused with which reason. */

import { describe, expect, it } from 'vitest';
import { Context } from '../../../../src/kernel/context.ts';
import { Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import type { Passage } from '../../../../src/layers/3-network/ipv4/gate.ts';
import { Nat } from '../../../../src/layers/3-network/nat/nat.ts';
import { pseudoHeaderSum } from '../../../../src/layers/3-network/service.ts';
import { Pdu } from '../../../../src/layers/pdu.ts';
import { formatIpv4 } from '../../../../src/wire/address.ts';
import { finish, sum } from '../../../../src/wire/checksum.ts';
import { u16, u32 } from '../../../../src/wire/reader.ts';
import { bytesOf, icmp, ip, ipv4, tcp, udp } from '../../../referee/frames.ts';

const [ONE, TWO] = [ip('192.168.1.10'), ip('192.168.1.11')];
const [PUBLIC, SERVER] = [ip('10.0.0.1'), ip('10.0.0.2')];
const NOTHING = new Uint8Array(0);

function nat(address = PUBLIC) {
  const context = new Context(new Kernel('1', new Journal(true)), 'nat');
  return new Nat(context, { inside: 'lan', outside: 'wan', address: () => address, idleNs: 1_000_000_000 });
}

/** What becomes of a datagram: why not, or its addresses and ports afterwards; every checksum must be right. */
function outcome(bytes: Uint8Array, decide: (pdu: Pdu) => Passage): string {
  const pdu = Pdu.around(bytes);
  const passage = decide(pdu);
  if (typeof passage === 'string') return passage;
  passage?.(pdu);
  const now = pdu.view();
  expect(finish(sum(now, 0, 20))).toBe(0);
  const [from, to] = [formatIpv4(u32(now, 12)), formatIpv4(u32(now, 16))];
  const protocol = now[9] as number;
  if (protocol === 1) {
    expect(finish(sum(now, 20, now.length))).toBe(0);
    return `${from} to ${to}`;
  }
  const has = protocol === 6 || u16(now, 26) !== 0;
  const pseudo = pseudoHeaderSum(u32(now, 12), u32(now, 16), protocol, now.length - 20);
  if (has) expect(finish(sum(now, 20, now.length, pseudo))).toBe(0);
  return `${from}:${u16(now, 20)} to ${to}:${u16(now, 22)}`;
}

const asks = (from = ONE, port = 5000, data = 'x') => udp(from, SERVER, port, 53, bytesOf(data));
const SYN = { sequence: 1, acknowledgment: 0, flags: 2, window: 100 };
const error = (from: number, to: number, quoted: Uint8Array) => icmp(from, to, 3, 3, 0, 0, quoted);
const echo = (from: number, to: number, type: number) => icmp(from, to, type, 0, 7, 1, bytesOf('ping'));

describe('outward', () => {
  it.each([
    ['by another interface', asks(), 'dmz', 'wan', '192.168.1.10:5000 to 10.0.0.2:53'],
    ['to another interface', asks(), 'lan', 'dmz', '192.168.1.10:5000 to 10.0.0.2:53'],
    ['a datagram', asks(), 'lan', 'wan', '10.0.0.1:5000 to 10.0.0.2:53'],
    [
      'a segment',
      tcp({ source: ONE, destination: SERVER, sourcePort: 5000, destinationPort: 80, ...SYN }),
      'lan',
      'wan',
      '10.0.0.1:5000 to 10.0.0.2:80',
    ],
    [
      'a protocol without ports',
      ipv4(ONE, SERVER, new Uint8Array(40), { protocol: 47 }),
      'lan',
      'wan',
      'it has no ports by which an answer could find back',
    ],
    [
      'less than a header',
      ipv4(ONE, SERVER, new Uint8Array(4), { protocol: 17 }),
      'lan',
      'wan',
      'it has no ports by which an answer could find back',
    ],
    [
      'a question for the time',
      icmp(ONE, SERVER, 13, 0, 1, 1, new Uint8Array(12)),
      'lan',
      'wan',
      'it has no ports by which an answer could find back',
    ],
    ['an echo', echo(ONE, SERVER, 8), 'lan', 'wan', '10.0.0.1 to 10.0.0.2'],
    ['an answer to an echo', echo(ONE, SERVER, 0), 'lan', 'wan', 'an answer to an echo that nobody outside asked for'],
    [
      'an error about nothing',
      error(ONE, SERVER, udp(SERVER, ONE, 53, 5000, NOTHING)),
      'lan',
      'wan',
      'the error is about no flow that the inside began',
    ],
    [
      'an error about a protocol without ports',
      error(ONE, SERVER, ipv4(SERVER, ONE, new Uint8Array(8), { protocol: 47 })),
      'lan',
      'wan',
      'the error is about no flow that the inside began',
    ],
  ])('%s', (_, bytes, via, out, expected) => {
    expect(outcome(bytes, (pdu) => nat().outward(pdu, via, out))).toBe(expected);
  });

  it('nothing while there is no address', () => {
    expect(outcome(asks(), (pdu) => nat(0).outward(pdu, 'lan', 'wan'))).toBe('the outside has no address yet');
  });

  it('two of one port to one place get two ports, and what comes back is told apart', () => {
    const one = nat();
    expect(outcome(asks(ONE), (pdu) => one.outward(pdu, 'lan', 'wan'))).toBe('10.0.0.1:5000 to 10.0.0.2:53');
    const second = outcome(asks(TWO), (pdu) => one.outward(pdu, 'lan', 'wan'));
    const port = Number(/^10\.0\.0\.1:(\d+) to 10\.0\.0\.2:53$/.exec(second)?.[1]);
    expect(port).not.toBe(5000);
    const third = outcome(asks(ip('192.168.1.12')), (pdu) => one.outward(pdu, 'lan', 'wan'));
    expect(third).toBe(`10.0.0.1:${port + 1} to 10.0.0.2:53`);
    const answer = (to: number) => udp(SERVER, PUBLIC, 53, to, bytesOf('y'));
    expect(outcome(answer(5000), (pdu) => one.inward(pdu, 'wan'))).toBe('10.0.0.2:53 to 192.168.1.10:5000');
    expect(outcome(answer(port), (pdu) => one.inward(pdu, 'wan'))).toBe('10.0.0.2:53 to 192.168.1.11:5000');
  });

  it('a datagram without a checksum keeps none, and none becomes zero by chance (RFC 768)', () => {
    const without = asks();
    without.fill(0, 26, 28);
    const pdu = Pdu.around(without);
    const passage = nat().outward(pdu, 'lan', 'wan');
    if (typeof passage !== 'function') throw new Error('it passes unchanged');
    passage(pdu);
    expect(u16(pdu.view(), 26)).toBe(0);
    // Of all payloads of two octets one makes the translated checksum zero: it is written as all ones.
    const checksums = new Set<number>();
    for (let word = 0; word < 0x10000; word++) {
      const one = Pdu.around(udp(ONE, SERVER, 5000, 53, Uint8Array.of(word >> 8, word & 255)));
      passage(one);
      checksums.add(u16(one.view(), 26));
    }
    expect([checksums.has(0), checksums.has(0xffff)]).toEqual([false, true]);
  });
});

describe('inward', () => {
  it.each([
    ['from inside', udp(ONE, PUBLIC, 5000, 53, NOTHING), 'lan', '192.168.1.10:5000 to 10.0.0.1:53'],
    [
      'to nobody who asked',
      udp(SERVER, PUBLIC, 53, 5000, NOTHING),
      'wan',
      'it belongs to no flow that the inside began',
    ],
    [
      'to an address that is not ours',
      udp(SERVER, ONE, 53, 5000, NOTHING),
      'wan',
      'it belongs to no flow that the inside began',
    ],
    ['an echo to us', echo(SERVER, PUBLIC, 8), 'wan', '10.0.0.2 to 10.0.0.1'],
    ['an echo to others', echo(SERVER, ONE, 8), 'wan', 'it belongs to no flow that the inside began'],
    ['an error about us', error(SERVER, PUBLIC, asks(PUBLIC)), 'wan', '10.0.0.2 to 10.0.0.1'],
    ['an error about others', error(SERVER, ONE, asks(ONE)), 'wan', 'the error is about no flow that the inside began'],
    ['an error of our own about nothing', error(PUBLIC, ONE, asks(ONE)), 'lo', '10.0.0.1 to 192.168.1.10'],
    [
      'an error about a protocol without ports',
      error(SERVER, PUBLIC, ipv4(PUBLIC, SERVER, new Uint8Array(8), { protocol: 47 })),
      'wan',
      '10.0.0.2 to 10.0.0.1',
    ],
    ['what we say to ourselves', udp(PUBLIC, PUBLIC, 1, 2, NOTHING), 'lo', '10.0.0.1:1 to 10.0.0.1:2'],
    [
      'an error whose quotation has a header too long',
      error(SERVER, PUBLIC, Uint8Array.of(0x4f, ...asks(PUBLIC).subarray(1))),
      'wan',
      '10.0.0.2 to 10.0.0.1',
    ],
  ])('%s', (_, bytes, via, expected) => {
    expect(outcome(bytes, (pdu) => nat().inward(pdu, via))).toBe(expected);
  });

  it('an error about a flow goes to whom it concerns, with what it quotes', () => {
    const one = nat();
    outcome(asks(ONE), (pdu) => one.outward(pdu, 'lan', 'wan'));
    const pdu = Pdu.around(error(SERVER, PUBLIC, asks(PUBLIC)));
    const passage = one.inward(pdu, 'wan');
    if (typeof passage !== 'function') throw new Error('it is not changed');
    passage(pdu);
    expect(formatIpv4(u32(pdu.view(), 16))).toBe('192.168.1.10');
    expect(formatIpv4(u32(pdu.view(), 28 + 12))).toBe('192.168.1.10');
    expect(finish(sum(pdu.view(), 20, pdu.length))).toBe(0);
  });
});

describe('its own', () => {
  it('errors about its own flows reach it as they are', () => {
    const one = nat();
    expect(outcome(asks(PUBLIC), (pdu) => one.own(pdu, 'wan'))).toBe('10.0.0.1:5000 to 10.0.0.2:53');
    const bytes = error(SERVER, PUBLIC, asks(PUBLIC));
    expect(outcome(bytes, (pdu) => one.inward(pdu, 'wan'))).toBe('10.0.0.2 to 10.0.0.1');
    expect(one.inward(Pdu.around(bytes), 'wan')).toBeNull();
  });

  it.each([
    ['datagram has its port taken', asks(PUBLIC), 'wan', '10.0.0.1:5000 to 10.0.0.2:53'],
    ['datagram by another interface passes', asks(PUBLIC), 'lan', '10.0.0.1:5000 to 10.0.0.2:53'],
    ['datagram from another address passes', asks(ONE), 'wan', '192.168.1.10:5000 to 10.0.0.2:53'],
    ['answer to an echo passes', echo(PUBLIC, SERVER, 0), 'wan', '10.0.0.1 to 10.0.0.2'],
    ['echo has a row', echo(PUBLIC, SERVER, 8), 'wan', '10.0.0.1 to 10.0.0.2'],
    [
      'error about nothing passes',
      error(PUBLIC, SERVER, udp(SERVER, PUBLIC, 53, 5000, NOTHING)),
      'wan',
      '10.0.0.1 to 10.0.0.2',
    ],
    [
      'protocol without ports passes',
      ipv4(PUBLIC, SERVER, new Uint8Array(8), { protocol: 1 }),
      'wan',
      '10.0.0.1 to 10.0.0.2',
    ],
  ])('%s', (what, bytes, out, expected) => {
    if (what.startsWith('protocol')) bytes.fill(0xff, 22, 24);
    expect(outcome(bytes, (pdu) => nat().own(pdu, out))).toBe(expected);
  });

  it('passes before there is an address', () => {
    expect(outcome(asks(PUBLIC), (pdu) => nat(0).own(pdu, 'wan'))).toBe('10.0.0.1:5000 to 10.0.0.2:53');
  });

  it('error about what came in for the inside shows nobody the inside address (RFC 5508 section 4.2)', () => {
    const one = nat();
    outcome(asks(ONE), (pdu) => one.outward(pdu, 'lan', 'wan'));
    const pdu = Pdu.around(error(PUBLIC, SERVER, udp(SERVER, ONE, 53, 5000, NOTHING)));
    const passage = one.own(pdu, 'wan');
    if (typeof passage !== 'function') throw new Error('it is not changed');
    passage(pdu);
    expect(formatIpv4(u32(pdu.view(), 28 + 16))).toBe('10.0.0.1');
  });
});
