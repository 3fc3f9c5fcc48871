/** AMQP 0-9-1 frames as a reader sees them, under Wireshark's names. */

import { Reader } from '../../../wire/reader.ts';
import { asciiText } from '../../../wire/text.ts';
import { bitField, field, fieldTable } from '../../dissect/field-table.ts';
import type { Field, FieldType } from '../../field.ts';
import { PROPERTIES } from './content.ts';
import { FRAME_HEADER_BYTES, FRAME_TYPE, type FrameHeader } from './header.ts';
import { type ArgumentKind, METHODS, type MethodName, methodName } from './methods.ts';

export const AMQP = {
  name: 'amqp',
  title: 'Advanced Message Queuing Protocol',
  layer: 7,
  meaning: 'Messages through queues (AMQP 0-9-1).',
} as const;

export const AMQP_FIELDS = fieldTable(7, 'amqp', {
  type: ['unsigned', 'Type', 'Method, content header, content body or heartbeat.'],
  channel: ['unsigned', 'Channel', 'Which conversation on this connection.'],
  length: ['unsigned', 'Length', 'Octets of the payload.'],
  'method.class': ['unsigned', 'Class', 'Connection, channel, queue, basic, confirm.'],
  'method.method': ['unsigned', 'Method', 'What is asked or answered.'],
  'method.arguments': ['none', 'Arguments', 'Of the method.'],
  'method.arguments.version_major': ['unsigned', 'Version-Major', 'Of the protocol.'],
  'method.arguments.version_minor': ['unsigned', 'Version-Minor', 'Of the protocol.'],
  'method.arguments.server_properties': ['none', 'Server-Properties', 'What the broker says of itself.'],
  'method.arguments.client_properties': ['none', 'Client-Properties', 'What the client says of itself.'],
  'method.arguments.mechanisms': ['bytes', 'Mechanisms', 'Ways to say who one is.'],
  'method.arguments.mechanism': ['string', 'Mechanism', 'The way that was chosen.'],
  'method.arguments.locales': ['bytes', 'Locales', 'Languages of texts.'],
  'method.arguments.locale': ['string', 'Locale', 'The language that was chosen.'],
  'method.arguments.response': ['bytes', 'Response', 'Who the client is.'],
  'method.arguments.channel_max': ['unsigned', 'Channel-Max', 'Channels on one connection.'],
  'method.arguments.frame_max': ['unsigned', 'Frame-Max', 'Octets of one frame.'],
  'method.arguments.heartbeat': ['unsigned', 'Heartbeat', 'Seconds after which silence means death.'],
  'method.arguments.virtual_host': ['string', 'Virtual-Host', 'Which of the broker’s worlds.'],
  'method.arguments.capabilities': ['string', 'Capabilities', 'Not used any more.'],
  'method.arguments.insist': ['boolean', 'Insist', 'Not used any more.'],
  'method.arguments.known_hosts': ['string', 'Known-Hosts', 'Not used any more.'],
  'method.arguments.reply_code': ['unsigned', 'Reply-Code', 'Why, as a number.'],
  'method.arguments.reply_text': ['string', 'Reply-Text', 'Why, in words.'],
  'method.arguments.class_id': ['unsigned', 'Class-Id', 'Of the method at fault.'],
  'method.arguments.method_id': ['unsigned', 'Method-Id', 'Of the method at fault.'],
  'method.arguments.out_of_band': ['string', 'Out-Of-Band', 'Not used any more.'],
  'method.arguments.channel_id': ['bytes', 'Channel-Id', 'Not used any more.'],
  'method.arguments.active': ['boolean', 'Active', 'Messages may flow.'],
  'method.arguments.ticket': ['unsigned', 'Ticket', 'Not used any more.'],
  'method.arguments.queue': ['string', 'Queue', 'The queue’s name.'],
  'method.arguments.passive': ['boolean', 'Passive', 'Only asks whether it is there.'],
  'method.arguments.durable': ['boolean', 'Durable', 'It outlives the broker’s crash.'],
  'method.arguments.exclusive': ['boolean', 'Exclusive', 'For this connection, or consumer, alone.'],
  'method.arguments.auto_delete': ['boolean', 'Auto-Delete', 'It goes with its last consumer.'],
  'method.arguments.nowait': ['boolean', 'Nowait', 'No answer is wanted.'],
  'method.arguments.arguments': ['none', 'Arguments', 'Of a queue: time to live, length and so on.'],
  'method.arguments.message_count': ['unsigned', 'Message-Count', 'Messages that wait.'],
  'method.arguments.consumer_count': ['unsigned', 'Consumer-Count', 'Consumers of the queue.'],
  'method.arguments.if_unused': ['boolean', 'If-Unused', 'Only without consumers.'],
  'method.arguments.if_empty': ['boolean', 'If-Empty', 'Only without messages.'],
  'method.arguments.prefetch_size': ['unsigned', 'Prefetch-Size', 'Octets that may be unacknowledged.'],
  'method.arguments.prefetch_count': ['unsigned', 'Prefetch-Count', 'Messages that may be unacknowledged.'],
  'method.arguments.global': ['boolean', 'Global', 'For the whole channel.'],
  'method.arguments.consumer_tag': ['string', 'Consumer-Tag', 'The consumer’s name.'],
  'method.arguments.no_local': ['boolean', 'No-Local', 'Not what this connection published.'],
  'method.arguments.no_ack': ['boolean', 'No-Ack', 'Sent is as good as acknowledged.'],
  'method.arguments.filter': ['none', 'Filter', 'Arguments of a consumer.'],
  'method.arguments.publish_number': ['unsigned', 'Publish-Number', 'Counted by Wireshark, for confirms.'],
  'method.arguments.exchange': ['string', 'Exchange', 'Where messages are sorted; empty: straight into a queue.'],
  'method.arguments.routing_key': ['string', 'Routing-Key', 'With the default exchange the queue’s name.'],
  'method.arguments.mandatory': ['boolean', 'Mandatory', 'Comes back where it finds no queue.'],
  'method.arguments.immediate': ['boolean', 'Immediate', 'Not used any more.'],
  'method.arguments.delivery_tag': ['unsigned', 'Delivery-Tag', 'Which delivery on this channel.'],
  'method.arguments.redelivered': ['boolean', 'Redelivered', 'It was delivered before.'],
  'method.arguments.multiple': ['boolean', 'Multiple', 'This one and all before.'],
  'method.arguments.requeue': ['boolean', 'Requeue', 'Back into the queue.'],
  'method.arguments.cluster_id': ['string', 'Cluster-Id', 'Not used any more.'],
  field: ['none', 'AMQP', 'A value of a table.'],
  'field.byte_array': ['bytes', 'AMQP', 'Octets in a table.'],
  'header.class': ['unsigned', 'Class ID', '60: basic.'],
  'header.weight': ['unsigned', 'Weight', 'Must be 0.'],
  'header.body-size': ['unsigned', 'Body size', 'Octets of the message.'],
  'header.property-flags': ['unsigned', 'Property flags', 'Which properties follow.', 'hex4'],
  'header.properties': ['none', 'Properties', 'Of the message.'],
  'method.properties.content_type': ['string', 'Content-Type', 'The media type.'],
  'method.properties.content_encoding': ['string', 'Content-Encoding', 'How it is compressed.'],
  'method.properties.headers': ['none', 'Headers', 'A table of anything.'],
  'method.properties.delivery_mode': ['unsigned', 'Delivery-Mode', '2: it is kept on a disk.'],
  'method.properties.priority': ['unsigned', 'Priority', '0 to 9.'],
  'method.properties.correlation_id': ['string', 'Correlation-Id', 'Which request it answers.'],
  'method.properties.reply_to': ['string', 'Reply-To', 'Where answers go.'],
  'method.properties.expiration': ['string', 'Expiration', 'Milliseconds that it may wait.'],
  'method.properties.message_id': ['string', 'Message-Id', 'Its name.'],
  'method.properties.type': ['string', 'Type', 'What it is to the application.'],
  'method.properties.user_id': ['string', 'User-Id', 'Who sent it.'],
  'method.properties.app_id': ['string', 'App-Id', 'Which program sent it.'],
  'method.properties.cluster_id': ['string', 'Cluster-Id', 'Not used any more.'],
  payload: ['bytes', 'Payload', 'The message, or a part of it.'],
  message_in: ['unsigned', 'Message in frame', 'The frame with the message that is acknowledged.'],
});

const T = AMQP_FIELDS;
const BY_NAME: ReadonlyMap<string, FieldType> = new Map(Object.values(T).map((type) => [type.name, type]));

/** One frame, as it was found: bytes[at..end). */
export interface SeenFrame {
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly end: number;
  readonly header: FrameHeader;
  /** Of a basic.publish: which one on its channel, from 1; else 0. */
  readonly publishNumber: number;
  /** Frames with the messages that it acknowledges. */
  readonly messagesIn: readonly number[];
}

/** The method of a frame; null when it is none, or one that is not known. */
export function methodOf({ bytes, at, header }: Pick<SeenFrame, 'bytes' | 'at' | 'header'>): MethodName | null {
  if (header.type !== FRAME_TYPE.method || header.payloadBytes < 4) return null;
  const reader = new Reader(bytes, at + FRAME_HEADER_BYTES);
  return methodName(reader.u16(), reader.u16());
}

/** `Basic.Publish x= rk=jobs `. */
export function amqpInfo(frame: SeenFrame): string {
  const { type } = frame.header;
  if (type === FRAME_TYPE.heartbeat) return 'Heartbeat ';
  if (type === FRAME_TYPE.body) return 'Content-Body ';
  const fields = amqpFields(frame);
  const shown = (wanted: FieldType) => fields.find((each) => each.type === wanted)?.value;
  if (type === FRAME_TYPE.header) {
    const contentType = shown(T['method.properties.content_type']);
    return contentType === undefined ? 'Content-Header ' : `Content-Header type=${contentType} `;
  }
  const name = methodOf(frame);
  if (!name) return '';
  const extras = (EXTRAS.get(name) ?? []).map(([mark, key]) => `${mark}=${shown(T[`method.arguments.${key}`])} `);
  return `${name.replace(/(^|[.-])[a-z]/g, (letters) => letters.toUpperCase())} ${extras.join('')}`;
}

/** What the info column says of a method besides its name. */
const EXTRAS: ReadonlyMap<
  MethodName,
  readonly (readonly [string, 'queue' | 'exchange' | 'routing_key' | 'virtual_host' | 'reply_text'])[]
> = new Map([
  ['connection.open', [['vhost', 'virtual_host']]],
  ['connection.close', [['reply', 'reply_text']]],
  ['channel.close', [['reply', 'reply_text']]],
  ['queue.declare', [['q', 'queue']]],
  ['queue.declare-ok', [['q', 'queue']]],
  ['queue.purge', [['q', 'queue']]],
  ['queue.delete', [['q', 'queue']]],
  ['basic.consume', [['q', 'queue']]],
  ['basic.get', [['q', 'queue']]],
  [
    'basic.publish',
    [
      ['x', 'exchange'],
      ['rk', 'routing_key'],
    ],
  ],
  [
    'basic.deliver',
    [
      ['x', 'exchange'],
      ['rk', 'routing_key'],
    ],
  ],
  [
    'basic.get-ok',
    [
      ['x', 'exchange'],
      ['rk', 'routing_key'],
    ],
  ],
]);

export function amqpFields(frame: SeenFrame): Field[] {
  const { bytes, at, end, header } = frame;
  const walk = new Walk(new Reader(bytes, at + FRAME_HEADER_BYTES, end - 1));
  walk.fields.push(field(T.type, header.type, at, 1));
  walk.fields.push(field(T.channel, header.channel, at + 1, 2));
  walk.fields.push(field(T.length, header.payloadBytes, at + 3, 4));
  if (header.type === FRAME_TYPE.method) walk.method(methodOf(frame), frame.publishNumber);
  else if (header.type === FRAME_TYPE.header) walk.contentHeader();
  else if (header.type === FRAME_TYPE.body) walk.payload();
  for (const message of frame.messagesIn) walk.fields.push(field(T.message_in, message, at, 0));
  return walk.fields;
}

/** Goes through a payload, field by field; past its end it adds nothing. */
class Walk {
  readonly fields: Field[] = [];
  readonly #reader: Reader;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  method(name: MethodName | null, publishNumber: number): void {
    this.#number(T['method.class'], 2);
    this.#number(T['method.method'], 2);
    if (!name) return;
    const { at } = this.#reader;
    this.fields.push(field(T['method.arguments'], null, at, this.#reader.left));
    if (publishNumber > 0) this.fields.push(field(T['method.arguments.publish_number'], publishNumber, at, 0));
    let bitsAt = -1;
    let bits = 0;
    let bitCount = 0;
    for (const [key, kind] of Object.entries(METHODS[name].shape) as [string, ArgumentKind][]) {
      const type = BY_NAME.get(`amqp.method.arguments.${argumentName(name, key)}`);
      if (!type) continue;
      if (kind !== 'bit') {
        this.#argument(type, kind);
        bitsAt = -1;
        continue;
      }
      if (bitsAt < 0) {
        bitsAt = this.#reader.at;
        bits = this.#reader.u8();
        bitCount = 0;
      }
      this.fields.push(bitField(type, ((bits >> bitCount) & 1) === 1, bitsAt, 1, 7 - bitCount, 1));
      bitCount++;
    }
  }

  contentHeader(): void {
    this.#number(T['header.class'], 2);
    this.#number(T['header.weight'], 2);
    this.#longLong(T['header.body-size']);
    const flags = this.#number(T['header.property-flags'], 2);
    const { at, left } = this.#reader;
    this.fields.push(field(T['header.properties'], null, at, left));
    for (const [index, [name, kind]] of PROPERTIES.entries()) {
      if ((flags & (0x8000 >> index)) === 0) continue;
      const type = BY_NAME.get(`amqp.method.properties.${snakeCase(name)}`);
      if (type) this.#argument(type, kind);
      // A moment on the calendar, which is not shown here.
      else this.#reader.slice(8);
    }
  }

  payload(): void {
    const { at, left } = this.#reader;
    this.fields.push(field(T.payload, this.#reader.slice(left), at, left));
  }

  #number(type: FieldType, length: 1 | 2 | 4): number {
    const { at } = this.#reader;
    const value = length === 1 ? this.#reader.u8() : length === 2 ? this.#reader.u16() : this.#reader.u32();
    if (!this.#reader.short) this.fields.push(field(type, value, at, length));
    return value;
  }

  #longLong(type: FieldType): void {
    const { at } = this.#reader;
    const value = (BigInt(this.#reader.u32()) << 32n) | BigInt(this.#reader.u32());
    const number = Number(value);
    if (!this.#reader.short) this.fields.push(field(type, Number.isSafeInteger(number) ? number : value, at, 8));
  }

  #argument(type: FieldType, kind: Exclude<ArgumentKind, 'bit'>): void {
    if (kind === 'octet') this.#number(type, 1);
    else if (kind === 'short') this.#number(type, 2);
    else if (kind === 'long') this.#number(type, 4);
    else if (kind === 'longlong') this.#longLong(type);
    else if (kind === 'table') this.#table(type);
    else this.#string(type, kind === 'shortstr' ? this.#reader.u8() : this.#reader.u32());
  }

  #string(type: FieldType, length: number): void {
    const { at } = this.#reader;
    const bytes = this.#reader.slice(length);
    if (this.#reader.short) return;
    this.fields.push(field(type, type.kind === 'bytes' ? bytes : textOf(bytes), at, length));
  }

  #table(type: FieldType): void {
    const length = this.#reader.u32();
    const { at } = this.#reader;
    const end = at + length;
    if (end > this.#reader.end) return;
    this.fields.push(field(type, null, at, length));
    while (this.#reader.at < end && !this.#reader.short) {
      this.#reader.slice(this.#reader.u8());
      this.#value(0);
    }
  }

  /** A value of a table, which stands there with nothing but its presence; octets are shown. */
  #value(depth: number): void {
    const { at } = this.#reader;
    const letter = String.fromCharCode(this.#reader.u8());
    if (this.#reader.short || depth > MAX_DEPTH) return;
    if (letter === 'x') {
      this.#string(T['field.byte_array'], this.#reader.u32());
      return;
    }
    if (letter !== 'T') this.fields.push(field(T.field, null, at, 1));
    const fixed = FIXED.get(letter);
    if (fixed !== undefined) this.#reader.slice(fixed);
    else if (letter === 'S') this.#reader.slice(this.#reader.u32());
    else if (letter === 'F' || letter === 'A') this.#values(letter === 'F', depth + 1);
    else this.#reader.slice(this.#reader.left + 1);
  }

  #values(named: boolean, depth: number): void {
    const end = this.#reader.u32() + this.#reader.at;
    while (this.#reader.at < end && !this.#reader.short) {
      if (named) this.#reader.slice(this.#reader.u8());
      this.#value(depth);
    }
  }
}

/** Tables in tables: an attack when there are more. */
const MAX_DEPTH = 16;
/** Octets of the values whose length is fixed, by their letter. */
const FIXED: ReadonlyMap<string, number> = new Map(
  Object.entries({ t: 1, b: 1, B: 1, s: 2, u: 2, I: 4, i: 4, l: 8, L: 8, f: 4, d: 8, D: 5, T: 8, V: 0 }),
);

function argumentName(method: MethodName, key: string): string {
  return method === 'basic.consume' && key === 'arguments' ? 'filter' : snakeCase(key);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** As Wireshark shows text: ASCII, up to the first NUL. */
function textOf(bytes: Uint8Array): string {
  const nul = bytes.indexOf(0);
  return asciiText(nul < 0 ? bytes : bytes.subarray(0, nul));
}
