import { describe, expect, it } from 'vitest';
import { duration, seconds } from '../../src/projections/time.ts';

describe('seconds', () => {
  it('shows as many digits as asked for and cuts the rest off', () => {
    expect(seconds(0)).toBe('0.000000');
    expect(seconds(1_255_000_999)).toBe('1.255000');
    expect(seconds(1_255_000_999, 9)).toBe('1.255000999');
    expect(seconds(1_999_999_999, 0)).toBe('1');
  });

  it('is exact at 2^53 ns', () => {
    expect(seconds(2 ** 53 - 1, 9)).toBe('9007199.254740991');
  });
});

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [672, '672 ns'],
    [51_200, '51.2 µs'],
    [20_000_000, '20 ms'],
    [1_500_000_000, '1.5 s'],
    [60_000_000_000, '60 s'],
    [1_000_000_001, '1.000000001 s'],
  ])('%i ns is %s', (ns, text) => {
    expect(duration(ns)).toBe(text);
  });
});
