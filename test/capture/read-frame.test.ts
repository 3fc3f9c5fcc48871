import { describe, expect, it } from 'vitest';
import { type CapturedFrame, CaptureReader, readCaptureAsync } from '../../src/capture/capture.ts';
import { readFrameOf } from '../../src/capture/read-frame.ts';
import { Dissector } from '../../src/layers/codecs.ts';
import { EPOCH_NS, SAMPLE, sampleFile } from '../filter/capture-sample.ts';
import { readAll } from './read.ts';

const FRAME: CapturedFrame = {
  number: 7,
  offset: 0,
  timeNs: 5_000_000_001n,
  interface: { section: 1, id: 2, linkType: 113, snapLength: 0, name: null, description: null, fcsBytes: null },
  bytes: Uint8Array.of(1, 2, 3),
  originalLength: 9,
  direction: null,
  comments: [],
  fcsBytes: null,
};

describe('chunks that have to be waited for', () => {
  const collect = async (file: Uint8Array) => {
    const reader = new CaptureReader();
    const chunks = async function* () {
      for (let at = 0; at < file.length; at += 100) yield file.subarray(at, at + 100);
    };
    const frames: CapturedFrame[] = [];
    for await (const frame of readCaptureAsync(reader, chunks())) frames.push(frame);
    return { frames, codes: reader.problems.map(({ code }) => code) };
  };

  it('give the same frames and problems', async () => {
    const file = sampleFile();
    expect(await collect(file)).toEqual({ frames: readAll(file).frames, codes: [] });
    const cut = file.subarray(0, 1000);
    expect(await collect(cut)).toEqual({ frames: readAll(cut).frames, codes: ['PW1004'] });
    expect(await collect(new Uint8Array(1000))).toEqual({ frames: [], codes: ['PW1001'] });
  });
});

describe('frames for the dissector', () => {
  it('of our own export are what was exported', () => {
    const frames = readAll(sampleFile()).frames.map((frame) => readFrameOf(frame, EPOCH_NS));
    expect(frames).toEqual(SAMPLE.map((frame) => ({ ...frame, linkType: 1, originalLength: frame.bytes.length })));
    const texts = (all: typeof frames) => {
      const dissector = new Dissector();
      return all
        .map((frame) => dissector.dissect(frame))
        .map(({ info, layers }) => [info, layers.map((it) => it.text)]);
    };
    expect(texts(frames)).toEqual(texts([...SAMPLE]));
  });

  it('count their time from the epoch, and are at it where they have none', () => {
    expect(readFrameOf(FRAME, 5_000_000_000n)).toMatchObject({ atNs: 1, linkType: 113, originalLength: 9, fcs: null });
    expect(readFrameOf(FRAME, 6_000_000_000n).atNs).toBe(-999_999_999);
    expect(readFrameOf({ ...FRAME, timeNs: null }, 5n).atNs).toBe(0);
  });

  it('have an FCS where the file says so', () => {
    expect(readFrameOf({ ...FRAME, fcsBytes: 4 }, 0n).fcs).toBe(true);
    expect(readFrameOf({ ...FRAME, fcsBytes: 0 }, 0n).fcs).toBe(false);
  });

  it('have the interface that Wireshark names, and none in classic pcap', () => {
    expect(readFrameOf(FRAME, 0n)).toMatchObject({ interfaceId: 2, interfaceName: 'unknown' });
    const classic = readFrameOf({ ...FRAME, interface: { ...FRAME.interface, id: null } }, 0n);
    expect('interfaceId' in classic || 'interfaceName' in classic || 'direction' in classic).toBe(false);
    expect(readFrameOf({ ...FRAME, direction: 'inbound', comments: ['a', 'b'] }, 0n)).toMatchObject({
      direction: 'inbound',
      comment: 'a\nb',
    });
  });
});
