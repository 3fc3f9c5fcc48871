/** Properties of MQTT 5.0 (section 2.2.2). Packets of 3.1.1 have none. */

import type { Reader } from '../../../wire/reader.ts';
import { Writer } from '../../../wire/writer.ts';
import { type PacketName, putBinary, putString, putVarint, takeBinary, takeString, takeVarint } from './header.ts';
import { MqttProblem, REASON } from './reason.ts';

/** Absent ones are left out; `userProperty` alone may stand several times. */
export interface Properties {
  readonly payloadFormatIndicator?: number;
  /** Seconds. */
  readonly messageExpiryInterval?: number;
  readonly contentType?: string;
  readonly responseTopic?: string;
  readonly correlationData?: Uint8Array;
  readonly subscriptionIdentifier?: number;
  /** Seconds; 0xFFFFFFFF: never. */
  readonly sessionExpiryInterval?: number;
  readonly assignedClientIdentifier?: string;
  readonly serverKeepAlive?: number;
  readonly authenticationMethod?: string;
  readonly authenticationData?: Uint8Array;
  readonly requestProblemInformation?: number;
  /** Seconds. */
  readonly willDelayInterval?: number;
  readonly requestResponseInformation?: number;
  readonly responseInformation?: string;
  readonly serverReference?: string;
  readonly reasonString?: string;
  readonly receiveMaximum?: number;
  readonly topicAliasMaximum?: number;
  readonly topicAlias?: number;
  readonly maximumQos?: number;
  readonly retainAvailable?: number;
  readonly userProperty?: readonly (readonly [name: string, value: string])[];
  readonly maximumPacketSize?: number;
  readonly wildcardSubscriptionAvailable?: number;
  readonly subscriptionIdentifierAvailable?: number;
  readonly sharedSubscriptionAvailable?: number;
}

export const NO_PROPERTIES: Properties = Object.freeze({});

type PropertyName = keyof Properties;
type Kind = 'bit' | 'byte' | 'u16' | 'u32' | 'varint' | 'string' | 'binary' | 'pair';

/** `will`: the properties of a will, which stand inside a CONNECT. */
export type PropertyPlace = PacketName | 'will';

export interface PropertyType {
  readonly id: number;
  readonly name: PropertyName;
  readonly kind: Kind;
  readonly places: readonly PropertyPlace[];
  /** A protocol error when it is 0. */
  readonly isPositive: boolean;
}

const ACKS: readonly PropertyPlace[] = ['puback', 'pubrec', 'pubrel', 'pubcomp', 'suback', 'unsuback'];
const ANY: readonly PropertyPlace[] = [
  ...['connect', 'connack', 'publish', 'will', 'subscribe', 'unsubscribe', 'disconnect', 'auth'],
  ...ACKS,
] as readonly PropertyPlace[];

function property(id: number, name: PropertyName, kind: Kind, places: readonly PropertyPlace[], isPositive = false) {
  return { id, name, kind, places, isPositive };
}

/** Table 2-4, in the order of identifiers, which is the order in which we write them. */
export const PROPERTY_TYPES: readonly PropertyType[] = [
  property(0x01, 'payloadFormatIndicator', 'bit', ['publish', 'will']),
  property(0x02, 'messageExpiryInterval', 'u32', ['publish', 'will']),
  property(0x03, 'contentType', 'string', ['publish', 'will']),
  property(0x08, 'responseTopic', 'string', ['publish', 'will']),
  property(0x09, 'correlationData', 'binary', ['publish', 'will']),
  property(0x0b, 'subscriptionIdentifier', 'varint', ['publish', 'subscribe'], true),
  property(0x11, 'sessionExpiryInterval', 'u32', ['connect', 'connack', 'disconnect']),
  property(0x12, 'assignedClientIdentifier', 'string', ['connack']),
  property(0x13, 'serverKeepAlive', 'u16', ['connack']),
  property(0x15, 'authenticationMethod', 'string', ['connect', 'connack', 'auth']),
  property(0x16, 'authenticationData', 'binary', ['connect', 'connack', 'auth']),
  property(0x17, 'requestProblemInformation', 'bit', ['connect']),
  property(0x18, 'willDelayInterval', 'u32', ['will']),
  property(0x19, 'requestResponseInformation', 'bit', ['connect']),
  property(0x1a, 'responseInformation', 'string', ['connack']),
  property(0x1c, 'serverReference', 'string', ['connack', 'disconnect']),
  property(0x1f, 'reasonString', 'string', ['connack', ...ACKS, 'disconnect', 'auth']),
  property(0x21, 'receiveMaximum', 'u16', ['connect', 'connack'], true),
  property(0x22, 'topicAliasMaximum', 'u16', ['connect', 'connack']),
  property(0x23, 'topicAlias', 'u16', ['publish']),
  property(0x24, 'maximumQos', 'bit', ['connack']),
  property(0x25, 'retainAvailable', 'bit', ['connack']),
  property(0x26, 'userProperty', 'pair', ANY),
  property(0x27, 'maximumPacketSize', 'u32', ['connect', 'connack'], true),
  property(0x28, 'wildcardSubscriptionAvailable', 'bit', ['connack']),
  property(0x29, 'subscriptionIdentifierAvailable', 'bit', ['connack']),
  property(0x2a, 'sharedSubscriptionAvailable', 'bit', ['connack']),
];

const BY_ID: ReadonlyMap<number, PropertyType> = new Map(PROPERTY_TYPES.map((type) => [type.id, type]));

/** Length and properties. */
export function putProperties(writer: Writer, properties: Properties): void {
  const inside = new Writer();
  for (const { id, name, kind } of PROPERTY_TYPES) {
    const value = properties[name];
    if (value === undefined) continue;
    if (kind === 'pair') {
      for (const [key, text] of value as NonNullable<Properties['userProperty']>) {
        inside.u8(id);
        putString(inside, key);
        putString(inside, text);
      }
    } else {
      inside.u8(id);
      putValue(inside, kind, value as number | string | Uint8Array);
    }
  }
  const bytes = inside.done();
  putVarint(writer, bytes.length);
  writer.bytes(bytes);
}

function putValue(writer: Writer, kind: Kind, value: number | string | Uint8Array): void {
  if (kind === 'string') putString(writer, value as string);
  else if (kind === 'binary') putBinary(writer, value as Uint8Array);
  else if (kind === 'u16') writer.u16(value as number);
  else if (kind === 'u32') writer.u32(value as number);
  else if (kind === 'varint') putVarint(writer, value as number);
  else writer.u8(value as number);
}

export function takeProperties(reader: Reader, place: PropertyPlace): Properties | MqttProblem {
  const length = takeVarint(reader);
  if (length < 0)
    return new MqttProblem(REASON.malformed, 'the length of the properties goes on after its fourth octet');
  if (length > reader.left) {
    return new MqttProblem(REASON.malformed, `properties of ${length} octets where ${reader.left} octets are left`);
  }
  const end = reader.at + length;
  const found = new Map<PropertyName, unknown>();
  const users: (readonly [string, string])[] = [];
  while (reader.at < end && !reader.short) {
    const id = takeVarint(reader);
    const type = BY_ID.get(id);
    if (!type) return new MqttProblem(REASON.malformed, `property ${id} does not exist`);
    if (!type.places.includes(place)) {
      return new MqttProblem(REASON.protocolError, `property ${type.name} does not belong into ${place}`);
    }
    const value = takeValue(reader, type);
    if (value instanceof MqttProblem) return value;
    if (type.kind === 'pair') users.push(value as readonly [string, string]);
    // A message that matches several subscriptions bears the identifier of each; the last one is kept.
    else if (found.has(type.name) && !(type.name === 'subscriptionIdentifier' && place === 'publish')) {
      return new MqttProblem(REASON.protocolError, `property ${type.name} stands there twice`);
    } else found.set(type.name, value);
  }
  if (reader.short || reader.at !== end) return new MqttProblem(REASON.malformed, 'a property ends outside of them');
  if (users.length > 0) found.set('userProperty', users);
  return found.size === 0 ? NO_PROPERTIES : (Object.fromEntries(found) as Properties);
}

function takeValue(reader: Reader, { kind, name, isPositive }: PropertyType): unknown {
  if (kind === 'binary') return takeBinary(reader).slice();
  if (kind === 'string' || kind === 'pair') {
    const text = takeString(reader);
    const second = kind === 'pair' ? takeString(reader) : '';
    if (text === null || second === null) return new MqttProblem(REASON.malformed, `property ${name} is not UTF-8`);
    return kind === 'pair' ? [text, second] : text;
  }
  const value = takeNumber(reader, kind);
  if (value < 0) return new MqttProblem(REASON.malformed, `property ${name} goes on after its fourth octet`);
  if ((kind === 'bit' && value > 1) || (isPositive && value === 0)) {
    return new MqttProblem(REASON.protocolError, `property ${name} must not be ${value}`);
  }
  return value;
}

function takeNumber(reader: Reader, kind: Kind): number {
  if (kind === 'u16') return reader.u16();
  if (kind === 'u32') return reader.u32();
  return kind === 'varint' ? takeVarint(reader) : reader.u8();
}
