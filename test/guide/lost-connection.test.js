// Before the libraries that are to run on it.
import { simulate } from '../../src/realnet/index.ts';
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { expect, test } from 'vitest';

/** The app: who is online. */
function startServer(online, heartbeat) {
  const http = createServer();
  new Server(http, heartbeat).on('connection', (socket) => {
    online.add(socket.id);
    socket.on('disconnect', (reason) => {
      online.delete(socket.id);
      online.lastReason = reason;
    });
  });
  http.listen(3000);
}

test('somebody who walked out of the Wi-Fi is offline after ten seconds', async () => {
  const net = await simulate({
    nodes: { phone: {}, server: {} },
    links: [{ id: 'wifi', between: ['phone', 'server'], delay: '20ms' }],
  });
  const online = new Set();
  net.host('server').run(() => startServer(online, { pingInterval: 5_000, pingTimeout: 4_000 }));
  net.host('phone').run(() => io('http://server:3000'));
  await net.advance('2s');
  expect(online.size).toBe(1);

  const goodbyes = () => net.seen('tcp.flags.fin == 1 || tcp.flags.reset == 1');
  const before = goodbyes();
  net.link('wifi').set({ down: true });
  await net.advance('2s');
  // Nobody said goodbye: neither FIN nor RST, so the server still believes in the connection.
  expect(goodbyes()).toBe(before);
  expect(online.size).toBe(1);

  await net.advance('8s');
  expect(online.size).toBe(0);
  expect(online.lastReason).toBe('ping timeout');
  net.close();
}, 30_000);

test('with the default heartbeat it takes up to 45 seconds', async () => {
  const net = await simulate({
    nodes: { phone: {}, server: {} },
    links: [{ id: 'wifi', between: ['phone', 'server'], delay: '20ms' }],
  });
  const online = new Set();
  net.host('server').run(() => startServer(online, {}));
  net.host('phone').run(() => io('http://server:3000'));
  await net.advance('2s');
  net.link('wifi').set({ down: true });
  await net.advance('40s');
  expect(online.size).toBe(1);
  await net.advance('5s');
  expect(online.size).toBe(0);
  net.close();
}, 30_000);
