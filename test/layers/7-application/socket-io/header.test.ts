import fc from 'fast-check';
import { Decoder, Encoder } from 'socket.io-parser';
import { describe, expect, it } from 'vitest';
import {
  decodePacket,
  encodePacket,
  type Json,
  type Packet,
  withAttachments,
} from '../../../../src/layers/7-application/socket-io/header.ts';
import { PacketReader } from '../../../../src/layers/7-application/socket-io/packet-reader.ts';

const event = (data: Json, changes: Partial<Packet> = {}): Packet => ({
  type: 'EVENT',
  namespace: '/',
  id: null,
  data,
  ...changes,
});
const octets = Uint8Array.of(1, 2, 3);

describe('the examples of the Socket.IO protocol document', () => {
  it.each<[string, Packet, string]>([
    ['a connection', { type: 'CONNECT', namespace: '/', id: null, data: undefined }, '0'],
    [
      'to a namespace, with a payload',
      { type: 'CONNECT', namespace: '/admin', id: null, data: { sid: 'x' } },
      '0/admin,{"sid":"x"}',
    ],
    ['left', { type: 'DISCONNECT', namespace: '/admin', id: null, data: undefined }, '1/admin,'],
    ['an event', event(['foo']), '2["foo"]'],
    ['in a namespace', event(['bar'], { namespace: '/admin' }), '2/admin,["bar"]'],
    ['that asks for an acknowledgement', event(['foo'], { id: 12 }), '212["foo"]'],
    ['the acknowledgement', { type: 'ACK', namespace: '/admin', id: 13, data: ['bar'] }, '3/admin,13["bar"]'],
    [
      'a refusal',
      { type: 'CONNECT_ERROR', namespace: '/', id: null, data: { message: 'Not authorized' } },
      '4{"message":"Not authorized"}',
    ],
    ['octets', event(['baz', octets]), '51-["baz",{"_placeholder":true,"num":0}]'],
    [
      'an acknowledgement with octets',
      { type: 'ACK', namespace: '/admin', id: 15, data: ['bar', octets] },
      '61-/admin,15["bar",{"_placeholder":true,"num":0}]',
    ],
  ])('%s', (_name, packet, text) => {
    const [head, ...attachments] = encodePacket(packet);
    expect(head).toBe(text);
    const reader = new PacketReader();
    const last = [head, ...attachments].map((message) => reader.push(message)).at(-1);
    expect(last).toEqual(packet);
  });
});

it('a packet without data has no place for attachments', () => {
  const packet: Packet = { type: 'CONNECT', namespace: '/', id: null, data: undefined };
  expect(withAttachments(packet, [])).toEqual(packet);
});

const json: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.uint8Array({ maxLength: 4 }),
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(
      fc.string({ minLength: 1, maxLength: 4 }).filter((key) => key !== '_placeholder' && key !== '__proto__'),
      tie('json'),
      { maxKeys: 3 },
    ),
  ),
})).json;

function binaryParts(data: Json): number {
  if (data instanceof Uint8Array) return 1;
  if (typeof data !== 'object' || data === null) return 0;
  return Object.values(data).reduce((sum: number, each) => sum + binaryParts(each as Json), 0);
}

const packets = fc
  .record({
    namespace: fc.constantFrom('/', '/admin'),
    id: fc.option(fc.nat()),
    args: fc.array(json, { maxLength: 3 }),
  })
  .map(({ namespace, id, args }) => event(['name', ...args], { namespace, id }))
  .filter(({ data }) => binaryParts(data as Json) <= 10);

/** Octets as arrays, so that Buffers and Uint8Arrays compare. */
const comparable = (value: unknown) =>
  JSON.parse(
    JSON.stringify(value, (_key, each) =>
      each instanceof Uint8Array ? [...each] : each?.type === 'Buffer' ? each.data : each,
    ),
  );

describe('socket.io-parser as referee', () => {
  it('reads what we write', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const read: unknown[] = [];
        const decoder = new Decoder();
        decoder.on('decoded', (each: unknown) => read.push(each));
        for (const part of encodePacket(packet)) decoder.add(typeof part === 'string' ? part : Buffer.from(part));
        const [theirs] = read as { nsp: string; id?: number; data: unknown }[];
        expect([theirs?.nsp, theirs?.id ?? null]).toEqual([packet.namespace, packet.id]);
        expect(comparable(theirs?.data)).toEqual(comparable(packet.data));
      }),
    );
  });

  it('writes what we read, and the same text', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const theirs = {
          type: 2,
          nsp: packet.namespace,
          data: packet.data,
          ...(packet.id === null ? {} : { id: packet.id }),
        };
        const parts = new Encoder().encode(theirs as never) as (string | Uint8Array)[];
        expect(parts[0]).toBe(encodePacket(packet)[0]);
        const reader = new PacketReader();
        const [read] = parts.map((part) => reader.push(part)).slice(-1);
        expect(comparable(read)).toEqual(comparable(packet));
      }),
    );
  });
});

describe('what a hostile peer sends (bad-input E13 to E16)', () => {
  const deep = (depth: number) => `2["a",${'['.repeat(depth)}${']'.repeat(depth)}]`;
  it.each([
    ['nothing', ''],
    ['an unknown type', '9'],
    ['no type', 'x'],
    ['attachments that are no number', '51e1-["a"]'],
    ['too many attachments', '511-["a"]'],
    ['no attachments', '50-["a"]'],
    ['attachments without a dash', '51["a"]'],
    ['an event that is no list', '2{}'],
    ['an event without a name', '2[]'],
    ['a name that is an object', '2[{"toString":"foo"}]'],
    ['a name that is a number', '2[1]'],
    ['a reserved name', '2["disconnecting"]'],
    ['a broken text', '2["a"'],
    ['a namespace without end', `2/${'a'.repeat(1_000_000)},["a"]`],
    ['an id beyond all numbers', `2${'9'.repeat(19)}["a"]`],
    ['an id of a million digits', `2${'9'.repeat(1_000_000)}["a"]`],
    ['an ACK without an id', '3["a"]'],
    ['an ACK without a list', '31'],
    ['a DISCONNECT with a payload', '1{}'],
    ['a CONNECT with a list', '0[]'],
    ['a CONNECT_ERROR without a word', '4'],
    ['depth', deep(100_000)],
    ['depth just too much', deep(64)],
  ])('%s', (_name, text) => {
    expect(decodePacket(text)).toHaveProperty('malformed');
  });

  it('takes what is just deep enough', () => expect(decodePacket(deep(63))).not.toHaveProperty('malformed'));

  it.each([
    ['a number below zero', -1],
    ['a text', '"splice"'],
    ['more than there are', 5],
    ['a fraction', 0.5],
  ])('a placeholder with %s', (_name, num) => {
    const reader = new PacketReader();
    expect(reader.push(`51-["a",{"_placeholder":true,"num":${num}}]`)).toBe(null);
    expect(reader.push(octets)).toHaveProperty('malformed');
  });

  it('the same placeholder twice', () => {
    const reader = new PacketReader();
    reader.push('51-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}]');
    expect(reader.push(octets)).toHaveProperty('malformed');
  });

  it('text where an attachment is awaited, and octets where none is', () => {
    const reader = new PacketReader();
    expect(reader.push(octets)).toHaveProperty('malformed');
    reader.push('51-["a",{"_placeholder":true,"num":0}]');
    expect(reader.push('2["b"]')).toHaveProperty('malformed');
  });

  it('__proto__ stays a name like others', () => {
    const reader = new PacketReader();
    reader.push('51-["a",{"__proto__":{"polluted":true},"b":{"_placeholder":true,"num":0}}]');
    const packet = reader.push(octets);
    expect(packet).not.toHaveProperty('malformed');
    expect(({} as { polluted?: boolean }).polluted).toBe(undefined);
    expect(JSON.stringify(packet)).toContain('__proto__');
  });

  it('never throws, whatever comes', () => {
    const character = fc.constantFrom('0', '1', '2', '5', '-', '/', ',', '[', ']', '"', 'a', '{', '}', ':', 'é');
    fc.assert(
      fc.property(
        fc.array(character, { maxLength: 12 }).map((parts) => parts.join('')),
        (text) => {
          const read = decodePacket(text);
          if (!('malformed' in read) && read.attachments === 0)
            expect(decodePacket(encodePacket(read.packet)[0])).toEqual(read);
        },
      ),
      { numRuns: 5000 },
    );
  });
});
