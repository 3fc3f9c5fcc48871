import { describe, expect, it } from 'vitest';
import { SECOND, Stage } from './stage.ts';

/** One publisher and one subscriber, connected and subscribed within the first second. */
function pair(qos: 0 | 1 | 2, options: ConstructorParameters<typeof Stage>[1] = {}): Stage {
  const stage = new Stage(['pub', 'sub'], options);
  stage.connect(0, 'pub');
  stage.connect(0, 'sub', { clean: false });
  stage.subscribe(0, 'sub', 't', qos);
  return stage;
}

const FLOW = ['publish', 'puback', 'pubrec', 'pubrel', 'pubcomp'];

describe('quality of service (MQTT 3.1.1 section 4.3)', () => {
  it('QoS 0 is one PUBLISH and no answer', () => {
    const stage = pair(2);
    stage.publish(SECOND, 'pub', 't', 'x', { qos: 0 });
    stage.run(3 * SECOND);
    expect(stage.dialogue('pub', FLOW)).toEqual(['1000 > publish']);
    expect(stage.dialogue('sub', FLOW)).toEqual(['1020 < publish']);
  });

  it('QoS 1 takes one round trip (MQTT-4.3.2)', () => {
    const stage = pair(2);
    stage.publish(SECOND, 'pub', 't', 'x', { qos: 1 });
    stage.run(3 * SECOND);
    expect(stage.dialogue('pub', FLOW)).toEqual(['1000 > publish 1', '1020 < puback 1']);
    expect(stage.dialogue('sub', FLOW)).toEqual(['1020 < publish 1', '1020 > puback 1']);
  });

  it('QoS 2 takes two round trips (MQTT-4.3.3)', () => {
    const stage = pair(2);
    stage.publish(SECOND, 'pub', 't', 'x', { qos: 2 });
    stage.run(3 * SECOND);
    const ours = ['1000 > publish 1', '1020 < pubrec 1', '1020 > pubrel 1', '1040 < pubcomp 1'];
    expect(stage.dialogue('pub', FLOW)).toEqual(ours);
    const theirs = ['1020 < publish 1', '1020 > pubrec 1', '1040 < pubrel 1', '1040 > pubcomp 1'];
    expect(stage.dialogue('sub', FLOW)).toEqual(theirs);
    expect(stage.received('sub')).toEqual(['x']);
  });

  it.each([
    [0, 2, 0],
    [2, 0, 0],
    [1, 2, 1],
    [2, 1, 1],
    [2, 2, 2],
  ] as const)('published with %i and subscribed with %i it arrives with %i', (published, subscribed, expected) => {
    const stage = pair(subscribed);
    stage.publish(SECOND, 'pub', 't', 'x', { qos: published });
    stage.run(3 * SECOND);
    expect(stage.star.told('sub').at(-1)).toBe(`received 1 octet: "x" on t (QoS ${expected})`);
  });

  it('keeps the order of one publisher, one topic and one QoS (MQTT-4.6.0-6), above the window too', () => {
    for (const qos of [0, 1, 2] as const) {
      const stage = pair(qos);
      stage.publish(SECOND, 'pub', 't', 'm{n}', { qos, times: 100 });
      stage.run(10 * SECOND);
      expect(stage.received('sub')).toEqual(Array.from({ length: 100 }, (_, index) => `m${index + 1}`));
    }
  });
});

describe('broken connections', () => {
  it('QoS 1: a lost PUBACK repeats the PUBLISH with DUP and the same identifier (MQTT-3.3.1-1, 4.4.0-1)', () => {
    const stage = pair(1);
    stage.connect(0, 'pub', { clean: false });
    stage.publish(SECOND, 'pub', 't', 'x', { qos: 1 });
    // The PUBLISH has arrived, the PUBACK is on its way.
    stage.star.at(1_012_000_000, 'broker', () => cut(stage, 'pub', true));
    stage.star.at(3 * SECOND, 'broker', () => cut(stage, 'pub', false));
    stage.at(2 * SECOND, 'pub', (client) => client.connect({ ...OPTIONS, as: 'pub', clientId: 'pub' }));
    stage.run(20 * SECOND);
    expect(stage.received('sub')).toEqual(['x', 'x']);
    const published = stage.dialogue('pub', ['publish', 'puback']);
    expect(published.map((line) => line.replace(/^[\d.]+ /, ''))).toEqual([
      '> publish 1',
      '> publish 1 DUP',
      '< puback 1',
    ]);
  });

  it('QoS 2: the same cut repeats the PUBLISH, and the broker knows it', () => {
    const stage = pair(2);
    stage.connect(0, 'pub', { clean: false });
    stage.publish(SECOND, 'pub', 't', 'x', { qos: 2 });
    stage.star.at(1_012_000_000, 'broker', () => cut(stage, 'pub', true));
    stage.star.at(3 * SECOND, 'broker', () => cut(stage, 'pub', false));
    stage.at(2 * SECOND, 'pub', (client) => client.connect({ ...OPTIONS, as: 'pub', clientId: 'pub' }));
    stage.run(20 * SECOND);
    expect(stage.received('sub')).toEqual(['x']);
    expect(stage.star.told('broker')).toContain(
      'takes 1 octet: "x" to t with QoS 2, which is known: not delivered again',
    );
  });
});

const OPTIONS = {
  host: 'broker',
  port: 1883,
  webSocketPath: null,
  version: 4 as const,
  clean: false,
  keepAliveSeconds: 60,
  sessionExpirySeconds: null,
  will: null,
};

function cut(stage: Stage, node: string, down: boolean): void {
  const { aToB, bToA } = stage.star.cableOf(node);
  aToB.impairments = { ...aToB.impairments, down };
  bToA.impairments = { ...bToA.impairments, down };
}

describe('keep alive (MQTT 3.1.1 section 3.1.2.10)', () => {
  it('pings after 60 s of silence, and again', () => {
    const stage = new Stage(['pub']);
    stage.connect(0, 'pub');
    stage.run(130 * SECOND);
    expect(stage.dialogue('pub', ['connack', 'pingreq', 'pingresp'])).toEqual([
      '60 < connack',
      '60060 > pingreq',
      // ARP asks anew after a minute, on both sides.
      '60100 < pingresp',
      '120100 > pingreq',
      '120140 < pingresp',
    ]);
  });

  it('the broker ends the connection after 1.5 times, and publishes the will', () => {
    const stage = pair(1);
    const will = { topic: 't', payload: Buffer.from('gone'), qos: 1 as const, retain: false };
    stage.connect(SECOND, 'pub', { as: 'weak', clientId: 'weak', will });
    stage.star.at(2 * SECOND, 'broker', () => cut(stage, 'pub', true));
    stage.run(100 * SECOND);
    // The CONNECT packets of both its clients came at 0.05 and 1.03 s, and nothing after them.
    const ended = stage.star.of('broker').filter(({ event }) => event.kind === 'app' && /keep alive/.test(event.text));
    expect(ended.map(({ atNs }) => atNs / SECOND)).toEqual([90.05, 91.03]);
    expect(stage.received('sub')).toEqual(['gone']);
  });

  it('the client gives up 1.5 times after the last answer and tries for ever, every 31 s (MQTT.js)', () => {
    const stage = new Stage(['pub']);
    stage.connect(0, 'pub');
    stage.star.at(70 * SECOND, 'broker', () => cut(stage, 'pub', true));
    stage.run(250 * SECOND);
    const tries = stage.star
      .of('pub')
      .flatMap(({ event, atNs }) =>
        event.kind === 'state' && event.machine === 'mqtt.pub' ? [`${atNs / SECOND} ${event.to}`] : [],
      );
    expect(tries).toEqual([
      '0 connecting',
      '0.06 connected',
      '150.1 waiting',
      '151.1 connecting',
      '181.1 waiting',
      '182.1 connecting',
      '212.1 waiting',
      '213.1 connecting',
      '243.1 waiting',
      '244.1 connecting',
    ]);
  });

  it('0 turns it off on both sides', () => {
    const stage = new Stage(['pub']);
    stage.connect(0, 'pub', { keepAliveSeconds: 0 });
    stage.run(600 * SECOND);
    expect(stage.dialogue('pub', ['pingreq'])).toEqual([]);
    expect(stage.state().get('broker.mqtt.pub.state')).toBe('connected');
  });
});

describe('wills (MQTT 3.1.1 section 3.1.2.5)', () => {
  const will = { topic: 't', payload: Buffer.from('gone'), qos: 1 as const, retain: false };

  it('are published when the connection dies and not after DISCONNECT (MQTT-3.14.4-3)', () => {
    for (const [end, expected] of [
      ['disconnect', []],
      ['crash', ['gone']],
    ] as const) {
      const stage = pair(1);
      stage.connect(SECOND, 'pub', { as: 'weak', clientId: 'weak', will, keepAliveSeconds: 5 });
      if (end === 'disconnect') stage.at(2 * SECOND, 'pub', (client) => client.disconnect('weak'));
      else stage.star.at(2 * SECOND, 'pub', () => stage.star.crash('pub'));
      stage.run(30 * SECOND);
      expect(stage.received('sub')).toEqual(expected);
    }
  });

  it('are published when another connection takes the client identifier (MQTT-3.1.4-2), which the old one loses', () => {
    const stage = new Stage(['one', 'two', 'sub']);
    stage.connect(0, 'sub');
    stage.subscribe(0, 'sub', 't', 1);
    stage.connect(SECOND, 'one', { clientId: 'same', will });
    stage.connect(2 * SECOND, 'two', { clientId: 'same' });
    stage.run(2_500_000_000);
    expect(stage.received('sub')).toEqual(['gone']);
    expect(stage.state().get('one.mqtt.one.state')).toBe('waiting');
    expect(stage.state().get('two.mqtt.two.state')).toBe('connected');
  });
});

describe('sessions (MQTT 3.1.1 sections 3.1.2.4 and 4.1)', () => {
  function away(clean: boolean, options: ConstructorParameters<typeof Stage>[1] = {}): Stage {
    const stage = new Stage(['pub', 'sub'], options);
    stage.connect(0, 'pub');
    stage.connect(0, 'sub', { clean });
    stage.subscribe(0, 'sub', 't', 2);
    stage.at(SECOND, 'sub', (client) => client.disconnect(null));
    stage.publish(2 * SECOND, 'pub', 't', 'm{n}', { qos: 1, times: 20 });
    stage.connect(10 * SECOND, 'sub', { clean });
    return stage;
  }

  it('keep subscriptions and messages with QoS 1 and 2 for a client that is away (MQTT-3.1.2-4, -5)', () => {
    const stage = away(false);
    stage.run(20 * SECOND);
    expect(stage.received('sub')).toEqual(Array.from({ length: 20 }, (_, index) => `m${index + 1}`));
    expect(stage.star.told('sub')).toContain('connected, its session is present');
    expect(stage.state(9 * SECOND).get('broker.mqtt.sub.queued')).toBe(20);
    expect(stage.state(9 * SECOND).get('broker.mqtt.sub.queue.rows')).toBe(20);
    expect(stage.state().get('broker.mqtt.sub.queued')).toBe(0);
  });

  it('keep nothing when they are clean (MQTT-3.1.2-6)', () => {
    const stage = away(true);
    stage.run(20 * SECOND);
    expect(stage.received('sub')).toEqual([]);
    expect(stage.star.told('broker').at(-1)).toBe('sub connects');
  });

  it('keep no QoS 0, and say so', () => {
    const stage = away(false);
    stage.publish(3 * SECOND, 'pub', 't', 'zero', { qos: 0 });
    stage.run(20 * SECOND);
    expect(stage.received('sub')).not.toContain('zero');
    expect(stage.dropped()).toContain('broker no-connection: a message to t: QoS 0 is not kept for sub, who is away');
  });

  it.each([
    ['drop-newest', ['m1', 'm2', 'm3']],
    ['drop-oldest', ['m18', 'm19', 'm20']],
  ] as const)('are bounded: %s', (overflow, expected) => {
    const stage = away(false, { broker: { maxQueued: 3, overflow } });
    stage.run(20 * SECOND);
    expect(stage.received('sub')).toEqual(expected);
    expect(stage.dropped().filter((text) => text.startsWith('broker queue-full'))).toHaveLength(17);
  });

  it('outlive a crash of the broker when they are persistent, and only then', () => {
    for (const persistence of [true, false]) {
      const stage = away(false, { broker: { persistence } });
      stage.star.at(5 * SECOND, 'broker', () => stage.star.restartIn('broker', SECOND));
      stage.run(30 * SECOND);
      const expected = Array.from({ length: 20 }, (_, index) => `m${index + 1}`);
      expect(stage.received('sub')).toEqual(persistence ? expected : []);
      expect(stage.dropped().filter((text) => text.startsWith('broker crashed'))).toHaveLength(persistence ? 0 : 20);
    }
  });

  it('need a client identifier (MQTT-3.1.3-8), or get one', () => {
    const stage = new Stage(['a', 'b']);
    stage.connect(0, 'a', { clientId: '', clean: false });
    stage.connect(0, 'b', { clientId: '', clean: true });
    stage.run(5 * SECOND);
    expect(stage.star.told('a')).toEqual(['the broker refuses the connection: identifier rejected (2)']);
    expect(stage.state().get('a.mqtt.a.state')).toBe('disconnected');
    expect(stage.state().get('broker.mqtt.auto-1.state')).toBe('connected');
  });
});

describe('retained messages (MQTT 3.1.1 section 3.3.1.3)', () => {
  it('come with each new subscription, marked; live ones are not marked; an empty one removes', () => {
    const stage = new Stage(['pub', 'early', 'late', 'last']);
    stage.connect(0, 'pub');
    stage.connect(0, 'early');
    stage.subscribe(0, 'early', 'a/+', 1);
    stage.publish(SECOND, 'pub', 'a/b', 'one', { qos: 1, retain: true });
    stage.publish(2 * SECOND, 'pub', 'a/b', 'two', { qos: 1, retain: true });
    stage.connect(3 * SECOND, 'late');
    stage.subscribe(3 * SECOND, 'late', 'a/#', 0);
    stage.publish(4 * SECOND, 'pub', 'a/b', '', { qos: 1, retain: true });
    stage.connect(5 * SECOND, 'last');
    stage.subscribe(5 * SECOND, 'last', 'a/b', 1);
    stage.run(6 * SECOND);
    expect(stage.star.told('early').slice(2)).toEqual([
      'received 3 octets: "one" on a/b (QoS 1)',
      'received 3 octets: "two" on a/b (QoS 1)',
      'received 0 octets on a/b (QoS 1)',
    ]);
    expect(stage.star.told('late').slice(2)).toEqual([
      'received 3 octets: "two" on a/b (QoS 0, retained)',
      'received 0 octets on a/b (QoS 0)',
    ]);
    expect(stage.star.told('last').slice(2)).toEqual([]);
    expect(stage.state(3 * SECOND).get('broker.mqtt.retained.rows')).toBe(1);
    expect(stage.state().get('broker.mqtt.retained.rows')).toBe(0);
  });

  it('outlive a crash of the broker', () => {
    const stage = new Stage(['pub', 'late']);
    stage.connect(0, 'pub');
    stage.publish(SECOND, 'pub', 'a', 'kept', { qos: 1, retain: true });
    stage.star.at(2 * SECOND, 'broker', () => stage.star.restartIn('broker', SECOND));
    stage.connect(5 * SECOND, 'late');
    stage.subscribe(5 * SECOND, 'late', 'a', 1);
    stage.run(10 * SECOND);
    expect(stage.received('late')).toEqual(['kept']);
  });
});

describe('subscriptions', () => {
  it('that overlap deliver once, with the greatest QoS (MQTT-3.3.5-1)', () => {
    const stage = new Stage(['pub', 'sub']);
    stage.connect(0, 'pub');
    stage.connect(0, 'sub');
    stage.subscribe(0, 'sub', 'a/#', 0);
    stage.subscribe(0, 'sub', 'a/+', 2);
    stage.subscribe(0, 'sub', '#', 1);
    stage.publish(SECOND, 'pub', 'a/b', 'x', { qos: 2 });
    stage.run(2 * SECOND);
    expect(stage.star.told('sub').at(-1)).toBe('received 1 octet: "x" on a/b (QoS 2)');
    expect(stage.received('sub')).toEqual(['x']);
  });

  it('do not let clients publish to $SYS (E24)', () => {
    const stage = new Stage(['pub', 'sub']);
    stage.connect(0, 'pub');
    stage.connect(0, 'sub');
    stage.subscribe(0, 'sub', '$SYS/#', 1);
    stage.publish(SECOND, 'pub', '$SYS/uptime', 'x', { qos: 1 });
    stage.run(2 * SECOND);
    expect(stage.received('sub')).toEqual([]);
    expect(stage.dropped()).toEqual(['broker not-acceptable: clients do not publish to $SYS/uptime']);
    expect(stage.state().get('pub.mqtt.pub.in-flight')).toBe(0);
  });
});

describe('MQTT 5.0', () => {
  it('sessions expire (section 3.1.2.11.2): 0 with the connection, n after n seconds, 0xFFFFFFFF never', () => {
    for (const [seconds, isPresent] of [
      [0, false],
      [5, false],
      [20, true],
      [0xffff_ffff, true],
    ] as const) {
      const stage = new Stage(['sub'], { version: 5 });
      const options = { clean: false, sessionExpirySeconds: seconds };
      stage.connect(0, 'sub', options);
      stage.at(SECOND, 'sub', (client) => client.disconnect(null));
      stage.connect(10 * SECOND, 'sub', options);
      stage.run(12 * SECOND);
      expect([seconds, stage.star.told('sub').at(-1)]).toEqual([
        seconds,
        isPresent ? 'connected, its session is present' : 'connected',
      ]);
    }
  });

  it('an expired session ends its messages with that reason, also over a crash of the broker', () => {
    const stage = new Stage(['pub', 'sub'], { version: 5 });
    stage.connect(0, 'pub');
    stage.connect(0, 'sub', { clean: false, sessionExpirySeconds: 8 });
    stage.subscribe(0, 'sub', 't', 1);
    stage.at(SECOND, 'sub', (client) => client.disconnect(null));
    stage.publish(2 * SECOND, 'pub', 't', 'x', { qos: 1 });
    stage.star.at(4 * SECOND, 'broker', () => stage.star.restartIn('broker', SECOND));
    stage.run(20 * SECOND);
    expect(stage.dropped()).toContain('broker expired: a message to t: its client stayed away for 8 s');
    expect(stage.state(8 * SECOND).get('broker.mqtt.sub.state')).toBe('offline');
    expect(stage.state().get('broker.mqtt.sub.state')).toBe('ended');
  });

  it('tells why it closes: 0x8e when the session is taken over, and the client stays away', () => {
    const stage = new Stage(['one', 'two'], { version: 5 });
    stage.connect(0, 'one', { clientId: 'same' });
    stage.connect(SECOND, 'two', { clientId: 'same' });
    stage.run(10 * SECOND);
    expect(stage.star.told('one')).toContain('the broker disconnects: session taken over (0x8e)');
    expect(stage.state().get('one.mqtt.one.state')).toBe('disconnected');
    expect(stage.state().get('two.mqtt.two.state')).toBe('connected');
  });

  it('is refused by a broker of 3.1.1 with return code 1', () => {
    const stage = new Stage(['a'], { version: 5, broker: { version: 4 } });
    stage.connect(0, 'a');
    stage.run(5 * SECOND);
    expect(stage.star.told('broker')[0]).toMatch(/^refuses the connection, unacceptable protocol version \(1\)/);
    expect(stage.state().get('a.mqtt.a.state')).not.toBe('connected');
  });

  it('shared subscriptions: each message to exactly one member, ordinary subscribers each get a copy (4.8.2)', () => {
    const stage = new Stage(['pub', 'w1', 'w2', 'all'], { version: 5 });
    for (const node of ['pub', 'w1', 'w2', 'all']) stage.connect(0, node);
    for (const node of ['w1', 'w2']) stage.subscribe(0, node, '$share/workers/jobs', 1);
    stage.subscribe(0, 'all', 'jobs', 1);
    stage.publish(SECOND, 'pub', 'jobs', 'j{n}', { qos: 1, times: 6, everyNs: SECOND });
    // Who is away gets nothing as long as somebody else is there.
    stage.at(4_500_000_000, 'w1', (client) => client.disconnect(null));
    stage.run(10 * SECOND);
    expect(stage.received('w1')).toEqual(['j1', 'j3']);
    expect(stage.received('w2')).toEqual(['j2', 'j4', 'j5', 'j6']);
    expect(stage.received('all')).toEqual(['j1', 'j2', 'j3', 'j4', 'j5', 'j6']);
  });
});
