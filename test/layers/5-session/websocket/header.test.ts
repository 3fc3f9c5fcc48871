import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayBeSent } from '../../../../src/layers/5-session/websocket/close-code.ts';
import { decodeFrameHead, encodeFrame, headBytesOf, mask } from '../../../../src/layers/5-session/websocket/header.ts';

const hex = (value: string) => Uint8Array.from(Buffer.from(value.replaceAll(' ', ''), 'hex'));
const text = (value: string) => new TextEncoder().encode(value);
const KEY = hex('37 fa 21 3d');

describe('the examples of RFC 6455 section 5.7, bit for bit', () => {
  const whole = { fin: true, rsv: 0, maskingKey: null };
  it.each([
    ['an unmasked text message', { ...whole, opcode: 1, payload: text('Hello') }, '81 05 48 65 6c 6c 6f'],
    [
      'a masked text message',
      { ...whole, opcode: 1, maskingKey: KEY, payload: text('Hello') },
      '81 85 37 fa 21 3d 7f 9f 4d 51 58',
    ],
    ['the first fragment', { ...whole, fin: false, opcode: 1, payload: text('Hel') }, '01 03 48 65 6c'],
    ['the last fragment', { ...whole, opcode: 0, payload: text('lo') }, '80 02 6c 6f'],
    ['an unmasked Ping', { ...whole, opcode: 9, payload: text('Hello') }, '89 05 48 65 6c 6c 6f'],
    [
      'a masked Pong',
      { ...whole, opcode: 10, maskingKey: KEY, payload: text('Hello') },
      '8a 85 37 fa 21 3d 7f 9f 4d 51 58',
    ],
  ])('%s', (_name, frame, expected) => expect(encodeFrame(frame)).toEqual(hex(expected)));

  it('256 octets have a head of four, 64 KiB one of ten', () => {
    const head = (length: number) => encodeFrame({ ...whole, opcode: 2, payload: new Uint8Array(length) }).slice(0, 10);
    expect(head(256).slice(0, 4)).toEqual(hex('82 7e 01 00'));
    expect(head(65_536)).toEqual(hex('82 7f 00 00 00 00 00 01 00 00'));
  });
});

describe('frames', () => {
  it('decode to what was encoded', () => {
    fc.assert(
      fc.property(
        fc.record({
          fin: fc.boolean(),
          rsv: fc.nat(7),
          opcode: fc.nat(15),
          maskingKey: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 })),
          length: fc.oneof(fc.nat(130), fc.constantFrom(65_535, 65_536, 70_000)),
        }),
        ({ length, ...rest }) => {
          const payload = Uint8Array.from({ length }, (_, at) => at);
          const bytes = encodeFrame({ ...rest, payload });
          expect(headBytesOf(bytes[1] as number)).toBe(bytes.length - length);
          const { payloadBytes, isMinimal, headBytes, ...head } = decodeFrameHead(bytes, 0);
          expect(head).toEqual(rest);
          expect([payloadBytes, isMinimal, headBytes]).toEqual([length, true, bytes.length - length]);
          const read = bytes.slice(headBytes);
          if (rest.maskingKey) mask(read, 0, length, rest.maskingKey, 0);
          expect(Buffer.compare(read, payload)).toBe(0);
        },
      ),
    );
  });

  it('do not round a length of 64 bits (bad-input E4)', () => {
    const length = (value: string) => decodeFrameHead(hex(`82 7f ${value}`), 0).payloadBytes;
    expect(length('00 1f ff ff ff ff ff ff')).toBe(Number.MAX_SAFE_INTEGER);
    expect(length('00 20 00 00 00 00 00 00')).toBe(Number.POSITIVE_INFINITY);
    expect(length('80 00 00 00 00 00 00 00')).toBe(Number.POSITIVE_INFINITY);
  });
});

it('codes that a Close frame may carry: RFC 6455 section 7.4 and its registry', () => {
  const allowed = Array.from({ length: 65_536 }, (_, code) => code).filter(mayBeSent);
  const named = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
  expect(allowed).toEqual([...named, ...Array.from({ length: 2000 }, (_, at) => 3000 + at)]);
});
