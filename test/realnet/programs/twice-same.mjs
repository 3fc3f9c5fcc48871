// For runTwice: chance, timers and ws, whose module state is new in each thread.
import { simulate } from '../../../dist/realnet/index.js';

const { WebSocket, WebSocketServer } = await import('ws');

export default async function run() {
  const net = await simulate(
    { nodes: { client: {}, server: {} }, links: [{ between: ['client', 'server'], delay: '20ms', loss: '10%' }] },
    { seed: 1 },
  );
  net.host('server').run(() => new WebSocketServer({ port: 80 }));
  net.host('client').run(() => {
    const socket = new WebSocket('ws://server/');
    socket.on('open', () => setInterval(() => socket.send(String(Math.random())), 100));
  });
  await net.advance('20s');
  return net;
}
