// Unmodified ws at both ends: compression, fragments, ping, an outage, and a close.
import assert from 'node:assert/strict';
import { hashOf, simulate } from '../../../dist/realnet/index.js';

const { WebSocket, WebSocketServer } = await import('ws');

const net = await simulate(
  {
    nodes: { client: {}, server: {} },
    links: [{ id: 'wire', between: ['client', 'server'], delay: '20ms', loss: '2%' }],
  },
  { seed: 3, escapes: 'fail' },
);
const heard = [];
net.host('server').run(() => {
  const server = new WebSocketServer({ port: 80, perMessageDeflate: { threshold: 0 } });
  server.on('connection', (socket) => {
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
    setInterval(() => socket.ping(), 5_000);
  });
});
net.host('client').run(() => {
  const socket = new WebSocket('ws://server/');
  socket.on('open', () => {
    for (let n = 0; n < 20; n++) socket.send(`${n} ${Math.random()} ${'text '.repeat(n * 50)}`);
    socket.send(Buffer.alloc(100_000, 7));
  });
  socket.on('message', (message, isBinary) => heard.push(isBinary ? message.length : String(message).split(' ')[0]));
  socket.on('ping', () => heard.push('ping'));
  socket.on('close', (code) => heard.push(`closed ${code}`));
  setTimeout(() => socket.close(1000), 30_000);
});
await net.advance('12s');
const mend = net.partition('client', 'server');
await net.advance('4s');
mend();
await net.advance('60s');
assert.deepEqual(
  heard.filter((each) => each !== 'ping'),
  [...Array(20).keys()].map(String).concat(100_000, 'closed 1000'),
);
assert.ok(heard.filter((each) => each === 'ping').length >= 4, String(heard));
process.stdout.write(`${hashOf(net)}\n`);
net.close();
