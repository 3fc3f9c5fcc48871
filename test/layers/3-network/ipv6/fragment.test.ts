import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fragment } from '../../../../src/layers/3-network/ipv6/fragment.ts';
import { writeIpv6 } from '../../../../src/layers/3-network/ipv6/header.ts';
import { Pdu } from '../../../../src/layers/pdu.ts';
import { ip6, makeNode } from './node.ts';

const HERE = '2001:db8:1::1';
const PEER = '2001:db8:1::2';
const SECOND = 1_000_000_000;

function piecesOf(payload: Uint8Array, mtuBytes: number, identification = 7): Uint8Array[] {
  const pdu = Pdu.around(payload);
  const at = pdu.seal(40);
  writeIpv6(pdu.bytes, at, {
    payloadLength: payload.length,
    nextHeader: 17,
    hopLimit: 64,
    source: ip6(PEER),
    destination: ip6(HERE),
  });
  return fragment(pdu, mtuBytes, identification).map((piece) => piece.view().slice(40));
}

const counting = (length: number) => Uint8Array.from({ length }, (_, at) => at * 7);
const receiveAll = (node: ReturnType<typeof makeNode>, pieces: readonly Uint8Array[]) => {
  for (const payload of pieces) node.receive(PEER, HERE, { nextHeader: 44, payload });
};

describe('fragments (RFC 8200 section 4.5)', () => {
  it('carry multiples of 8 octets but for the last, in packets that fit', () => {
    const pieces = piecesOf(counting(4000), 1500);
    expect(pieces.map(({ length }) => length - 8)).toEqual([1448, 1448, 1104]);
    expect(pieces.map((piece) => ((piece[2] as number) << 8) | (piece[3] as number))).toEqual([1, 1449, 2896]);
  });

  it('come together in any order', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9000 }),
        fc.integer({ min: 1280, max: 1500 }),
        fc.gen(),
        (length, mtu, gen) => {
          const payload = counting(length);
          const pieces = piecesOf(payload, mtu);
          const order = gen(fc.shuffledSubarray, [...pieces.keys()], { minLength: pieces.length });
          const node = makeNode();
          // A datagram of one piece is no fragment; it would be sent whole.
          receiveAll(
            node,
            order.map((index) => pieces[index] as Uint8Array),
          );
          expect(node.taken.map(({ bytes }) => bytes)).toEqual([payload]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('RFC 6946: one that is all of it is handed on at once, whatever else has its identification', () => {
    const node = makeNode();
    receiveAll(node, [piecesOf(counting(3000), 1500)[0] as Uint8Array]);
    receiveAll(node, piecesOf(counting(10), 1500));
    expect(node.taken.map(({ bytes }) => bytes.length)).toEqual([10]);
  });

  it('that overlap end all of the datagram, and nobody is told', () => {
    const node = makeNode();
    const [one, two] = piecesOf(counting(2500), 1500) as [Uint8Array, Uint8Array];
    const shifted = Uint8Array.from(two);
    shifted[2] = 0x05;
    shifted[3] = 0xa0;
    receiveAll(node, [one, shifted]);
    expect(node.reasons()).toEqual(['malformed', 'malformed']);
    expect(node.sent).toEqual([]);
  });

  it('exact duplicates are ignored', () => {
    const node = makeNode();
    const [one, two] = piecesOf(counting(2500), 1500) as [Uint8Array, Uint8Array];
    receiveAll(node, [one, one, two]);
    expect([node.reasons(), node.taken.length]).toEqual([['duplicate'], 1]);
  });

  it('that do not come within 60 s are given up; 3/1 tells so where the first one is here', () => {
    for (const [index, told] of [
      [0, [`3/1 0 to ${PEER}`]],
      [1, []],
    ] as const) {
      const node = makeNode();
      receiveAll(node, [piecesOf(counting(2500), 1500)[index] as Uint8Array]);
      node.kernel.idleUntil(60 * SECOND - 1);
      while (node.kernel.nextNs < 60 * SECOND) node.kernel.step();
      expect(node.told()).toEqual([]);
      while (node.kernel.nextNs <= 60 * SECOND) node.kernel.step();
      expect(node.told()).toEqual(told);
      expect(node.reasons()).toEqual(['timed-out']);
    }
  });

  it('4/0 with where it is wrong: a length that is no multiple of 8, more than 65,535 octets', () => {
    const node = makeNode();
    receiveAll(node, [Uint8Array.of(17, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3)]);
    receiveAll(node, [Uint8Array.of(17, 0, 0xff, 0xf8, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8)]);
    expect(node.told()).toEqual([`4/0 4 to ${PEER}`, `4/0 42 to ${PEER}`]);
  });
});
