import { describe, expect, it } from 'vitest';
import { Blocks, joined, type Order, text } from './build.ts';
import { readAll, shown } from './read.ts';

const FRAME = Uint8Array.from({ length: 61 }, (_, index) => index);
const LITTLE = new Blocks('little');
const BIG = new Blocks('big');
const ORDERS: readonly Order[] = ['little', 'big'];

/** A section with one interface, and what follows. */
function file(...blocks: readonly Uint8Array[]): Uint8Array {
  return joined(LITTLE.section(), LITTLE.interface(), ...blocks);
}

describe.each(ORDERS)('pcapng in %s order', (order) => {
  const b = new Blocks(order);

  it('reads enhanced packets with their options', () => {
    const options = [
      { code: 1, value: text('first') },
      b.flags(0x81),
      { code: 1, value: text('zweiter ü\0') },
      { code: 4, value: new Uint8Array(8) },
      { code: 0x8001, value: text('?') },
    ];
    const name = { code: 2, value: text('eth0') };
    const description = { code: 3, value: text('the wire') };
    const bytes = joined(
      b.section(),
      b.interface([name, description, Blocks.octet(13, 0), { code: 1, value: text('comment') }]),
      b.enhanced(FRAME, 1_500_000n, { original: 1514, options }),
      b.enhanced(FRAME.subarray(0, 60), 2_000_001n, { options: [b.flags(2)] }),
      b.enhanced(FRAME.subarray(0, 1), 2_000_001n),
    );
    const { frames, problems, reader } = readAll(bytes);
    expect(problems).toEqual([]);
    expect(reader.format).toBe('pcapng');
    expect(frames[0]).toMatchObject({
      number: 1,
      timeNs: 1_500_000_000n,
      originalLength: 1514,
      direction: 'inbound',
      comments: ['first', 'zweiter ü'],
      fcsBytes: 4,
      interface: { section: 1, id: 0, linkType: 1, snapLength: 0, name: 'eth0', description: 'the wire', fcsBytes: 0 },
    });
    expect(frames[1]).toMatchObject({ timeNs: 2_000_001_000n, direction: 'outbound', comments: [], fcsBytes: 0 });
    expect(frames.map((frame) => frame.bytes.length)).toEqual([61, 60, 1]);
    expect([...(frames[0]?.bytes ?? [])]).toEqual([...FRAME]);
  });

  it.each([
    [6, 0n, 1_234_567n, 1_234_567_000n],
    [9, 0n, 1_234_567n, 1_234_567n],
    [0, 0n, 12n, 12_000_000_000n],
    [3, 0n, 12n, 12_000_000n],
    [12, 0n, 1_234_567n, 1_234n],
    [19, 0n, 123_456_789_012_345_678n, 12_345_678n],
    [0x80, 0n, 3n, 3_000_000_000n],
    [0x8a, 0n, 1025n, 1_000_976_562n],
    [0x9e, 0n, 1n << 30n, 1_000_000_000n],
    [0x9f, 0n, 3n << 30n, 1_500_000_000n],
    [0xbf, 0n, 1n << 63n, 1_000_000_000n],
    [6, 946_684_800n, 5n, 946_684_800_000_005_000n],
    [6, -10n, 3_000_000n, -7_000_000_000n],
    [9, 0n, (1n << 64n) - 1n, 18_446_744_073_709_551_615n],
  ])('resolution %d and offset %d: %d ticks are %d ns', (resolution, offset, ticks, ns) => {
    const bytes = joined(
      b.section(),
      b.interface([b.resolution(resolution), b.timeOffset(offset)]),
      b.enhanced(FRAME, ticks),
    );
    const { frames, problems } = readAll(bytes);
    expect([frames[0]?.timeNs, problems]).toEqual([ns, []]);
  });

  it.each([
    [127, '10^-127 s'],
    [20, '10^-20 s'],
    [0xff, '2^-127 s'],
    [0xc0, '2^-64 s'],
  ])('resolution %d is refused', (resolution, shownAs) => {
    const { frames, problems } = readAll(joined(b.section(), b.interface([b.resolution(resolution)])));
    expect(frames).toEqual([]);
    expect(problems).toEqual([`f:0x1c: error PW1007: a time resolution of ${shownAs} is not read`]);
  });

  it('reads simple packets, which have no time', () => {
    const bytes = joined(
      b.section(),
      b.interface([], 1, 40),
      b.simple(FRAME.subarray(0, 40), 1000),
      b.simple(FRAME.subarray(0, 7)),
    );
    const { frames, problems } = readAll(bytes);
    expect(problems).toEqual([]);
    expect(frames.map((frame) => [frame.timeNs, frame.bytes.length, frame.originalLength])).toEqual([
      [null, 40, 1000],
      [null, 7, 7],
    ]);
  });

  it('reads the obsolete packet block', () => {
    const bytes = joined(
      b.section(),
      b.interface(),
      b.interface([b.resolution(9)]),
      b.obsolete(FRAME, 77n, 1, [{ code: 1, value: text('old') }, b.flags(1)]),
    );
    const { frames, problems } = readAll(bytes);
    expect(problems).toEqual([]);
    expect(frames[0]).toMatchObject({ timeNs: 77n, comments: ['old'], direction: 'inbound', interface: { id: 1 } });
  });

  it('steps over other blocks and counts them', () => {
    const secret = text('CLIENT_RANDOM 00 11');
    const bytes = joined(
      b.section(),
      b.block(4, new Uint8Array(8)),
      b.interface(),
      b.block(10, secret),
      b.block(5, new Uint8Array(12)),
      b.block(0x0bad, new Uint8Array(100_000)),
      b.enhanced(FRAME, 1n),
      b.block(0x40000bad, new Uint8Array(4)),
      b.block(0x12345678, new Uint8Array(0)),
      b.block(9, text('__REALTIME=1')),
      b.enhanced(FRAME, 2n),
    );
    for (const chunk of [7, 1000, bytes.length]) {
      const read = readAll(bytes, chunk);
      expect(read.problems).toEqual([]);
      expect(read.frames.map(({ number, timeNs }) => [number, timeNs])).toEqual([
        [1, 1000n],
        [2, 2000n],
      ]);
      expect([...read.reader.skipped]).toEqual([
        ['name resolution', 1],
        ['decryption secrets', 1],
        ['interface statistics', 1],
        ['custom', 2],
        ['unknown', 1],
        ['systemd journal', 1],
      ]);
      expect(
        JSON.stringify(shown(read), (_, value) => (typeof value === 'bigint' ? Number(value) : value)),
      ).not.toContain('CLIENT_RANDOM');
    }
  });
});

describe('sections and interfaces', () => {
  it('each section has its own byte order, interfaces and clocks', () => {
    const bytes = joined(
      BIG.section(),
      BIG.interface([BIG.resolution(9), { code: 2, value: text('big0') }]),
      BIG.interface([], 113),
      BIG.enhanced(FRAME, 5n),
      BIG.enhanced(FRAME, 6n, { id: 1 }),
      LITTLE.section(1_000_000n),
      LITTLE.interface([{ code: 2, value: text('little0') }], 101),
      LITTLE.enhanced(FRAME, 7n),
      BIG.section(0n),
      BIG.interface([BIG.resolution(3)]),
      BIG.enhanced(FRAME, 8n),
    );
    const { frames, problems } = readAll(bytes);
    expect(problems).toEqual([]);
    expect(
      frames.map(({ number, timeNs, interface: it }) => [number, timeNs, it.section, it.id, it.linkType, it.name]),
    ).toEqual([
      [1, 5n, 1, 0, 1, 'big0'],
      [2, 6000n, 1, 1, 113, null],
      [3, 7000n, 2, 0, 101, 'little0'],
      [4, 8_000_000n, 3, 0, 1, null],
    ]);
  });

  it('interfaces of a section before do not count', () => {
    const { frames, problems } = readAll(
      joined(file(LITTLE.enhanced(FRAME, 1n)), BIG.section(), BIG.enhanced(FRAME, 1n)),
    );
    expect(frames).toHaveLength(1);
    expect(problems).toEqual(['f:0xac: error PW1008: a packet of interface 0: this section describes 0']);
  });

  it('an interface of a kind that is not read matters only when it has packets', () => {
    const bytes = joined(LITTLE.section(), LITTLE.interface(), LITTLE.interface([], 249), LITTLE.enhanced(FRAME, 1n));
    expect(readAll(bytes).problems).toEqual([]);
    const { frames, problems } = readAll(joined(bytes, LITTLE.enhanced(FRAME, 2n, { id: 1 })));
    expect(frames).toHaveLength(1);
    expect(problems[0]).toMatch(/^f:0xa4: error PW1003: link type 249 is not read; known are 0 \(BSD loopback\), 1 /);
  });

  it('more than 1,024 interfaces are refused', () => {
    const many = (count: number) =>
      joined(LITTLE.section(), ...Array.from({ length: count }, () => LITTLE.interface()));
    expect(readAll(many(1024)).problems).toEqual([]);
    expect(readAll(many(10_000)).problems).toEqual(['f:0x501c: error PW1009: there are more than 1024 interfaces']);
  });
});

describe('damaged blocks', () => {
  const START = 0x30;

  it.each([0, 4, 8, 11, 13, 14, 15, 17])('length %d is refused', (length) => {
    const { frames, problems } = readAll(
      file(LITTLE.enhanced(FRAME, 1n), LITTLE.block(6, new Uint8Array(20), { length })),
    );
    expect(frames).toHaveLength(1);
    expect(problems).toEqual([
      `f:0x${(START + 96 + 4).toString(16)}: error PW1005: a block of ${length} octets: blocks have a multiple of 4, at least 12`,
    ]);
  });

  it('a packet block above 16 MiB is refused, an unknown one stepped over', () => {
    expect(readAll(file(LITTLE.block(6, new Uint8Array(20), { length: 0xfffffffc }))).problems).toEqual([
      'f:0x34: error PW1005: a block of 4294967292 octets: more than 16777216 are not read',
    ]);
    expect(readAll(file(LITTLE.block(99, new Uint8Array(20), { length: 0xfffffffc }))).problems).toEqual([
      'f:0x30: error PW1004: the file is cut: it ends at 0x50, within the block that begins here',
    ]);
  });

  it.each([6, 1, 99])('a block of type %d whose trailer differs is refused', (type) => {
    const { frames, problems } = readAll(file(LITTLE.block(type, new Uint8Array(40), { trailer: 50 })));
    expect(frames).toEqual([]);
    expect(problems).toEqual(['f:0x30: error PW1006: the block begins with length 52 and ends with 50']);
  });

  it.each([
    [
      'captured more than the block holds',
      LITTLE.enhanced(FRAME, 1n, { captured: 65, original: 65 }),
      'PW1005: a packet of 65 octets: its block has room for 64',
    ],
    [
      'captured 2^32-1',
      LITTLE.enhanced(FRAME, 1n, { captured: 0xffffffff, original: 0xffffffff }),
      'PW1005: a packet of 4294967295 octets: more than 262144 are not read',
    ],
    [
      'captured more than was sent',
      LITTLE.enhanced(FRAME, 1n, { original: 60 }),
      'PW1005: a packet of 61 octets: there were only 60 on the wire',
    ],
    [
      'unknown interface',
      LITTLE.enhanced(FRAME, 1n, { id: 1 }),
      'PW1008: a packet of interface 1: this section describes 1',
    ],
    [
      'interface 2^32-1',
      LITTLE.enhanced(FRAME, 1n, { id: 0xffffffff }),
      'PW1008: a packet of interface 4294967295: this section describes 1',
    ],
    [
      'a packet block without a packet',
      LITTLE.block(6, new Uint8Array(16)),
      'PW1005: this packet block is shorter than 32 octets',
    ],
    ['an obsolete one', LITTLE.block(2, new Uint8Array(16)), 'PW1005: this packet block is shorter than 32 octets'],
    ['a simple one', LITTLE.block(3, new Uint8Array(0)), 'PW1005: this simple packet block is shorter than 16 octets'],
    [
      'a simple packet longer than its block',
      LITTLE.simple(FRAME, 65),
      'PW1005: a packet of 65 octets: its block has room for 64',
    ],
    [
      'a short interface',
      LITTLE.block(1, new Uint8Array(4)),
      'PW1005: this interface description is shorter than 20 octets',
    ],
    [
      'a short section',
      BIG.block(0x0a0d0d0a, Uint8Array.of(0x1a, 0x2b, 0x3c, 0x4d)),
      'PW1005: this section header is shorter than 28 octets',
    ],
    [
      'a section without its magic',
      LITTLE.block(0x0a0d0d0a, new Uint8Array(16)),
      'PW1001: this is no section of pcapng: the section header has no byte-order magic',
    ],
  ])('%s', (_, block, message) => {
    const { frames, problems } = readAll(file(block, LITTLE.enhanced(FRAME, 1n)));
    expect(frames).toEqual([]);
    expect(problems).toEqual([`f:0x30: error ${message}`]);
  });

  it('packets before any interface are refused', () => {
    for (const block of [LITTLE.enhanced(FRAME, 1n), LITTLE.simple(FRAME), LITTLE.obsolete(FRAME, 1n)]) {
      expect(readAll(joined(LITTLE.section(), block)).problems).toEqual([
        'f:0x1c: error PW1008: a packet of interface 0: this section describes 0',
      ]);
    }
  });

  it.each([
    [[2, 0], 'pcapng version 2.0 is not read, only 1.0 and 1.2'],
    [[1, 1], 'pcapng version 1.1 is not read, only 1.0 and 1.2'],
  ] as const)('version %j is refused', (version, message) => {
    expect(readAll(LITTLE.section(-1n, version)).problems).toEqual([`f:0xc: error PW1002: ${message}`]);
  });

  it('the first block must be a section', () => {
    expect(readAll(LITTLE.interface()).problems).toEqual(['f:0x0: error PW1001: not a pcap or pcapng file']);
    expect(readAll(LITTLE.block(0x0a0d0d0a, new Uint8Array(16))).problems).toEqual([
      'f:0x0: error PW1001: not a pcap or pcapng file: the section header has no byte-order magic',
    ]);
  });
});

describe('damaged options', () => {
  it('an option that reaches past its block is left out with a warning', () => {
    const optionBytes = LITTLE.options(
      [
        { code: 1, value: text('kept') },
        { code: 1, value: text('lost'), length: 500 },
      ],
      false,
    );
    const { frames, problems } = readAll(file(LITTLE.enhanced(FRAME, 1n, { optionBytes }), LITTLE.enhanced(FRAME, 2n)));
    expect(frames.map(({ comments }) => comments)).toEqual([['kept'], []]);
    expect(problems).toEqual(['f:0x30: warning PW1103: an option of this packet reaches past the end of its block']);
    const wrong = joined(LITTLE.section(), LITTLE.interface([{ code: 2, value: text('eth0'), length: 900 }]));
    expect(readAll(wrong).problems).toEqual([
      'f:0x1c: warning PW1103: an option of this interface reaches past the end of its block',
    ]);
  });

  it('no end of options, 65,535 options, broken UTF-8 and escapes are read', () => {
    const many = Array.from({ length: 65_535 }, () => ({ code: 77, value: new Uint8Array(0) }));
    const comments = [
      { code: 1, value: Uint8Array.of(0xff, 0x41) },
      { code: 1, value: text('\x1b]0;title\x07') },
    ];
    const optionBytes = LITTLE.options([...many, ...comments], false);
    const { frames, problems } = readAll(file(LITTLE.enhanced(FRAME, 1n, { optionBytes })));
    expect(problems).toEqual([]);
    // Comments are told as they are: whoever shows them passes them through printable().
    expect(frames[0]?.comments).toEqual(['\ufffdA', '\x1b]0;title\x07']);
  });

  it('options of the wrong length mean nothing', () => {
    const bytes = joined(
      LITTLE.section(),
      LITTLE.interface([
        { code: 9, value: new Uint8Array(0) },
        { code: 14, value: Uint8Array.of(1) },
        { code: 13, value: new Uint8Array(0) },
      ]),
      LITTLE.enhanced(FRAME, 1n, { options: [{ code: 2, value: Uint8Array.of(1) }] }),
    );
    const { frames, problems } = readAll(bytes);
    expect(problems).toEqual([]);
    expect(frames[0]).toMatchObject({ timeNs: 1000n, direction: null, fcsBytes: null });
  });

  it('a length of the FCS is told in octets or in bits', () => {
    const withLength = (value: number) =>
      readAll(joined(LITTLE.section(), LITTLE.interface([Blocks.octet(13, value)]), LITTLE.enhanced(FRAME, 1n)))
        .frames[0]?.fcsBytes;
    expect([0, 4, 32].map(withLength)).toEqual([0, 4, 4]);
  });
});

describe('a capture that is cut', () => {
  const blocks = [
    LITTLE.section(),
    LITTLE.interface([LITTLE.resolution(9), { code: 2, value: text('eth0') }]),
    LITTLE.enhanced(FRAME, 1n, { options: [{ code: 1, value: text('comment') }] }),
    LITTLE.block(5, new Uint8Array(30)),
    BIG.section(),
    BIG.interface(),
    BIG.simple(FRAME.subarray(0, 33)),
    BIG.obsolete(FRAME, 3n),
    BIG.enhanced(FRAME, 4n),
  ];
  const bytes = joined(...blocks);
  const ends = blocks.map((_, index) => joined(...blocks.slice(0, index + 1)).length);
  const whole = readAll(bytes);

  it.each([1, 13, 4096])('at any offset gives the records before the cut, in chunks of %d', (chunk) => {
    expect(whole.problems).toEqual([]);
    for (let length = 4; length <= bytes.length; length++) {
      const { frames, problems } = readAll(bytes.subarray(0, length), chunk);
      const last = ends.filter((end) => end <= length).at(-1) ?? 0;
      expect(frames).toEqual(whole.frames.filter(({ offset }) => offset < last));
      const message = `f:0x${last.toString(16)}: error PW1004: the file is cut: it ends at 0x${length.toString(16)}, within the block that begins here`;
      expect(problems).toEqual(last === length ? [] : [message]);
    }
  });

  it('reads the same in chunks of any size', () => {
    for (const chunk of [1, 2, 3, 5, 12, 29, 64, 1000]) expect(shown(readAll(bytes, chunk))).toEqual(shown(whole));
  });
});
