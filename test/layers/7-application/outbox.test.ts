import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pattern } from '../../../src/layers/7-application/bulk/pattern.ts';
import { Outbox } from '../../../src/layers/7-application/outbox.ts';
import { type FakeStream, FakeWorld } from './fake-transport.ts';

function connected(options: ConstructorParameters<typeof FakeWorld>[0]) {
  const world = new FakeWorld(options);
  const [a, b] = [world.host('a', 1), world.host('b', 2)];
  const received: number[] = [];
  b.listen('b', 9, (stream) => ({
    onReadable: () => {
      received.push(...stream.read());
    },
  }));
  let outbox: Outbox | null = null;
  const closed: string[] = [];
  const stream = a.connect(
    'a',
    { address: 2, port: 9 },
    {
      onDrain: () => outbox?.drain(),
      onClose: (reason) => {
        closed.push(reason);
        outbox?.abandon(a.ledger, 'data', reason);
      },
    },
  ) as FakeStream;
  outbox = new Outbox(a.context, stream, false);
  const conversation = { transport: 'tcp', local: stream.local, remote: stream.remote } as const;
  const say = (bytes: Uint8Array) => outbox.write(a.ledger.made('data', 'a', conversation, bytes));
  return { world, stream, outbox, received, closed, say };
}

describe('Outbox', () => {
  it('writes nothing before the connection is up, then each message that fits in one write', () => {
    const { world, stream, outbox, say, received } = connected({});
    say(pattern(0, 100));
    say(pattern(100, 50));
    expect(stream.writes).toEqual([]);
    outbox.up();
    expect(stream.writes).toEqual([100, 50]);
    world.run();
    expect(received).toEqual([...pattern(0, 150)]);
  });

  it('keeps order and every octet whatever the buffers are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(300), { maxLength: 8 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 40 }),
        (sizes, sendBufferBytes, receiveBufferBytes, piece) => {
          const { world, outbox, say, received } = connected({
            sendBufferBytes,
            receiveBufferBytes,
            pieceBytes: () => piece,
            delayNs: 5,
          });
          let total = 0;
          world.runUntil(100);
          outbox.up();
          for (const size of sizes) {
            say(pattern(total, size));
            total += size;
          }
          let emptied = 0;
          outbox.whenEmpty(() => emptied++);
          world.run();
          expect(received).toEqual([...pattern(0, total)]);
          expect(outbox.isEmpty).toBe(true);
          expect(emptied).toBe(1);
        },
      ),
    );
  });

  it('runs what was asked for when empty only once the connection is up', () => {
    const { outbox } = connected({});
    const runs: string[] = [];
    outbox.whenEmpty(() => runs.push('first'));
    outbox.whenEmpty(() => runs.push('second'));
    expect(runs).toEqual([]);
    outbox.up();
    expect(runs).toEqual(['second']);
  });

  it('journals every message, or rest of one, that did not get to the transport', () => {
    const { world, stream, outbox, say, closed } = connected({ sendBufferBytes: 30, receiveBufferBytes: 0 });
    world.runUntil(0);
    outbox.up();
    say(pattern(0, 20));
    say(pattern(20, 20));
    say(pattern(40, 5));
    stream.abort();
    expect(closed).toEqual(['aborted']);
    const drops = world.of('a').flatMap(({ event }) => (event.kind === 'dropped' ? [event] : []));
    expect(drops.map(({ bytes }) => bytes.length)).toEqual([10, 5]);
    expect(drops.map(({ reason }) => reason)).toEqual(['closed', 'closed']);
    for (const { carries } of drops) {
      const [entry = -1] = carries;
      expect(world.journal.at(entry).event).toMatchObject({ kind: 'encoded', layer: 7 });
    }
    expect(outbox.isEmpty).toBe(true);
  });
});
