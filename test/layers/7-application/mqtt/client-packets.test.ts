/** What our client makes of a broker that says what brokers do not say, or not then; on real TCP. */

import { describe, expect, it } from 'vitest';
import { MqttClient } from '../../../../src/layers/7-application/mqtt/client.ts';
import type { MqttClientOptions } from '../../../../src/layers/7-application/mqtt/client-session.ts';
import type { Version } from '../../../../src/layers/7-application/mqtt/packet.ts';
import { RawServer, type Said } from '../raw-server.ts';
import { Star } from '../star.ts';
import { MS, overWebSocket, SECOND } from './stage.ts';

const CONNACK = '2002 0000';
const CONNACK_5 = '2003 0000 00';

function talk(
  version: Version,
  says: readonly (readonly Said[])[],
  act: (client: MqttClient) => void = () => {},
  options: Partial<MqttClientOptions> = {},
) {
  let client: MqttClient | null = null;
  let server: RawServer | null = null;
  const star = new Star({
    broker: ({ services }) => {
      server = new RawServer(services, 1883, says);
      return {};
    },
    client: ({ services, lookup, disk, received }) => {
      client = new MqttClient(services, lookup, disk, received, overWebSocket(services));
      return client;
    },
  });
  const defaults = { as: 'c', host: 'broker', port: 1883, webSocketPath: null, clientId: 'c', version, clean: true };
  const common = { ...defaults, keepAliveSeconds: 0, sessionExpirySeconds: null, will: null };
  star.at(0, 'client', () => {
    client?.connect({ ...common, ...options });
    act(client as unknown as MqttClient);
  });
  star.run(5 * SECOND);
  const { heard } = server as unknown as RawServer;
  return { told: star.told('client'), heard, star, client: client as unknown as MqttClient };
}

const publish =
  (text: string, qos: 0 | 1 | 2 = 1) =>
  (client: MqttClient) =>
    client.publish(null, { topic: 't', content: { kind: 'text', text }, qos, retain: false, times: 1, everyNs: 0 });

describe('a broker that breaks the rules is left', () => {
  it.each<[string, Version, readonly string[], string]>([
    ['a PUBLISH before CONNACK', 4, ['3003 0001 74'], 'protocol error (0x82): a PUBLISH before CONNACK'],
    ['a second CONNACK', 4, [CONNACK, CONNACK], 'protocol error (0x82): a CONNACK from a broker'],
    [
      'a CONNECT',
      4,
      [CONNACK, '100d 0004 4d515454 04 02 0000 0001 61'],
      'protocol error (0x82): a CONNECT from a broker',
    ],
    ['a packet that is none', 4, [CONNACK, 'f000'], 'malformed packet (0x81): packet type 15 is reserved'],
    [
      'a SUBACK that nobody asked for',
      4,
      [CONNACK, '9003 0007 00'],
      'protocol error (0x82): a SUBACK that nobody asked for',
    ],
    [
      'a topic alias that nobody allowed',
      5,
      [CONNACK_5, '3007 0001 74 03 230005'],
      'topic alias invalid (0x94): a topic alias',
    ],
    [
      'a PUBREC for a message with QoS 1',
      4,
      [CONNACK, '5002 0001'],
      'protocol error (0x82): a PUBREC for a message with QoS 1',
    ],
  ])('%s, version %i', (_, version, packets, why) => {
    const says = packets.map((hex): Said => [100 * MS, hex]);
    const { told, heard } = talk(version, [says], publish('x'));
    expect(told).toContain(`closes the connection, ${why}`);
    // 5.0 says why, if CONNACK has come.
    const goodbye = `e001${/0x(..)/.exec(why)?.[1]}`;
    expect(heard[0]?.endsWith(goodbye)).toBe(version === 5);
    expect(heard.length).toBeGreaterThan(1);
  });
});

describe('what a broker says', () => {
  it.each<[string, Version, string, string]>([
    ['another protocol level', 4, '2002 0001', 'unacceptable protocol version (1)'],
    ['no such user', 4, '2002 0005', 'not authorized (5)'],
    ['a code that is none', 4, '2002 0009', 'unknown return code (9)'],
    ['no, in version 5', 5, '2003 0087 00', 'not authorized (0x87)'],
    ['no, for a reason that is none', 5, '2003 00f7 00', 'unknown reason (0xf7)'],
  ])('%s: it is not asked again', (_, version, hex, text) => {
    const { told, heard } = talk(version, [[[0, hex]]]);
    expect(told).toContain(`the broker refuses the connection: ${text}`);
    expect(heard).toHaveLength(1);
  });

  it('a subscription that is refused is not asked for again, one that is granted is', () => {
    const says: Said[] = [
      [100 * MS, CONNACK],
      [100 * MS, '9004 0001 80 00'],
      [100 * MS, 'abort'],
    ];
    const { told, heard } = talk(4, [says, [[100 * MS, CONNACK]]], (client) => {
      client.subscribe(null, 'no', 0);
      client.subscribe(null, 'yes', 0);
      client.subscribe(null, 'a/#/b', 0);
    });
    expect(told).toContain('cannot subscribe: a # must be the last level of a topic filter, alone');
    expect(told).toContain('the broker refuses the subscription to no: unspecified error (0x80)');
    expect(told).toContain('subscribed to yes with QoS 0');
    expect(heard[0]).toMatch(/820d000100026e6f00000379657300$/);
    expect(heard[1]).toMatch(/8208....000379657300$/);
  });

  it('that another has taken the session: the client stays away', () => {
    const { told, heard } = talk(5, [
      [
        [100 * MS, CONNACK_5],
        [100 * MS, 'e0018e'],
        [0, 'end'],
      ],
    ]);
    expect(told).toContain('the broker disconnects: session taken over (0x8e)');
    expect(heard).toHaveLength(1);
  });

  it('goodbye: the client comes back', () => {
    const { told, heard } = talk(5, [
      [
        [100 * MS, CONNACK_5],
        [100 * MS, 'e0018b'],
        [0, 'end'],
      ],
      [[0, CONNACK_5]],
    ]);
    expect(told).toContain('the broker disconnects: server shutting down (0x8b)');
    expect(heard).toHaveLength(2);
  });

  it('how large a packet may be, and how long a silence', () => {
    const limits = '2008 0000 05 27 00000014';
    const { told, heard, star } = talk(5, [[[100 * MS, limits]]], publish('x'.repeat(40)));
    expect(told).toContain('connected');
    expect(heard[0]).not.toContain('78787878');
    const drops = star.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.reason] : []));
    expect(drops).toContain('too-big');
  });

  it('UNSUBACK, which is nothing to it', () => {
    expect(
      talk(4, [
        [
          [100 * MS, CONNACK],
          [100 * MS, 'b002 0001'],
        ],
      ]).heard,
    ).toHaveLength(1);
  });

  it('nothing: the client gives up after 30 s', () => {
    const { star } = talk(4, [[]]);
    star.run(40 * SECOND);
    expect(star.told('client')).toContain('no CONNACK came within 30 s');
  });
});

describe('what an application asks of clients', () => {
  it.each<[string, (client: MqttClient) => void, string]>([
    ['that are not there', (client) => client.disconnect('other'), 'mqtt-disconnect: there is no client called other'],
    [
      'of a topic that is none',
      (client) =>
        client.publish('c', {
          topic: '#',
          content: { kind: 'text', text: 'x' },
          qos: 0,
          retain: false,
          times: 1,
          everyNs: 0,
        }),
      'cannot publish 1 octet: "x": the topic has a wildcard in it',
    ],
    [
      'that have disconnected',
      (client) => {
        client.disconnect(null);
        publish('late')(client);
      },
      'cannot publish 4 octets: "late": the client has disconnected',
    ],
  ])('%s', (_, act, text) => {
    expect(talk(4, [[[100 * MS, CONNACK]]], act).told).toContain(text);
  });

  it('a host that nobody knows is not found', () => {
    const { told } = talk(4, [], () => {}, { host: 'nowhere' });
    expect(told.some((each) => each.startsWith('cannot connect to nowhere: '))).toBe(true);
  });

  it('which of two, if it does not say; and none', () => {
    const { client, star, told } = talk(4, [[[100 * MS, CONNACK]]]);
    const options = { host: 'broker', port: 1883, webSocketPath: null, version: 4 as const, clean: true };
    const common = { ...options, keepAliveSeconds: 0, sessionExpirySeconds: null, will: null };
    expect(told).toContain('connected');
    client.connect({ ...common, as: 'd', clientId: 'd' });
    client.disconnect(null);
    star.run(6 * SECOND);
    expect(star.told('client')).toContain('mqtt-disconnect: there are several clients: say which with on');
  });
});
