import { describe, expect, it } from 'vitest';
import {
  checkIcmpv6,
  ICMPV6_TYPE,
  restOf,
  typeOf,
  writeIcmpv6,
} from '../../../../src/layers/3-network/icmpv6/header.ts';
import { destinationOf, hopLimitOf, sourceOf } from '../../../../src/layers/3-network/ipv6/header.ts';
import { pseudoHeaderSum } from '../../../../src/layers/3-network/service.ts';
import { Pdu } from '../../../../src/layers/pdu.ts';
import { formatIpv6 } from '../../../../src/wire/address.ts';
import { ip6, makeNode } from './node.ts';

const HERE = '2001:db8:1::1';
const PEER = '2001:db8:1::2';
const FAR = '2001:db8:9::9';

/** An ICMPv6 message with its checksum, from PEER to HERE unless told otherwise. */
function message(type: number, code: number, rest: number, body: Uint8Array, from = PEER, to = HERE): Uint8Array {
  const bytes = new Uint8Array(8 + body.length);
  bytes.set(body, 8);
  writeIcmpv6(bytes, 0, bytes.length, type, code, rest, pseudoHeaderSum(ip6(from), ip6(to), 58, bytes.length));
  return bytes;
}

describe('IPv6 nodes (RFC 8200)', () => {
  it('hands a payload to the protocol that is named, padding cut off', () => {
    const node = makeNode();
    node.receive(PEER, HERE, { payload: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) });
    expect(node.taken.map(({ bytes }) => [...bytes])).toEqual([[1, 2, 3, 4, 5, 6, 7, 8]]);
    expect(node.taken[0]?.via).toBe('left');
  });

  it('section 4: an unknown next header is told with where it stands, code 1', () => {
    const node = makeNode();
    node.receive(PEER, HERE, { nextHeader: 253 });
    node.receive(PEER, HERE, { nextHeader: 60, payload: Uint8Array.of(253, 0, 1, 4, 0, 0, 0, 0) });
    expect(node.told()).toEqual([`4/1 6 to ${PEER}`, `4/1 40 to ${PEER}`]);
  });

  it('section 4.2: what becomes of an unknown option is written in its type', () => {
    const node = makeNode();
    const options = (type: number) => Uint8Array.of(17, 0, type, 4, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9);
    for (const type of [0x1e, 0x5e, 0x9e, 0xde]) node.receive(PEER, HERE, { nextHeader: 0, payload: options(type) });
    expect(node.taken).toHaveLength(1);
    expect(node.told()).toEqual([`4/2 42 to ${PEER}`, `4/2 42 to ${PEER}`]);
    // To a group only the bits 10 ask for an answer.
    for (const type of [0x9e, 0xde]) node.receive(PEER, 'ff02::1', { nextHeader: 60, payload: options(type) });
    expect(node.told()).toHaveLength(3);
  });

  it('section 4.1: hop-by-hop options anywhere else are an unknown next header', () => {
    const node = makeNode();
    const payload = Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0, 17, 0, 1, 4, 0, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9);
    node.receive(PEER, HERE, { nextHeader: 60, payload });
    expect(node.told()).toEqual([`4/1 40 to ${PEER}`]);
  });

  it('RFC 5095: a routing header of type 0 is skipped with nothing left, and else told', () => {
    const node = makeNode();
    const routing = (left: number) => Uint8Array.of(17, 0, 0, left, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);
    node.receive(PEER, HERE, { nextHeader: 43, payload: routing(0) });
    node.receive(PEER, HERE, { nextHeader: 43, payload: routing(1) });
    expect(node.taken).toHaveLength(1);
    expect(node.told()).toEqual([`4/0 42 to ${PEER}`]);
  });

  it('drops in silence what is not sound: version, length, a source that is a group', () => {
    const node = makeNode();
    node.receive('ff02::5', HERE);
    node.receive(PEER, HERE, { nextHeader: 58, payload: new Uint8Array(4) });
    expect(node.reasons()).toEqual(['martian', 'malformed']);
    expect(node.sent).toEqual([]);
  });

  it('RFC 4291 section 2.8: listens to its groups, and to no others', () => {
    const node = makeNode();
    node.receive(PEER, 'ff02::1', { group: true });
    node.receive(PEER, 'ff02::1:ff00:1', { group: true });
    node.receive(PEER, 'ff02::1:ff00:7', { group: true });
    node.receive(PEER, 'ff02::2', { group: true });
    expect(node.taken).toHaveLength(2);
    expect(node.reasons()).toEqual(['not-for-us', 'not-for-us']);
  });
});

describe('IPv6 routers (RFC 8200 section 5, RFC 4443)', () => {
  const router = (mtu = 1500) => makeNode({ forwards: true, mtu, routes: [['2001:db8:9::', 48, '2001:db8:2::7']] });

  it('pass on with one hop less, by the longest prefix', () => {
    const node = router();
    node.receive(PEER, FAR, { hopLimit: 9 });
    const [{ link, nextHop, bytes }] = node.sent as [(typeof node.sent)[number]];
    expect([link, nextHop, hopLimitOf(bytes, 0)]).toEqual(['right', '2001:db8:2::7', 8]);
  });

  it('3/0 where the hop limit is used up, 1/0 without a route', () => {
    const node = router();
    node.receive(PEER, FAR, { hopLimit: 1 });
    node.receive(PEER, '2001:dead::1');
    expect(node.told()).toEqual([`3/0 0 to ${PEER}`, `1/0 0 to ${PEER}`]);
  });

  it('never cut: 2/0 with the MTU of the next link', () => {
    const node = router(1400);
    node.receive(PEER, FAR, { payload: new Uint8Array(1361) });
    expect(node.told()).toEqual([`2/0 1400 to ${PEER}`]);
    expect(node.sent).toHaveLength(1);
    node.receive(PEER, FAR, { payload: new Uint8Array(1360) });
    expect(node.sent).toHaveLength(2);
  });

  it('RFC 4007: keep what is for one link on it, and tell a link-local source', () => {
    const node = router();
    node.receive(PEER, 'fe80::99');
    node.receive('fe80::77', FAR);
    expect(node.sent.map(({ bytes }) => [typeOf(bytes, 40), bytes[41]])).toEqual([[1, 2]]);
  });

  it('2.4(c): quote as much as fits 1280 octets', () => {
    const node = router(1400);
    node.receive(PEER, FAR, { payload: new Uint8Array(1400) });
    expect(node.sent[0]?.bytes).toHaveLength(1280);
  });

  it('2.4(e): never about an error, nor to a group or nobody', () => {
    const node = router();
    node.receive(PEER, FAR, { hopLimit: 1, nextHeader: 58, payload: message(1, 0, 0, new Uint8Array(48)) });
    node.receive('::', FAR, { hopLimit: 1 });
    expect(node.told()).toEqual([]);
    node.receive(PEER, FAR, { hopLimit: 1, nextHeader: 58, payload: message(128, 0, 0, new Uint8Array(4)) });
    expect(node.told()).toHaveLength(1);
  });

  it('2.4(f): ten errors at once, then ten a second', () => {
    const node = router();
    for (let count = 0; count < 20; count++) node.receive(PEER, FAR, { hopLimit: 1 });
    expect(node.told()).toHaveLength(10);
    node.kernel.idleUntil(250_000_000);
    for (let count = 0; count < 20; count++) node.receive(PEER, FAR, { hopLimit: 1 });
    expect(node.told()).toHaveLength(12);
  });
});

describe('ICMPv6 (RFC 4443)', () => {
  it('section 4: an echo comes back with the same identifier, number and data', () => {
    const node = makeNode();
    const data = Uint8Array.from({ length: 56 }, (_, at) => at);
    node.receive(PEER, HERE, { nextHeader: 58, payload: message(128, 0, 0x12340007, data) });
    const [{ bytes }] = node.sent as [(typeof node.sent)[number]];
    expect([typeOf(bytes, 40), restOf(bytes, 40)]).toEqual([ICMPV6_TYPE.echoReply, 0x12340007]);
    expect(bytes.subarray(48)).toEqual(data);
    const pseudo = pseudoHeaderSum(sourceOf(bytes, 0), destinationOf(bytes, 0), 58, bytes.length - 40);
    expect(checkIcmpv6(bytes, 40, bytes.length, pseudo)).toBeNull();
  });

  it('section 4.2: an echo to a group is answered from an address of its own', () => {
    const node = makeNode();
    const payload = message(128, 0, 1, new Uint8Array(0), 'fe80::9', 'ff02::1');
    node.receive('fe80::9', 'ff02::1', { nextHeader: 58, payload, group: true });
    expect(node.sent.map(({ bytes }) => formatIpv6(sourceOf(bytes, 0)))).toEqual(['fe80::1']);
  });

  it('section 2.3: any flipped bit of message or addresses is noticed', () => {
    const payload = message(128, 0, 1, Uint8Array.of(1, 2, 3, 4));
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const node = makeNode();
      const flipped = Uint8Array.from(payload);
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7));
      node.receive(PEER, HERE, { nextHeader: 58, payload: flipped });
      expect(node.reasons()).toEqual(['checksum']);
    }
  });

  it('section 2.4: unknown types that inform are silently discarded', () => {
    const node = makeNode();
    node.receive(PEER, HERE, { nextHeader: 58, payload: message(200, 0, 0, new Uint8Array(8)) });
    expect([node.reasons(), node.sent]).toEqual([['unknown-protocol'], []]);
  });

  it('errors reach the transport in numbers of its own, whichever family said so', () => {
    const node = makeNode();
    node.ipv6.send(Pdu.around(new Uint8Array(20)), 17, ip6(HERE), ip6(PEER), false);
    const { bytes: quoted } = node.sent[0] as (typeof node.sent)[number];
    for (const [type, code] of [
      [1, 4],
      [1, 3],
      [1, 0],
      [1, 1],
      [4, 1],
      [4, 0],
      [3, 0],
    ] as const) {
      node.receive(PEER, HERE, { nextHeader: 58, payload: message(type, code, 0, quoted) });
    }
    expect(node.errors.map(({ kind, code, quoted: { length } }) => `${kind} ${code} ${length}`)).toEqual([
      'unreachable 3 20',
      'unreachable 1 20',
      'unreachable 0 20',
      'unreachable 13 20',
      'unreachable 2 20',
      'parameter-problem 0 20',
      'time-exceeded 0 20',
    ]);
  });
});

describe('path MTU (RFC 8201)', () => {
  const tooBig = (node: ReturnType<typeof makeNode>, mtu: number) => {
    node.ipv6.send(Pdu.around(new Uint8Array(1000)), 17, ip6(HERE), ip6(PEER), false);
    const { bytes } = node.sent.at(-1) as (typeof node.sent)[number];
    node.receive(PEER, HERE, { nextHeader: 58, payload: message(2, 0, mtu, bytes) });
  };

  it('is what packet too big says, until ten minutes are over', () => {
    const node = makeNode();
    tooBig(node, 1400);
    expect(node.ipv6.mtuTowards(ip6(PEER))).toBe(1400);
    expect(node.errors).toMatchObject([{ kind: 'too-big', mtuBytes: 1400 }]);
    node.kernel.idleUntil(600_000_000_000);
    expect(node.ipv6.mtuTowards(ip6(PEER))).toBe(1500);
  });

  it('is never below 1280, and never raised by what is said', () => {
    const node = makeNode();
    tooBig(node, 500);
    expect(node.ipv6.mtuTowards(ip6(PEER))).toBe(1280);
    tooBig(node, 1450);
    expect(node.ipv6.mtuTowards(ip6(PEER))).toBe(1280);
  });

  it('cuts datagrams at their source, and refuses to where they must not be cut', () => {
    const node = makeNode();
    tooBig(node, 1400);
    const before = node.sent.length;
    expect(node.ipv6.send(Pdu.around(new Uint8Array(2000)), 17, ip6(HERE), ip6(PEER), false)).toBe(true);
    const pieces = node.sent.slice(before).map(({ bytes }) => bytes);
    expect(pieces.map((bytes) => [bytes.length, bytes[6], bytes[40]])).toEqual([
      [1400, 44, 17],
      [40 + 8 + 2000 - 1352, 44, 17],
    ]);
    expect(node.ipv6.send(Pdu.around(new Uint8Array(2000)), 17, ip6(HERE), ip6(PEER), true)).toBe(false);
    node.settle();
    expect(node.errors.at(-1)).toMatchObject({ kind: 'too-big', mtuBytes: 1400 });
  });
});

describe('source addresses (RFC 6724)', () => {
  it('have the scope of the destination, and the longest prefix in common', () => {
    const node = makeNode({ routes: [['::', 0, 'fe80::9']] });
    const towards = (text: string) => formatIpv6(node.ipv6.sourceTowards(ip6(text)) as bigint);
    expect(towards(PEER)).toBe(HERE);
    expect(towards('2001:db8:2::9')).toBe('2001:db8:2::1');
    expect(towards('fe80::5')).toBe('fe80::1');
    expect(towards('ff02::1')).toBe('fe80::1');
    expect(towards(FAR)).toBe(HERE);
  });
});
