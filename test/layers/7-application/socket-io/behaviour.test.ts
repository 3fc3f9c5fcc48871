/** What the Socket.IO library does when things go wrong, with its own times. */

import { describe, expect, it } from 'vitest';
import { Journal } from '../../../../src/kernel/journal.ts';
import { Kernel } from '../../../../src/kernel/kernel.ts';
import { Backoff } from '../../../../src/layers/7-application/socket-io/backoff.ts';
import { deliveryOf } from '../../../../src/projections/delivery.ts';
import { IoWorld, MS, RECONNECTION, SECOND } from './io-world.ts';

const WEBSOCKET = { transports: ['websocket'] } as const;

describe('back-off (SIO-18)', () => {
  const delays = (jitterPerMillion: number, seed = '1') => {
    const random = new Kernel(seed, new Journal(false)).random('backoff');
    const backoff = new Backoff({ delayNs: SECOND, maxNs: 5 * SECOND, jitterPerMillion }, random);
    return Array.from({ length: 8 }, () => backoff.nextNs() / MS);
  };

  it('doubles up to its greatest', () => expect(delays(0)).toEqual([1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000]));

  it('is somewhere within half more and half less, cut off at its greatest', () => {
    const all = Array.from({ length: 1000 }, (_, seed) => delays(500_000, String(seed)));
    const range = (attempt: number) => {
      const values = all.map((each) => each[attempt] as number);
      return [Math.min(...values), Math.max(...values)] as const;
    };
    const near = (attempt: number, low: number, high: number) => {
      const [least, most] = range(attempt);
      expect(least).toBeGreaterThanOrEqual(low);
      expect(least).toBeLessThan(low * 1.02);
      expect(most).toBeLessThanOrEqual(high);
      expect(most).toBeGreaterThan(high * 0.98);
    };
    // The draw also decides on the side, so that the lowest tenth of what is below is never reached: as in the library.
    near(0, 550, 1500);
    near(1, 1100, 3000);
    near(2, 2200, 5000);
    near(3, 4400, 5000);
    expect(range(4)).toEqual([5000, 5000]);
  });

  it('with factor 0 and a port that refuses: attempts at 1050, 3100, 7150, 12200 … ms', () => {
    const world = new IoWorld();
    world.connect({ ...WEBSOCKET, port: 4000, reconnection: RECONNECTION });
    world.runUntil(23_000);
    expect(world.toldAt('client', /^attempt/).map(([atMs]) => atMs)).toEqual([
      1050, 3100, 7150, 12_200, 17_250, 22_300,
    ]);
  });

  it('three attempts fail after 7200 ms, and that is all (SIO-20)', () => {
    const world = new IoWorld();
    world.connect({ ...WEBSOCKET, port: 4000, reconnection: { ...RECONNECTION, attempts: 3 } });
    world.runUntil(60_000);
    expect(world.toldAt('client', /^gives up/)).toEqual([[7200, 'gives up after 3 attempts']]);
    expect(world.toldAt('client', /^attempt/).length).toBe(3);
  });
});

describe('a client', () => {
  it('is sent away when it joins no namespace in 45 s (SIO-04)', () => {
    const world = new IoWorld();
    world.connect({ ...WEBSOCKET, namespace: '/nowhere' });
    world.runUntil(1000);
    expect(world.toldAt('client', /Invalid namespace/).length).toBe(1);
  });

  it('keeps in order what is emitted before it is connected, and sends it at once when it is (SIO-08)', () => {
    const world = new IoWorld();
    world.connect();
    for (const n of [1, 2, 3]) world.emit('note', n);
    expect(world.metric('client', 'io.phone', 'sendBuffer')).toBe(3);
    world.runUntil(1000);
    expect(world.toldAt('server', /^received note/).map(([, text]) => text)).toEqual([
      'received note 1',
      'received note 2',
      'received note 3',
    ]);
    expect(world.metric('client', 'io.phone', 'sendBuffer')).toBe(0);
    expect(world.toldAt('client', /^connected/)[0]?.[1]).toBe('connected to /; 3 events that waited go out');
  });

  it('drops a volatile event right after another one: the transport does not take it in the same turn (SIO-12)', () => {
    const world = new IoWorld();
    world.connect(WEBSOCKET);
    world.at(1000, () => {
      world.emit('note', 1);
      world.emit('note', 2, { volatile: true });
    });
    world.at(1100, () => world.emit('note', 3, { volatile: true }));
    world.runUntil(2000);
    expect(world.toldAt('server', /^received note/).map(([, text]) => text)).toEqual([
      'received note 1',
      'received note 3',
    ]);
    const dropped = world.world.of('client').flatMap(({ event }) => (event.kind === 'dropped' ? [event.reason] : []));
    expect(dropped).toEqual(['volatile']);
  });

  it('numbers what it wants acknowledged from 0, and hears each answer once (SIO-13)', () => {
    const world = new IoWorld();
    world.connect(WEBSOCKET);
    world.at(500, () => {
      world.emit('ask', 'a', { ack: true });
      world.emit('ask', 'b', { ack: true });
    });
    world.runUntil(1000);
    expect(
      world
        .dialogue()
        .map(({ line }) => line)
        .filter((line) => /4[23]\d/.test(line)),
    ).toEqual([
      'client websocket 420["ask","a"]',
      'server websocket 430["a"]',
      'client websocket 421["ask","b"]',
      'server websocket 431["b"]',
    ]);
    expect(world.toldAt('client', /acknowledged/).length).toBe(2);
  });

  it('waits for an acknowledgement exactly as long as it says (SIO-14)', () => {
    const world = new IoWorld();
    world.connect({ ...WEBSOCKET, ackTimeoutNs: 5 * SECOND });
    world.at(200, () => world.emit('silence', 'x', { ack: true }));
    world.runUntil(10_000);
    expect(world.toldAt('client', /not acknowledged/)).toEqual([
      [5200, 'silence was not acknowledged: operation has timed out'],
    ]);
  });

  it('with three retries and no answer: four tries ten seconds apart, then the next (SIO-16)', () => {
    const world = new IoWorld();
    world.connect({ ...WEBSOCKET, retries: 3, ackTimeoutNs: 10 * SECOND });
    world.at(1000, () => {
      world.emit('silence', 1);
      world.emit('ask', 2);
    });
    world.runUntil(60_000);
    expect(world.toldAt('server', /^received/).map(([atMs, text]) => [Math.round(atMs / 1000), text])).toEqual([
      [1, 'received silence 1'],
      [11, 'received silence 1'],
      [21, 'received silence 1'],
      [31, 'received silence 1'],
      [41, 'received ask 2'],
    ]);
    expect(world.toldAt('client', /^silence was/)).toEqual([
      [41_000, 'silence was not acknowledged in 4 tries: operation has timed out'],
    ]);
    expect(world.metric('client', 'io.phone', 'queue')).toBe(0);
  });

  it('does not come back when it was ended on purpose (SIO-21)', () => {
    const world = new IoWorld();
    world.connect({ ...WEBSOCKET, reconnection: RECONNECTION });
    world.at(1000, () => world.client.disconnect(null));
    world.runUntil(60_000);
    expect(world.toldAt('client', /^disconnected/)).toEqual([[1000, 'disconnected: io client disconnect']]);
    expect(world.toldAt('client', /^attempt/)).toEqual([]);
    expect(world.metric('server', 'chat', 'clients')).toBe(0);
  });
});

describe('the heartbeat (EIO-09)', () => {
  it('goes from the server, 25 s after the Pong before', () => {
    const world = new IoWorld();
    world.connect(WEBSOCKET);
    world.runUntil(80_000);
    const pings = world
      .dialogue()
      .filter(({ line }) => line === 'server websocket 2')
      .map(({ atMs }) => atMs);
    expect(pings).toEqual([75 + 25_000, 75 + 50_050, 75 + 75_100]);
    const pongs = world
      .dialogue()
      .filter(({ line }) => line === 'client websocket 3')
      .map(({ atMs }) => atMs);
    expect(pongs).toEqual(pings.map((atMs) => atMs + 50));
  });
});

describe('rooms (SIO-28)', () => {
  it('everybody in any of them hears it once; the one who says it does not', () => {
    const world = new IoWorld();
    world.connect({ ...WEBSOCKET, as: 'a' });
    world.connect({ ...WEBSOCKET, as: 'b' });
    world.connect({ ...WEBSOCKET, as: 'c' });
    world.at(500, () => {
      world.emit('join', 'x', { on: 'a' });
      world.emit('join', 'x', { on: 'b' });
    });
    world.at(1000, () => world.emit('say', 'red only', { on: 'a', toRoom: 'red' }));
    world.at(2000, () => world.broadcast('news', 'all'));
    world.at(3000, () => world.broadcast('news', 'red', { room: 'red' }));
    world.runUntil(4000);
    expect(world.toldAt('client', /^received say/).map(([, text]) => text)).toEqual(['received say "red only"']);
    expect(world.toldAt('client', /^received news "all"/).length).toBe(3);
    expect(world.toldAt('client', /^received news "red"/).length).toBe(2);
  });
});

describe('delivery', () => {
  it.each([[['polling']], [['websocket']], [['polling', 'websocket']]] as const)(
    'of a thousand events through %s, whatever pieces octets come in: once and in order (EIO-16)',
    (transports) => {
      let next = 0;
      const world = new IoWorld({}, { pieceBytes: () => 1 + ((next++ * 7919) % 700), delayNs: 3 * MS });
      world.connect({ transports });
      world.at(1, () => world.emit('echo', '{n}', { times: 1000, everyNs: MS }));
      world.runUntil(20_000);
      expect(world.metric('server', 'app.received', 'echo')).toBe(1000);
      expect(world.metric('client', 'app.received', 'echo')).toBe(1000);
      for (const [from, to, address] of [
        ['client', 'server', '0.0.0.2'],
        ['server', 'client', '0.0.0.1'],
      ] as const) {
        const delivery = deliveryOf(world.world.journal.entries, from, to, [address]);
        expect(delivery.damage).toBe(null);
        expect(delivery.delivered).toEqual(delivery.sent);
      }
      const heard = world.toldAt('server', /^received echo/).map(([, text]) => Number(/\d+/.exec(text)?.[0]));
      expect(heard).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
    },
  );

  it('octets too, over both transports', () => {
    for (const transports of [['polling'], ['websocket']] as const) {
      const world = new IoWorld();
      world.connect({ transports });
      const content = { kind: 'size', bytes: 5000 } as const;
      world.at(1000, () => world.emit('echo', null, { content }));
      world.runUntil(3000);
      expect(world.toldAt('client', /^received echo "5000 octets"/).length).toBe(1);
    }
  });
});
