/** MQTT packets as a reader sees them, under Wireshark's names. */

import { Reader } from '../../../wire/reader.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field, FieldType } from '../../field.ts';
import { type FixedHeader, takeVarint } from './header.ts';

export const MQTT = {
  name: 'mqtt',
  title: 'MQ Telemetry Transport Protocol',
  layer: 7,
  meaning: 'Messages by topic through a broker (OASIS MQTT 3.1.1 and 5.0).',
} as const;

export const MQTT_FIELDS = fieldTable(7, 'mqtt', {
  hdrflags: ['unsigned', 'Header Flags', 'Packet type and flags.', 'hex2'],
  msgtype: ['unsigned', 'Message Type', 'What kind of packet it is.'],
  hdr_reserved: ['unsigned', 'Reserved', 'Fixed for each type; 2 for PUBREL, SUBSCRIBE, UNSUBSCRIBE.'],
  dupflag: ['boolean', 'DUP Flag', 'It may have been sent before.'],
  qos: ['unsigned', 'QoS Level', 'At most once, at least once, or exactly once.'],
  retain: ['boolean', 'Retain', 'The broker keeps it, or had kept it.'],
  len: ['unsigned', 'Msg Len', 'Octets behind the fixed header.'],
  proto_len: ['unsigned', 'Protocol Name Length', 'Octets of the name.'],
  protoname: ['string', 'Protocol Name', 'MQTT.'],
  ver: ['unsigned', 'Version', '4 is MQTT 3.1.1, 5 is MQTT 5.0.'],
  conflags: ['unsigned', 'Connect Flags', 'What follows in the CONNECT.', 'hex2'],
  'conflag.uname': ['boolean', 'User Name Flag', 'A user name follows.'],
  'conflag.passwd': ['boolean', 'Password Flag', 'A password follows.'],
  'conflag.retain': ['boolean', 'Will Retain', 'The will is to be retained.'],
  'conflag.qos': ['unsigned', 'QoS Level', 'Of the will.'],
  'conflag.willflag': ['boolean', 'Will Flag', 'A will follows.'],
  'conflag.cleansess': ['boolean', 'Clean Session Flag', 'No session of before is taken up.'],
  'conflag.reserved': ['boolean', '(Reserved)', 'Must be 0.'],
  kalive: ['unsigned', 'Keep Alive', 'Seconds that the client may be silent.'],
  clientid_len: ['unsigned', 'Client ID Length', 'Octets of the identifier.'],
  clientid: ['string', 'Client ID', 'Whose session it is.'],
  willtopic_len: ['unsigned', 'Will Topic Length', 'Octets of the topic.'],
  willtopic: ['string', 'Will Topic', 'Where the will is published.'],
  willmsg_len: ['unsigned', 'Will Message Length', 'Octets of the will.'],
  willmsg: ['bytes', 'Will Message', 'What is published when the client dies.'],
  username_len: ['unsigned', 'User Name Length', 'Octets of the name.'],
  username: ['string', 'User Name', 'Who connects.'],
  passwd_len: ['unsigned', 'Password Length', 'Octets of the password.'],
  passwd: ['string', 'Password', 'In clear text.'],
  'conack.flags': ['unsigned', 'Acknowledge Flags', 'Of a CONNACK.', 'hex2'],
  'conack.flags.reserved': ['boolean', 'Reserved', 'Must be 0.'],
  'conack.flags.sp': ['boolean', 'Session Present', 'The broker had a session for this client.'],
  'conack.val': ['unsigned', 'Return Code', '0: accepted.'],
  msgid: ['unsigned', 'Message Identifier', 'Ties acknowledgments to what they acknowledge.'],
  topic_len: ['unsigned', 'Topic Length', 'Octets of the topic.'],
  topic: ['string', 'Topic', 'What it is about, or a filter.'],
  msg: ['bytes', 'Message', 'The application message.'],
  'sub.qos': ['unsigned', 'Requested QoS', 'The greatest that the subscriber wants.'],
  'suback.qos': ['unsigned', 'Granted QoS', '128: refused.'],
  subscription_options: ['unsigned', 'Subscription Options', 'How to deliver.', 'hex2'],
  subscription_options_reserved: ['unsigned', 'Reserved', 'Must be 0.', 'hex2'],
  subscription_options_retain: ['unsigned', 'Retain Handling', 'Whether retained messages follow.'],
  subscription_options_rap: ['boolean', 'Retain As Published', 'Live messages keep their RETAIN.'],
  subscription_options_nl: ['boolean', 'No Local', 'Not what this client published itself.'],
  subscription_options_qos: ['unsigned', 'QoS', 'The greatest that the subscriber wants.'],
  'connack.reason_code': ['unsigned', 'Reason Code', 'From 128 on: refused.'],
  'puback.reason_code': ['unsigned', 'Reason Code', 'From 128 on: refused.'],
  'pubrec.reason_code': ['unsigned', 'Reason Code', 'From 128 on: refused.'],
  'pubrel.reason_code': ['unsigned', 'Reason Code', '146: nothing is known of this identifier.'],
  'pubcomp.reason_code': ['unsigned', 'Reason Code', '146: nothing is known of this identifier.'],
  'suback.reason_code': ['unsigned', 'Reason Code', 'Granted QoS, or from 128 on why not.'],
  'unsuback.reason_code': ['unsigned', 'Reason Code', '17: there was no such subscription.'],
  'disconnect.reason_code': ['unsigned', 'Reason Code', 'Why the connection ends.'],
  'auth.reason_code': ['unsigned', 'Reason Code', 'How the authentication goes on.'],
  properties: ['none', 'Properties', 'Of MQTT 5.0.'],
  will_properties: ['none', 'Will Properties', 'Of MQTT 5.0.'],
  property_len: [
    'unsigned',
    'Total Length',
    'The octets of the length field as one number, as Wireshark 4.0 shows them.',
  ],
  property_id: ['unsigned', 'ID', 'Which property.', 'hex2'],
  prop_number: ['unsigned', 'Value', 'Of a property that is a number.'],
  'property.content_type': ['string', 'Content Type', 'The media type of the message.'],
  'property.max_qos': ['unsigned', 'QoS', 'The greatest that the broker offers.'],
  'property.topic_alias': ['unsigned', 'Topic Alias', 'A number in place of a topic.'],
  prop_string_len: ['unsigned', 'Length', 'Octets of the value.'],
  prop_string: ['string', 'Value', 'Of a property that is text, or octets.'],
  prop_key_len: ['unsigned', 'Key Length', 'Octets of the name.'],
  prop_key: ['string', 'Key', 'The name of a user property.'],
  prop_value_len: ['unsigned', 'Value Length', 'Octets of the value.'],
  prop_value: ['string', 'Value', 'Of a user property.'],
});

const T = MQTT_FIELDS;

/** By packet type. */
const TITLES: readonly string[] = [
  'Reserved',
  'Connect Command',
  'Connect Ack',
  'Publish Message',
  'Publish Ack',
  'Publish Received',
  'Publish Release',
  'Publish Complete',
  'Subscribe Request',
  'Subscribe Ack',
  'Unsubscribe Request',
  'Unsubscribe Ack',
  'Ping Request',
  'Ping Response',
  'Disconnect Req',
  'Authentication Exchange',
];

/** One packet, as it was found: bytes[at..end). */
export interface SeenPacket {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
  readonly header: FixedHeader;
  /** The connection's, by its CONNECT; 4 where that was not seen. */
  readonly version: number;
}

export function mqttText({ header }: SeenPacket): string {
  return `${MQTT.title}, ${TITLES[header.type]}`;
}

/** `Publish Message (id=1) [news]`. */
export function mqttInfo(packet: SeenPacket): string {
  const { type } = packet.header;
  let text = TITLES[type] as string;
  const fields = mqttFields(packet);
  const id = fields.find((each) => each.type === T.msgid);
  if (id) text += ` (id=${id.value})`;
  if (type !== 3 && type !== 8) return text;
  for (const { type: of, value } of fields) if (of === T.topic) text += ` [${value}]`;
  return text;
}

export function mqttFields(packet: SeenPacket): Field[] {
  const { bytes, at, end, header } = packet;
  const walk = new Walk(new Reader(bytes, at + header.headerBytes, end), packet.version);
  walk.fields.push(...headerFields(packet));
  switch (header.type) {
    case 1:
      walk.connect();
      break;
    case 2:
      walk.connack();
      break;
    case 3:
      walk.publish((header.flags >> 1) & 3);
      break;
    case 4:
    case 5:
    case 6:
    case 7:
      walk.number(T.msgid, 2);
      walk.reason(ACKNOWLEDGMENTS[header.type - 4] as FieldType);
      break;
    case 8:
    case 10:
      walk.subscribe(header.type === 8);
      break;
    case 9:
    case 11:
      walk.suback(header.type === 9);
      break;
    case 14:
      walk.reason(T['disconnect.reason_code']);
      break;
    case 15:
      walk.reason(T['auth.reason_code']);
      break;
    default:
      break;
  }
  return walk.fields;
}

const ACKNOWLEDGMENTS: readonly FieldType[] = [
  T['puback.reason_code'],
  T['pubrec.reason_code'],
  T['pubrel.reason_code'],
  T['pubcomp.reason_code'],
];

function headerFields({ bytes, at, header }: SeenPacket): Field[] {
  const { type, flags, headerBytes, remaining } = header;
  const fields = [
    field(T.hdrflags, bytes[at] as number, at, 1),
    bitField(T.msgtype, type, at, 1, 0, 4, `${TITLES[type]} (${type})`),
  ];
  if (type === 3) {
    fields.push(bitField(T.dupflag, (flags & 8) !== 0, at, 1, 4, 1));
    fields.push(bitField(T.qos, (flags >> 1) & 3, at, 1, 5, 2));
    fields.push(bitField(T.retain, (flags & 1) !== 0, at, 1, 7, 1));
  } else fields.push(bitField(T.hdr_reserved, flags, at, 1, 4, 4));
  fields.push(field(T.len, remaining, at + 1, headerBytes - 1));
  return fields;
}

/** Goes through a packet, field by field; past its end it adds nothing. */
class Walk {
  readonly fields: Field[] = [];
  readonly #reader: Reader;
  #version: number;

  constructor(reader: Reader, version: number) {
    this.#reader = reader;
    this.#version = version;
  }

  number(type: FieldType, length: 1 | 2 | 4): number {
    const { at } = this.#reader;
    const value = length === 1 ? this.#reader.u8() : length === 2 ? this.#reader.u16() : this.#reader.u32();
    if (!this.#reader.short) this.fields.push(field(type, value, at, length));
    return value;
  }

  connect(): void {
    this.#text(T.proto_len, T.protoname);
    this.#version = this.number(T.ver, 1);
    const { at } = this.#reader;
    const flags = this.number(T.conflags, 1);
    const flag = (type: FieldType, bit: number) =>
      this.fields.push(bitField(type, ((flags >> (7 - bit)) & 1) === 1, at, 1, bit, 1));
    flag(T['conflag.uname'], 0);
    flag(T['conflag.passwd'], 1);
    flag(T['conflag.retain'], 2);
    this.fields.push(bitField(T['conflag.qos'], (flags >> 3) & 3, at, 1, 3, 2));
    flag(T['conflag.willflag'], 5);
    flag(T['conflag.cleansess'], 6);
    flag(T['conflag.reserved'], 7);
    this.number(T.kalive, 2);
    this.#properties(T.properties);
    this.#text(T.clientid_len, T.clientid);
    if (flags & 4) {
      this.#properties(T.will_properties);
      this.#text(T.willtopic_len, T.willtopic);
      this.#octets(this.number(T.willmsg_len, 2));
    }
    if (flags & 0x80) this.#text(T.username_len, T.username);
    if (flags & 0x40) this.#text(T.passwd_len, T.passwd);
  }

  connack(): void {
    const { at } = this.#reader;
    const flags = this.number(T['conack.flags'], 1);
    this.fields.push(bitField(T['conack.flags.reserved'], flags >> 1 !== 0, at, 1, 0, 7));
    this.fields.push(bitField(T['conack.flags.sp'], (flags & 1) === 1, at, 1, 7, 1));
    this.number(this.#version === 5 ? T['connack.reason_code'] : T['conack.val'], 1);
    this.#properties(T.properties);
  }

  publish(qos: number): void {
    this.#text(T.topic_len, T.topic);
    if (qos > 0) this.number(T.msgid, 2);
    this.#properties(T.properties);
    const { at, left } = this.#reader;
    this.fields.push(field(T.msg, this.#reader.slice(left), at, left));
  }

  subscribe(isSubscribe: boolean): void {
    this.number(T.msgid, 2);
    this.#properties(T.properties);
    while (this.#reader.left > 0) {
      this.#text(T.topic_len, T.topic);
      if (!isSubscribe) continue;
      if (this.#version === 5) this.#options();
      else this.number(T['sub.qos'], 1);
    }
  }

  suback(isSubscribe: boolean): void {
    this.number(T.msgid, 2);
    this.#properties(T.properties);
    const five = isSubscribe ? T['suback.reason_code'] : T['unsuback.reason_code'];
    while (this.#reader.left > 0) this.number(this.#version === 5 ? five : T['suback.qos'], 1);
  }

  /** Reason code and properties, which MQTT 5.0 has where they are not left out. */
  reason(type: FieldType): void {
    if (this.#version !== 5 || this.#reader.left === 0) return;
    this.number(type, 1);
    if (this.#reader.left > 0) this.#properties(T.properties);
  }

  #options(): void {
    const { at } = this.#reader;
    const options = this.number(T.subscription_options, 1);
    this.fields.push(bitField(T.subscription_options_reserved, options >> 6, at, 1, 0, 2));
    this.fields.push(bitField(T.subscription_options_retain, (options >> 4) & 3, at, 1, 2, 2));
    this.fields.push(bitField(T.subscription_options_rap, (options & 8) !== 0, at, 1, 4, 1));
    this.fields.push(bitField(T.subscription_options_nl, (options & 4) !== 0, at, 1, 5, 1));
    this.fields.push(bitField(T.subscription_options_qos, options & 3, at, 1, 6, 2));
  }

  #text(lengthType: FieldType, type: FieldType): void {
    const length = this.number(lengthType, 2);
    const { at } = this.#reader;
    const bytes = this.#reader.slice(length);
    if (!this.#reader.short) this.fields.push(field(type, textOf(bytes), at, length));
  }

  #octets(length: number): void {
    const { at } = this.#reader;
    const bytes = this.#reader.slice(length);
    if (!this.#reader.short) this.fields.push(field(T.willmsg, bytes, at, length));
  }

  #properties(type: FieldType): void {
    if (this.#version !== 5) return;
    const start = this.#reader.at;
    const length = takeVarint(this.#reader);
    const lengthBytes = this.#reader.at - start;
    const end = this.#reader.at + length;
    if (length < 0 || end > this.#reader.end) return;
    this.fields.push(field(type, null, start, lengthBytes + length));
    const raw = this.#reader.bytes.subarray(start, start + lengthBytes);
    const shown = raw.reduce((value, octet) => value * 256 + octet, 0);
    this.fields.push(field(T.property_len, shown, start, lengthBytes));
    while (this.#reader.at < end && !this.#reader.short) this.#property(this.number(T.property_id, 1));
  }

  #property(id: number): void {
    if (id === 0x26) {
      this.#text(T.prop_key_len, T.prop_key);
      this.#text(T.prop_value_len, T.prop_value);
    } else if (id === 0x03) this.#contentType();
    else if (id === 0x23) this.number(T['property.topic_alias'], 2);
    else if (id === 0x24) this.number(T['property.max_qos'], 1);
    else if (id === 0x0b) {
      const { at } = this.#reader;
      const value = takeVarint(this.#reader);
      this.fields.push(field(T.prop_number, value, at, this.#reader.at - at));
    } else if (NUMBERS.has(id)) this.number(T.prop_number, NUMBERS.get(id) as 1 | 2 | 4);
    else this.#text(T.prop_string_len, T.prop_string);
  }

  #contentType(): void {
    const { at } = this.#reader;
    const length = this.#reader.u16();
    const bytes = this.#reader.slice(length);
    if (!this.#reader.short) this.fields.push(field(T['property.content_type'], textOf(bytes), at, length + 2));
  }
}

/** Octets of the properties that are plain numbers. */
const NUMBERS: ReadonlyMap<number, 1 | 2 | 4> = new Map<number, 1 | 2 | 4>([
  ...[0x01, 0x17, 0x19, 0x25, 0x28, 0x29, 0x2a].map((id): [number, 1] => [id, 1]),
  ...[0x13, 0x21, 0x22].map((id): [number, 2] => [id, 2]),
  ...[0x02, 0x11, 0x18, 0x27].map((id): [number, 4] => [id, 4]),
]);

/** As Wireshark shows text: up to the first NUL. */
function textOf(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  if (nul >= 0) return textOf(bytes.subarray(0, nul));
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
