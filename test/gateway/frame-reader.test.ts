import { describe, expect, it } from 'vitest';
import { type FrameKind, FrameProblem, FrameReader, framed } from '../../src/gateway/frame-reader.ts';

const ipv4 = (length: number) => new Uint8Array(length).fill(0x45, 0, 1);
const ipv6 = (length: number) => new Uint8Array(length).fill(0x60, 0, 1);

function read(kind: FrameKind, pieces: readonly Uint8Array[]): { lengths: number[]; problem: string | null } {
  const lengths: number[] = [];
  const reader = new FrameReader(kind, (frame) => lengths.push(frame.length));
  try {
    for (const piece of pieces) reader.push(Buffer.from(piece));
    reader.end();
    return { lengths, problem: null };
  } catch (error) {
    if (!(error instanceof FrameProblem)) throw error;
    return { lengths, problem: `0x${error.offset.toString(16)} ${error.code} ${error.message}` };
  }
}

describe('FrameReader', () => {
  it('reads frames however the stream is cut', () => {
    const stream = Buffer.concat([framed(new Uint8Array(0)), framed(ipv4(20)), framed(ipv6(40)), framed(ipv4(1500))]);
    for (const size of [1, 2, 3, 7, 21, 23, 64, 4000]) {
      const pieces: Buffer[] = [];
      for (let at = 0; at < stream.length; at += size) pieces.push(stream.subarray(at, at + size));
      expect(read('packet', pieces), `pieces of ${size}`).toEqual({ lengths: [20, 40, 1500], problem: null });
    }
  });

  it('hands on the octets as they are', () => {
    const frames: string[] = [];
    const reader = new FrameReader('any', (frame) => frames.push(Buffer.from(frame).toString()));
    reader.push(Buffer.concat([framed(Buffer.from('one')), framed(Buffer.from('three'))]));
    expect(frames).toEqual(['one', 'three']);
  });

  it('says at which octet the input is wrong; what came before it was handed on', () => {
    expect(read('packet', [framed(ipv4(20)), framed(Buffer.from('GET / HTTP/1.1'))])).toEqual({
      lengths: [20],
      problem: '0x18 PW1202 an IPv4 header has at least 20 octets, this packet has 14',
    });
    expect(read('packet', [framed(new Uint8Array(30))]).problem).toBe(
      '0x2 PW1202 an IP packet begins with its version, 4 or 6; this one begins with 0 (--tap takes Ethernet frames)',
    );
    expect(read('packet', [framed(ipv6(39))]).problem).toBe(
      '0x2 PW1202 an IPv6 header has at least 40 octets, this packet has 39',
    );
    expect(read('ethernet', [framed(new Uint8Array(14)), framed(new Uint8Array(13))])).toEqual({
      lengths: [14],
      problem: '0x12 PW1202 an Ethernet frame has a header of 14 octets, this one has 13',
    });
  });

  it('says where an input ends that ends too soon', () => {
    expect(read('packet', [framed(ipv4(20)), Buffer.from([0])]).problem).toBe(
      '0x17 PW1201 the input ends within a length of two octets',
    );
    expect(read('packet', [framed(ipv4(100)).subarray(0, 50)]).problem).toBe(
      '0x32 PW1201 the input ends after 48 octets of a frame of 100',
    );
  });
});
