// Before the libraries that are to run on it.
import { simulate } from '../../src/realnet/index.ts';
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { expect, test } from 'vitest';

/** The bug: every connection, the second one too, adds one more handler to the same socket. */
function startBuggyClient(shown) {
  const socket = io('http://server:3000');
  socket.on('connect', () => {
    socket.on('news', (text) => shown.push(text));
  });
}

/** Mended: handlers are added once, outside of `connect`. */
function startClient(shown) {
  const socket = io('http://server:3000');
  socket.on('news', (text) => shown.push(text));
}

async function newsAfterOutage(start) {
  const net = await simulate({
    nodes: { phone: {}, server: {} },
    links: [{ id: 'wifi', between: ['phone', 'server'], delay: '20ms' }],
  });
  const shown = [];
  const server = net.host('server').run(() => {
    const http = createServer();
    http.listen(3000);
    return new Server(http, { pingInterval: 5_000, pingTimeout: 4_000 });
  });
  net.host('phone').run(() => start(shown));
  await net.advance('2s');
  net.link('wifi').set({ down: true });
  await net.advance('20s');
  net.link('wifi').set({ down: false });
  await net.advance('30s');
  server.emit('news', 'hello');
  await net.advance('1s');
  net.close();
  return shown;
}

test('a handler that is added in connect hears everything twice after a reconnect', async () => {
  expect(await newsAfterOutage(startBuggyClient)).toEqual(['hello', 'hello']);
}, 30_000);

test('a handler that is added once hears everything once', async () => {
  expect(await newsAfterOutage(startClient)).toEqual(['hello']);
}, 30_000);
