/** Damaged captures: whatever stands in a file, reading ends, and says something sensible or what it read. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureReader, readCapture } from '../../src/capture/capture.ts';
import { Blocks, joined, type Order, type PcapHeader, pcap, pcapHeader, text } from './build.ts';
import { readAll, shown } from './read.ts';

const order = fc.constantFrom<Order>('little', 'big');
const small = fc.integer({ min: 0, max: 80 });
/** Numbers at which lengths go wrong. */
const length = fc.oneof(
  small,
  fc.constantFrom(0xffffffff, 0xfffffffc, 0x80000000, 0x7fffffff, 262_144, 262_145, 65_535),
);
const octets = fc.uint8Array({ maxLength: 70 });

const header: fc.Arbitrary<PcapHeader> = fc.record(
  {
    order,
    magic: fc.constantFrom(0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34),
    major: fc.constantFrom(2, 2, 2, 543),
    minor: fc.constantFrom(4, 4, 4, 0),
    snapLength: fc.oneof({ weight: 5, arbitrary: fc.constant(262_144) }, length),
    network: fc.constantFrom(1, 1, 113, 0x2400_0001, 105, 0xffffffff),
  },
  { requiredKeys: [] },
);

const record = fc.record(
  { seconds: length, part: length, bytes: octets, captured: length, original: length },
  { requiredKeys: ['seconds', 'part', 'bytes'] },
);

const pcapFile = fc.tuple(header, fc.array(record, { maxLength: 4 })).map(([head, records]) => pcap(records, head));

const option = fc.record(
  { code: fc.constantFrom(0, 1, 2, 9, 13, 14, 0xffff), value: fc.uint8Array({ maxLength: 12 }), length: small },
  { requiredKeys: ['code', 'value'] },
);

/** Mostly left out: what the block really has. */
const wrong = fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, length);

/** One block, right or wrong, rarely in another byte order than the section's. */
const block = fc
  .record({
    isOther: fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, fc.constant(true)),
    kind: fc.constantFrom('section', 'interface', 'enhanced', 'enhanced', 'enhanced', 'simple', 'obsolete', 'any'),
    bytes: octets,
    id: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1, 0xffffffff),
    ticks: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    captured: wrong,
    original: wrong,
    options: fc.array(option, { maxLength: 3 }),
    hasEnd: fc.boolean(),
    type: fc.constantFrom(1, 2, 3, 4, 5, 6, 10, 0x0bad, 0x0a0d0d0a, 0xdeadbeef),
    linkType: fc.constantFrom(1, 1, 101, 249),
    lengths: fc.record({ length, trailer: length }, { requiredKeys: [] }),
  })
  .map((it) => (sectionOrder: Order) => {
    const b = new Blocks(it.isOther === (sectionOrder === 'little') ? 'big' : 'little');
    const optionBytes = b.options(it.options, it.hasEnd);
    const packet = { id: it.id, optionBytes, ...defined('captured', it.captured), ...defined('original', it.original) };
    if (it.kind === 'section') return b.section(it.ticks);
    if (it.kind === 'interface') return b.interface(it.options, it.linkType, it.captured ?? 0);
    if (it.kind === 'enhanced') return b.enhanced(it.bytes, it.ticks, packet);
    if (it.kind === 'simple') return b.simple(it.bytes, it.original ?? it.bytes.length);
    if (it.kind === 'obsolete') return b.obsolete(it.bytes, it.ticks, it.id & 0xffff, it.options);
    return b.block(it.type, it.bytes, it.lengths as { length?: number; trailer?: number });
  });

function defined<K extends string>(key: K, value: number | undefined): { [P in K]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: number });
}

const pcapngFile = fc
  .tuple(order, fc.array(block, { maxLength: 6 }))
  .map(([first, blocks]) =>
    joined(new Blocks(first).section(), new Blocks(first).interface(), ...blocks.map((make) => make(first))),
  );

/** Some octets replaced, some cut out, the end cut off. */
const damage = fc.record({
  replaced: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
  removed: fc.option(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 9 }))),
  cut: fc.option(fc.nat()),
});

type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(file: Uint8Array, { replaced, removed, cut }: Damage): Uint8Array {
  let result: Uint8Array = file.slice();
  for (const [at, octet] of replaced) if (result.length > 0) result[at % result.length] = octet;
  if (removed && result.length > 0) {
    const at = removed[0] % result.length;
    result = joined(result.subarray(0, at), result.subarray(at + removed[1]));
  }
  return cut === null ? result : result.subarray(0, cut % (result.length + 1));
}

/** What holds for every file whatsoever. */
function check(file: Uint8Array, chunkBytes: number): void {
  const read = readAll(file);
  const { frames, reader } = read;
  expect(frames.map(({ number }) => number)).toEqual(frames.map((_, index) => index + 1));
  let end = 0;
  for (const { offset, bytes, originalLength } of frames) {
    expect(offset).toBeGreaterThanOrEqual(end);
    end = offset + bytes.length;
    expect(end).toBeLessThanOrEqual(file.length);
    expect(originalLength).toBeGreaterThanOrEqual(bytes.length);
  }
  for (const { offset, count } of reader.problems) {
    expect(offset).toBeLessThanOrEqual(file.length);
    expect(count).toBeGreaterThan(0);
  }
  expect(reader.problems.filter(({ severity }) => severity === 'error').length).toBeLessThanOrEqual(1);
  expect(shown(readAll(file, chunkBytes))).toEqual(shown(read));
}

describe('damaged captures', () => {
  const chunk = fc.integer({ min: 1, max: 40 });

  it('of pcap', () => {
    fc.assert(
      fc.property(pcapFile, damage, chunk, (file, how, size) => check(damaged(file, how), size)),
      { numRuns: 3000 },
    );
  });

  it('of pcapng', () => {
    fc.assert(
      fc.property(pcapngFile, damage, chunk, (file, how, size) => check(damaged(file, how), size)),
      { numRuns: 3000 },
    );
  });

  it('of pcapng, blocks wrong but octets not', () => {
    let frames = 0;
    fc.assert(
      fc.property(pcapngFile, chunk, (file, size) => {
        frames += readAll(file).frames.length;
        check(file, size);
      }),
      { numRuns: 3000 },
    );
    // If hardly a frame were read, hardly anything would be tested.
    expect(frames).toBeGreaterThan(500);
  });

  it('any octets behind a right magic number', () => {
    const magic = fc.constantFrom(0xa1b2c3d4, 0xd4c3b2a1, 0x4d3cb2a1, 0x34cdb2a1, 0x0a0d0d0a);
    fc.assert(
      fc.property(magic, fc.uint8Array({ maxLength: 200 }), chunk, (value, rest, size) => {
        const start = Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
        check(joined(start, rest), size);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('memory', () => {
  it('does not grow with the length of the file', () => {
    const record = { seconds: 1, part: 0, bytes: new Uint8Array(1000) };
    const start = pcapHeader();
    const records = pcap(Array.from({ length: 1000 }, () => record)).subarray(start.length);
    // 400 MB in chunks that do not end where records do.
    const chunks = function* () {
      yield start;
      for (let count = 0; count < 400; count++) {
        yield records.slice(0, 500_123);
        yield records.slice(500_123);
      }
    };
    const before = process.memoryUsage().rss;
    const reader = new CaptureReader();
    let octets = 0;
    for (const { bytes } of readCapture(reader, chunks())) octets += bytes.length;
    expect([reader.frames, octets, reader.problems]).toEqual([400_000, 400_000_000, []]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  it('does not grow with what a file announces', () => {
    const b = new Blocks('little');
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 200; count++) {
      const announced = 16_777_200;
      readAll(joined(b.section(), b.interface(), b.block(6, text('x'), { length: announced })));
      readAll(joined(b.section(), b.interface(), b.block(77, text('x'), { length: 0xfffffff0 })));
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });
});
