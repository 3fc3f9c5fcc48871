/**
 * Lets other programs talk over a loopback interface of its own and records them with tcpdump: curl, ping, dig, the
 * mosquitto clients, `ws`, `socket.io` and TLS of Node, over IPv4 and IPv6. To be run in a network namespace:
 *
 *     sudo unshare -n node test/capture/exchanges.mjs lo.pcap any.pcap
 */

import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createTlsServer } from 'node:tls';
import { Aedes } from 'aedes';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { WebSocket, WebSocketServer } from 'ws';

const [, , loopbackFile, anyFile] = process.argv;
const HOSTS = ['127.0.0.1', '::1'];
const urlOf = (host) => (host.includes(':') ? `[${host}]` : host);

// As small as Ethernet's, so that there are fragments.
execFileSync('ip', ['link', 'set', 'lo', 'up', 'mtu', '1500']);
const recorders = [await recorder('lo', loopbackFile), await recorder('any', anyFile)];
try {
  for (const host of HOSTS) {
    await ping(host);
    await web(host);
    await names(host);
    await queue(host);
    await sockets(host);
    await secret(host);
  }
} finally {
  // The kernel hands packets over up to a second late; what has not come until then is not in the file.
  await pause(1500);
  for (const one of recorders) {
    one.kill('SIGINT');
    await once(one, 'exit');
  }
}

/** As root: elsewhere tcpdump becomes somebody who may not write here. */
async function recorder(name, file) {
  const child = spawn('tcpdump', ['-i', name, '-U', '-n', '-Z', 'root', '-w', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await new Promise((resolve) =>
    child.stderr.on('data', (chunk) => String(chunk).includes('listening on') && resolve()),
  );
  await pause(200);
  return child;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function run(program, args) {
  const child = spawn(program, args, { stdio: 'ignore' });
  await once(child, 'exit');
}

async function listening(server, port, host) {
  server.listen(port, host);
  await once(server, 'listening');
}

async function ping(host) {
  const family = host.includes(':') ? '-6' : '-4';
  await run('ping', [family, '-c', '2', '-i', '0.2', host]);
  await run('ping', [family, '-c', '1', '-s', '4000', host]);
  await run('ping', [family, '-c', '1', '-s', '0', host]);
}

async function web(host) {
  const server = createServer((request, response) => {
    if (request.url === '/big') response.end('x'.repeat(100_000));
    else if (request.url === '/none') response.writeHead(404).end();
    else request.on('data', () => {}).on('end', () => response.setHeader('content-type', 'text/plain').end('hello\n'));
  });
  await listening(server, 80, host);
  const url = `http://${urlOf(host)}`;
  await run('curl', ['-s', `${url}/`, `${url}/none`, `${url}/big`]);
  await run('curl', ['-s', '-d', 'name=value&other=2', `${url}/form`]);
  await run('curl', ['-s', '--max-time', '1', `http://${urlOf(host)}:81/`]);
  server.closeAllConnections();
  server.close();
}

/** Answers every question with one address and one text. */
async function names(host) {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (query, { address, port }) => {
    const end = query.indexOf(0, 12) + 5;
    const question = query.subarray(12, end);
    const type = query.readUInt16BE(end - 4);
    const data =
      type === 28 ? Buffer.alloc(16, 1) : type === 16 ? Buffer.from('\x05hello') : Buffer.from([10, 1, 2, 3]);
    const record = Buffer.from([0xc0, 12, type >> 8, type & 255, 0, 1, 0, 0, 0, 60, 0, data.length]);
    const header = Buffer.from([query[0], query[1], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    socket.send(Buffer.concat([header, question, record, data]), port, address);
  });
  socket.bind(53, host);
  await once(socket, 'listening');
  for (const type of ['A', 'AAAA', 'TXT'])
    await run('dig', [`@${host}`, '+tries=1', '+timeout=2', 'www.example.org', type]);
  await new Promise((resolve) => socket.close(resolve));
  await run('dig', [`@${host}`, '+tries=1', '+timeout=1', 'nobody.example.org']);
}

async function queue(host) {
  const { createServer: createPlain } = await import('node:net');
  const broker = await Aedes.createBroker();
  const server = createPlain(broker.handle);
  await listening(server, 1883, host);
  const subscriber = run('mosquitto_sub', ['-h', host, '-t', 'a/#', '-q', '2', '-C', '3']);
  await pause(300);
  await run('mosquitto_pub', ['-h', host, '-t', 'a/b', '-m', 'zero', '-q', '0']);
  await run('mosquitto_pub', ['-h', host, '-t', 'a/c', '-m', 'one', '-q', '1', '-r']);
  await run('mosquitto_pub', ['-h', host, '-t', 'a/d', '-m', 'two', '-q', '2']);
  await subscriber;
  await new Promise((resolve) => broker.close(resolve));
  server.close();
}

async function sockets(host) {
  const server = createServer();
  const plain = new WebSocketServer({ noServer: true, perMessageDeflate: true });
  plain.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })));
  const rooms = new Server(server);
  server.prependListener('upgrade', (request, socket, head) => {
    if (request.url === '/echo')
      plain.handleUpgrade(request, socket, head, (client) => plain.emit('connection', client));
  });
  rooms.on('connection', (socket) => socket.on('say', (text, answer) => answer({ heard: text })));
  await listening(server, 8080, host);
  const client = new WebSocket(`ws://${urlOf(host)}:8080/echo`, { perMessageDeflate: false });
  await once(client, 'open');
  for (const data of ['hello', Buffer.from([1, 2, 3]), 'x'.repeat(70_000)]) {
    client.send(data);
    await once(client, 'message');
  }
  client.ping();
  await once(client, 'pong');
  client.close(1000, 'done');
  await once(client, 'close');
  const talker = io(`http://${urlOf(host)}:8080`, { reconnection: false });
  await new Promise((resolve) => talker.on('connect', resolve));
  for (let waits = 0; waits < 50 && talker.io.engine.transport.name !== 'websocket'; waits++) await pause(20);
  await talker.emitWithAck('say', 'hello');
  talker.disconnect();
  await pause(200);
  server.closeAllConnections();
  server.close();
}

/** Keys that both know, so that no certificate is needed. */
async function secret(host) {
  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    const key = Buffer.from('d731ef57be09e5204f0b205b60627028', 'hex');
    const options = { minVersion: version, maxVersion: version, ciphers: 'PSK:TLS_AES_128_GCM_SHA256' };
    const server = createTlsServer({ ...options, pskCallback: () => key }, (socket) => {
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    await listening(server, 443, host);
    const client = connect({
      ...options,
      host,
      port: 443,
      servername: 'server.example.org',
      pskCallback: () => ({ psk: key, identity: 'client' }),
      checkServerIdentity: () => undefined,
    });
    await once(client, 'secureConnect');
    client.write('a secret of some length'.repeat(1000));
    await once(client, 'data');
    client.end();
    await once(client, 'close');
    server.close();
  }
}
