import { describe, expect, it } from 'vitest';
import { SendWindow } from '../../../../src/layers/4-transport/tcp/send-window.ts';

describe('SND.WND, SND.WL1, SND.WL2 (RFC 9293 section 3.10.7.4)', () => {
  it('begins closed, and at zero: the first segment tells it', () => {
    const window = new SendWindow();
    expect([window.octets, window.greatest]).toEqual([0, 0]);
    expect([window.isNewer(0, 0), window.isNewer(1, 0), window.isNewer(0, 1)]).toEqual([true, true, true]);
    expect([window.isNewer(-1 >>> 0, 5), window.isNewer(0, -1 >>> 0)]).toEqual([false, false]);
  });

  it('is newer by a later SEQ, or by the same with an ACK that is no older', () => {
    const window = new SendWindow();
    window.set(100, 50, 1000);
    const newer = (sequence: number, acknowledgment: number) => window.isNewer(sequence, acknowledgment);
    expect([newer(101, 50), newer(101, 49), newer(100, 50), newer(100, 51)]).toEqual([true, true, true, true]);
    expect([newer(100, 49), newer(99, 50), newer(99, 51), newer(99, 200)]).toEqual([false, false, false, false]);
    window.set(0xfffffff0, 50, 1000);
    expect([newer(5, 50), newer(0xffffffef, 50)]).toEqual([true, false]);
  });

  it('keeps its right edge where an ACK does not tell it', () => {
    const window = new SendWindow();
    window.set(1, 1, 1000);
    expect([window.isToldBy(1, 1), window.isToldBy(1, 2), window.isToldBy(2, 1)]).toEqual([true, false, false]);
    window.keepEdge(400);
    expect([window.octets, window.greatest]).toEqual([600, 1000]);
    window.keepEdge(601);
    expect(window.octets).toBe(0);
  });

  it('remembers the greatest', () => {
    const window = new SendWindow();
    window.set(1, 1, 1000);
    window.set(2, 1, 300);
    expect([window.octets, window.greatest]).toEqual([300, 1000]);
    window.set(3, 1, 1001);
    expect([window.octets, window.greatest]).toEqual([1001, 1001]);
  });
});
