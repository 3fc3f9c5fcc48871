import { describe, expect, it } from 'vitest';
import { painter, plain } from '../../src/projections/paint.ts';

describe('painter', () => {
  it('writes no escape without colours', () => {
    expect(plain(4, 'TCP')).toBe('TCP');
    expect(painter('none')('error', 'x')).toBe('x');
  });

  it('uses the colours of the layers in as many colours as there are', () => {
    expect(painter('true')(4, 'TCP')).toBe('\x1b[38;2;86;180;233mTCP\x1b[0m');
    expect(painter('256')(4, 'TCP')).toBe('\x1b[38;5;74mTCP\x1b[0m');
    expect(painter('16')(4, 'TCP')).toBe('\x1b[36mTCP\x1b[0m');
  });

  it('paints nothing on nothing and on plain text', () => {
    expect(painter('true')('strong', '')).toBe('');
    expect(painter('true')('plain', 'a')).toBe('a');
  });
});
