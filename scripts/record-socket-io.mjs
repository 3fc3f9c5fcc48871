// Writes down what the real Socket.IO says, packet by packet, through a link of 25 ms each way, for
// test/recordings/socket-io-4.8.4.json. Run by hand when the pinned version changes: node scripts/record-socket-io.mjs
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';

const ONE_WAY_MS = 25;

/** Forwards connections with a delay each way, in order. */
function delayingProxy(port) {
  const pipe = (from, to) => {
    from.on('data', (bytes) => setTimeout(() => to.destroyed || to.write(bytes), ONE_WAY_MS));
    from.on('end', () => setTimeout(() => to.destroyed || to.end(), ONE_WAY_MS));
    from.on('error', () => to.destroy());
  };
  const proxy = createTcpServer((client) => {
    const server = connect(port, '127.0.0.1');
    pipe(client, server);
    pipe(server, client);
  });
  return new Promise((resolve) => proxy.listen(0, '127.0.0.1', () => resolve(proxy)));
}

/** Every packet at the server's transports, in the order in which the server reads and writes them. */
async function record(transports, talk, serverOptions = {}) {
  const lines = [];
  const http = createServer();
  const server = new Server(http, serverOptions);
  const watch = (transport) => {
    if (transport.watched) return;
    transport.watched = true;
    const say = (who, { type, data }) => {
      const digit = ['open', 'close', 'ping', 'pong', 'message', 'upgrade', 'noop'].indexOf(type);
      const text = Buffer.isBuffer(data) ? `binary ${data.toString('hex')}` : `${digit}${data ?? ''}`;
      lines.push(`${who} ${transport.name} ${text}`);
    };
    const send = transport.send.bind(transport);
    transport.send = (packets) => {
      for (const packet of packets) say('server', packet);
      send(packets);
    };
    const onPacket = transport.onPacket.bind(transport);
    transport.onPacket = (packet) => {
      say('client', packet);
      onPacket(packet);
    };
  };
  const createTransport = server.engine.createTransport.bind(server.engine);
  server.engine.createTransport = (...args) => {
    const transport = createTransport(...args);
    watch(transport);
    return transport;
  };
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  const proxy = await delayingProxy(http.address().port);
  server.on('connection', (socket) => {
    socket.on('echo', (...args) => socket.emit('echo', ...args));
    socket.on('ask', (...args) => args.pop()(...args));
    socket.on('say', (...args) => socket.broadcast.emit('say', ...args));
  });
  server.of('/admin').on('connection', (socket) => socket.on('echo', (...args) => socket.emit('echo', ...args)));
  const url = `http://127.0.0.1:${proxy.address().port}`;
  const options = { transports, forceNew: true, reconnection: false };
  await talk(url, options, { io, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) });
  server.close();
  proxy.close();
  return lines;
}

const sleepy = async (url, options, { io, sleep }, during) => {
  const socket = io(url, options);
  const result = during(socket);
  await sleep(900);
  await result;
  socket.disconnect();
  await sleep(200);
};

const dialogues = {
  'connect and upgrade': await record(['polling', 'websocket'], (...args) => sleepy(...args, () => {})),
  'websocket only': await record(['websocket'], (...args) => sleepy(...args, () => {})),
  'polling only': await record(['polling'], (...args) => sleepy(...args, (socket) => socket.emit('echo', 'a'))),
  'events, an ack, octets': await record(['websocket'], (...args) =>
    sleepy(...args, (socket) => {
      socket.on('connect', () => {
        socket.emit('echo', 'hello', { deep: [1, null, true] });
        socket.emit('ask', 'sure?', () => {});
        socket.emit('echo', Buffer.from([1, 2, 3, 4]));
      });
    }),
  ),
  'octets over polling': await record(['polling'], (...args) =>
    sleepy(...args, (socket) => socket.on('connect', () => socket.emit('echo', Buffer.from([1, 2, 3, 4])))),
  ),
  'two namespaces': await record(['websocket'], async (url, options, { io, sleep }) => {
    const first = io(url, options);
    const second = first.io.socket('/admin');
    second.connect();
    await sleep(300);
    second.emit('echo', 'x');
    await sleep(200);
    second.disconnect();
    await sleep(200);
    first.emit('echo', 'y');
    await sleep(200);
    first.disconnect();
    await sleep(200);
  }),
  'an unknown namespace': await record(['websocket'], (url, options, tools) =>
    sleepy(`${url}/random`, options, tools, () => {}),
  ),
  heartbeat: await record(['websocket'], (...args) => sleepy(...args, () => {}), {
    pingInterval: 300,
    pingTimeout: 200,
  }),
  'recovery is announced, and offsets stand behind events': await record(
    ['websocket'],
    (...args) => sleepy(...args, (socket) => socket.on('connect', () => socket.emit('echo', 'a'))),
    { connectionStateRecovery: {} },
  ),
};
writeFileSync(
  new URL('../test/recordings/socket-io-4.8.4.json', import.meta.url),
  `${JSON.stringify({ oneWayMs: ONE_WAY_MS, version: 'socket.io 4.8.4', dialogues }, null, 2)}\n`,
);
process.exitCode = 0;
