/** Arbitrary control packets, for property tests. */

import fc from 'fast-check';
import type { Packet, Subscription, Version, Will } from '../../../../src/layers/7-application/mqtt/packet.ts';
import {
  NO_PROPERTIES,
  PROPERTY_TYPES,
  type Properties,
  type PropertyPlace,
} from '../../../../src/layers/7-application/mqtt/properties.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.replaceAll('\0', '.'));
const bytes = fc.uint8Array({ maxLength: 40 });
const id = fc.integer({ min: 1, max: 65_535 });
const u16 = fc.integer({ min: 0, max: 65_535 });
const qos = fc.constantFrom(0, 1, 2);
const level = fc.string({ unit: fc.constantFrom(...'abcé $'), maxLength: 4 });
const topic = fc
  .array(level, { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join('/'))
  .filter((name) => name !== '' && !name.startsWith('$share'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, isOpen]) => [...levels, ...(isOpen ? ['#'] : [])].join('/'))
  .filter((name) => name !== '' && !name.startsWith('$share'));

function properties(place: PropertyPlace, version: Version): fc.Arbitrary<Properties> {
  if (version === 4) return fc.constant(NO_PROPERTIES);
  const known = PROPERTY_TYPES.filter(({ places }) => places.includes(place)).map(({ name, kind, isPositive }) => {
    const least = isPositive ? 1 : 0;
    const value = {
      bit: fc.integer({ min: 0, max: 1 }),
      byte: fc.integer({ min: 0, max: 255 }),
      u16: fc.integer({ min: least, max: 65_535 }),
      u32: fc.integer({ min: least, max: 0xffff_ffff }),
      varint: fc.integer({ min: least, max: 268_435_455 }),
      string: text,
      binary: bytes,
      pair: fc.array(fc.tuple(text, text), { minLength: 1, maxLength: 3 }),
    }[kind];
    return [name, value] as const;
  });
  const some = fc.record(Object.fromEntries(known) as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] });
  return fc.oneof(fc.constant(NO_PROPERTIES), some as fc.Arbitrary<Properties>);
}

const will = (version: Version): fc.Arbitrary<Will> =>
  fc.record({
    topic,
    payload: bytes,
    qos,
    retain: fc.boolean(),
    properties: properties('will', version),
  }) as fc.Arbitrary<Will>;

const subscription = (version: Version): fc.Arbitrary<Subscription> =>
  fc.record({
    filter,
    qos,
    noLocal: version === 5 ? fc.boolean() : fc.constant(false),
    retainAsPublished: version === 5 ? fc.boolean() : fc.constant(false),
    retainHandling: version === 5 ? fc.constantFrom(0, 1, 2) : fc.constant(0),
  }) as fc.Arbitrary<Subscription>;

/** Each packet has codes of its own (sections 3.4.2.1 to 3.7.2.1). */
const code = (type: string, version: Version) => {
  if (version === 4) return fc.constant(0);
  return type === 'puback' || type === 'pubrec' ? fc.constantFrom(0, 0x10, 0x80, 0x97) : fc.constantFrom(0, 0x92);
};

export function packet(version: Version): fc.Arbitrary<Packet> {
  const of = <T extends PropertyPlace>(type: T) => ({
    type: fc.constant(type),
    properties: properties(type, version),
  });
  const connect = fc
    .record({
      ...of('connect'),
      version: fc.constant(version),
      clientId: text,
      clean: fc.boolean(),
      keepAliveSeconds: u16,
      will: fc.option(will(version)),
      username: fc.option(text),
      password: fc.option(bytes.filter(({ length }) => length > 0)),
    })
    // 3.1.1 section 3.1.2.9: without a user name there is no password.
    .map((one) => (one.username === null ? { ...one, password: null } : one));
  const publish = fc
    .record({ ...of('publish'), topic, payload: bytes, qos, retain: fc.boolean(), dup: fc.boolean(), id })
    .map((one) => (one.qos === 0 ? { ...one, id: 0, dup: false } : one));
  const acknowledgment = (type: 'puback' | 'pubrec' | 'pubrel' | 'pubcomp') =>
    fc.record({ ...of(type), id, code: code(type, version) });
  const connack = fc
    .record({ ...of('connack'), sessionPresent: fc.boolean(), code: fc.constantFrom(0, version === 5 ? 0x87 : 5) })
    .map((one) => (one.code === 0 ? one : { ...one, sessionPresent: false }));
  const codes = (all: readonly number[]) => fc.array(fc.constantFrom(...all), { minLength: 1, maxLength: 4 });
  return fc.oneof(
    connect,
    connack,
    publish,
    acknowledgment('puback'),
    acknowledgment('pubrec'),
    acknowledgment('pubrel'),
    acknowledgment('pubcomp'),
    fc.record({
      ...of('subscribe'),
      id,
      subscriptions: fc.array(subscription(version), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ ...of('unsubscribe'), id, filters: fc.array(filter, { minLength: 1, maxLength: 3 }) }),
    fc.record({ ...of('suback'), id, codes: codes(version === 5 ? [0, 1, 2, 0x80, 0x8f] : [0, 1, 2, 0x80]) }),
    fc.record({ ...of('unsuback'), id, codes: version === 5 ? codes([0, 0x11]) : fc.constant([]) }),
    fc.constant({ type: 'pingreq' }),
    fc.constant({ type: 'pingresp' }),
    fc.record({ ...of('disconnect'), code: version === 5 ? fc.constantFrom(0, 4, 0x8e) : fc.constant(0) }),
    ...(version === 5 ? [fc.record({ ...of('auth'), code: fc.constantFrom(0, 0x18) })] : []),
  ) as fc.Arbitrary<Packet>;
}
