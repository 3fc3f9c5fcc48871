import { describe, expect, it } from 'vitest';
import { doubledNs, RoundTrip } from '../../../../src/layers/4-transport/tcp/rto.ts';

const roundTrip = (minNs = 1, maxNs = 1_000_000, minIsVariance = false) =>
  new RoundTrip(10_000, minNs, maxNs, minIsVariance);

describe('RTO (RFC 6298)', () => {
  it('2.1 to 2.3: first sample, then RTTVAR with the old SRTT, then SRTT', () => {
    const time = roundTrip();
    expect([time.rtoNs, time.srttNs, time.rttvarNs]).toEqual([10_000, 0, 0]);
    time.sample(1001);
    expect([time.srttNs, time.rttvarNs, time.rtoNs]).toEqual([1001, 500, 3001]);
    time.sample(2000);
    // RTTVAR = (3 * 500 + 999) / 4 = 624.75, SRTT = (7 * 1001 + 2000) / 8 = 1125.875; whole ns.
    expect([time.srttNs, time.rttvarNs, time.rtoNs]).toEqual([1125, 624, 1125 + 4 * 624]);
    time.sample(1000);
    expect([time.srttNs, time.rttvarNs]).toEqual([1109, 499]);
  });

  it('2.4 and 2.5: floor and cap; G is 1 ns', () => {
    const time = roundTrip(5000, 9000);
    expect(time.rtoNs).toBe(9000);
    time.sample(100);
    expect(time.rtoNs).toBe(5000);
    time.sample(100_000);
    expect(time.rtoNs).toBe(9000);
    const still = roundTrip(1);
    for (let count = 0; count < 200; count++) still.sample(1000);
    // RTTVAR rounds down to 0: max(G, 4 * 0).
    expect([still.rttvarNs, still.rtoNs]).toEqual([0, 1001]);
    const first = roundTrip(3001);
    first.sample(1000);
    expect(first.rtoNs).toBe(3001);
  });

  it('Linux: the floor is of the part that RTTVAR makes', () => {
    const time = roundTrip(2000, 1_000_000, true);
    time.sample(100);
    expect(time.rtoNs).toBe(2100);
    time.sample(100_000);
    expect(time.rtoNs).toBe(time.srttNs + 4 * time.rttvarNs);
    expect(time.rtoNs).toBeGreaterThan(100_000);
  });

  it('5.5: doubled at each timeout, up to the cap; a sample takes it back', () => {
    const time = roundTrip(1, 70_000);
    time.backOff();
    expect(time.rtoNs).toBe(20_000);
    time.backOff();
    time.backOff();
    expect(time.rtoNs).toBe(70_000);
    time.sample(1000);
    expect(time.rtoNs).toBe(3000);
  });

  it('5.7: starts over after a lost SYN', () => {
    const time = roundTrip();
    time.backOff();
    time.startOver(3000);
    expect(time.rtoNs).toBe(3000);
  });

  it('section 3: one segment is timed at a time, none that was sent again', () => {
    const time = roundTrip();
    time.begin(100, 1000);
    time.begin(200, 1500);
    time.onAck(99, 1800, null);
    expect(time.srttNs).toBe(0);
    time.onAck(100, 2000, null);
    expect(time.srttNs).toBe(1000);
    // Nothing is timed now.
    time.onAck(200, 9000, null);
    expect(time.srttNs).toBe(1000);
    time.begin(300, 10_000);
    time.forget();
    time.onAck(300, 50_000, null);
    expect(time.srttNs).toBe(1000);
    time.begin(400, 60_000);
    time.onAck(500, 61_000, null);
    expect([time.srttNs, time.rttvarNs]).toEqual([1000, 375]);
  });

  it('a segment that ends at number 0 is timed like any other', () => {
    const time = roundTrip();
    time.begin(0, 1000);
    time.begin(5, 1400);
    time.onAck(0, 1500, null);
    expect(time.srttNs).toBe(500);
  });

  it('an echoed timestamp counts where no segment is timed', () => {
    const time = roundTrip();
    time.onAck(1, 1000, 700);
    expect(time.srttNs).toBe(700);
    time.begin(10, 2000);
    time.onAck(5, 2500, 90_000);
    expect(time.srttNs).toBe(700);
    time.onAck(10, 2700, 90_000);
    expect(time.srttNs).toBe(700);
    expect(time.rttvarNs).toBe(262);
  });

  it('doubling stops at the greatest', () => {
    expect([doubledNs(3, 0, 100), doubledNs(3, 1, 100), doubledNs(3, 5, 100), doubledNs(3, 6, 100)]).toEqual([
      3, 6, 96, 100,
    ]);
    expect(doubledNs(200, 0, 100)).toBe(100);
    expect(doubledNs(1, 2000, 64)).toBe(64);
  });

  it('3 (Karn): an ACK that a retransmission may have brought about tells nothing of a segment that it covers', () => {
    const covered = roundTrip();
    // The end of the segment may be any number, 0 too.
    covered.begin(0, 100);
    covered.onAmbiguousAck(0);
    covered.onAck(0, 900, null);
    expect([covered.srttNs, covered.timedEnd]).toEqual([0, null]);
    const beyond = roundTrip();
    beyond.begin(200, 100);
    beyond.onAmbiguousAck(199);
    expect(beyond.timedEnd).toBe(200);
    beyond.onAck(200, 900, null);
    expect(beyond.srttNs).toBe(800);
  });

  it('3 (Karn): of all segments only the one that is timed must not go again', () => {
    const time = roundTrip();
    time.begin(200, 100);
    time.onSentAgain(100);
    time.onSentAgain(300);
    expect(time.timedEnd).toBe(200);
    time.onArrived(600);
    expect([time.srttNs, time.timedEnd]).toEqual([500, null]);
    time.begin(400, 1000);
    time.onSentAgain(400);
    expect(time.timedEnd).toBeNull();
  });
});
