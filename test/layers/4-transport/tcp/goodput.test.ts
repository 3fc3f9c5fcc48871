/** How fast the congestion controls are, against what theory allows (Mathis et al., 1997), ns-3's, and how they share. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LINUX_PROFILE } from '../../../../src/layers/4-transport/tcp/profile.ts';
import { AS_NS3, buildNs3, estimate, goodputs, type LossyPath, mathisBound, ns3Goodputs } from '../../../goodputs.ts';

const CUBIC = { ...AS_NS3, congestion: 'cubic' as const };
const SEEDS = [1, 2, 3, 4, 5, 6];
const lossy = (loss: number): LossyPath => ({ delayMs: 25, megabits: 100, loss, queuePackets: 10_000 });

const folder = mkdtempSync(join(tmpdir(), 'packetwalk-ns3-'));
const program = buildNs3(folder);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('one flow over random loss', () => {
  for (const [name, profile] of [['NewReno', AS_NS3] as const, ['CUBIC', CUBIC] as const]) {
    // The bound takes no account of timeouts, which 5 % of loss brings.
    for (const [loss, least] of [[0.01, 0.8] as const, [0.02, 0.8] as const, [0.05, 0.5] as const]) {
      it(`${name} with SACK, loss ${loss * 100} %: below the bound of Mathis, not far below`, {
        timeout: 60_000,
      }, () => {
        const path = lossy(loss);
        const { mean } = estimate(SEEDS.map((seed) => goodputs(path, profile, 1, 60, seed)[0] ?? 0));
        expect(mean / mathisBound(path)).toBeLessThan(1);
        expect(mean / mathisBound(path)).toBeGreaterThan(least);
      });
    }

    // Where losses are rare the first slow start counts, and CUBIC leaves Reno behind (RFC 9438 section 4.3).
    it(`${name} with SACK, loss 0.1 %: as fast as the formula says, or CUBIC faster`, { timeout: 60_000 }, () => {
      const path = lossy(0.001);
      const { mean } = estimate(SEEDS.slice(0, 4).map((seed) => goodputs(path, profile, 1, 60, seed)[0] ?? 0));
      expect(mean / mathisBound(path)).toBeGreaterThan(0.8);
      expect(mean / mathisBound(path)).toBeLessThan(profile === CUBIC ? 2 : 1.2);
    });

    const reason = program === null ? ' (skipped: ns-3 or g++ is not installed: ns3, libns3-dev)' : '';
    it.skipIf(program === null)(
      `${name}: within 15 % of ns-3's, loss 1 % and 5 %${reason}`,
      { timeout: 60_000 },
      () => {
        for (const loss of [0.01, 0.05]) {
          const path = { ...lossy(loss), megabits: 10 };
          const own = estimate(SEEDS.map((seed) => goodputs(path, profile, 1, 60, seed)[0] ?? 0));
          const theirs = ns3Goodputs(program as string, profile.congestion, path, 1, 60, SEEDS.length);
          const ratio = own.mean / estimate(theirs.map(([octets = 0]) => octets)).mean;
          expect(ratio).toBeGreaterThan(0.85);
          expect(ratio).toBeLessThan(1.15);
        }
      },
    );
  }
});

describe('a window that is the limit', () => {
  it('goodput is W / RTT (64,240 octets over 100 ms)', () => {
    const profile = { ...AS_NS3, receiveBufferBytes: 64_240 };
    const [rate = 0] = goodputs({ ...lossy(0), delayMs: 50, megabits: 100_000 }, profile, 1, 100, 1);
    expect(rate / 642_400).toBeGreaterThan(0.99);
    expect(rate / 642_400).toBeLessThanOrEqual(1);
  });
});

describe('flows that share a bottleneck of 10 Mbit/s', () => {
  const path: LossyPath = { delayMs: 20, megabits: 10, loss: 0, queuePackets: 60 };

  for (const [name, profile] of Object.entries({
    'NewReno with SACK': AS_NS3,
    'CUBIC with SACK': CUBIC,
    'Linux: CUBIC, RACK, proportional rate': {
      ...LINUX_PROFILE,
      receiveBufferBytes: 2_000_000,
      sendBufferBytes: 2_000_000,
    },
  })) {
    it(`${name}: one fills it, two equal ones share it within 10 %`, { timeout: 60_000 }, () => {
      const [alone = 0] = goodputs(path, profile, 1, 60, 1);
      expect(alone).toBeGreaterThan(0.9 * 1_250_000);
      const [first = 0, second = 0] = goodputs(path, profile, 2, 300, 1);
      expect(first + second).toBeGreaterThan(0.9 * 1_250_000);
      expect(Math.abs(first - second) / (first + second)).toBeLessThan(0.1);
    });
  }
});
