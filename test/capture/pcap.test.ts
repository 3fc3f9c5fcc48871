import { describe, expect, it } from 'vitest';
import { type Order, type PcapHeader, pcap, pcapHeader, pcapRecord } from './build.ts';
import { readAll, shown } from './read.ts';

const FRAME = Uint8Array.from({ length: 60 }, (_, index) => index);
const RECORDS = [
  { seconds: 1, part: 5, bytes: FRAME },
  { seconds: 0xffffffff, part: 999_999, bytes: FRAME.subarray(0, 21), original: 1514 },
];
const ORDERS: readonly Order[] = ['little', 'big'];

describe('classic pcap', () => {
  it.each(
    ORDERS.flatMap((order) => [
      { order, magic: 0xa1b2c3d4, unitNs: 1000n },
      { order, magic: 0xa1b23c4d, unitNs: 1n },
      { order, magic: 0xa1b2cd34, unitNs: 1000n },
    ]),
  )('$magic in $order order', ({ unitNs, ...header }) => {
    const { frames, problems } = readAll(pcap(RECORDS, header));
    expect(problems).toEqual([]);
    expect(frames.map(({ number, timeNs, originalLength }) => [number, timeNs, originalLength])).toEqual([
      [1, 1_000_000_000n + 5n * unitNs, 60],
      [2, 4_294_967_295_000_000_000n + 999_999n * unitNs, 1514],
    ]);
    expect(frames.map(({ bytes }) => [...bytes])).toEqual(RECORDS.map(({ bytes }) => [...bytes]));
    expect(frames[0]).toMatchObject({ offset: 24, comments: [], direction: null });
    expect(frames[0]?.interface).toMatchObject({ section: 1, id: null, linkType: 1, snapLength: 262144, name: null });
  });

  it.each([0, 1, 12, 14, 101, 108, 113, 228, 229, 276])('link type %d is read', (network) => {
    const { frames, problems } = readAll(pcap(RECORDS, { network }));
    expect(problems).toEqual([]);
    expect(frames[0]?.interface.linkType).toBe(network);
  });

  it('knows the length of the FCS where the header tells it', () => {
    expect(readAll(pcap(RECORDS, { network: 0x2400_0001 })).frames[0]?.fcsBytes).toBe(4);
    expect(readAll(pcap(RECORDS, { network: 0x0400_0001 })).frames[0]?.fcsBytes).toBe(0);
    expect(readAll(pcap(RECORDS)).frames[0]?.fcsBytes).toBe(null);
  });

  it.each([0, 60, 0xffffffff])('a snap length of %d is accepted', (snapLength) => {
    expect(readAll(pcap(RECORDS, { snapLength })).problems).toEqual([]);
  });

  it('frames may be empty', () => {
    const { frames, problems } = readAll(pcap([{ seconds: 1, part: 0, bytes: new Uint8Array(0) }]));
    expect([frames.length, frames[0]?.bytes.length, problems]).toEqual([1, 0, []]);
  });

  it.each<[PcapHeader, string]>([
    [{ major: 2, minor: 3 }, 'f:0x4: error PW1002: pcap version 2.3 is not read, only 2.4'],
    [{ major: 543, minor: 0 }, 'f:0x4: error PW1002: pcap version 543.0 is not read, only 2.4'],
    [{ network: 105 }, 'f:0x14: error PW1003: link type 105 is not read'],
    [{ network: 0x0001_0001 }, 'f:0x14: error PW1003: link type 65537 is not read'],
  ])('%j is refused', (header, message) => {
    const { frames, problems } = readAll(pcap(RECORDS, header));
    expect(frames).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.slice(0, message.length)).toBe(message);
  });

  it.each<[{ captured: number; original: number; snapLength?: number }, string]>([
    [
      { captured: 61, original: 61, snapLength: 60 },
      'a record of 61 octets: the file says that it keeps 60 of each frame',
    ],
    [{ captured: 60, original: 59 }, 'a record of 60 octets: there were only 59 on the wire'],
    [{ captured: 262_145, original: 262_145 }, 'a record of 262145 octets: more than 262144 are not read'],
    [{ captured: 0xffffffff, original: 0xffffffff }, 'a record of 4294967295 octets: more than 262144 are not read'],
    [{ captured: 0x80000000, original: 0xffffffff }, 'a record of 2147483648 octets: more than 262144 are not read'],
  ])('lengths %j end the reading at the record', ({ snapLength = 0, ...lengths }, message) => {
    const [first] = RECORDS;
    const file = pcap([first as never, { seconds: 2, part: 0, bytes: FRAME, ...lengths }, first as never], {
      snapLength,
    });
    const { frames, problems } = readAll(file);
    expect(frames).toHaveLength(1);
    expect(problems).toEqual([`f:0x6c: error PW1005: ${message}`]);
  });

  it('a frame longer than the rest of the file is a cut', () => {
    const file = pcap([{ seconds: 1, part: 0, bytes: FRAME, captured: 61, original: 61 }]);
    expect(readAll(file)).toMatchObject({
      frames: [],
      problems: ['f:0x18: error PW1004: the file is cut: it ends at 0x64, within the record that begins here'],
    });
  });

  it('parts of a second above a second are added up, with a warning', () => {
    const { frames, problems } = readAll(pcap([{ seconds: 1, part: 1_500_000, bytes: FRAME }]));
    expect(frames[0]?.timeNs).toBe(2_500_000_000n);
    expect(problems).toEqual(['f:0x1c: warning PW1101: frame 1 has 1500000000 ns as a part of a second']);
  });

  it('time that goes backwards is told once', () => {
    const times = [5, 4, 6, 3, 2].map((seconds) => ({ seconds, part: 0, bytes: FRAME.subarray(0, 4) }));
    const { frames, problems } = readAll(pcap(times));
    expect(frames).toHaveLength(5);
    expect(problems).toEqual([
      'f:0x2c: warning PW1102: frame 2 was seen before the frame in front of it (and 2 more of this kind)',
    ]);
  });
});

describe('what is no capture', () => {
  const magic = (...octets: number[]) => Uint8Array.from([...octets, ...new Array(100).fill(7)]);

  it.each([
    ['nothing', new Uint8Array(0), ': it is empty'],
    ['text', new TextEncoder().encode('hello, this is a text file\n'), ''],
    ['PNG', magic(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ''],
    ['gzip', magic(0x1f, 0x8b, 8, 0), ': it is compressed with gzip'],
    ['zstd', magic(0x28, 0xb5, 0x2f, 0xfd), ': it is compressed with zstd'],
    ['xz', magic(0xfd, 0x37, 0x7a, 0x58), ': it is compressed with xz'],
    ['zeros', new Uint8Array(1000), ''],
    ['ones', new Uint8Array(1000).fill(0xff), ''],
  ])('%s', (_, file, why) => {
    for (const chunk of [1, 3, 1000]) {
      expect(readAll(file, chunk)).toMatchObject({
        frames: [],
        problems: [`f:0x0: error PW1001: not a pcap or pcapng file${why}`],
      });
    }
  });

  it('and 1 to 23 octets of a header', () => {
    const header = pcapHeader();
    for (let length = 1; length < 24; length++) {
      const { frames, problems } = readAll(header.subarray(0, length));
      expect(frames).toEqual([]);
      const why = length < 4 ? '' : `: only ${length} of the 24 octets of its header are there`;
      expect(problems).toEqual([`f:0x0: error PW1001: not a pcap or pcapng file${why}`]);
    }
    expect(readAll(header).problems).toEqual([]);
  });

  it('the file name is shown printable', async () => {
    const { formatCaptureProblem } = await import('../../src/capture/capture.ts');
    const [problem] = readAll(new Uint8Array(0)).reader.problems;
    expect(problem && formatCaptureProblem('a\x1b[2Jb', problem)).not.toContain('\x1b');
  });
});

describe('a capture that is cut', () => {
  it.each([
    { magic: 0xa1b2c3d4, order: 'little' as const },
    { magic: 0xa1b2cd34, order: 'big' as const },
  ])('at any offset gives the records before the cut: %j', (header) => {
    const ends = [24];
    for (const record of RECORDS) ends.push((ends.at(-1) as number) + pcapRecord(record, header).length);
    const file = pcap(RECORDS, header);
    const whole = readAll(file);
    for (let length = 24; length <= file.length; length++) {
      const { frames, problems } = readAll(file.subarray(0, length));
      const count = ends.filter((end) => end <= length).length - 1;
      expect(frames).toEqual(whole.frames.slice(0, count));
      const start = (ends[count] as number).toString(16);
      const message = `f:0x${start}: error PW1004: the file is cut: it ends at 0x${length.toString(16)}, within the record that begins here`;
      expect(problems).toEqual(ends.includes(length) ? [] : [message]);
    }
  });

  it('reads the same in chunks of any size', () => {
    const file = pcap(RECORDS);
    for (const chunk of [1, 2, 3, 5, 16, 24, 25, 61, 100]) {
      expect(shown(readAll(file, chunk))).toEqual(shown(readAll(file)));
      expect(shown(readAll(file.subarray(0, 130), chunk))).toEqual(shown(readAll(file.subarray(0, 130))));
    }
  });
});
