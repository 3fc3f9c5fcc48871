import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { describe, expect, it } from 'vitest';
import { encodePacket } from '../../../../src/layers/7-application/mqtt/encode.ts';
import type { Packet, Version } from '../../../../src/layers/7-application/mqtt/packet.ts';
import { PacketReader, type ReadPacket } from '../../../../src/layers/7-application/mqtt/packet-reader.ts';
import type { Properties } from '../../../../src/layers/7-application/mqtt/properties.ts';
import { MqttProblem } from '../../../../src/layers/7-application/mqtt/reason.ts';
import { packet } from './packets.ts';

const MAX = 100_000;

function read(bytes: Uint8Array, version: Version, max = MAX): ReadPacket | MqttProblem | null {
  const reader = new PacketReader(version, max);
  reader.push(bytes);
  return reader.next();
}

function decoded(bytes: Uint8Array, version: Version): Packet {
  const one = read(bytes, version);
  if (one === null || one instanceof MqttProblem) throw new Error(one?.why ?? 'more octets are needed');
  return one.value;
}

function problem(hex: string, version: Version = 4, max = MAX): string {
  const one = read(Buffer.from(hex.replaceAll(' ', ''), 'hex'), version, max);
  if (one === null) return 'more';
  return one instanceof MqttProblem ? `${one.code.toString(16)} ${one.why}` : one.value.type;
}

/** mqtt-packet refuses an AUTH of two octets, which MQTT 5.0 section 3.15.2.1 allows. */
function isRefereed(one: Packet): boolean {
  if ('properties' in one && !hasPlainNames(one.properties)) return false;
  // Nor does it write what the broker must refuse with a code (MQTT-3.1.3-8).
  if (one.type === 'connect') return (one.clientId !== '' || one.clean) && hasPlainNames(one.will?.properties ?? {});
  return one.type !== 'auth' || one.code !== 0 || Object.keys(one.properties).length > 0;
}

/** It keeps user properties in an object: names that stand there twice or are numbers change places, and '' is lost. */
function hasPlainNames({ userProperty = [] }: Properties): boolean {
  const names = userProperty.map(([name]) => name);
  return new Set(names).size === names.length && names.every((name) => !/^\d*$|^__proto__$/.test(name));
}

/** What the referee reads, in our shape. */
function refereed(bytes: Uint8Array, version: Version): Record<string, unknown> {
  const seen: mqttPacket.Packet[] = [];
  const parser = mqttPacket.parser({ protocolVersion: version });
  parser.on('packet', (one) => seen.push(one));
  parser.on('error', (error: Error) => {
    throw error;
  });
  parser.parse(Buffer.from(bytes));
  expect(seen).toHaveLength(1);
  return seen[0] as unknown as Record<string, unknown>;
}

describe.each([4, 5] as const)('MQTT packets, protocol level %i', (version) => {
  it('decode what encode wrote, in pieces of any size', () => {
    fc.assert(
      fc.property(packet(version), fc.integer({ min: 1, max: 9 }), (one, size) => {
        const bytes = encodePacket(one, version);
        expect(decoded(bytes, version)).toEqual(one);
        const reader = new PacketReader(version, MAX);
        for (let at = 0; at < bytes.length; at += size) {
          expect(reader.next()).toBeNull();
          reader.push(bytes.subarray(at, at + size));
        }
        expect(reader.next()).toEqual({ value: one, bytes });
        expect(reader.partial).toHaveLength(0);
      }),
      { numRuns: 500 },
    );
  });

  it('are what mqtt-packet reads', () => {
    fc.assert(
      fc.property(packet(version).filter(isRefereed), (one) => {
        const seen = refereed(encodePacket(one, version), version);
        expect(seen.cmd).toBe(one.type);
        for (const [ours, theirs] of pairs(one, seen, version)) expect(theirs).toEqual(ours);
      }),
      { numRuns: 1000 },
    );
  });

  it('are read as mqtt-packet writes them', () => {
    fc.assert(
      fc.property(packet(version).filter(isRefereed), (one) => {
        // Their octets of our packet, as they read it themselves: properties may stand in another order.
        const seen = refereed(encodePacket(one, version), version) as unknown as mqttPacket.Packet;
        const written = mqttPacket.generate(seen, { protocolVersion: version });
        expect(decoded(written, version)).toEqual(one);
      }),
      { numRuns: 1000 },
    );
  });

  it('are a problem or a packet, whatever bits flip and wherever they end, and never an exception', () => {
    fc.assert(
      fc.property(packet(version), fc.nat(), fc.nat(), (one, cut, flip) => {
        const bytes = encodePacket(one, version);
        const short = read(bytes.subarray(0, cut % bytes.length), version);
        expect(short === null || short instanceof MqttProblem).toBe(true);
        const at = flip % (bytes.length * 8);
        bytes[at >> 3] = (bytes[at >> 3] as number) ^ (0x80 >> (at & 7));
        const other = read(bytes, version);
        if (other !== null && !(other instanceof MqttProblem)) expect(encodePacket(other.value, version)).toBeDefined();
      }),
      { numRuns: 2000 },
    );
  });

  it('of random octets are never an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const reader = new PacketReader(version, MAX);
        reader.push(bytes);
        for (let one = reader.next(); one !== null && !(one instanceof MqttProblem); ) one = reader.next();
      }),
      { numRuns: 2000 },
    );
  });
});

/** Ours and theirs of every field that both have. */
function pairs(one: Packet, seen: Record<string, unknown>, version: Version): [unknown, unknown][] {
  const get = (name: string) => seen[name];
  const bytesOf = (value: unknown) => (value === undefined || value === null ? null : new Uint8Array(value as Buffer));
  switch (one.type) {
    case 'connect': {
      const will = get('will') as Record<string, unknown> | undefined;
      return [
        [one.clientId, get('clientId')],
        [one.clean, get('clean')],
        [one.keepAliveSeconds, get('keepalive')],
        [one.version, get('protocolVersion')],
        [one.username ?? undefined, get('username')],
        [one.password, bytesOf(get('password'))],
        [one.will?.topic, will?.topic],
        [one.will?.payload ?? null, bytesOf(will?.payload)],
        [one.will?.qos, will?.qos],
        [one.will?.retain, will?.retain],
      ];
    }
    case 'connack':
      return [
        [one.sessionPresent, get('sessionPresent')],
        [one.code, version === 5 ? get('reasonCode') : get('returnCode')],
      ];
    case 'publish':
      return [
        [one.topic, get('topic')],
        [one.payload, bytesOf(get('payload'))],
        [one.qos, get('qos')],
        [one.retain, get('retain')],
        [one.dup, get('dup')],
        [one.id || undefined, get('messageId')],
      ];
    case 'subscribe':
      return [
        [one.id, get('messageId')],
        [
          one.subscriptions.map(({ filter, qos }) => ({ filter, qos })),
          (get('subscriptions') as { topic: string; qos: number }[]).map(({ topic, qos }) => ({ filter: topic, qos })),
        ],
      ];
    case 'unsubscribe':
      return [
        [one.id, get('messageId')],
        [one.filters, get('unsubscriptions')],
      ];
    case 'suback':
      return [
        [one.id, get('messageId')],
        [one.codes, get('granted')],
      ];
    case 'unsuback':
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return [[one.id, get('messageId')]];
    default:
      return [];
  }
}

describe('MQTT octets by hand', () => {
  it('CONNECT of the standard, figure 3.6: QoS 1 will, user and password, keep alive 10', () => {
    const bytes = encodePacket(
      {
        type: 'connect',
        version: 4,
        clientId: 'id',
        clean: true,
        keepAliveSeconds: 10,
        will: { topic: 'w', payload: Buffer.from('bye'), qos: 1, retain: false, properties: {} },
        username: 'u',
        password: Buffer.from('p'),
        properties: {},
      },
      4,
    );
    expect(Buffer.from(bytes).toString('hex')).toBe('101c00044d51545404ce000a000269640001770003627965000175000170');
  });

  it.each([
    ['10', 'more', 'one octet'],
    ['10 ff ff ff ff 01', '81 the remaining length goes on after its fourth octet', 'five octets of length (E18)'],
    ['30 ff ff ff 7f 00', '95 a packet of 268435460 octets, where at most 100000 are taken', '256 MiB announced (E18)'],
    ['00 00', '81 packet type 0 is reserved', 'type 0'],
    ['f0 00', '81 packet type 15 is reserved', 'AUTH in 3.1.1'],
    ['36 05 0001 61 0001', '81 a PUBLISH with QoS 3', 'QoS 3 (E19)'],
    ['30 03 0009 61', '81 the PUBLISH ends in the middle of a field', 'topic longer than the body (E19)'],
    ['30 05 0003 61 2f 23', '90 the topic has a wildcard in it', '# in a topic (E19)'],
    ['30 03 0001 2b', '90 the topic has a wildcard in it', '+ in a topic (E19)'],
    ['30 02 0000', '82 the topic is empty', 'empty topic (E19)'],
    ['30 03 0001 00', '81 the topic is not UTF-8', 'NUL in a topic (E19)'],
    ['30 04 0002 c3 28', '81 the topic is not UTF-8', 'bad UTF-8 (E19)'],
    ['30 05 0003 ed a0 80', '81 the topic is not UTF-8', 'a surrogate (MQTT-1.5.3-1)'],
    ['32 05 0001 61 0000', '81 the packet identifier is 0', 'identifier 0 (E19)'],
    ['38 03 0001 61', '81 a PUBLISH with QoS 0 and DUP', 'DUP with QoS 0 (E19)'],
    ['82 06 0000 0001 61 00', '81 the packet identifier is 0', 'identifier 0'],
    ['a2 05 0000 0001 61', '81 the packet identifier is 0', 'identifier 0'],
    ['90 03 0000 00', '81 the packet identifier is 0', 'identifier 0'],
    ['82 02 0001', '82 a SUBSCRIBE without a topic filter', 'no topics (E20)'],
    ['82 06 0001 0001 61 03', '81 a subscription with QoS 3', 'QoS 3 (E20)'],
    ['82 06 0001 0001 61 04', '81 reserved bits of a subscription are set', 'reserved bits (E20)'],
    ['80 06 0001 0001 61 00', '81 the flags of SUBSCRIBE are 0', 'bad flags (E20)'],
    ['82 05 0001 0001 61', '81 the SUBSCRIBE ends in the middle of a field', 'truncated (E20)'],
    ['82 06 0001 0000 00', 'more', 'one octet missing'],
    ['82 05 0001 0000 00', '8f the topic filter is empty', 'empty filter'],
    ['82 0a 0001 0005 61 2f 23 2f 62 00', '8f a # must be the last level of a topic filter, alone', 'a/#/b (E24)'],
    ['82 07 0001 0002 2b 61 00', '8f a + must be a level of a topic filter, alone', '+a (E24)'],
    ['a2 02 0001', '82 an UNSUBSCRIBE without a topic filter', 'no topics'],
    ['c0 01 00', '81 a PINGREQ with a body', 'PINGREQ with a body (E20)'],
    ['60 02 0001', '81 the flags of PUBREL are 0', 'PUBREL with flags 0'],
    ['40 03 0001 00', '81 1 octets too many in the PUBACK', 'trailing octets'],
    ['10 0c 0004 4d515454 04 01 000a 0000', '81 the reserved flag of CONNECT is set', 'reserved flag (E21)'],
    ['10 12 0004 4d515454 04 06 000a 0001 61 0001 23 0000', '90 the topic has a wildcard in it', 'a will to #'],
    ['10 0c 0004 4d515454 04 1c 000a 0000', '81 a will with QoS 3', 'will QoS 3 (E21)'],
    ['10 0c 0004 4d515454 04 08 000a 0000', '81 will QoS or will retain without a will', 'will QoS, no will'],
    ['10 0c 0004 4d515454 04 40 000a 0000', '81 a password without a user name', 'password alone'],
    ['10 0c 0004 4d515454 04 80 000a 0000', '81 the CONNECT ends in the middle of a field', 'user flag, no user (E21)'],
    ['10 0c 0004 4d515454 06 02 000a 0000', '84 protocol level 6 is neither 4 (3.1.1) nor 5', 'level 6'],
    ['10 0e 0006 4d5149736470 03 02 000a 0000', '84 protocol level 3 is neither 4 (3.1.1) nor 5', 'MQTT 3.1'],
    ['10 0c 0004 48545450 04 02 000a 0000', '81 the protocol name is not MQTT', 'HTTP'],
    ['20 02 02 00', '81 the reserved flags of CONNACK are set', 'CONNACK flags'],
    ['20 02 01 05', '81 a session is present and the connection refused', 'session present and refused'],
    ['90 03 0001 03', '81 a SUBACK with an unknown return code', 'SUBACK 3'],
  ])('%s: %s (%s)', (hex, expected) => expect(problem(hex)).toBe(expected));

  it.each([
    ['30 04 0001 61 05', '81 properties of 5 octets where 0 octets are left', 'property length over the body (E22)'],
    ['30 07 0001 61 ff ff ff ff', '81 the length of the properties goes on after its fourth octet', 'endless length'],
    ['30 06 0001 61 02 7f 00', '81 property 127 does not exist', 'unknown property (E22)'],
    ['30 08 0001 61 04 01 00 01 00', '82 property payloadFormatIndicator stands there twice', 'duplicate (E22)'],
    ['30 06 0001 61 02 01 02', '82 property payloadFormatIndicator must not be 2', 'value out of range'],
    ['30 07 0001 61 03 21 00 05', '82 property receiveMaximum does not belong into publish', 'wrong place (E22)'],
    [
      '10 10 0004 4d515454 05 02 000a 03 21 00 00 0000',
      '82 property receiveMaximum must not be 0',
      'receive maximum 0',
    ],
    ['30 09 0001 61 05 0b ff ff ff ff', '81 property subscriptionIdentifier goes on after its fourth octet', 'long'],
    ['30 08 0001 61 04 0b 01 0b 02', 'publish', 'two subscriptions that match'],
    ['82 0b 0001 04 0b 01 0b 02 0001 61 00', '82 property subscriptionIdentifier stands there twice', 'but not there'],
    ['30 05 0001 61 01 23', '81 a property ends outside of them', 'truncated property'],
    ['82 07 0001 00 0001 61 30', '82 retain handling 3 does not exist', 'retain handling 3'],
    [
      `82 0f 0001 00 0009 ${Buffer.from('$share/g/').toString('hex')} 00`,
      '8f a shared subscription has no topic filter',
      '',
    ],
    [
      `82 10 0001 00 000a ${Buffer.from('$share/g/a').toString('hex')} 04`,
      '82 a shared subscription with no-local',
      'MQTT-3.8.3-4',
    ],
  ])('5.0: %s: %s (%s)', (hex, expected) => expect(problem(hex, 5)).toBe(expected));

  it('refuses at the header, before anything is kept, and reads no further', () => {
    const reader = new PacketReader(4, 50);
    reader.push(Buffer.from([0x30, 0x7f]));
    expect(reader.next()).toBeInstanceOf(MqttProblem);
    reader.push(new Uint8Array(1000));
    expect(reader.partial).toHaveLength(2);
    expect(reader.next()).toBeNull();
  });

  it('drops the rest of the chunk behind a malformed packet (E22)', () => {
    const reader = new PacketReader(4, 50);
    reader.push(Buffer.from('c000c00100c000', 'hex'));
    expect(reader.next()).toMatchObject({ value: { type: 'pingreq' } });
    expect(reader.next()).toBeInstanceOf(MqttProblem);
    expect(reader.next()).toBeNull();
  });
});
