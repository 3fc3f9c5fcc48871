/** Our broker with MQTT.js, and our client with aedes: the real libraries, in virtual time. */

import type { Duplex } from 'node:stream';
import { Aedes } from 'aedes';
import { MqttClient as RealClient } from 'mqtt';
import { describe, expect, it } from 'vitest';
import type { AppServices } from '../../../../src/layers/7-application/app-services.ts';
import { MqttBroker } from '../../../../src/layers/7-application/mqtt/broker.ts';
import { MqttClient } from '../../../../src/layers/7-application/mqtt/client.ts';
import type { Version } from '../../../../src/layers/7-application/mqtt/packet.ts';
import { connectBridge, listenBridge, passing } from '../bridge.ts';
import { Star } from '../star.ts';
import { overWebSocket, SECOND } from './stage.ts';

const BROKER = { address: 0x0a000001, port: 1883 };
const OPTIONS = {
  name: 'mqtt-broker',
  port: 1883,
  version: 5,
  maxQueued: 100,
  overflow: 'drop-newest',
  persistence: true,
} as const;

describe.each([4, 5] as const)('our broker and MQTT.js, protocol level %i', (version) => {
  function stage() {
    const services = new Map<string, AppServices>();
    const star = new Star({
      broker: ({ services: own, disk }) => new MqttBroker(own, disk, OPTIONS),
      one: ({ services: own }) => {
        services.set('one', own);
        return {};
      },
      two: ({ services: own }) => {
        services.set('two', own);
        return {};
      },
    });
    const connect = (node: string, options: Record<string, unknown> = {}) =>
      new RealClient(() => connectBridge(services.get(node) as AppServices, BROKER) as never, {
        protocolVersion: version,
        clientId: node,
        keepalive: 0,
        reconnectPeriod: 0,
        ...options,
      });
    return { star, connect };
  }

  it('publishes and receives with every QoS, retained and live', async () => {
    const { star, connect } = stage();
    const [one, two] = [connect('one'), connect('two')];
    const received: string[] = [];
    two.on('message', (topic, payload, packet) => received.push(`${topic} ${payload} ${packet.qos} ${packet.retain}`));
    await passing(star, SECOND);
    expect([one.connected, two.connected]).toEqual([true, true]);
    const granted: unknown[] = [];
    const done: string[] = [];
    one.publish('kept/a', 'before', { qos: 1, retain: true }, () => done.push('retained'));
    await passing(star, SECOND);
    two.subscribe({ 'kept/#': { qos: 2 }, 'a/+': { qos: 1 } }, (_error, grants) => granted.push(grants));
    await passing(star, SECOND);
    for (const qos of [0, 1, 2] as const) one.publish('kept/b', `q${qos}`, { qos }, () => done.push(`q${qos}`));
    one.publish('a/b', 'capped', { qos: 2 });
    await passing(star, SECOND);
    expect(done).toEqual(['retained', 'q0', 'q1', 'q2']);
    expect(granted).toMatchObject([[{ qos: 2 }, { qos: 1 }]]);
    expect(received.sort()).toEqual(
      [
        'kept/a before 1 true',
        'kept/b q0 0 false',
        'kept/b q1 1 false',
        'kept/b q2 2 false',
        'a/b capped 1 false',
      ].sort(),
    );
    one.end();
    two.end();
    await passing(star, SECOND);
    expect(star.told('broker').filter((text) => text.startsWith('closes'))).toEqual([]);
  });

  it('keeps its session while it is away', async () => {
    const { star, connect } = stage();
    const session = { clean: false, ...(version === 5 ? { properties: { sessionExpiryInterval: 100 } } : {}) };
    const [one, two] = [connect('one'), connect('two', session)];
    await passing(star, SECOND);
    two.subscribe('t', { qos: 2 });
    await passing(star, SECOND);
    two.end();
    await passing(star, SECOND);
    for (let n = 1; n <= 30; n++) one.publish('t', `m${n}`, { qos: 2 });
    await passing(star, 3 * SECOND);
    const received: string[] = [];
    const back = connect('two', session);
    const present: boolean[] = [];
    back.on('connect', ({ sessionPresent }) => present.push(sessionPresent));
    back.on('message', (_topic, payload) => received.push(String(payload)));
    await passing(star, 5 * SECOND);
    expect(present).toEqual([true]);
    expect(received).toEqual(Array.from({ length: 30 }, (_, index) => `m${index + 1}`));
    one.end();
    back.end();
  });
});

describe.each([4] as const)('our client and aedes, protocol level %i', (version: Version) => {
  it('publishes and receives with every QoS, and its session is kept', async () => {
    const aedes = await Aedes.createBroker();
    const clients = new Map<string, MqttClient>();
    const star = new Star({
      broker: ({ services }) => {
        listenBridge(services, 1883, (stream: Duplex) => aedes.handle(stream as never, undefined as never));
        return {};
      },
      ...Object.fromEntries(
        ['one', 'two'].map((name) => [
          name,
          ({ services, lookup, disk, received }: Parameters<ConstructorParameters<typeof Star>[0][string]>[0]) => {
            const client = new MqttClient(services, lookup, disk, received, overWebSocket(services));
            clients.set(name, client);
            return client;
          },
        ]),
      ),
    });
    const connect = (node: string) =>
      clients.get(node)?.connect({
        as: node,
        host: 'broker',
        port: 1883,
        webSocketPath: null,
        clientId: node,
        version,
        clean: false,
        keepAliveSeconds: 60,
        sessionExpirySeconds: null,
        will: null,
      });
    const publish = (qos: 0 | 1 | 2, text: string) =>
      clients.get('one')?.publish(null, {
        topic: 't',
        content: { kind: 'text', text },
        qos,
        retain: false,
        times: 1,
        everyNs: 0,
      });
    for (const node of ['one', 'two']) connect(node);
    await passing(star, SECOND);
    clients.get('two')?.subscribe(null, 't', 2);
    await passing(star, SECOND);
    for (const qos of [0, 1, 2] as const) publish(qos, `q${qos}`);
    await passing(star, 2 * SECOND);
    clients.get('two')?.disconnect(null);
    await passing(star, SECOND);
    for (const qos of [1, 2] as const) publish(qos, `away ${qos}`);
    await passing(star, 2 * SECOND);
    connect('two');
    await passing(star, 3 * SECOND);
    const texts = star.told('two').filter((text) => text.startsWith('received'));
    expect(texts.sort()).toEqual([
      'received 2 octets: "q0" on t (QoS 0)',
      'received 2 octets: "q1" on t (QoS 1)',
      'received 2 octets: "q2" on t (QoS 2)',
      'received 6 octets: "away 1" on t (QoS 1)',
      'received 6 octets: "away 2" on t (QoS 2)',
    ]);
    expect(star.told('two')).toContain('connected, its session is present');
    aedes.close();
  });
});
