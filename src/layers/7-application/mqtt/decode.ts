/**
 * Octets to control packets (MQTT 3.1.1 and 5.0, chapter 3). Strict: what the standard forbids is a problem with its
 * reason code, whichever peer sent it. Payloads are copies, so nothing keeps a whole read alive.
 */

import { Reader } from '../../../wire/reader.ts';
import { type FixedHeader, PACKET_TYPE, type PacketName, takeBinary, takeString } from './header.ts';
import type { Connect, Packet, Publish, Qos, Subscription, Version, Will } from './packet.ts';
import { NO_PROPERTIES, type Properties, type PropertyPlace, takeProperties } from './properties.ts';
import { MqttProblem, REASON } from './reason.ts';
import { filterProblem, topicProblem } from './topic.ts';

const NAMES: readonly (PacketName | null)[] = [null, ...(Object.keys(PACKET_TYPE) as PacketName[])];

/** The packet's name, or null for the reserved type 0. */
function packetName(type: number): PacketName | null {
  return NAMES[type] ?? null;
}

/** What can be said of a packet by its fixed header alone; null: nothing is wrong with it. */
export function headerProblem({ type, flags, remaining }: FixedHeader, version: Version): MqttProblem | null {
  const name = packetName(type);
  if (name === null || (name === 'auth' && version !== 5)) return bad(`packet type ${type} is reserved`);
  if (name === 'publish') {
    if ((flags & 0x06) === 0x06) return bad('a PUBLISH with QoS 3');
    if ((flags & 0x0e) === 0x08) return bad('a PUBLISH with QoS 0 and DUP');
  } else if (flags !== (name === 'pubrel' || name === 'subscribe' || name === 'unsubscribe' ? 2 : 0)) {
    return bad(`the flags of ${name.toUpperCase()} are ${flags}`);
  }
  if ((name === 'pingreq' || name === 'pingresp') && remaining !== 0) return bad(`a ${name.toUpperCase()} with a body`);
  return null;
}

/** `bytes`: the whole packet, of a header without problem, which is included. `version`: that of the connection. */
export function decodePacket(header: FixedHeader, bytes: Uint8Array, version: Version): Packet | MqttProblem {
  const reader = new Reader(bytes, header.headerBytes);
  const packet = takeBody(reader, packetName(header.type) as PacketName, header.flags, version);
  if (packet instanceof MqttProblem) return packet;
  if (reader.short) return bad(`the ${packet.type.toUpperCase()} ends in the middle of a field`);
  return reader.left > 0 ? bad(`${reader.left} octets too many in the ${packet.type.toUpperCase()}`) : packet;
}

function takeBody(reader: Reader, type: PacketName, flags: number, version: Version): Packet | MqttProblem {
  switch (type) {
    case 'connect':
      return takeConnect(reader);
    case 'connack':
      return takeConnack(reader, version);
    case 'publish':
      return takePublish(reader, flags, version);
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp': {
      const id = takeId(reader);
      const rest = takeCodeAndProperties(reader, type, version);
      if (id instanceof MqttProblem) return id;
      return rest instanceof MqttProblem ? rest : { type, id, ...rest };
    }
    case 'subscribe':
      return takeSubscribe(reader, version);
    case 'unsubscribe':
      return takeUnsubscribe(reader, version);
    case 'suback':
    case 'unsuback':
      return takeAnswer(reader, type, version);
    case 'pingreq':
    case 'pingresp':
      return { type };
    case 'disconnect':
    case 'auth': {
      const rest = takeCodeAndProperties(reader, type, version);
      return rest instanceof MqttProblem ? rest : { type, ...rest };
    }
  }
}

function bad(why: string): MqttProblem {
  return new MqttProblem(REASON.malformed, why);
}

function propertiesOf(reader: Reader, place: PropertyPlace, version: Version): Properties | MqttProblem {
  return version === 5 ? takeProperties(reader, place) : NO_PROPERTIES;
}

/** Reason code and properties may be left out (section 3.4.2.1). */
function takeCodeAndProperties(
  reader: Reader,
  place: PropertyPlace,
  version: Version,
): { readonly code: number; readonly properties: Properties } | MqttProblem {
  if (version !== 5 || reader.left === 0) return { code: 0, properties: NO_PROPERTIES };
  const code = reader.u8();
  if (reader.left === 0) return { code, properties: NO_PROPERTIES };
  const properties = takeProperties(reader, place);
  return properties instanceof MqttProblem ? properties : { code, properties };
}

function takeId(reader: Reader): number | MqttProblem {
  const id = reader.u16();
  // Of a packet that is too short the end is the problem, and 0 is only what is read there.
  return id === 0 && !reader.short ? bad('the packet identifier is 0') : id;
}

function takeConnect(reader: Reader): Connect | MqttProblem {
  const name = takeString(reader);
  if (name !== 'MQTT' && name !== 'MQIsdp') return bad('the protocol name is not MQTT');
  const version = reader.u8();
  if (name === 'MQIsdp' || (version !== 4 && version !== 5)) {
    return new MqttProblem(REASON.unsupportedVersion, `protocol level ${version} is neither 4 (3.1.1) nor 5`);
  }
  const flags = reader.u8();
  const flagsProblem = connectFlagsProblem(flags, version);
  if (flagsProblem) return flagsProblem;
  const keepAliveSeconds = reader.u16();
  const properties = propertiesOf(reader, 'connect', version);
  if (properties instanceof MqttProblem) return properties;
  const clientId = takeString(reader);
  if (clientId === null) return bad('the client identifier is not UTF-8');
  const will = (flags & 0x04) === 0 ? null : takeWill(reader, flags, version);
  if (will instanceof MqttProblem) return will;
  const username = (flags & 0x80) === 0 ? '' : takeString(reader);
  if (username === null) return bad('the user name is not UTF-8');
  return {
    type: 'connect',
    version,
    clientId,
    clean: (flags & 0x02) !== 0,
    keepAliveSeconds,
    will,
    username: (flags & 0x80) === 0 ? null : username,
    password: (flags & 0x40) === 0 ? null : takeBinary(reader).slice(),
    properties,
  };
}

function connectFlagsProblem(flags: number, version: Version): MqttProblem | null {
  if ((flags & 0x01) !== 0) return bad('the reserved flag of CONNECT is set');
  if ((flags & 0x04) === 0 && (flags & 0x38) !== 0) return bad('will QoS or will retain without a will');
  if ((flags & 0x18) === 0x18) return bad('a will with QoS 3');
  return version === 4 && (flags & 0xc0) === 0x40 ? bad('a password without a user name') : null;
}

function takeWill(reader: Reader, flags: number, version: Version): Will | MqttProblem {
  const properties = propertiesOf(reader, 'will', version);
  if (properties instanceof MqttProblem) return properties;
  const topic = takeString(reader);
  if (topic === null) return bad('the will topic is not UTF-8');
  const problem = reader.short ? null : topicProblem(topic);
  if (problem) return new MqttProblem(REASON.topicNameInvalid, problem);
  const payload = takeBinary(reader).slice();
  return { topic, payload, qos: ((flags >> 3) & 3) as Qos, retain: (flags & 0x20) !== 0, properties };
}

function takeConnack(reader: Reader, version: Version): Packet | MqttProblem {
  const flags = reader.u8();
  if (flags > 1) return bad('the reserved flags of CONNACK are set');
  const code = reader.u8();
  const properties = propertiesOf(reader, 'connack', version);
  if (properties instanceof MqttProblem) return properties;
  if (flags === 1 && code !== 0) return bad('a session is present and the connection refused');
  return { type: 'connack', sessionPresent: flags === 1, code, properties };
}

function takePublish(reader: Reader, flags: number, version: Version): Publish | MqttProblem {
  const topic = takeString(reader);
  if (topic === null) return bad('the topic is not UTF-8');
  const qos = ((flags >> 1) & 3) as Qos;
  const id = qos === 0 ? 0 : takeId(reader);
  if (id instanceof MqttProblem) return id;
  const properties = propertiesOf(reader, 'publish', version);
  if (properties instanceof MqttProblem) return properties;
  const hasAlias = properties.topicAlias !== undefined;
  const problem = reader.short || (topic === '' && hasAlias) ? null : topicProblem(topic);
  if (problem) return new MqttProblem(topic === '' ? REASON.protocolError : REASON.topicNameInvalid, problem);
  const payload = reader.slice(reader.left).slice();
  return { type: 'publish', topic, payload, qos, retain: (flags & 1) !== 0, dup: (flags & 8) !== 0, id, properties };
}

function takeSubscribe(reader: Reader, version: Version): Packet | MqttProblem {
  const id = takeId(reader);
  if (id instanceof MqttProblem) return id;
  const properties = propertiesOf(reader, 'subscribe', version);
  if (properties instanceof MqttProblem) return properties;
  const subscriptions: Subscription[] = [];
  while (reader.left > 0) {
    const one = takeSubscription(reader, version);
    if (one instanceof MqttProblem) return one;
    subscriptions.push(one);
  }
  if (subscriptions.length === 0) return new MqttProblem(REASON.protocolError, 'a SUBSCRIBE without a topic filter');
  return { type: 'subscribe', id, subscriptions, properties };
}

function takeSubscription(reader: Reader, version: Version): Subscription | MqttProblem {
  const filter = takeFilter(reader);
  if (filter instanceof MqttProblem) return filter;
  const options = reader.u8();
  const qos = options & 3;
  const retainHandling = (options >> 4) & 3;
  if (qos === 3) return bad('a subscription with QoS 3');
  if ((options & (version === 5 ? 0xc0 : 0xfc)) !== 0) return bad('reserved bits of a subscription are set');
  if (retainHandling === 3) return new MqttProblem(REASON.protocolError, 'retain handling 3 does not exist');
  const noLocal = (options & 4) !== 0;
  if (noLocal && filter.startsWith('$share/')) {
    return new MqttProblem(REASON.protocolError, 'a shared subscription with no-local');
  }
  return {
    filter,
    qos: qos as Qos,
    noLocal,
    retainAsPublished: (options & 8) !== 0,
    retainHandling: retainHandling as 0 | 1 | 2,
  };
}

/** A filter that is UTF-8 and sound. In 3.1.1 an unsound one closes the connection, as any malformed packet does. */
function takeFilter(reader: Reader): string | MqttProblem {
  const filter = takeString(reader);
  if (filter === null) return bad('a topic filter is not UTF-8');
  const problem = reader.short ? null : filterProblem(filter);
  return problem ? new MqttProblem(REASON.topicFilterInvalid, problem) : filter;
}

function takeUnsubscribe(reader: Reader, version: Version): Packet | MqttProblem {
  const id = takeId(reader);
  if (id instanceof MqttProblem) return id;
  const properties = propertiesOf(reader, 'unsubscribe', version);
  if (properties instanceof MqttProblem) return properties;
  const filters: string[] = [];
  while (reader.left > 0) {
    const filter = takeFilter(reader);
    if (filter instanceof MqttProblem) return filter;
    filters.push(filter);
  }
  if (filters.length === 0) return new MqttProblem(REASON.protocolError, 'an UNSUBSCRIBE without a topic filter');
  return { type: 'unsubscribe', id, filters, properties };
}

function takeAnswer(reader: Reader, type: 'suback' | 'unsuback', version: Version): Packet | MqttProblem {
  const id = takeId(reader);
  if (id instanceof MqttProblem) return id;
  const properties = propertiesOf(reader, type, version);
  if (properties instanceof MqttProblem) return properties;
  if (type === 'unsuback' && version === 4) return { type, id, codes: [], properties };
  const codes = [...reader.slice(reader.left)];
  if (version === 4 && codes.some((code) => code > 2 && code !== 0x80))
    return bad('a SUBACK with an unknown return code');
  return codes.length === 0 ? bad(`a ${type.toUpperCase()} without a code`) : { type, id, codes, properties };
}
