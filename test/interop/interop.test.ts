/**
 * Our TCP against Linux's, over a TUN device in a network namespace of its own. `npm run test:interop` runs the whole
 * matrix; `npm test` a short form. Skipped, with the reason, where no TUN device can be opened.
 */

import { describe, expect, it } from 'vitest';
import { LINUX_PROFILE, RFC_PROFILE } from '../../src/layers/4-transport/tcp/profile.ts';
import { whyNoTun } from './linux-host.ts';
import type { Harm } from './raw-link.ts';
import { DIRECTIONS, transfer } from './transfer.ts';

const CLEAN: Harm = { delayMs: 1, jitterMs: 0, loss: 0, duplicate: 0 };
const HARMS: Readonly<Record<string, Harm>> = {
  'no loss': CLEAN,
  'loss 3 %': { ...CLEAN, loss: 0.03 },
  'loss 12 %': { ...CLEAN, loss: 0.12 },
  'duplicates 5 %, jitter 8 ms, loss 3 %': { ...CLEAN, loss: 0.03, duplicate: 0.05, jitterMs: 8 },
};
const PROFILES = { rfc: RFC_PROFILE, linux: LINUX_PROFILE } as const;

const isWhole = process.env.INTEROP === 'whole';
const harms = Object.entries(HARMS).filter(([name]) => isWhole || !/^loss/.test(name));
const seeds = isWhole ? [1, 2, 3, 4] : [1];
const octets = isWhole ? 300_000 : 60_000;
const reason = whyNoTun();

const FAMILIES = ['ipv4', 'ipv6'] as const;
/** Of the other family everything, of this one a transfer under difficulties in each direction unless asked for more. */
const isAsked = (family: 'ipv4' | 'ipv6', profile: string, harm: Harm) =>
  isWhole || family === 'ipv4' || (profile === 'linux' && harm !== CLEAN);
const cases = FAMILIES.flatMap((family) =>
  Object.entries(PROFILES).flatMap(([name, profile]) =>
    DIRECTIONS.flatMap((direction) =>
      harms.flatMap(([conditions, harm]) =>
        isAsked(family, name, harm) ? [{ family, name, profile, direction, conditions, harm }] : [],
      ),
    ),
  ),
);

describe.skipIf(reason !== null)(`TCP with Linux${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  for (const { family, name, profile, direction, conditions, harm } of cases) {
    it.concurrent(`${family}, ${name}: ${direction}, ${conditions}, seeds ${seeds.join(' ')}`, {
      timeout: 300_000,
    }, async () => {
      const options = { family, direction, harm, profile, octets, limitSeconds: 120 };
      const problems = await Promise.all(seeds.map((seed) => transfer({ ...options, seed })));
      expect(problems.flat()).toEqual([]);
    });
  }
});
