/** The content header of class basic (AMQP 0-9-1 section 4.2.6.1): how long the body is, and its properties. */

import { Reader } from '../../../wire/reader.ts';
import { Writer } from '../../../wire/writer.ts';
import {
  putLongLong,
  putShortString,
  putTable,
  type Table,
  takeLongLong,
  takeShortString,
  takeTable,
} from './header.ts';
import { AmqpProblem, REPLY } from './reply.ts';

/** Absent ones are left out. */
export interface BasicProperties {
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly headers?: Table;
  /** 1: transient; 2: persistent. */
  readonly deliveryMode?: number;
  readonly priority?: number;
  readonly correlationId?: string;
  readonly replyTo?: string;
  /** Milliseconds, as decimal text. */
  readonly expiration?: string;
  readonly messageId?: string;
  /** Seconds since 1970. */
  readonly timestamp?: number;
  readonly type?: string;
  readonly userId?: string;
  readonly appId?: string;
  readonly clusterId?: string;
}

type PropertyKind = 'shortstr' | 'table' | 'octet' | 'longlong';

/** In the order of their flags, from bit 15 down. */
export const PROPERTIES = [
  ['contentType', 'shortstr'],
  ['contentEncoding', 'shortstr'],
  ['headers', 'table'],
  ['deliveryMode', 'octet'],
  ['priority', 'octet'],
  ['correlationId', 'shortstr'],
  ['replyTo', 'shortstr'],
  ['expiration', 'shortstr'],
  ['messageId', 'shortstr'],
  ['timestamp', 'longlong'],
  ['type', 'shortstr'],
  ['userId', 'shortstr'],
  ['appId', 'shortstr'],
  ['clusterId', 'shortstr'],
] as const satisfies readonly (readonly [keyof BasicProperties, PropertyKind])[];

const BASIC_CLASS = 60;

export interface ContentHeader {
  readonly bodyBytes: number;
  readonly properties: BasicProperties;
}

/** The payload of a header frame. */
export function encodeContentHeader({ bodyBytes, properties }: ContentHeader): Uint8Array {
  const writer = new Writer().u16(BASIC_CLASS).u16(0);
  putLongLong(writer, bodyBytes);
  let flags = 0;
  for (const [index, [name]] of PROPERTIES.entries()) if (properties[name] !== undefined) flags |= 0x8000 >> index;
  writer.u16(flags);
  for (const [name, kind] of PROPERTIES) {
    const value = properties[name];
    if (value === undefined) continue;
    if (kind === 'shortstr') putShortString(writer, value as string);
    else if (kind === 'table') putTable(writer, value as Table);
    else if (kind === 'octet') writer.u8(value as number);
    else putLongLong(writer, value as number);
  }
  return writer.done();
}

export function decodeContentHeader(payload: Uint8Array): ContentHeader | AmqpProblem {
  const reader = new Reader(payload);
  const classId = reader.u16();
  const weight = reader.u16();
  const bodyBytes = takeLongLong(reader);
  const flags = reader.u16();
  if (reader.short) return new AmqpProblem(REPLY.syntaxError, 'a content header that is too short');
  if (classId !== BASIC_CLASS || weight !== 0) {
    return new AmqpProblem(REPLY.unexpectedFrame, `a content header of class ${classId} and weight ${weight}`);
  }
  // Bit 0 would announce more flags, of which the class basic has none; bit 1 has no property.
  if ((flags & 0x0003) !== 0) return new AmqpProblem(REPLY.syntaxError, 'a content header with unknown properties');
  const found: [string, unknown][] = [];
  for (const [index, [name, kind]] of PROPERTIES.entries()) {
    if ((flags & (0x8000 >> index)) === 0) continue;
    const value =
      kind === 'shortstr'
        ? takeShortString(reader)
        : kind === 'table'
          ? takeTable(reader)
          : kind === 'octet'
            ? reader.u8()
            : takeLongLong(reader);
    if (value === null) return new AmqpProblem(REPLY.syntaxError, 'the headers of a message are malformed');
    found.push([name, value]);
  }
  if (reader.short || reader.left > 0) {
    return new AmqpProblem(REPLY.syntaxError, 'a content header whose length does not fit');
  }
  return { bodyBytes, properties: Object.fromEntries(found) as BasicProperties };
}
