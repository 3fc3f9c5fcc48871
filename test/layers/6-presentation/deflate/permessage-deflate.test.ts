import { createHash } from 'node:crypto';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeflateParameters } from '../../../../src/layers/5-session/service.ts';
import { Deflater } from '../../../../src/layers/6-presentation/deflate/deflate.ts';
import { Inflater } from '../../../../src/layers/6-presentation/deflate/inflate.ts';
import { permessageDeflate } from '../../../../src/layers/6-presentation/deflate/permessage-deflate.ts';

const KEEPS: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
};
const MIB = 1024 * 1024;
const text = (value: string) => new TextEncoder().encode(value);
const hex = (value: string) => Uint8Array.from(Buffer.from(value.replaceAll(' ', ''), 'hex'));
const bytesOf = (value: Uint8Array | string) => Buffer.from(value).toString('latin1');
const TAIL = hex('00 00 ff ff');

describe('the examples of RFC 7692 section 7.2.3', () => {
  it.each([
    ['7.2.3.1 one block', ['f2 48 cd c9 c9 07 00']],
    ['7.2.3.2 the window goes on', ['f2 48 cd c9 c9 07 00', 'f2 00 11 00 00']],
    ['7.2.3.3 a block without compression', ['00 05 00 fa ff 48 65 6c 6c 6f 00']],
    ['7.2.3.4 a final block', ['f3 48 cd c9 c9 07 00 00']],
    ['7.2.3.5 two blocks', ['f2 48 05 00 00 00 ff ff ca c9 c9 07 00']],
  ])('%s decodes to Hello', (_name, messages) => {
    const server = permessageDeflate(KEEPS, 'server');
    for (const message of messages) expect(bytesOf(server.decompress(hex(message), 100))).toBe('Hello');
  });

  it('encodes the first two bit for bit', () => {
    const client = permessageDeflate(KEEPS, 'client');
    expect(client.compress(text('Hello'))).toEqual(hex('f2 48 cd c9 c9 07 00'));
    expect(client.compress(text('Hello'))).toEqual(hex('f2 00 11 00 00'));
  });

  it('without context takeover the second is like the first', () => {
    const client = permessageDeflate({ ...KEEPS, clientNoContextTakeover: true }, 'client');
    client.compress(text('Hello'));
    expect(client.compress(text('Hello'))).toEqual(hex('f2 48 cd c9 c9 07 00'));
  });
});

/** Octets that repeat themselves, near and far. */
const repetitive = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 200 })), { maxLength: 12 })
  .map((parts) =>
    Uint8Array.from(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => [...bytes]).flat())),
  );

describe('zlib as referee', () => {
  it('reads what we write, over windows of all sizes and with a context', () => {
    fc.assert(
      fc.property(
        fc.array(repetitive, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 9, max: 15 }),
        (messages, bits) => {
          const deflater = new Deflater(true, bits);
          const stream = messages.flatMap((message) => [deflater.deflate(message), TAIL]);
          const whole = inflateRawSync(Buffer.concat(stream), {
            finishFlush: constants.Z_SYNC_FLUSH,
            windowBits: bits,
          });
          expect(whole.equals(Buffer.concat(messages))).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('writes what we read, in every kind of block', () => {
    const strategies = [constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_HUFFMAN_ONLY];
    fc.assert(
      fc.property(
        repetitive,
        fc.constantFrom(...strategies),
        fc.integer({ min: 0, max: 9 }),
        (message, strategy, level) => {
          const raw = deflateRawSync(message, { strategy, level, finishFlush: constants.Z_SYNC_FLUSH });
          expect(new Inflater(false).inflate(raw, 4 * MIB)).toEqual(message);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is no worse than half again as long', () => {
    const message = text(
      JSON.stringify(Array.from({ length: 400 }, (_, id) => ({ id, name: `item ${id}`, ok: true }))),
    );
    const ours = new Deflater(true, 15).deflate(message).length;
    expect(ours).toBeLessThan(1.5 * deflateRawSync(message).length);
  });
});

describe('determinism and limits', () => {
  it('the octets are these and no others, whatever zlib Node has', () => {
    const message = text(
      JSON.stringify(Array.from({ length: 300 }, (_, id) => ({ id, at: id * id, name: `n${id % 7}` }))),
    );
    const client = permessageDeflate(KEEPS, 'client');
    const hash = createHash('sha256');
    for (let time = 0; time < 3; time++) hash.update(client.compress(message));
    expect(hash.digest('hex')).toBe('82ceca9b4849bb4a7dd2184eefe28ef2034cd981cb204091013077df882064cc');
  });

  it('stops a bomb at the limit and at the ratio (bad-input E8)', () => {
    const bomb = deflateRawSync(new Uint8Array(64 * MIB), { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
    expect(bomb.length).toBeLessThan(70_000);
    expect(new Inflater(false).inflate(bomb, MIB)).toBe('too-big');
    const small = deflateRawSync(new Uint8Array(900_000), { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
    expect(new Inflater(false).inflate(small, MIB)).toBe('too-big');
  });

  /** Octets of these bits, each group with its first bit first. */
  const bits = (...groups: readonly string[]) => {
    const all = groups.join('');
    return Uint8Array.from({ length: Math.ceil(all.length / 8) }, (_, at) =>
      Number.parseInt(
        all
          .slice(8 * at, 8 * at + 8)
          .padEnd(8, '0')
          .split('')
          .reverse()
          .join(''),
        2,
      ),
    );
  };
  /** A number of so many bits: its lowest goes first (RFC 1951 section 3.1.1). */
  const low = (value: number, count: number) => value.toString(2).padStart(count, '0').split('').reverse().join('');
  // A last block with its own codes: 257 literals and 1 distance, whose lengths are told in two codes: 0 is the length 1,
  // 1 is a run of zeros, 11 and as many as the next 7 bits say.
  const head = [low(1, 1), low(2, 2), low(0, 5), low(0, 5), low(14, 4)];
  const lengthOfCodes = Array.from({ length: 18 }, (_, place) => low(place === 2 || place === 17 ? 1 : 0, 3));
  const zeros = (count: number) => `1${low(count - 11, 7)}`;

  it.each([
    ['has more lengths than it said', [zeros(138), zeros(138)]],
    ['has no code for the end of a block', ['0', zeros(138), zeros(119)]],
    ['has codes for half of what could be coded', ['0', '0', '0', zeros(138), zeros(117)]],
  ])('calls damaged what %s (RFC 1951 section 3.2.7)', (_, lengths) => {
    const block = bits(...head, ...lengthOfCodes, ...lengths, '0'.repeat(32));
    expect(new Inflater(false).inflate(block, 1000)).toBe('damaged');
  });

  it('reads a block whose only codes are those of one letter and the end', () => {
    // 138 + 118 zeros, the letter 0 and the end with a code of one bit each, and a distance that nobody uses.
    const block = bits(...head, ...lengthOfCodes, '0', zeros(138), zeros(117), '0', '0', '000', '1');
    expect(new Inflater(false).inflate(block, 1000)).toEqual(new Uint8Array(3));
  });

  it('calls garbage damaged, whatever it is, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const result = new Inflater(false).inflate(bytes, 10_000);
        if (result instanceof Uint8Array) expect(result.length).toBeLessThanOrEqual(10_000);
        else expect(['damaged', 'too-big']).toContain(result);
      }),
    );
    for (const damaged of ['07', '01 05 00 fa fe', '05 e0 ff ff ff', 'ff ff ff ff', '04 00', 'f2 48 cd']) {
      expect(new Inflater(false).inflate(hex(damaged), 10_000), damaged).toBe('damaged');
    }
  });
});
