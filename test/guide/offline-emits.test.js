// Before the libraries that are to run on it.
import { simulate } from '../../src/realnet/index.ts';
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { expect, test } from 'vitest';

/** Sends where the pointer is, ten times a second; `emit` is what is under test. */
function startPointer(emit) {
  const socket = io('http://server:3000');
  let n = 0;
  setInterval(() => emit(socket, { n: ++n, at: Date.now() }), 100);
}

async function positionsAfterOutage(emit) {
  const net = await simulate({
    nodes: { phone: {}, server: {} },
    links: [{ id: 'wifi', between: ['phone', 'server'], delay: '20ms' }],
  });
  const ages = [];
  net.host('server').run(() => {
    const http = createServer();
    const server = new Server(http, { pingInterval: 5_000, pingTimeout: 4_000 });
    server.on('connection', (socket) => socket.on('pointer', ({ at }) => ages.push(Date.now() - at)));
    http.listen(3000);
  });
  net.host('phone').run(() => startPointer(emit));
  await net.advance('5s');
  net.link('wifi').set({ down: true });
  await net.advance('30s');
  net.link('wifi').set({ down: false });
  ages.length = 0;
  await net.advance('20s');
  net.close();
  return { stale: ages.filter((age) => age > 1_000).length, fresh: ages.filter((age) => age <= 1_000).length };
}

test('what is emitted while the client is offline is kept, and floods the server when it is back', async () => {
  const { stale } = await positionsAfterOutage((socket, position) => socket.emit('pointer', position));
  expect(stale).toBeGreaterThan(100);
}, 30_000);

test('volatile events are dropped while nobody is connected', async () => {
  const { stale, fresh } = await positionsAfterOutage((socket, position) => socket.volatile.emit('pointer', position));
  expect(stale).toBeLessThan(10);
  expect(fresh).toBeGreaterThan(50);
}, 30_000);
