// A WebSocket with heartbeats for 24 hours of virtual time.
import assert from 'node:assert/strict';
import { simulate } from '../../../dist/realnet/index.js';

const { WebSocket, WebSocketServer } = await import('ws');

const net = await simulate(
  { nodes: { client: {}, server: {} }, links: [{ id: 'wire', between: ['client', 'server'], delay: '20ms' }] },
  { seed: 9 },
);
let pongs = 0;
net.host('server').run(() => {
  new WebSocketServer({ port: 80 }).on('connection', (socket) => {
    socket.on('pong', () => pongs++);
    setInterval(() => socket.ping(), 30_000);
  });
});
let isOpen = false;
net.host('client').run(() => {
  const socket = new WebSocket('ws://server/');
  socket.on('open', () => {
    isOpen = true;
  });
  socket.on('close', () => {
    isOpen = false;
  });
});
const before = process.cpuUsage();
await net.advance('24h');
const { user, system } = process.cpuUsage(before);
const tookMs = (user + system) / 1000;
assert.equal(net.nowNs, 86_400e9);
assert.equal(pongs, 2_879);
assert.ok(isOpen);
process.stdout.write(`${Math.round(tookMs)} ms\n`);
net.close();
