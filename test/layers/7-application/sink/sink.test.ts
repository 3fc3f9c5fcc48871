import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pattern, patternMismatch } from '../../../../src/layers/7-application/bulk/pattern.ts';
import { Outbox } from '../../../../src/layers/7-application/outbox.ts';
import { serveSink } from '../../../../src/layers/7-application/sink/sink.ts';
import { type FakeOptions, FakeWorld } from '../fake-transport.ts';

const SECOND = 1_000_000_000;

function sunk(bytes: Uint8Array, readBytesPerSecond: number | null, options: FakeOptions = {}, end = true) {
  const world = new FakeWorld(options);
  const [client, server] = [world.host('client', 1), world.host('server', 2)];
  serveSink(server.services, { name: 'sink', port: 9, transport: 'tcp', readBytesPerSecond });
  const closed: string[] = [];
  let outbox: Outbox | null = null;
  const stream = client.connect(
    'c',
    { address: 2, port: 9 },
    {
      onOpen: () => {
        outbox?.up();
        outbox?.write({ bytes, carries: [] });
        if (end) outbox?.whenEmpty(() => stream.end());
      },
      onDrain: () => outbox?.drain(),
      onEnd: () => stream.close(),
      onClose: (reason) => closed.push(reason),
    },
  );
  outbox = new Outbox(client.context, stream, false);
  const reads = () =>
    world.of('server').flatMap(({ event, atNs }) => (event.kind === 'decoded' ? [{ atNs, bytes: event.bytes }] : []));
  return { world, stream, closed, reads };
}

describe('sink over TCP (RFC 863)', () => {
  it('receives everything whatever the pieces, and closes after the other side', () => {
    fc.assert(
      fc.property(
        fc.nat(500),
        fc.constantFrom(null, 1, 7, 100, 100_000),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        (length, rate, receiveBufferBytes, piece) => {
          const options = { receiveBufferBytes, pieceBytes: () => piece, delayNs: 10 };
          const { world, closed, reads } = sunk(pattern(0, length), rate, options);
          world.run();
          const all = Buffer.concat(reads().map(({ bytes }) => bytes));
          expect(all.length).toBe(length);
          expect(patternMismatch(all, 0)).toBe(-1);
          expect(closed).toEqual(['finished']);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a slow one reads its rate, slice by slice', () => {
    const { world, reads } = sunk(pattern(0, 1000), 200);
    world.run();
    // 20 octets every 100 ms from when the first piece arrived.
    expect(reads().map(({ atNs }) => atNs)).toEqual(
      Array.from({ length: 50 }, (_, index) => (index + 1) * (SECOND / 10)),
    );
    expect(reads().every(({ bytes }) => bytes.length === 20)).toBe(true);
  });

  it('a very slow one reads single octets', () => {
    const { world, reads } = sunk(pattern(0, 4), 3);
    world.run();
    expect(reads().map(({ atNs }) => atNs)).toEqual([333_333_333, 666_666_666, 999_999_999, 1_333_333_332]);
  });

  it('leaves what it has not read in the receive buffer, so that the sender must wait', () => {
    const { world, reads, stream } = sunk(pattern(0, 5000), 100, { sendBufferBytes: 1000, receiveBufferBytes: 500 });
    world.runUntil(SECOND);
    expect(reads().reduce((total, { bytes }) => total + bytes.length, 0)).toBe(100);
    expect(stream.writableBytes).toBe(0);
  });

  it('one read may hold several writes: a stream has no messages', () => {
    const { world, stream, reads } = sunk(Buffer.from('first'), 1000, {}, false);
    world.runUntil(0);
    stream.write(Buffer.from('second'));
    world.run();
    expect(reads().map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(['firstsecond']);
    expect(world.told('server')).toEqual(['read 11 octets: "firstsecond"']);
  });

  it('says how much came when the connection is reset, and stops reading', () => {
    const { world, stream, reads } = sunk(pattern(0, 1000), 200, {}, false);
    world.runUntil(SECOND);
    stream.abort();
    world.run();
    expect(reads()).toHaveLength(10);
    expect(world.told('server')).toEqual([
      'received 200 octets in all, then the connection was reset by the other side',
    ]);
  });
});

describe('sink over UDP (RFC 863)', () => {
  it('receives each datagram as one message and answers nothing', () => {
    const world = new FakeWorld();
    const [client, server] = [world.host('client', 1), world.host('server', 2)];
    serveSink(server.services, { name: 'sink', port: 9, transport: 'udp', readBytesPerSecond: null });
    const socket = client.bind('c', 0, { onDatagram: () => expect.unreachable() });
    for (const text of ['one', '', 'three']) socket.send({ address: 2, port: 9 }, Buffer.from(text), [3]);
    world.run();
    expect(world.messages('server', 'decoded', 'data')).toEqual(['one', '', 'three']);
    const carried = world.of('server').flatMap(({ event }) => (event.kind === 'decoded' ? [event.carries] : []));
    expect(carried).toEqual([[3], [3], [3]]);
  });
});
