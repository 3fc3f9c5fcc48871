// Before the libraries that are to run on it.
import { simulate } from '../../src/realnet/index.ts';
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { expect, test } from 'vitest';

/** A picture of 25 kB, twenty times a second: 4 Mbit/s, and the client has 1 Mbit/s. */
function startCamera(send) {
  const http = createServer();
  const server = new Server(http, { transports: ['websocket'] });
  server.on('connection', (socket) => {
    const timer = setInterval(() => send(socket, { at: Date.now(), picture: Buffer.alloc(25_000) }), 50);
    socket.on('disconnect', () => clearInterval(timer));
  });
  http.listen(3000);
  return server;
}

async function watch(send) {
  const net = await simulate({
    nodes: { phone: {}, server: {} },
    links: [{ id: 'mobile', between: ['phone', 'server'], delay: '30ms', rate: '1Mbit' }],
  });
  const server = net.host('server').run(() => startCamera(send));
  const ages = [];
  net.host('phone').run(() => {
    const socket = io('http://server:3000', { transports: ['websocket'] });
    socket.on('picture', ({ at }) => ages.push(Date.now() - at));
  });
  await net.advance('20s');
  const [socket] = server.sockets.sockets.values();
  const waiting = socket.conn.writeBuffer.length;
  net.close();
  return { lastAgeMs: ages.at(-1), waiting };
}

test('a server that sends faster than the network takes it fills its memory, and what arrives is old', async () => {
  const { lastAgeMs, waiting } = await watch((socket, picture) => socket.emit('picture', picture));
  expect(lastAgeMs).toBeGreaterThan(10_000);
  expect(waiting).toBeGreaterThan(100);
}, 30_000);

test('volatile pictures are dropped while the connection is busy, and what arrives is fresh', async () => {
  const { lastAgeMs, waiting } = await watch((socket, picture) => socket.volatile.emit('picture', picture));
  expect(lastAgeMs).toBeLessThan(3_000);
  expect(waiting).toBeLessThan(10);
}, 30_000);
