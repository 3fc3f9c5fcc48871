import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pattern } from '../../../../src/layers/7-application/bulk/pattern.ts';
import { serveEcho } from '../../../../src/layers/7-application/echo/echo.ts';
import { Outbox } from '../../../../src/layers/7-application/outbox.ts';
import { type FakeOptions, FakeWorld } from '../fake-transport.ts';

const SERVER = { address: 2, port: 7 };

/** Sends octets to an echo server over TCP and ends; returns what came back. */
function echoed(bytes: Uint8Array, options: FakeOptions, readsFromNs = 0) {
  const world = new FakeWorld(options);
  const [client, server] = [world.host('client', 1), world.host('server', 2)];
  serveEcho(server.services, { name: 'echo-server', port: 7, transport: 'tcp' });
  const received: number[] = [];
  const closed: string[] = [];
  let outbox: Outbox | null = null;
  const stream = client.connect('c', SERVER, {
    onOpen: () => {
      outbox?.up();
      outbox?.write({ bytes, carries: [] });
      outbox?.whenEmpty(() => stream.end());
    },
    onDrain: () => outbox?.drain(),
    onReadable: () => {
      if (client.context.nowNs >= readsFromNs) received.push(...stream.read());
    },
    onEnd: () => stream.close(),
    onClose: (reason) => closed.push(reason),
  });
  outbox = new Outbox(client.context, stream, false);
  client.context.after(readsFromNs, () => received.push(...stream.read()));
  world.run();
  return { world, received, closed };
}

describe('echo over TCP (RFC 862)', () => {
  it('sends back every octet in order whatever the pieces and buffers, then closes', () => {
    fc.assert(
      fc.property(
        fc.nat(600),
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 }),
        (length, sendBufferBytes, receiveBufferBytes, pieces) => {
          let next = 0;
          const pieceBytes = () => pieces[next++ % pieces.length] ?? 1;
          const bytes = pattern(0, length);
          const { received, closed } = echoed(bytes, { sendBufferBytes, receiveBufferBytes, pieceBytes, delayNs: 3 });
          expect(received).toEqual([...bytes]);
          expect(closed).toEqual(['finished']);
        },
      ),
    );
  });

  it('stops reading while the client does not read, and goes on when it does', () => {
    const options = { sendBufferBytes: 10, receiveBufferBytes: 10, delayNs: 1 };
    const { world, received } = echoed(pattern(0, 500), options, 1_000_000);
    const readBeforeClientRead = world
      .of('server')
      .filter(({ event, atNs }) => event.kind === 'decoded' && atNs < 1_000_000)
      .reduce((total, { event }) => total + (event.kind === 'decoded' ? event.bytes.length : 0), 0);
    // Its own send buffer, the client's receive buffer, and one read that waits: the rest stays with the client.
    expect(readBeforeClientRead).toBeLessThanOrEqual(40);
    expect(received).toEqual([...pattern(0, 500)]);
  });

  it('journals what it received and what it sent back as one conversation', () => {
    const { world } = echoed(Buffer.from('hello'), {});
    expect(world.messages('server', 'decoded', 'data')).toEqual(['hello']);
    expect(world.messages('server', 'encoded', 'data')).toEqual(['hello']);
    expect(world.told('server')).toEqual(['echoes 5 octets: "hello"']);
    const conversations = world
      .of('server')
      .flatMap(({ event }) => ('conversation' in event ? [event.conversation] : []));
    expect(new Set(conversations)).toEqual(new Set(['tcp 0.0.0.1:49152 0.0.0.2:7']));
    const [decoded, encoded] = ['decoded', 'encoded'].map((kind) =>
      world.of('server').find(({ event }) => event.kind === kind),
    );
    expect(encoded?.cause).toBe(decoded?.seq);
  });
});

describe('echo over UDP (RFC 862)', () => {
  it('answers each datagram with one, an empty one too', () => {
    const world = new FakeWorld();
    const [client, server] = [world.host('client', 1), world.host('server', 2)];
    serveEcho(server.services, { name: 'echo-server', port: 7, transport: 'udp' });
    const received: string[] = [];
    const socket = client.bind('c', 0, {
      onDatagram: (payload, from) => {
        received.push(`${from.address}:${from.port} ${Buffer.from(payload).toString()}`);
      },
    });
    for (const text of ['one', '', 'two']) socket.send(SERVER, Buffer.from(text));
    world.run();
    expect(received).toEqual(['2:7 one', '2:7 ', '2:7 two']);
    expect(server.listeners.size).toBe(0);
  });

  it('serves both transports when asked to', () => {
    const server = new FakeWorld().host('server', 2);
    serveEcho(server.services, { name: 'echo-server', port: 7, transport: 'both' });
    expect([server.listeners.has(7), server.sockets.has(7)]).toEqual([true, true]);
  });
});
