/** What the broker answers to packets that our own client never sends, on real TCP. */

import { describe, expect, it } from 'vitest';
import type { AppServices } from '../../../../src/layers/7-application/app-services.ts';
import { MqttBroker } from '../../../../src/layers/7-application/mqtt/broker.ts';
import { encodePacket } from '../../../../src/layers/7-application/mqtt/encode.ts';
import type {
  Connect,
  Packet,
  Publish,
  Subscription,
  Version,
} from '../../../../src/layers/7-application/mqtt/packet.ts';
import { PacketReader } from '../../../../src/layers/7-application/mqtt/packet-reader.ts';
import type { Properties } from '../../../../src/layers/7-application/mqtt/properties.ts';
import { MqttProblem } from '../../../../src/layers/7-application/mqtt/reason.ts';
import { RawClient } from '../raw-client.ts';
import { Star } from '../star.ts';
import { MS, SECOND } from './stage.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (text: string) => new TextEncoder().encode(text);

function connect(version: Version, changes: Partial<Connect> = {}): Connect {
  const common = { type: 'connect', version, clientId: 'a', clean: true, keepAliveSeconds: 0, will: null } as const;
  return { ...common, username: null, password: null, properties: {}, ...changes };
}

function publish(topic: string, text: string, changes: Partial<Publish> = {}): Publish {
  const payload = bytes(text);
  return { type: 'publish', topic, payload, qos: 0, retain: false, dup: false, id: 0, properties: {}, ...changes };
}

function subscribe(
  id: number,
  filter: string,
  changes: Partial<Subscription> = {},
  properties: Properties = {},
): Packet {
  const one = { filter, qos: 0, noLocal: false, retainAsPublished: false, retainHandling: 0, ...changes } as const;
  return { type: 'subscribe', id, subscriptions: [one], properties };
}

const answer = (type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp', id: number, code = 0): Packet => ({
  type,
  id,
  code,
  properties: {},
});
const disconnect = (code: number, properties: Properties = {}): Packet => ({ type: 'disconnect', code, properties });

/** `suback 1 0,128`, `publish t=text`. */
function words(packet: Packet): string {
  if (packet.type === 'publish') {
    const marks = `${packet.qos > 0 ? ` ${packet.qos}#${packet.id}` : ''}${packet.retain ? ' retained' : ''}`;
    return `publish ${packet.topic}=${Buffer.from(packet.payload)}${marks}${packet.dup ? ' again' : ''}`;
  }
  const id = 'id' in packet ? ` ${packet.id}` : '';
  const code = 'code' in packet ? ` ${packet.code}` : 'codes' in packet ? ` ${packet.codes.join(',')}` : '';
  return packet.type + id + code;
}

/** Clients of one broker that say what they like. */
class Talk {
  readonly star: Star;
  readonly #version: Version;
  readonly #clients = new Map<string, RawClient>();
  #services: AppServices | null = null;

  constructor(version: Version, brokerVersion: Version = 5) {
    this.#version = version;
    this.star = new Star({
      broker: ({ services, disk }) =>
        new MqttBroker(services, disk, {
          name: 'mqtt-broker',
          port: 1883,
          version: brokerVersion,
          maxQueued: 10,
          overflow: 'drop-newest',
          persistence: true,
        }),
      clients: ({ services }) => {
        this.#services = services;
        return {};
      },
    });
  }

  say(name: string, ...packets: readonly Packet[]): this {
    const known = this.#clients.get(name);
    const client = known ?? new RawClient(this.#services as unknown as AppServices, 0x0a000001, 1883);
    this.#clients.set(name, client);
    for (const packet of packets) client.send(hex(encodePacket(packet, this.#version)));
    this.wait(100);
    return this;
  }

  wait(ms: number): this {
    this.star.run(this.star.kernel.nowNs + ms * MS);
    return this;
  }

  heard(name: string): string[] {
    const reader = new PacketReader(this.#version, 1_000_000);
    reader.push(Buffer.from(this.#clients.get(name)?.answer ?? '', 'hex'));
    const said: string[] = [];
    for (let one = reader.next(); one; one = reader.next()) {
      if (one instanceof MqttProblem) throw new Error(one.why);
      said.push(words(one.value));
    }
    return said;
  }

  told(): string[] {
    return this.star.told('broker');
  }
}

describe('CONNECT', () => {
  it('of 5.0 without an identifier is given one', () => {
    const talk = new Talk(5).say('a', connect(5, { clientId: '' }));
    expect(talk.heard('a')).toEqual(['connack 0']);
    expect(talk.told().at(-1)).toMatch(/connects$/);
  });

  it('of 5.0 to a broker of 3.1.1 is refused in the words of that version', () => {
    const talk = new Talk(4, 4).say('a', connect(5));
    expect(talk.heard('a')).toEqual(['connack 1']);
  });

  it('with a method of its own to say who it is, is refused', () => {
    const talk = new Talk(5).say('a', connect(5, { properties: { authenticationMethod: 'SCRAM' } }));
    expect(talk.heard('a')).toEqual(['connack 140']);
  });

  it('takes over the session of another that bears its name', () => {
    const talk = new Talk(5).say('a', connect(5)).say('b', connect(5));
    expect([talk.heard('a'), talk.heard('b')]).toEqual([['connack 0', 'disconnect 142'], ['connack 0']]);
  });

  it('starts clean where there was a session with messages', () => {
    const stays = { clean: false, properties: { sessionExpiryInterval: 100 } };
    const talk = new Talk(5).say('a', connect(5, stays), subscribe(1, 't', { qos: 1 }), disconnect(0));
    talk.say('b', connect(5, { clientId: 'b' }), publish('t', 'x', { qos: 1, id: 1 }));
    talk.say('c', connect(5, { properties: stays.properties }));
    expect(talk.heard('c')).toEqual(['connack 0']);
    expect(talk.heard('b')).toEqual(['connack 0', 'puback 1 0']);
  });
});

describe('SUBSCRIBE and UNSUBSCRIBE', () => {
  it.each([
    [4, 'unsuback 3 '],
    [5, 'unsuback 3 0,17'],
  ] as const)('end what was asked for; in version %i', (version, expected) => {
    const talk = new Talk(version).say(
      'a',
      connect(version),
      subscribe(1, 't'),
      publish('t', 'one'),
      { type: 'unsubscribe', id: 3, filters: ['t', 'never'], properties: {} },
      publish('t', 'two'),
    );
    const [connack, suback, first, unsuback, ...rest] = talk.heard('a');
    expect([connack, suback, first, unsuback?.trim(), rest]).toEqual([
      'connack 0',
      'suback 1 0',
      'publish t=one',
      expected.trim(),
      [],
    ]);
  });

  it('shared subscriptions are not for 3.1.1', () => {
    expect(new Talk(4).say('a', connect(4), subscribe(1, '$share/g/t')).heard('a').at(-1)).toBe('suback 1 128');
  });

  it('members of a group that are all away get messages in turn', () => {
    const talk = new Talk(5);
    for (const name of ['a', 'b']) {
      const stays = { clientId: name, properties: { sessionExpiryInterval: 100 } };
      talk.say(name, connect(5, stays), subscribe(1, '$share/g/t', { qos: 1 }), disconnect(0));
    }
    talk.say('c', connect(5, { clientId: 'c' }), publish('t', 'one', { qos: 1, id: 1 }));
    talk.say('c', publish('t', 'two', { qos: 1, id: 2 }));
    for (const name of ['a', 'b']) {
      talk.say(`${name}2`, connect(5, { clientId: name, clean: false, properties: { sessionExpiryInterval: 100 } }));
    }
    const got = ['a2', 'b2'].map((name) => talk.heard(name).filter((each) => each.startsWith('publish')));
    expect(got.flat().sort()).toEqual(['publish t=one 1#1', 'publish t=two 1#1']);
    expect(got.map(({ length }) => length)).toEqual([1, 1]);
  });

  it.each([
    [0, ['publish t=x retained', 'publish t=x retained']],
    [1, ['publish t=x retained']],
    [2, []],
  ] as const)('retain handling %i: what comes with the first and with the second', (retainHandling, expected) => {
    const talk = new Talk(5).say('a', connect(5), publish('t', 'x', { retain: true }));
    talk.say('a', subscribe(1, 't', { retainHandling }), subscribe(2, 't', { retainHandling }));
    expect(talk.heard('a').filter((each) => each.startsWith('publish'))).toEqual(expected);
  });

  it('more than a thousand filters are refused', () => {
    for (const [version, code] of [
      [4, 128],
      [5, 151],
    ] as const) {
      const many = Array.from({ length: 1001 }, (_, index) => subscribe(index + 1, `t${index}`));
      expect(
        new Talk(version)
          .say('a', connect(version), ...many)
          .wait(1000)
          .heard('a')
          .at(-1),
      ).toBe(`suback 1001 ${code}`);
    }
  });
});

describe('PUBLISH', () => {
  it.each([
    [1, 'puback 7 135'],
    [2, 'pubrec 7 135'],
  ] as const)('to a topic of the broker is refused, QoS %i', (qos, expected) => {
    expect(
      new Talk(5)
        .say('a', connect(5), publish('$SYS/x', 'x', { qos, id: 7 }))
        .heard('a')
        .at(-1),
    ).toBe(expected);
  });

  it('with a subscription identifier ends the connection', () => {
    const talk = new Talk(5).say('a', connect(5), publish('t', 'x', { properties: { subscriptionIdentifier: 3 } }));
    expect(talk.heard('a').at(-1)).toBe('disconnect 130');
  });

  it('that is larger than the receiver takes goes to others only (MQTT-3.1.2-25)', () => {
    const talk = new Talk(5).say(
      'a',
      connect(5, { properties: { maximumPacketSize: 20 } }),
      subscribe(1, 't', { qos: 1 }),
    );
    talk.say('b', connect(5, { clientId: 'b' }), publish('t', 'x'.repeat(30), { qos: 1, id: 1 }));
    talk.say('b', publish('t', 'short', { qos: 1, id: 2 }));
    expect(talk.heard('a')).toEqual(['connack 0', 'suback 1 1', 'publish t=short 1#2']);
  });

  it('that expires while its receiver is away is gone', () => {
    const stays = { clean: false, properties: { sessionExpiryInterval: 100 } };
    const talk = new Talk(5).say('a', connect(5, stays), subscribe(1, 't', { qos: 1 }), disconnect(0));
    const expiring = { qos: 1, id: 1, properties: { messageExpiryInterval: 2 } } as const;
    talk.say('b', connect(5, { clientId: 'b' }), publish('t', 'old', expiring));
    talk.say('b', publish('r', 'kept', { retain: true, properties: { messageExpiryInterval: 2 } }));
    talk
      .wait(3000)
      .say('b', publish('t', 'new', { qos: 1, id: 2 }))
      .say('c', connect(5, stays), subscribe(2, 'r'));
    expect(talk.heard('c')).toEqual(['connack 0', 'publish t=new 1#1', 'suback 2 0']);
  });

  it('of QoS 0 does not wait behind what waits for acknowledgments, and waits behind what waits for room', () => {
    const talk = new Talk(5).say('a', connect(5, { properties: { receiveMaximum: 1 } }), subscribe(1, 't', { qos: 1 }));
    const send = (text: string, qos: 0 | 1) => talk.say('b', publish('t', text, { qos, id: qos === 0 ? 0 : 9 }));
    talk.say('b', connect(5, { clientId: 'b' }));
    send('one', 1);
    send('two', 1);
    send('three', 0);
    expect(talk.heard('a').slice(2)).toEqual(['publish t=one 1#1', 'publish t=three']);
    talk.say('a', answer('puback', 1));
    expect(talk.heard('a').slice(4)).toEqual(['publish t=two 1#2']);
  });
});

describe('acknowledgments', () => {
  const receives = (qos: 1 | 2) => {
    const talk = new Talk(5).say('a', connect(5), subscribe(1, 't', { qos }));
    return talk.say('b', connect(5, { clientId: 'b' }), publish('t', 'x', { qos, id: 1 }));
  };

  it.each([
    ['puback', 2, 'disconnect 130'],
    ['pubcomp', 2, 'disconnect 130'],
    ['pubrec', 1, 'disconnect 130'],
  ] as const)('a %s for a message with QoS %i ends the connection', (type, qos, expected) => {
    expect(receives(qos).say('a', answer(type, 1)).heard('a').at(-1)).toBe(expected);
  });

  it.each([1, 2] as const)('that refuse a message with QoS %i are the end of it', (qos) => {
    const talk = receives(qos).say('a', answer(qos === 1 ? 'puback' : 'pubrec', 1, 0x97));
    expect(talk.heard('a').at(-1)).toBe(`publish t=x ${qos}#1`);
    expect(talk.told().some((each) => each.includes('closes the connection'))).toBe(false);
  });

  it.each([
    [4, 'pubrel 9 0'],
    [5, 'pubrel 9 146'],
  ] as const)('PUBREC of what is not in flight is answered; in version %i', (version, expected) => {
    expect(new Talk(version).say('a', connect(version), answer('pubrec', 9)).heard('a').at(-1)).toBe(expected);
    const ignored = new Talk(version).say('a', connect(version), answer('puback', 9), answer('pubcomp', 9));
    expect(ignored.heard('a')).toEqual(['connack 0']);
  });
});

describe('DISCONNECT and the will', () => {
  const will = { topic: 'w', payload: bytes('gone'), qos: 0 as const, retain: false, properties: {} };
  const watched = (changes: Partial<Connect>) =>
    new Talk(5).say('watcher', connect(5, { clientId: 'watcher' }), subscribe(1, 'w')).say('a', connect(5, changes));

  it.each([
    [0, []],
    [4, ['publish w=gone']],
  ])('with code %i', (code, expected) => {
    const talk = watched({ will }).say('a', disconnect(code));
    expect(talk.heard('watcher').slice(2)).toEqual(expected);
  });

  it('the session is given a longer life, and the will waits no longer than that', () => {
    const delayed = { ...will, properties: { willDelayInterval: 50 } };
    const talk = watched({ will: delayed, properties: { sessionExpiryInterval: 1 } });
    talk.say('a', disconnect(4, { sessionExpiryInterval: 3 })).wait(2000);
    expect(talk.heard('watcher').slice(2)).toEqual([]);
    expect(talk.wait(2000).heard('watcher').slice(2)).toEqual(['publish w=gone']);
  });

  it('who is back in its session before the will is due has not died', () => {
    const delayed = { ...will, properties: { willDelayInterval: 2 } };
    const talk = watched({ will: delayed, properties: { sessionExpiryInterval: 100 } });
    talk.say('a', disconnect(4)).say('again', connect(5, { clean: false, properties: { sessionExpiryInterval: 100 } }));
    expect(talk.wait(5000).heard('watcher').slice(2)).toEqual([]);
    expect(talk.told()).toContain('a is back before its will was due: not published');
  });

  it('a broker that crashes forgets the will that waited', () => {
    const delayed = { ...will, properties: { willDelayInterval: 20 } };
    const talk = watched({ will: delayed, properties: { sessionExpiryInterval: 100 } }).say('a', disconnect(4));
    talk.star.crash('broker');
    expect(
      talk
        .wait(30 * (SECOND / MS))
        .heard('watcher')
        .slice(2),
    ).toEqual([]);
  });
});
