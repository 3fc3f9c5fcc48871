/** How fast the congestion controls are, against what theory allows (Mathis et al., 1997), and how they share. */

import { describe, expect, it } from 'vitest';
import type { Impairments } from '../../../../src/layers/1-physical/cable/impairments.ts';
import { LINUX_PROFILE, RFC_PROFILE, type TcpProfile } from '../../../../src/layers/4-transport/tcp/profile.ts';
import { MS, makeRig, runUntil, SECOND } from '../../../rig.ts';

const ROOM = { receiveBufferBytes: 2_000_000, sendBufferBytes: 2_000_000, windowScale: true };
const SACK = { ...ROOM, sack: true };

/** Octets a second that each of some flows which begin together gets through within a time. */
function goodputs(
  flows: number,
  seed: number,
  profile: Partial<TcpProfile>,
  path: Partial<Impairments>,
  seconds: number,
) {
  const back = { delayNs: path.delayNs ?? 0 };
  const rig = makeRig({ seed: String(seed), aToB: path, bToA: back, profile: { ...RFC_PROFILE, ...profile } });
  const received: number[] = [];
  rig.b.tcp.listen('sink', 9, (stream) => {
    const flow = received.push(0) - 1;
    return {
      onReadable: () => {
        for (let read = stream.read(); read.length > 0; read = stream.read()) {
          received[flow] = (received[flow] ?? 0) + read.length;
        }
      },
    };
  });
  const octets = new Uint8Array(65_536);
  for (let flow = 0; flow < flows; flow++) {
    const pump = () => {
      while (stream.write(octets) > 0);
    };
    const stream = rig.a.tcp.connect('x', { address: rig.b.address, port: 9 }, { onOpen: pump, onDrain: pump });
  }
  runUntil(rig.kernel, seconds * SECOND);
  return received.map((count) => count / seconds);
}

const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
const SEEDS = Array.from({ length: 4 }, (_, index) => index + 1);

describe('one flow over random loss', () => {
  for (const loss of [0.001, 0.005, 0.02]) {
    const path = {
      delayNs: 25 * MS,
      loss: { kind: 'uniform' as const, perMillion: loss * 1_000_000 },
      queue: { packets: 10_000 },
    };
    /** MSS / RTT * sqrt(3 / 2) / sqrt(p); ACKs are not delayed. */
    const mathis = ((1460 / 0.05) * Math.sqrt(1.5)) / Math.sqrt(loss);

    it(`NewReno with SACK, loss ${loss * 100} %: within 30 % of the Mathis formula`, { timeout: 60_000 }, () => {
      const profile = { ...SACK, delayedAck: false };
      const rate = mean(SEEDS.map((seed) => goodputs(1, seed, profile, path, 100)[0] ?? 0));
      expect(rate / mathis).toBeGreaterThan(0.7);
      expect(rate / mathis).toBeLessThan(1.3);
    });

    it(`CUBIC, loss ${loss * 100} %: not slower than Reno`, { timeout: 60_000 }, () => {
      const profile = { ...SACK, delayedAck: false, congestion: 'cubic' as const };
      const rate = mean(SEEDS.map((seed) => goodputs(1, seed, profile, path, 100)[0] ?? 0));
      expect(rate / mathis).toBeGreaterThan(0.7);
    });
  }
});

describe('a window that is the limit', () => {
  it('goodput is W / RTT (64,240 octets over 100 ms)', () => {
    const profile = { receiveBufferBytes: 64_240, delayedAck: false };
    const [rate = 0] = goodputs(1, 1, profile, { delayNs: 50 * MS }, 100);
    expect(rate / 642_400).toBeGreaterThan(0.99);
    expect(rate / 642_400).toBeLessThanOrEqual(1);
  });
});

describe('flows that share a bottleneck of 10 Mbit/s', () => {
  const path = { delayNs: 20 * MS, bitsPerSecond: 10_000_000, queue: { packets: 60 } };

  for (const [name, profile] of Object.entries({
    'NewReno with SACK': SACK,
    'CUBIC with SACK': { ...SACK, congestion: 'cubic' as const },
    'Linux: CUBIC, RACK, proportional rate': { ...LINUX_PROFILE, ...SACK },
  })) {
    it(`${name}: one fills it, two equal ones share it within 10 %`, { timeout: 60_000 }, () => {
      const [alone = 0] = goodputs(1, 1, profile, path, 60);
      expect(alone).toBeGreaterThan(0.9 * 1_250_000);
      const shares = goodputs(2, 1, profile, path, 300);
      const [first = 0, second = 0] = shares;
      expect(first + second).toBeGreaterThan(0.9 * 1_250_000);
      expect(Math.abs(first - second) / (first + second)).toBeLessThan(0.1);
    });
  }
});
