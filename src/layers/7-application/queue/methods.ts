/**
 * The methods of AMQP 0-9-1 that our subset knows, with their arguments in the order in which they stand on the wire
 * (the standard's XML, with RabbitMQ's `basic.nack` and the class `confirm`).
 */

import { Reader } from '../../../wire/reader.ts';
import { Writer } from '../../../wire/writer.ts';
import {
  putLongLong,
  putLongString,
  putShortString,
  putTable,
  type Table,
  takeLongLong,
  takeLongString,
  takeShortString,
  takeTable,
} from './header.ts';
import { AmqpProblem, REPLY } from './reply.ts';

export type ArgumentKind = 'bit' | 'octet' | 'short' | 'long' | 'longlong' | 'shortstr' | 'longstr' | 'table';
type Shape = Readonly<Record<string, ArgumentKind>>;

const CLOSE = { replyCode: 'short', replyText: 'shortstr', classId: 'short', methodId: 'short' } as const;
const TUNE = { channelMax: 'short', frameMax: 'long', heartbeat: 'short' } as const;
const NONE = {} as const;

export const METHODS = {
  'connection.start': {
    id: [10, 10],
    shape: {
      versionMajor: 'octet',
      versionMinor: 'octet',
      serverProperties: 'table',
      mechanisms: 'longstr',
      locales: 'longstr',
    },
  },
  'connection.start-ok': {
    id: [10, 11],
    shape: { clientProperties: 'table', mechanism: 'shortstr', response: 'longstr', locale: 'shortstr' },
  },
  'connection.tune': { id: [10, 30], shape: TUNE },
  'connection.tune-ok': { id: [10, 31], shape: TUNE },
  'connection.open': { id: [10, 40], shape: { virtualHost: 'shortstr', capabilities: 'shortstr', insist: 'bit' } },
  'connection.open-ok': { id: [10, 41], shape: { knownHosts: 'shortstr' } },
  'connection.close': { id: [10, 50], shape: CLOSE },
  'connection.close-ok': { id: [10, 51], shape: NONE },
  'channel.open': { id: [20, 10], shape: { outOfBand: 'shortstr' } },
  'channel.open-ok': { id: [20, 11], shape: { channelId: 'longstr' } },
  'channel.flow': { id: [20, 20], shape: { active: 'bit' } },
  'channel.flow-ok': { id: [20, 21], shape: { active: 'bit' } },
  'channel.close': { id: [20, 40], shape: CLOSE },
  'channel.close-ok': { id: [20, 41], shape: NONE },
  'queue.declare': {
    id: [50, 10],
    shape: {
      ticket: 'short',
      queue: 'shortstr',
      passive: 'bit',
      durable: 'bit',
      exclusive: 'bit',
      autoDelete: 'bit',
      nowait: 'bit',
      arguments: 'table',
    },
  },
  'queue.declare-ok': { id: [50, 11], shape: { queue: 'shortstr', messageCount: 'long', consumerCount: 'long' } },
  'queue.purge': { id: [50, 30], shape: { ticket: 'short', queue: 'shortstr', nowait: 'bit' } },
  'queue.purge-ok': { id: [50, 31], shape: { messageCount: 'long' } },
  'queue.delete': {
    id: [50, 40],
    shape: { ticket: 'short', queue: 'shortstr', ifUnused: 'bit', ifEmpty: 'bit', nowait: 'bit' },
  },
  'queue.delete-ok': { id: [50, 41], shape: { messageCount: 'long' } },
  'basic.qos': { id: [60, 10], shape: { prefetchSize: 'long', prefetchCount: 'short', global: 'bit' } },
  'basic.qos-ok': { id: [60, 11], shape: NONE },
  'basic.consume': {
    id: [60, 20],
    shape: {
      ticket: 'short',
      queue: 'shortstr',
      consumerTag: 'shortstr',
      noLocal: 'bit',
      noAck: 'bit',
      exclusive: 'bit',
      nowait: 'bit',
      arguments: 'table',
    },
  },
  'basic.consume-ok': { id: [60, 21], shape: { consumerTag: 'shortstr' } },
  'basic.cancel': { id: [60, 30], shape: { consumerTag: 'shortstr', nowait: 'bit' } },
  'basic.cancel-ok': { id: [60, 31], shape: { consumerTag: 'shortstr' } },
  'basic.publish': {
    id: [60, 40],
    shape: { ticket: 'short', exchange: 'shortstr', routingKey: 'shortstr', mandatory: 'bit', immediate: 'bit' },
  },
  'basic.return': {
    id: [60, 50],
    shape: { replyCode: 'short', replyText: 'shortstr', exchange: 'shortstr', routingKey: 'shortstr' },
  },
  'basic.deliver': {
    id: [60, 60],
    shape: {
      consumerTag: 'shortstr',
      deliveryTag: 'longlong',
      redelivered: 'bit',
      exchange: 'shortstr',
      routingKey: 'shortstr',
    },
  },
  'basic.get': { id: [60, 70], shape: { ticket: 'short', queue: 'shortstr', noAck: 'bit' } },
  'basic.get-ok': {
    id: [60, 71],
    shape: {
      deliveryTag: 'longlong',
      redelivered: 'bit',
      exchange: 'shortstr',
      routingKey: 'shortstr',
      messageCount: 'long',
    },
  },
  'basic.get-empty': { id: [60, 72], shape: { clusterId: 'shortstr' } },
  'basic.ack': { id: [60, 80], shape: { deliveryTag: 'longlong', multiple: 'bit' } },
  'basic.reject': { id: [60, 90], shape: { deliveryTag: 'longlong', requeue: 'bit' } },
  'basic.recover': { id: [60, 110], shape: { requeue: 'bit' } },
  'basic.recover-ok': { id: [60, 111], shape: NONE },
  'basic.nack': { id: [60, 120], shape: { deliveryTag: 'longlong', multiple: 'bit', requeue: 'bit' } },
  'confirm.select': { id: [85, 10], shape: { nowait: 'bit' } },
  'confirm.select-ok': { id: [85, 11], shape: NONE },
} as const satisfies Record<string, { readonly id: readonly [number, number]; readonly shape: Shape }>;

export type MethodName = keyof typeof METHODS;

interface Values {
  readonly bit: boolean;
  readonly octet: number;
  readonly short: number;
  readonly long: number;
  readonly longlong: number;
  readonly shortstr: string;
  readonly longstr: Uint8Array;
  readonly table: Table;
}

export type Arguments<N extends MethodName> = {
  readonly [F in keyof (typeof METHODS)[N]['shape']]: Values[(typeof METHODS)[N]['shape'][F] & ArgumentKind];
};

export type Method = { [N in MethodName]: { readonly name: N; readonly args: Arguments<N> } }[MethodName];

const BY_ID: ReadonlyMap<number, MethodName> = new Map(
  Object.entries(METHODS).map(([name, { id }]) => [id[0] * 0x1_0000 + id[1], name as MethodName]),
);

/** Classes of the standard that the subset leaves out. */
const LEFT_OUT: ReadonlySet<number> = new Set([30, 40, 90]);

export function methodName(classId: number, methodId: number): MethodName | null {
  return BY_ID.get(classId * 0x1_0000 + methodId) ?? null;
}

/** The payload of a method frame. */
export function encodeMethod({ name, args }: Method): Uint8Array {
  const { id, shape } = METHODS[name];
  const writer = new Writer().u16(id[0]).u16(id[1]);
  let bits = 0;
  let bitCount = 0;
  const flush = () => {
    if (bitCount > 0) writer.u8(bits);
    bits = bitCount = 0;
  };
  for (const [field, kind] of Object.entries(shape) as [string, ArgumentKind][]) {
    const value = (args as Readonly<Record<string, unknown>>)[field];
    // Bits that stand side by side share an octet, the first one in its lowest bit (section 4.2.5.2).
    if (kind === 'bit') bits |= value ? 1 << bitCount++ : 0 << bitCount++;
    else {
      flush();
      putArgument(writer, kind, value);
    }
  }
  flush();
  return writer.done();
}

function putArgument(writer: Writer, kind: ArgumentKind, value: unknown): void {
  if (kind === 'shortstr') putShortString(writer, value as string);
  else if (kind === 'longstr') putLongString(writer, value as Uint8Array);
  else if (kind === 'table') putTable(writer, value as Table);
  else if (kind === 'longlong') putLongLong(writer, value as number);
  else if (kind === 'long') writer.u32(value as number);
  else if (kind === 'short') writer.u16(value as number);
  else writer.u8(value as number);
}

export function decodeMethod(payload: Uint8Array): Method | AmqpProblem {
  const reader = new Reader(payload);
  const [classId, methodId] = [reader.u16(), reader.u16()];
  const name = methodName(classId, methodId);
  if (!name) {
    const isKnown = LEFT_OUT.has(classId) || classId === 50 || classId === 60 || classId === 10;
    const code = isKnown ? REPLY.notImplemented : REPLY.commandInvalid;
    return new AmqpProblem(code, `method ${methodId} of class ${classId} is not implemented`);
  }
  const found: [string, unknown][] = [];
  let bits = 0;
  let bitCount = 8;
  for (const [field, kind] of Object.entries(METHODS[name].shape) as [string, ArgumentKind][]) {
    if (kind === 'bit') {
      if (bitCount === 8) {
        bits = reader.u8();
        bitCount = 0;
      }
      found.push([field, ((bits >> bitCount++) & 1) === 1]);
      continue;
    }
    bitCount = 8;
    const value = takeArgument(reader, kind);
    if (value === null) return new AmqpProblem(REPLY.syntaxError, `the table ${field} of ${name} is malformed`);
    found.push([field, value]);
  }
  if (reader.short) return new AmqpProblem(REPLY.syntaxError, `${name} ends in the middle of its arguments`);
  if (reader.left > 0) return new AmqpProblem(REPLY.syntaxError, `${reader.left} octets too many in ${name}`);
  return { name, args: Object.fromEntries(found) } as unknown as Method;
}

function takeArgument(reader: Reader, kind: ArgumentKind): unknown {
  if (kind === 'shortstr') return takeShortString(reader);
  if (kind === 'longstr') return takeLongString(reader);
  if (kind === 'table') return takeTable(reader);
  if (kind === 'longlong') return takeLongLong(reader);
  if (kind === 'long') return reader.u32();
  return kind === 'short' ? reader.u16() : reader.u8();
}
