/** Our servers with real clients and our clients with real servers, each over a link that loses a tenth of all frames. */

import { describe, expect, it } from 'vitest';
import { type Simulation, simulate } from '../../src/realnet/index.ts';

const { createServer: createHttpServer } = await import('node:http');
const { createServer } = await import('node:net');
const { Aedes } = await import('aedes');
const amqp = await import('amqplib');
const { connect: connectMqtt } = await import('mqtt');
const { Server } = await import('socket.io');
const { io } = await import('socket.io-client');
const { WebSocket, WebSocketServer } = await import('ws');

interface Stage {
  readonly apps?: object;
  /** Of the client node. */
  readonly timeline?: readonly object[];
}

const LOSSY = { id: 'radio', between: ['client', 'server'], delay: '15ms', loss: '10%' };

async function stage({ apps = {}, timeline = [] }: Stage): Promise<Simulation> {
  return simulate(
    {
      nodes: { client: {}, server: { apps } },
      links: [LOSSY],
      timeline: timeline.map((entry) => ({ node: 'client', ...entry })),
    } as never,
    { seed: 11, escapes: 'fail' },
  );
}

/** What our applications said, on a node. */
const told = (net: Simulation, node: string) =>
  net.journal.flatMap(({ node: of, event }) => (of === node && event.kind === 'app' ? [event.text] : []));

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

function lost(net: Simulation): number {
  return net.seen('pw.lost');
}

describe('over 10 % loss', () => {
  it('ws talks to our ws-server', async () => {
    const net = await stage({ apps: { 'ws-server': { port: 80, echo: true, deflate: true } } });
    const heard: string[] = [];
    net.host('client').run(() => {
      const socket = new WebSocket('ws://server/');
      socket.on('open', () => {
        for (const n of numbers(50)) socket.send(`message ${n} ${'x'.repeat(n * 20)}`);
      });
      socket.on('message', (message) => heard.push(String(message).split(' x')[0] ?? ''));
      socket.on('close', (code) => heard.push(`closed ${code}`));
      setTimeout(() => socket.close(1000), 50_000);
    });
    await net.advance('2m');
    expect(heard).toEqual([...numbers(50).map((n) => `message ${n}`), 'closed 1000']);
    expect(lost(net)).toBeGreaterThan(2);
    net.close();
  });

  it('our ws client talks to ws', async () => {
    const net = await stage({
      timeline: [
        { at: '10ms', do: { 'ws-connect': { url: 'ws://server/', deflate: true } } },
        { at: '20ms', do: { 'ws-send': { text: 'message {n}', times: 50, every: '10ms' } } },
        { at: '50s', do: { 'ws-close': { code: 1000 } } },
      ],
    });
    const heard: string[] = [];
    net.host('server').run(() => {
      new WebSocketServer({ port: 80, perMessageDeflate: true }).on('connection', (socket) => {
        socket.on('message', (message) => heard.push(String(message)));
        socket.on('close', (code) => heard.push(`closed ${code}`));
      });
    });
    await net.advance('2m');
    expect(heard).toEqual([...numbers(50).map((n) => `message ${n}`), 'closed 1000']);
    expect(lost(net)).toBeGreaterThan(2);
    net.close();
  });

  it('socket.io-client talks to our socketio-server', async () => {
    const net = await stage({ apps: { 'socketio-server': { port: 3000, on: { say: 'echo', ask: 'ack' } } } });
    const heard: unknown[] = [];
    const acks: number[] = [];
    net.host('client').run(() => {
      const socket = io('http://server:3000');
      socket.on('connect', () => {
        socket.io.engine.on('upgrade', () => heard.push('upgrade'));
        for (const n of numbers(30)) {
          socket.emit('say', n);
          socket.emit('ask', n, () => acks.push(n));
        }
      });
      socket.on('say', (n) => heard.push(n));
    });
    await net.advance('2m');
    expect(heard.filter((each) => each !== 'upgrade')).toEqual(numbers(30));
    expect(acks).toEqual(numbers(30));
    expect(heard).toContain('upgrade');
    expect(lost(net)).toBeGreaterThan(2);
    net.close();
  });

  it('our Socket.IO client talks to socket.io', async () => {
    const net = await stage({
      timeline: [
        { at: '10ms', do: { 'io-connect': 'http://server:3000/' } },
        { at: '20ms', do: { emit: { event: 'say', data: { n: '{n}' }, times: 30, every: '20ms', ack: true } } },
      ],
    });
    const heard: string[] = [];
    const transports = new Set<string>();
    net.host('server').run(() => {
      const http = createHttpServer();
      new Server(http).on('connection', (socket) => {
        transports.add(socket.conn.transport.name);
        socket.conn.on('upgrade', (transport) => transports.add(transport.name));
        socket.on('say', ({ n }: { n: string }, ack: (answer: string) => void) => {
          heard.push(n);
          ack(`had ${n}`);
        });
      });
      http.listen(3000);
    });
    await net.advance('2m');
    expect(heard).toEqual(numbers(30).map(String));
    expect([...transports]).toEqual(['polling', 'websocket']);
    expect(told(net, 'client').filter((text) => /ack/i.test(text)).length).toBe(30);
    expect(lost(net)).toBeGreaterThan(2);
    net.close();
  });

  it('MQTT.js talks to our mqtt-broker', async () => {
    const net = await stage({ apps: { 'mqtt-broker': {} } });
    const heard: string[] = [];
    net.host('client').run(() => {
      const client = connectMqtt('mqtt://server', { protocolVersion: 5 });
      client.on('message', (topic, payload, { qos }) => heard.push(`${topic} ${payload} ${qos}`));
      client.subscribe('t/#', { qos: 2 }, () => {
        for (const n of numbers(40)) client.publish('t/a', String(n), { qos: 2 });
      });
    });
    await net.advance('2m');
    expect(heard).toEqual(numbers(40).map((n) => `t/a ${n} 2`));
    expect(lost(net)).toBeGreaterThan(2);
    net.close();
  });

  it('our MQTT client talks to aedes', async () => {
    const net = await stage({
      timeline: [
        { at: '10ms', do: { 'mqtt-connect': 'server' } },
        { at: '20ms', do: { subscribe: { topic: 't', qos: 2 } } },
        { at: '5s', do: { publish: { topic: 't', data: 'number {n}', qos: 2, times: 40, every: '50ms' } } },
      ],
    });
    await net.host('server').run(async () => {
      const aedes = await Aedes.createBroker();
      createServer(aedes.handle).listen(1883);
    });
    await net.advance('2m');
    const heard = told(net, 'client').flatMap((text) => /^received .*"number (\d+)"/.exec(text)?.[1] ?? []);
    expect(heard).toEqual(numbers(40).map(String));
    expect(lost(net)).toBeGreaterThan(2);
    net.close();
  });

  it('amqplib talks to our queue-broker', async () => {
    const net = await stage({ apps: { 'queue-broker': { queues: { jobs: {} } } } });
    const heard: string[] = [];
    const client = net.host('client');
    await net.complete(
      client.run(async () => {
        const connection = await amqp.connect('amqp://server');
        const channel = await connection.createConfirmChannel();
        await channel.prefetch(3);
        await channel.consume('jobs', (message) => {
          if (!message) return;
          heard.push(String(message.content));
          setTimeout(() => channel.ack(message), 100);
        });
        for (const n of numbers(40)) channel.sendToQueue('jobs', Buffer.from(`job ${n}`));
        await channel.waitForConfirms();
      }),
      { within: '5m' },
    );
    await net.advance('1m');
    expect(heard).toEqual(numbers(40).map((n) => `job ${n}`));
    expect(lost(net)).toBeGreaterThan(2);
    net.close();
  });

  it.skip('our queue client talks to a real broker: there is none for Node, and RabbitMQ is not installed', () => {});
});
