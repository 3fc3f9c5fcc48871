import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReceiveBuffer } from '../../../../src/layers/4-transport/tcp/receive-buffer.ts';
import { pattern } from '../../../../src/layers/7-application/bulk/pattern.ts';
import { Pdu } from '../../../../src/layers/pdu.ts';

const piece = fc.tuple(fc.nat(120), fc.integer({ min: 1, max: 12 })).map(([start, length]) => ({ start, length }));

describe('the receive buffer', () => {
  it('puts together what comes in any order, doubled and overlapping; islands are what waits', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 60, size: 'max' }),
        fc.integer({ min: 1, max: 30 }),
        (pieces, atMost) => {
          const buffer = new ReceiveBuffer(1000);
          const model = new Set<number>();
          let read = new Uint8Array(0);
          for (const { start, length } of pieces) {
            const before = buffer.next;
            const grew = buffer.insert(start, Pdu.around(pattern(start, length)));
            for (let offset = start; offset < start + length; offset++) model.add(offset);
            let next = 0;
            while (model.has(next)) next++;
            expect([buffer.next, grew]).toEqual([next, next - before]);
            const ahead = [...model].filter((offset) => offset >= next);
            expect(buffer.hasGap).toBe(ahead.length > 0);
            const island = buffer.islands.starts.reduce(
              (sum, from, at) => sum + (buffer.islands.ends[at] ?? 0) - from,
              0,
            );
            expect(island).toBe(ahead.length);
            const bytes = buffer.read(atMost);
            expect(bytes.length).toBeLessThanOrEqual(atMost);
            read = Uint8Array.from([...read, ...bytes]);
            expect(buffer.readableBytes).toBe(next - read.length);
          }
          for (let bytes = buffer.read(7); bytes.length > 0; bytes = buffer.read(7))
            read = Uint8Array.from([...read, ...bytes]);
          expect(read).toEqual(pattern(0, buffer.next));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('what came first stays', () => {
    const buffer = new ReceiveBuffer(100);
    buffer.insert(2, Pdu.around(Uint8Array.of(2, 2)));
    buffer.insert(0, Pdu.around(Uint8Array.of(9, 9, 9, 9, 9)));
    expect([...buffer.read(100)]).toEqual([9, 9, 2, 2, 9]);
  });

  it('skips as many octets as there are, and says how many', () => {
    const buffer = new ReceiveBuffer(100);
    for (const start of [0, 2, 4]) buffer.insert(start, Pdu.around(Uint8Array.of(start, start + 1)));
    expect([buffer.skip(3), buffer.readableBytes]).toEqual([3, 3]);
    expect([...buffer.read(2)]).toEqual([3, 4]);
    expect([buffer.skip(5), buffer.readableBytes, buffer.skip(5)]).toEqual([1, 0, 0]);
    buffer.insert(6, Pdu.around(Uint8Array.of(6, 7)));
    expect([...buffer.read(100)]).toEqual([6, 7]);
  });

  it('holds a packet until its octets are gone, and gives it back then; a part of one is held, not the packet', () => {
    const buffer = new ReceiveBuffer(100);
    const packet = (start: number, length: number) => Pdu.around(pattern(start, length));
    const [inOrder, ahead, between, again] = [packet(0, 4), packet(8, 4), packet(2, 8), packet(4, 8)];
    for (const [start, pdu] of [[0, inOrder] as const, [8, ahead] as const, [2, between] as const]) {
      buffer.insert(start, pdu);
    }
    expect([inOrder.isHeld, ahead.isHeld, between.isHeld]).toEqual([true, true, false]);
    // Nothing of it is new, to the last octet.
    expect([buffer.insert(4, again), again.isHeld, buffer.readableBytes]).toEqual([0, false, 12]);
    const { bytes } = inOrder;
    buffer.skip(3);
    expect([inOrder.isHeld, inOrder.bytes === bytes]).toEqual([true, true]);
    buffer.skip(1);
    expect([inOrder.isHeld, inOrder.bytes === bytes, ahead.isHeld]).toEqual([false, false, true]);
    buffer.skip(8);
    expect([ahead.isHeld, buffer.readableBytes]).toEqual([false, 0]);
  });

  it('hands out the octets in order and whole, however long its queue of packets becomes, grows and shrinks', () => {
    const buffer = new ReceiveBuffer(10_000);
    let written = 0;
    let read = 0;
    const readSome = (atMost: number, wanted: number) => {
      const bytes = buffer.read(atMost);
      expect(bytes).toEqual(pattern(read, wanted));
      read += bytes.length;
      expect([buffer.readableBytes, buffer.carries]).toEqual([written - read, entriesBehind(read)]);
    };
    // Packet n holds 10 octets and carries journal entry n.
    const entriesBehind = (offset: number) =>
      Array.from({ length: (written - Math.floor(offset / 10) * 10) / 10 }, (_, at) => Math.floor(offset / 10) + at);
    const write = (packets: number) => {
      for (let count = 0; count < packets; count++, written += 10) {
        const pdu = Pdu.around(pattern(written, 10));
        pdu.carries = [written / 10];
        expect(buffer.insert(written, pdu)).toBe(10);
      }
    };
    for (let round = 0; round < 4; round++) {
      write(100);
      for (let count = 0; count < 37; count++) readSome(25, 25);
      write(30);
      for (let count = 0; count < 15; count++) readSome(25, 25);
      expect([buffer.readableBytes, buffer.skip(7)]).toEqual([0, 0]);
      readSome(25, 0);
      write(200);
      for (let count = 0; count < 9; count++) readSome(205, 205);
      readSome(1000, 155);
    }
  });
});
