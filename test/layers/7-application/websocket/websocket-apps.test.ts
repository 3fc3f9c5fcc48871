import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSockets } from '../../../../src/layers/5-session/websocket/websocket.ts';
import { PRESENTATION } from '../../../../src/layers/6-presentation/presentation.ts';
import { Lookup } from '../../../../src/layers/7-application/names.ts';
import { WsClient, type WsConnectOptions } from '../../../../src/layers/7-application/websocket/ws-client.ts';
import { serveWs, type WsServerOptions } from '../../../../src/layers/7-application/websocket/ws-server.ts';
import { deliveryOf } from '../../../../src/projections/delivery.ts';
import { type FakeOptions, FakeWorld } from '../fake-transport.ts';

const MS = 1_000_000;
const SERVER: WsServerOptions = {
  name: 'chat',
  port: 80,
  path: '/',
  echo: true,
  pingIntervalNs: null,
  deflate: false,
  broadcast: null,
};
const CONNECT: WsConnectOptions = { host: '0.0.0.2', port: 80, path: '/', as: 'feed', protocols: [], deflate: false };
const text = (value: string) => ({ kind: 'text', text: value }) as const;

function webSocketWorld(options: FakeOptions = {}, server: Partial<WsServerOptions> = {}) {
  const world = new FakeWorld({ delayNs: 25 * MS, ...options });
  const [client, host] = [world.host('client', 1), world.host('server', 2)];
  serveWs(host.services, new WebSockets(host.context, PRESENTATION), { ...SERVER, ...server });
  const names = new Lookup({ nodeAddresses: () => [] }, null);
  return { world, client: new WsClient(client.services, new WebSockets(client.context, PRESENTATION), names) };
}

describe('ws-connect, ws-send, ws-close', () => {
  it('upgrades, sends what waited, hears the echo, closes with code and reason (WS-16)', () => {
    const { world, client } = webSocketWorld();
    client.connect(CONNECT);
    client.send({ on: null, content: text('hello {n}'), isText: true, times: 2, everyNs: 0 });
    world.runUntil(300 * MS);
    client.close(null, 4001, 'enough');
    const closedAt = () =>
      world.journal.entries.filter(({ event }) => event.kind === 'app' && event.text.includes('is closed'));
    world.run();
    expect(world.told('client')).toEqual([
      'the WebSocket is open',
      'sends 7 octets: "hello 1"',
      'sends 7 octets: "hello 2"',
      'received 7 octets: "hello 1"',
      'received 7 octets: "hello 2"',
      'the WebSocket is closed: 4001, 6 octets: "enough"',
    ]);
    expect(closedAt().map(({ node, atNs }) => [node, atNs / MS])).toEqual([
      ['client', 375],
      ['server', 400],
    ]);
  });

  it('the request and the response are those of RFC 6455', () => {
    const { world, client } = webSocketWorld();
    client.connect({ ...CONNECT, port: 80, path: '/', deflate: true });
    world.runUntil(1000 * MS);
    const [request = ''] = world.messages('client', 'encoded', 'http');
    expect(request).toMatch(/^GET \/ HTTP\/1\.1\r\nHost: 0\.0\.0\.2\r\n/);
    expect(request).toMatch(/\r\nSec-WebSocket-Key: [A-Za-z0-9+/]{22}==\r\n/);
    const [response = ''] = world.messages('server', 'encoded', 'http');
    expect(response).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    expect(response).not.toMatch(/content-length/i);
  });

  it('delivers every message once and in order, however octets are cut, compressed or not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 64, max: 600 }),
        (pieces, deflate, sizes, sendBufferBytes) => {
          let next = 0;
          const pieceBytes = () => pieces[next++ % pieces.length] ?? 1;
          const { world, client } = webSocketWorld({ pieceBytes, sendBufferBytes }, { deflate });
          client.connect({ ...CONNECT, deflate });
          for (const bytes of sizes) {
            client.send({ on: 'feed', content: { kind: 'size', bytes }, isText: false, times: 1, everyNs: 0 });
          }
          world.runUntil(600_000 * MS);
          for (const [from, to, address] of [
            ['client', 'server', '0.0.0.2'],
            ['server', 'client', '0.0.0.1'],
          ] as const) {
            const delivery = deliveryOf(world.journal.entries, from, to, [address]);
            expect(delivery.damage).toBe(null);
            expect(delivery.delivered).toEqual(delivery.sent);
            expect(delivery.sent.messages).toBe(sizes.length);
            expect(delivery.housekeeping.delivered).toBe(delivery.housekeeping.sent);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['another path', { path: '/other' }, {}, 'no WebSocket: the server answers 404 Not Found'],
    ['nobody there', { port: 81 }, {}, 'no WebSocket: the connection was refused'],
    [
      'no such node',
      { host: 'nowhere' },
      {},
      'no WebSocket: no node is called nowhere, and this node has no name server to ask',
    ],
  ])('%s: says so, and drops what waited', (_name, connect, server, told) => {
    const { world, client } = webSocketWorld({}, server);
    client.connect({ ...CONNECT, ...connect });
    client.send({ on: null, content: text('lost'), isText: true, times: 1, everyNs: 0 });
    world.run();
    expect(world.told('client')).toContain(told);
    expect(world.messages('client', 'dropped', 'data')).toEqual(['lost']);
  });

  it('says when there is none, or more than one', () => {
    const { world, client } = webSocketWorld();
    client.ping(null);
    client.ping('feed');
    client.connect(CONNECT);
    client.connect({ ...CONNECT, as: 'other' });
    client.ping(null);
    expect(world.told('client')).toEqual([
      'there is no WebSocket',
      'there is no WebSocket called feed',
      'there are several: say which with on',
    ]);
  });
});

it('broadcasts to all, and counts who is there', () => {
  const { world, client } = webSocketWorld({}, { echo: false, broadcast: { everyNs: 100 * MS, sizeBytes: 50 } });
  client.connect(CONNECT);
  client.connect({ ...CONNECT, as: 'other' });
  world.runUntil(1000 * MS);
  client.close('other', 1000, '');
  world.runUntil(2000 * MS);
  const clients = world.journal.entries.flatMap(({ event }) =>
    event.kind === 'metric' && event.machine === 'chat' && event.name === 'clients' ? [event.value] : [],
  );
  expect(clients).toEqual([1, 2, 1]);
  expect(world.messages('client', 'decoded', 'data').length).toBeGreaterThan(20);
});
