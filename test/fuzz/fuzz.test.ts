/** The short form of `npm run fuzz`: the same targets with the same seed each time, and all that was found before. */

import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CORPUS } from './corpus.ts';
import { gather } from './material.ts';
import { targetsOf } from './targets.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 300);
const targets = targetsOf(gather(fileURLToPath(new URL('../..', import.meta.url))));

describe('whatever a stranger wrote', { timeout: 30_000 + RUNS * 20 }, () => {
  it.each(targets.map((target) => [target.name, target] as const))(
    '%s: read or refused, and nothing escapes',
    (_name, { share, inputs, read }) => {
      fc.assert(fc.property(inputs, read), { numRuns: RUNS * share, seed: 20 });
    },
  );

  it('and what was found before', () => {
    for (const { target, input } of CORPUS) {
      const reader = targets.find(({ name }) => name === target);
      expect([target, reader?.name]).toEqual([target, target]);
      reader?.read('hex' in input ? Uint8Array.from(Buffer.from(input.hex, 'hex')) : input.text);
    }
  });
});
