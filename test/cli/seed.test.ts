import { describe, expect, it } from 'vitest';
import { parseSeed } from '../../src/cli/seed.ts';

describe('parseSeed', () => {
  it.each([
    ['0', '0'],
    ['42', '42'],
    ['007', '7'],
    ['0x10', '16'],
    ['0XFF', '255'],
    ['18446744073709551615', '18446744073709551615'],
    ['0xffffffffffffffff', '18446744073709551615'],
  ])('%s is %s', (text, seed) => {
    expect(parseSeed(text)).toBe(seed);
  });

  it.each(['', 'abc', '-1', '1.5', '1e3', '18446744073709551616', '0x', '0x10000000000000000', ' 1', '1n', '٣'])(
    '%j is none',
    (text) => {
      expect(parseSeed(text)).toBeNull();
    },
  );
});
