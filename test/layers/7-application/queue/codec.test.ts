import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeContentHeader, encodeContentHeader } from '../../../../src/layers/7-application/queue/content.ts';
import { ContentAssembly } from '../../../../src/layers/7-application/queue/content-assembly.ts';
import { FrameReader } from '../../../../src/layers/7-application/queue/frame-reader.ts';
import {
  encodeFrame,
  FRAME_TYPE,
  putTable,
  type Table,
  takeTable,
} from '../../../../src/layers/7-application/queue/header.ts';
import {
  decodeMethod,
  encodeMethod,
  METHODS,
  type Method,
} from '../../../../src/layers/7-application/queue/methods.ts';
import { AmqpProblem } from '../../../../src/layers/7-application/queue/reply.ts';
import { Reader } from '../../../../src/wire/reader.ts';
import { Writer } from '../../../../src/wire/writer.ts';
import { method, properties, values } from './methods.ts';

/** The referee's inner modules, which it does not export. */
const require = createRequire(import.meta.url);
const amqplib = (module: string) => require(`../../../../node_modules/amqplib/lib/${module}.js`);
interface Codec {
  decodeFields(bytes: Buffer): Record<string, unknown>;
  encodeTable(into: Buffer, table: Record<string, unknown>, offset: number): number;
}
interface Defs {
  info(id: number): { name: string; args: { name: string }[] };
  decode(id: number, bytes: Buffer): Record<string, unknown>;
  encodeMethod(id: number, channel: number, fields: Record<string, unknown>): Buffer;
  encodeProperties(id: number, channel: number, size: number, fields: Record<string, unknown>): Buffer;
}
const codec: Codec = amqplib('codec');
const defs: Defs = amqplib('defs');

/** A table as the referee has it. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [key, plain(each)]));
  if (Array.isArray(value)) return value.map(plain);
  return value instanceof Uint8Array ? Buffer.from(value) : value;
}

function idOf({ name: chosen }: Method): number {
  const [classId, methodId] = METHODS[chosen].id;
  return classId * 0x1_0000 + methodId;
}

describe('AMQP methods', () => {
  it('decode what encode wrote', () => {
    fc.assert(
      fc.property(method, (one) => {
        expect(decodeMethod(encodeMethod(one))).toEqual(one);
      }),
      { numRuns: 1000 },
    );
  });

  it('are what amqplib reads, argument by argument', () => {
    fc.assert(
      fc.property(method, (one) => {
        const payload = Buffer.from(encodeMethod(one));
        const theirs = Object.values(defs.decode(idOf(one), payload.subarray(4)));
        const ours = Object.values(one.args).map(plain);
        expect(theirs).toEqual(ours);
      }),
      { numRuns: 2000 },
    );
  });

  it('have the names and the numbers of the standard', () => {
    for (const [chosen, { id }] of Object.entries(METHODS)) {
      const theirs = defs.info(id[0] * 0x1_0000 + id[1]).name;
      expect(theirs.toLowerCase()).toBe(chosen.replaceAll(/[.-]/g, ''));
    }
  });

  it('are problems or methods whatever bits flip and wherever they end, and never exceptions', () => {
    fc.assert(
      fc.property(method, fc.nat(), fc.nat(), (one, cut, flip) => {
        const payload = encodeMethod(one);
        const short = decodeMethod(payload.subarray(0, cut % payload.length));
        expect(short).toBeInstanceOf(AmqpProblem);
        const at = flip % (payload.length * 8);
        payload[at >> 3] = (payload[at >> 3] as number) ^ (0x80 >> (at & 7));
        decodeMethod(payload);
      }),
      { numRuns: 2000 },
    );
  });

  it('that the subset leaves out are not implemented (540); numbers that nothing has are invalid (503)', () => {
    expect(decodeMethod(Uint8Array.of(0, 40, 0, 10))).toMatchObject({ code: 540 });
    expect(decodeMethod(Uint8Array.of(0, 99, 0, 10))).toMatchObject({ code: 503 });
  });
});

describe('field tables', () => {
  it('are what amqplib reads and writes', () => {
    fc.assert(
      fc.property(values.table, (table) => {
        const writer = new Writer();
        putTable(writer, table);
        const bytes = writer.done();
        expect(takeTable(new Reader(bytes))).toEqual(table);
        expect(codec.decodeFields(Buffer.from(bytes).subarray(4))).toEqual(plain(table));
        const theirs = Buffer.alloc(10_000);
        const length = codec.encodeTable(theirs, plain(table) as Record<string, unknown>, 0);
        expect(takeTable(new Reader(theirs, 0, length))).toEqual(table);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, string, unknown]>([
    ['true', 't 01', true],
    ['false', 't 00', false],
    ['8 bits', 'b ff', -1],
    ['8 bits without a sign', 'B ff', 255],
    ['16 bits', 's fffe', -2],
    ['16 bits without a sign', 'u fffe', 65534],
    ['32 bits', 'I fffffffe', -2],
    ['32 bits without a sign', 'i fffffffe', 4294967294],
    ['64 bits', 'l fffffffffffffffe', -2],
    ['64 bits beyond 2^53', 'l 8000000000000000', -(2n ** 63n)],
    ['64 bits without a sign', 'L 0000000100000000', 2 ** 32],
    ['64 bits without a sign beyond 2^53', 'L ffffffffffffffff', 2n ** 64n - 1n],
    ['a float', 'f 3fc00000', 1.5],
    ['a double', 'd 3ff8000000000000', 1.5],
    ['a decimal', 'D 02 fffffff6', '-10e-2'],
    ['a decimal of no places', 'D 00 0000000a', '10'],
    ['text', 'S 00000002 6162', 'ab'],
    ['octets', 'x 00000002 6162', Uint8Array.of(97, 98)],
    ['a list', 'A 00000004 74017400', [true, false]],
    ['a time', 'T 0000000000000007', { timestamp: 7 }],
    ['a table', 'F 00000004 01627401', new Map([['b', true]])],
    ['nothing', 'V', null],
    ['a letter that means nothing', 'q 00', undefined],
    ['a float that is cut', 'f 3fc0', undefined],
    ['a double that is cut', 'd 3ff80000', undefined],
    ['a list with half a value', 'A 00000001 49', undefined],
    ['a list that goes beyond its length', 'A 00000002 4900000000', undefined],
    ['a list of what nothing means', 'A 00000002 7171', undefined],
    ['a table that is cut', 'F 00000004 0162', undefined],
  ])('hold %s', (_, written, value) => {
    const octets = Buffer.from(written.slice(1).replaceAll(' ', ''), 'hex');
    const entry = Buffer.concat([Buffer.from(`\u0001a${written[0]}`), octets]);
    const length = Buffer.from([0, 0, 0, entry.length]);
    const table = takeTable(new Reader(Uint8Array.from([...length, ...entry])));
    expect(table === null ? undefined : table.get('a')).toEqual(value);
  });

  it('write octets and numbers beyond 2^53 as they read them', () => {
    const table: Table = new Map<string, Uint8Array | bigint>([
      ['octets', Uint8Array.of(1, 2, 3)],
      ['number', -(2n ** 60n)],
    ]);
    const writer = new Writer();
    putTable(writer, table);
    expect(takeTable(new Reader(writer.done()))).toEqual(table);
  });

  it('in tables in tables have an end', () => {
    let table: Table = new Map();
    for (let depth = 0; depth < 20; depth++) table = new Map([['t', table]]);
    const writer = new Writer();
    putTable(writer, table);
    expect(takeTable(new Reader(writer.done()))).toBeNull();
  });
});

describe('contents', () => {
  it('have headers that decode as they were encoded, and as amqplib encodes them', () => {
    fc.assert(
      fc.property(properties, fc.maxSafeNat(), (some, bodyBytes) => {
        const header = { bodyBytes, properties: some };
        expect(decodeContentHeader(encodeContentHeader(header))).toEqual(header);
        const theirs = defs.encodeProperties(60, 1, bodyBytes, plain(new Map(Object.entries(some))) as never);
        expect(decodeContentHeader(theirs.subarray(7, -1))).toEqual(header);
      }),
      { numRuns: 500 },
    );
  });

  const publish = encodeMethod({
    name: 'basic.publish',
    args: { ticket: 0, exchange: '', routingKey: 'q', mandatory: false, immediate: false },
  });
  const add = (assembly: ContentAssembly, type: number, payload: Uint8Array) =>
    assembly.add({ type, channel: 1, payload });

  it('come in as many bodies as they like, and in no other order', () => {
    const header = encodeContentHeader({ bodyBytes: 5, properties: {} });
    const whole = new ContentAssembly();
    expect(add(whole, FRAME_TYPE.method, publish)).toBeNull();
    expect(add(whole, FRAME_TYPE.header, header)).toBeNull();
    expect(add(whole, FRAME_TYPE.body, Buffer.from('ab'))).toBeNull();
    expect(add(whole, FRAME_TYPE.body, Buffer.from('cde'))).toMatchObject({
      content: { body: new Uint8Array(Buffer.from('abcde')) },
    });
    expect(add(whole, FRAME_TYPE.body, Buffer.from('f'))).toMatchObject({ code: 505 });
    expect(add(whole, FRAME_TYPE.header, header)).toMatchObject({ code: 505 });
    const twice = new ContentAssembly();
    add(twice, FRAME_TYPE.method, publish);
    expect(add(twice, FRAME_TYPE.method, publish)).toMatchObject({ code: 505 });
    const long = new ContentAssembly();
    add(long, FRAME_TYPE.method, publish);
    add(long, FRAME_TYPE.header, header);
    expect(add(long, FRAME_TYPE.body, Buffer.from('abcdef'))).toMatchObject({ code: 501 });
  });

  it.each([
    ['003c 0000 00000000', 502, 'a content header that is too short'],
    ['0032 0000 0000000000000000 0000', 505, 'a content header of class 50 and weight 0'],
    ['003c 0001 0000000000000000 0000', 505, 'a content header of class 60 and weight 1'],
    ['003c 0000 0000000000000000 0001 0000', 502, 'a content header with unknown properties'],
    ['003c 0000 0000000000000000 0002', 502, 'a content header with unknown properties'],
    ['003c 0000 0000000000000000 2000 00000002 0161', 502, 'the headers of a message are malformed'],
    ['003c 0000 0000000000000000 8000 05 61', 502, 'a content header whose length does not fit'],
    ['003c 0000 0000000000000000 0000 00', 502, 'a content header whose length does not fit'],
  ])('are refused: %s', (hex, code, why) => {
    const header = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    expect(decodeContentHeader(header)).toMatchObject({ code, why });
    const assembly = new ContentAssembly();
    add(assembly, FRAME_TYPE.method, publish);
    expect(add(assembly, FRAME_TYPE.header, header)).toMatchObject({ code });
  });

  it('that are too long are refused at their header', () => {
    const assembly = new ContentAssembly();
    add(assembly, FRAME_TYPE.method, publish);
    const header = encodeContentHeader({ bodyBytes: 16_777_217, properties: {} });
    expect(add(assembly, FRAME_TYPE.header, header)).toMatchObject({ code: 406 });
  });
});

describe('frames', () => {
  const read = (hex: string, isServer = false) => {
    const reader = new FrameReader(isServer);
    reader.push(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
    return reader.next();
  };

  it('are the octets of amqplib', () => {
    const one: Method = { name: 'basic.ack', args: { deliveryTag: 7, multiple: true } };
    const theirs = defs.encodeMethod(idOf(one), 3, { deliveryTag: 7, multiple: true });
    expect(Buffer.from(encodeFrame(FRAME_TYPE.method, 3, encodeMethod(one)))).toEqual(theirs);
  });

  it.each([
    ['08 0000 00000000 ce', 'heartbeat'],
    ['08 0001 00000000 ce', 'a heartbeat is empty and belongs to no channel'],
    ['08 0000 00000000 cd', 'the octet that ends a frame is not 0xCE'],
    ['04 0000 00000000 ce', 'frame type 4 does not exist'],
    ['01 0001 ffffffff', 'a frame of 4294967303 octets, where at most 131072 are taken'],
    ['01 0001 00000004', 'more'],
    ['01 0001', 'more'],
  ])('%s: %s', (hex, expected) => {
    const one = read(hex);
    const said = one === null ? 'more' : one instanceof AmqpProblem ? one.why : 'heartbeat';
    expect(said).toBe(expected);
  });

  it('are not looked for any more behind one that was wrong', () => {
    const reader = new FrameReader(false);
    reader.push(Buffer.from('0400000000000000', 'hex'));
    expect(reader.next()).toBeInstanceOf(AmqpProblem);
    const before = reader.partial.length;
    reader.push(Buffer.from('08000000000000ce', 'hex'));
    expect([reader.next(), reader.partial.length]).toEqual([null, before]);
  });

  it('begin with the protocol header, octet by octet', () => {
    expect(read('414d5150', true)).toBeNull();
    expect(read('414d515000000901', true)).toMatchObject({ value: 'protocol-header' });
    expect(read('414d515000000801', true)).toBeInstanceOf(AmqpProblem);
    expect(read('47', true)).toBeInstanceOf(AmqpProblem);
  });
});
