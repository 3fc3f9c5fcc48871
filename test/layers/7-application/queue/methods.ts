/** Arbitrary AMQP methods, tables and properties, for property tests. */

import fc from 'fast-check';
import type { BasicProperties } from '../../../../src/layers/7-application/queue/content.ts';
import type { Table, TableValue } from '../../../../src/layers/7-application/queue/header.ts';
import {
  type ArgumentKind,
  METHODS,
  type Method,
  type MethodName,
} from '../../../../src/layers/7-application/queue/methods.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const name = fc.string({ unit: fc.constantFrom(...'abcxyz-'), minLength: 1, maxLength: 8 });
export const values = fc.letrec<{ value: TableValue; table: Table }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc.integer(),
    fc.maxSafeInteger(),
    // The referee takes greater ones for integers.
    fc.double({ noNaN: true, min: -(2 ** 40), max: 2 ** 40 }).filter((number) => !Number.isInteger(number)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('table'),
  ),
  table: fc
    .uniqueArray(fc.tuple(name, tie('value')), { maxLength: 3, selector: ([key]) => key })
    .map((entries) => new Map(entries)),
}));

const argument: Record<ArgumentKind, fc.Arbitrary<unknown>> = {
  bit: fc.boolean(),
  octet: fc.nat(255),
  short: fc.nat(65_535),
  long: fc.integer({ min: 0, max: 0xffff_ffff }),
  longlong: fc.maxSafeNat(),
  shortstr: text,
  longstr: fc.uint8Array({ maxLength: 20 }),
  table: values.table,
};

export const method: fc.Arbitrary<Method> = fc
  .constantFrom(...(Object.keys(METHODS) as MethodName[]))
  .chain((chosen) =>
    fc
      .record(Object.fromEntries(Object.entries(METHODS[chosen].shape).map(([field, kind]) => [field, argument[kind]])))
      .map((args) => ({ name: chosen, args }) as unknown as Method),
  );

export const properties: fc.Arbitrary<BasicProperties> = fc.record(
  {
    contentType: text,
    contentEncoding: text,
    headers: values.table,
    deliveryMode: fc.nat(255),
    priority: fc.nat(255),
    correlationId: text,
    replyTo: text,
    expiration: text,
    messageId: text,
    timestamp: fc.maxSafeNat(),
    type: text,
    userId: text,
    appId: text,
    clusterId: text,
  },
  { requiredKeys: [] },
);
