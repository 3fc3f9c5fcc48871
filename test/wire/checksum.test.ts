import { crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjust, crc32, finish, sum } from '../../src/wire/checksum.ts';

const bytesOf = (hex: string) => new Uint8Array(hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? []);

/** Octets in no order; what draws octets by chance draws few of them at a time. */
const NOISE = Uint8Array.from({ length: 256 }, (_, at) => (at * at * 31 + at * 7) >>> 3);

/** RFC 1071 section 4.1, word by word. */
function plainSum(bytes: Uint8Array): number {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) total += ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + Math.floor(total / 0x10000);
  return total;
}

describe('the Internet checksum (RFC 1071)', () => {
  it("the RFC's example: 00 01 f2 03 f4 f5 f6 f7 adds up to ddf2", () => {
    const bytes = bytesOf('0001f203f4f5f6f7');
    expect(finish(sum(bytes, 0, 8))).toBe(0x220d);
    expect(~finish(sum(bytes, 0, 8)) & 0xffff).toBe(0xddf2);
  });

  it('equals the plain sum at every place and every length up to 200', () => {
    for (let start = 0; start < 8; start++) {
      for (let end = start; end < start + 200; end++) {
        expect(finish(sum(NOISE, start, end))).toBe(~plainSum(NOISE.slice(start, end)) & 0xffff);
      }
    }
  });

  it('equals the plain sum of a few octets far behind the beginning: a header within a packet', () => {
    for (let start = 100; start < 108; start++) {
      for (let end = start; end < start + 70; end++) {
        expect(finish(sum(NOISE, start, end))).toBe(~plainSum(NOISE.slice(start, end)) & 0xffff);
      }
    }
  });

  it('equals the plain sum, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(8), fc.nat(8), (bytes, head, tail) => {
        const start = Math.min(head, bytes.length);
        const end = Math.max(start, bytes.length - tail);
        expect(finish(sum(bytes, start, end))).toBe(~plainSum(bytes.subarray(start, end)) & 0xffff);
      }),
    );
  });

  it('equals the plain sum at every length, wherever in a buffer it begins: octets, pairs and words', () => {
    const buffer = new ArrayBuffer(512);
    new Uint8Array(buffer).forEach((_, at, all) => {
      all[at] = (at * at * 31 + (at >>> 3) * 77 + 200) & 0xff;
    });
    for (let offset = 0; offset < 8; offset++) {
      const bytes = new Uint8Array(buffer, offset);
      for (let start = 0; start < 5; start++) {
        for (let length = 0; length < 200; length++) {
          const partial = sum(bytes, start, start + length, 0x12345);
          const plain = plainSum(bytes.subarray(start, start + length)) + 0x2346;
          expect(finish(partial)).toBe(~((plain & 0xffff) + (plain >>> 16)) & 0xffff);
        }
      }
    }
    // Where all are full the last carry makes another one.
    expect([finish(0x1ffffffff), finish(0xffffffff), finish(0x10000)]).toEqual([0xfffe, 0, 0xfffe]);
  });

  it('a packet that holds its checksum sums to zero; any flipped bit does not', () => {
    const bytes = new Uint8Array(64).map((_, at) => (at * 37) & 0xff);
    bytes.set([0, 0], 10);
    const checksum = finish(sum(bytes, 0, 64));
    bytes.set([checksum >>> 8, checksum & 0xff], 10);
    expect(finish(sum(bytes, 0, 64))).toBe(0);
    for (let bit = 0; bit < 512; bit++) {
      const flipped = bytes.slice();
      flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (0x80 >>> (bit & 7));
      expect(finish(sum(flipped, 0, 64))).not.toBe(0);
    }
  });

  it('65,535 octets of ff do not overflow', () => {
    expect(finish(sum(new Uint8Array(65_534).fill(0xff), 0, 65_534))).toBe(0);
  });

  it('adjusting equals computing anew (RFC 1624), 20,000 random headers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.nat(0xffff), fc.nat(8), (header, value, word) => {
        const at = word === 5 ? 0 : word * 2;
        header.set([0x45], 0);
        header.set([0, 0], 10);
        const before = finish(sum(header, 0, 20));
        const old = ((header[at] as number) << 8) | (header[at + 1] as number);
        header.set([value >>> 8, value & 0xff], at);
        const anew = finish(sum(header, 0, 20));
        // +0 and -0 of ones' complement: a header of which nothing but the checksum is not zero cannot exist.
        expect(adjust(before, old, value)).toBe(anew);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('CRC-32 (IEEE 802.3)', () => {
  it('check value of "123456789"', () => expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926));

  it.skipIf(zlibCrc32 === undefined)('equals zlib at every place and every length up to 200', () => {
    for (let start = 0; start < 8; start++) {
      for (let end = start; end < start + 200; end++) {
        expect(crc32(NOISE, start, end)).toBe(zlibCrc32(NOISE.subarray(start, end)));
      }
    }
  });

  it.skipIf(zlibCrc32 === undefined)('equals zlib of a few octets far behind the beginning', () => {
    for (let start = 100; start < 108; start++) {
      for (let end = start; end < start + 70; end++) {
        expect(crc32(NOISE, start, end)).toBe(zlibCrc32(NOISE.subarray(start, end)));
      }
    }
  });

  it.skipIf(zlibCrc32 === undefined)('equals zlib, whatever the octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(crc32(bytes)).toBe(zlibCrc32(bytes));
      }),
    );
  });

  it('frame and FCS together leave the residue 0x2144DF1C', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
        const fcs = crc32(bytes);
        const frame = new Uint8Array([...bytes, fcs & 255, (fcs >>> 8) & 255, (fcs >>> 16) & 255, fcs >>> 24]);
        expect(crc32(frame)).toBe(0x2144df1c);
      }),
    );
  });
});
