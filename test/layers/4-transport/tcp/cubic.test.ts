import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cubic, cubeBytes, cubeRoot, plateauMs } from '../../../../src/layers/4-transport/tcp/cubic.ts';

const MSS = 1000;
const SECOND = 1_000_000_000;

/** A flow that acknowledges one window every round trip, outside of slow start. */
function flow(rttNs: number) {
  const clock = { nowNs: 0 };
  const cubic = new Cubic(clock, { srttNs: rttNs });
  let cwnd = 100 * MSS;
  const round = () => {
    for (let left = cwnd; left > 0; left -= MSS) cwnd = cubic.grow(cwnd, Math.min(left, MSS), MSS);
    clock.nowNs += rttNs;
    return cwnd;
  };
  const lose = () => {
    cwnd = cubic.threshold(cwnd, cwnd, MSS);
    return cwnd;
  };
  return { clock, cubic, round, lose };
}

describe('CUBIC (RFC 9438)', () => {
  it('the cube root is the greatest whole number whose cube is not greater', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (n) => {
        const root = cubeRoot(n);
        expect(BigInt(root) ** 3n <= BigInt(n)).toBe(true);
        expect(BigInt(root + 1) ** 3n > BigInt(n) || root === 208_063).toBe(true);
      }),
    );
    expect([cubeRoot(0), cubeRoot(1), cubeRoot(7), cubeRoot(8), cubeRoot(26), cubeRoot(27)]).toEqual([
      0, 1, 1, 2, 2, 3,
    ]);
  });

  it('4.2: Wmax 100, cwnd 70 segments: K = cbrt(30 / 0.4) = 4.217 s; W(K) = Wmax', () => {
    expect(plateauMs(30 * MSS, MSS)).toBe(4217);
    expect(cubeBytes(0, MSS)).toBe(0);
    // 0.4 * 10^3 = 400 segments after ten seconds, and the same below before it.
    expect([cubeBytes(10_000, MSS), cubeBytes(-10_000, MSS)]).toEqual([400 * MSS, -400 * MSS]);
  });

  it('4.6: a loss leaves 0.7 of what is in flight, two segments at least', () => {
    const { cubic } = flow(SECOND);
    expect(cubic.threshold(10 * MSS, 10 * MSS, MSS)).toBe(7 * MSS);
    expect(cubic.threshold(2 * MSS, 2 * MSS, MSS)).toBe(2 * MSS);
  });

  it('4.4: concave: back at Wmax after K, whatever the round trip', () => {
    for (const rttNs of [SECOND / 2, SECOND / 4]) {
      const { clock, round, lose } = flow(rttNs);
      lose();
      let cwnd = 0;
      const steps: number[] = [];
      while (clock.nowNs < 4.25 * SECOND) {
        const before = cwnd;
        cwnd = round();
        if (before > 0) steps.push(cwnd - before);
      }
      expect(Math.abs(cwnd - 100 * MSS)).toBeLessThanOrEqual(MSS);
      expect((steps.at(-1) ?? 0) < (steps[0] ?? 0)).toBe(true);
    }
  });

  it('4.5: convex: beyond Wmax it grows faster and faster, at most half as much again in a round trip', () => {
    const { clock, round, lose } = flow(SECOND / 2);
    lose();
    while (clock.nowNs < 4.5 * SECOND) round();
    const windows = Array.from({ length: 30 }, round);
    const steps = windows.slice(1).map((cwnd, index) => cwnd - (windows[index] ?? 0));
    expect((steps.at(-1) ?? 0) > 3 * (steps[0] ?? 0)).toBe(true);
    windows.slice(1).forEach((cwnd, index) => {
      expect(cwnd).toBeLessThanOrEqual(1.66 * (windows[index] ?? 0));
    });
  });

  it('4.3: on a short path it is Reno: 9/17 of a segment a round trip until it is back, then one', () => {
    const { round, lose } = flow(SECOND / 1000);
    const start = lose();
    for (let rounds = 0; rounds < 34; rounds++) round();
    expect(Math.abs(round() - start - 18.5 * MSS)).toBeLessThanOrEqual(MSS);
  });

  it('4.7: fast convergence: a loss below the last Wmax makes the plateau 0.85 of where it happened', () => {
    const { clock, round, lose } = flow(SECOND / 2);
    lose();
    // Lost again at 70 of 100 segments: Wmax = 59.5, cwnd = 49; K = cbrt(10.5 / 0.4) = 2.972 s.
    const low = lose();
    expect(low).toBe(49 * MSS);
    let cwnd = 0;
    while (clock.nowNs < 3 * SECOND) cwnd = round();
    expect(Math.abs(cwnd - 59.5 * MSS)).toBeLessThanOrEqual(MSS);
  });

  it('4.8: after a timeout K is 0: the curve starts flat where congestion avoidance does', () => {
    const { cubic, clock } = flow(SECOND / 2);
    cubic.threshold(100 * MSS, 100 * MSS, MSS);
    cubic.startOver(true);
    let cwnd = 70 * MSS;
    for (let segment = 0; segment < 70; segment++) cwnd = cubic.grow(cwnd, MSS, MSS);
    clock.nowNs += SECOND;
    // W(0.5 s) = 70.05 segments; with K of 4.2 s it would be 78.5.
    expect(cwnd).toBeLessThan(70.6 * MSS);
  });

  it('the same numbers in the same order, always', () => {
    const { round, lose } = flow(SECOND / 10);
    lose();
    const windows = Array.from({ length: 60 }, round).filter((_, index) => index % 10 === 9);
    expect(windows).toMatchInlineSnapshot(`
      [
        85906,
        95264,
        99157,
        99988,
        100160,
        103111,
      ]
    `);
  });
});
