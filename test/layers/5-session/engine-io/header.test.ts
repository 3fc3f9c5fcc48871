import { decodePayload as theirDecode, encodePayload as theirEncode } from 'engine.io-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeHandshake,
  decodePacket,
  decodePayload,
  encodeHandshake,
  encodePayload,
  PACKET_TYPES,
  type Packet,
} from '../../../../src/layers/5-session/engine-io/header.ts';

describe('the examples of the Engine.IO protocol document', () => {
  it('three packets of text in one payload', () => {
    const packets: Packet[] = [
      { type: 'message', data: 'hello' },
      { type: 'ping', data: '' },
      { type: 'message', data: 'world' },
    ];
    expect(encodePayload(packets)).toBe('4hello\x1e2\x1e4world');
    expect(decodePayload('4hello\x1e2\x1e4world')).toEqual(packets);
  });

  it('octets are base64 behind a b', () => {
    const packets: Packet[] = [
      { type: 'message', data: 'hello' },
      { type: 'message', data: Uint8Array.of(1, 2, 3, 4) },
    ];
    expect(encodePayload(packets)).toBe('4hello\x1ebAQIDBA==');
    expect(decodePayload('4hello\x1ebAQIDBA==')).toEqual(packets);
  });

  it('the handshake', () => {
    const text =
      '{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}';
    const handshake = decodeHandshake(text);
    expect(handshake && encodeHandshake(handshake)).toBe(text);
  });
});

const packet: fc.Arbitrary<Packet> = fc.oneof(
  fc.record({
    type: fc.constantFrom(...PACKET_TYPES),
    data: fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\x1e')),
  }),
  fc.record({ type: fc.constant('message' as const), data: fc.uint8Array({ maxLength: 20 }) }),
);

describe('engine.io-parser as referee', () => {
  it('writes and reads the same', () => {
    fc.assert(
      fc.property(fc.array(packet, { minLength: 1, maxLength: 6 }), (packets) => {
        let theirs = '';
        const forThem = packets.map(({ type, data }) => ({
          type,
          data: typeof data === 'string' ? data : Buffer.from(data),
        }));
        theirEncode(forThem as never, (text) => {
          theirs = text;
        });
        const ours = encodePayload(packets);
        expect(ours).toBe(theirs);
        expect(decodePayload(ours)).toEqual(packets);
        const read = theirDecode(ours).map(({ type, data }) => ({
          type,
          data: typeof data === 'string' || data === undefined ? (data ?? '') : new Uint8Array(data as never),
        }));
        expect(read).toEqual(packets.map(({ type, data }) => ({ type, data })));
      }),
    );
  });
});

describe('what a hostile peer sends (bad-input E12)', () => {
  it.each([
    ['an unknown type', '7'],
    ['an empty packet', ''],
    ['a letter', 'x1'],
    ['bad base64', 'b@@'],
    ['cut base64', 'bAQI'],
    ['a type beyond ASCII', '４'],
  ])('%s', (_name, text) => expect(decodePacket(text)).toHaveProperty('malformed'));

  it('a server of before, which does not say how much it takes, sets no limit', () => {
    const text = '{"sid":"a","upgrades":["websocket",7],"pingInterval":25000,"pingTimeout":20000}';
    expect(decodeHandshake(text)).toEqual({
      sid: 'a',
      upgrades: ['websocket'],
      pingInterval: 25_000,
      pingTimeout: 20_000,
      maxPayload: 0,
    });
  });

  it('a million packets', () => {
    expect(decodePayload('4\x1e'.repeat(500_000))).toHaveProperty('malformed');
    expect(decodePayload(new Array(10_000).fill('4').join('\x1e'))).toHaveLength(10_000);
    expect(decodePayload(new Array(10_001).fill('4').join('\x1e'))).toHaveProperty('malformed');
  });

  it.each([
    '',
    '[]',
    'null',
    '{"sid":1}',
    '{"sid":"a b","upgrades":[],"pingInterval":1,"pingTimeout":1}',
    '{"sid":"a","upgrades":[],"pingInterval":1e99,"pingTimeout":1}',
    '{"sid":"a","upgrades":[],"pingInterval":-5,"pingTimeout":1}',
    `{"sid":"a","upgrades":[${' '.repeat(10_000)}],"pingInterval":1,"pingTimeout":1}`,
  ])('no handshake: %s', (text) => expect(decodeHandshake(text)).toBe(null));
});
