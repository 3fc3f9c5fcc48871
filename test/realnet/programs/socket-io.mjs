// Unmodified socket.io and socket.io-client: polling, the upgrade, an outage, and what recovery brings back after it.
import assert from 'node:assert/strict';
import { hashOf, simulate } from '../../../dist/realnet/index.js';

const { createServer } = await import('node:http');
const { Server } = await import('socket.io');
const { io } = await import('socket.io-client');

const net = await simulate(
  { nodes: { client: {}, server: {} }, links: [{ id: 'wire', between: ['client', 'server'], delay: '20ms' }] },
  { seed: 4, escapes: 'fail' },
);
const log = [];
net.host('server').run(() => {
  const http = createServer();
  const server = new Server(http, {
    pingInterval: 5_000,
    pingTimeout: 3_000,
    connectionStateRecovery: { maxDisconnectionDuration: 60_000 },
  });
  server.on('connection', (socket) => {
    socket.on('ask', (question, answer) => answer(`${question}!`));
    socket.on('blob', (blob) => socket.emit('blob', Buffer.concat([blob, blob])));
  });
  let tick = 0;
  setInterval(() => server.emit('tick', ++tick), 1_000);
  http.listen(3000);
});
const ticks = [];
net.host('client').run(() => {
  const socket = io('http://server:3000', { reconnectionDelay: 500, randomizationFactor: 0.5 });
  socket.on('connect', () => {
    log.push(`connect ${socket.io.engine.transport.name} recovered=${socket.recovered}`);
    socket.io.engine.once('upgrade', ({ name }) => log.push(`upgrade ${name}`));
    socket.emit('ask', 'really', (answer) => log.push(answer));
    socket.emit('blob', Buffer.from([1, 2, 3]));
  });
  socket.on('blob', (blob) => log.push(blob.toString('hex')));
  socket.on('tick', (n) => ticks.push(n));
  socket.on('disconnect', (reason) => log.push(`disconnect ${reason}`));
});
await net.advance('10s');
net.link('wire').set({ down: true });
await net.advance('20s');
net.link('wire').set({ down: false });
await net.advance('60s');
assert.deepEqual(log, [
  'connect polling recovered=false',
  'upgrade websocket',
  'really!',
  '010203010203',
  'disconnect ping timeout',
  // The upgrade is done before the server has answered CONNECT.
  'connect websocket recovered=true',
  'really!',
  '010203010203',
]);
// Recovery: no tick is missing, none comes twice.
assert.deepEqual(
  ticks,
  Array.from(ticks, (_, index) => ticks[0] + index),
);
assert.ok(ticks.length > 80, String(ticks.length));
process.stdout.write(`${hashOf(net)}\n`);
net.close();
