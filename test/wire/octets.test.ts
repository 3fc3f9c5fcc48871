import { describe, expect, it } from 'vitest';
import { parseIpv6 } from '../../src/wire/address.ts';
import { BIG, i64, LITTLE } from '../../src/wire/byte-order.ts';
import { commonPrefixLength } from '../../src/wire/ipv6-address.ts';
import { isSameOctets } from '../../src/wire/octets.ts';

describe('strings of octets', () => {
  const whole = Uint8Array.of(1, 2, 3, 1, 2, 3);

  it.each([
    ['themselves', whole, whole, true],
    ['others of the same octets', whole.subarray(0, 3), whole.subarray(3), true],
    ['the beginning of themselves', whole, whole.subarray(0, 3), false],
    ['others', whole.subarray(0, 2), whole.subarray(1, 3), false],
    ['nothing', new Uint8Array(0), whole.subarray(6), true],
  ])('compares them with %s', (_, one, other, isSame) => {
    expect(isSameOctets(one, other)).toBe(isSame);
    expect(isSameOctets(other, one)).toBe(isSame);
  });
});

describe('integers of 64 bits', () => {
  const octets = Uint8Array.of(0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff);

  it('have a sign and an order', () => {
    expect(i64(BIG, octets, 0)).toBe(-0x1_0000_0001n);
    expect(i64(LITTLE, octets, 0)).toBe(-0x0100_0001n);
    expect(i64(LITTLE, Uint8Array.from(octets).reverse(), 0)).toBe(-0x1_0000_0001n);
  });
});

describe('prefixes that two IPv6 addresses share (RFC 6724 section 2.2)', () => {
  it.each([
    ['2001:db8::1', '2001:db8::1', 128],
    ['2001:db8::1', '2001:db8::2', 126],
    ['2001:db8::', '2001:db9::', 31],
    ['::', '8000::', 0],
  ])('%s and %s: %i bits', (one, other, bits) => {
    expect(commonPrefixLength(parseIpv6(one) ?? -1n, parseIpv6(other) ?? -1n)).toBe(bits);
  });
});

describe('IPv6 addresses with a dotted quad (RFC 4291 section 2.2)', () => {
  it.each([
    ['::ffff:10.0.0.1', 0xffff_0a00_0001n],
    ['::ffff:10.0.0', null],
    ['::10.0.0.256', null],
    ['::10.0.0.1:1', null],
  ])('%s', (text, address) => {
    expect(parseIpv6(text)).toBe(address);
  });
});
