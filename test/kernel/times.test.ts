import { describe, expect, it } from 'vitest';
import { Times } from '../../src/kernel/times.ts';

/** Entry `seq` was made at this time: two entries a moment, and times that take more than 32 bits. */
const timeOf = (seq: number) => Math.floor(seq / 2) * 7_000_000_001;

describe('the times of entries', () => {
  it('are what they were noted with, asked forwards, backwards and anywhere, however many there are', () => {
    const times = new Times();
    const count = 100_000;
    for (let seq = 0; seq < count; seq++) times.note(timeOf(seq), seq);
    const wrong: number[] = [];
    for (let seq = 0; seq < count; seq++) if (times.of(seq) !== timeOf(seq)) wrong.push(seq);
    for (let seq = count - 1; seq >= 0; seq -= 3) if (times.of(seq) !== timeOf(seq)) wrong.push(seq);
    expect(wrong).toEqual([]);
    for (const seq of [0, 43_690, 43_691, 99_999, 1, 43_692, 50_000, 49_999]) expect(times.of(seq)).toBe(timeOf(seq));
  });
});
