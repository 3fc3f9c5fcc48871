/**
 * Structure-aware fuzzing of everything that reads what a stranger wrote.
 *
 *     npm run fuzz -- --runs 1000000            # over all targets
 *     npm run fuzz -- --runs 20000 --target dns --seed 7
 */

import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { gather } from './material.ts';
import { targetsOf } from './targets.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    target: { type: 'string' },
    seed: { type: 'string' },
    root: { type: 'string', default: '.' },
  },
});

/** Nothing that is read takes this long, however it is damaged. */
const GREATEST_MS = 2000;

const seed = values.seed === undefined ? Date.now() % 0x7fffffff : Number(values.seed);
const targets = targetsOf(gather(values.root)).filter(
  ({ name }) => values.target === undefined || name === values.target,
);
const shares = targets.reduce((sum, { share }) => sum + share, 0);
let all = 0;
for (const { name, share, inputs, read } of targets) {
  const numRuns = Math.ceil((Number(values.runs) * share) / shares);
  const startMs = performance.now();
  let slowest = 0;
  const timed = (input: Uint8Array | string) => {
    const before = performance.now();
    read(input);
    const tookMs = performance.now() - before;
    slowest = Math.max(slowest, tookMs);
    if (tookMs > GREATEST_MS) throw new Error(`it took ${Math.round(tookMs)} ms`);
  };
  const result = fc.check(fc.property(inputs, timed), { numRuns, seed });
  all += result.numRuns;
  const took = ((performance.now() - startMs) / 1000).toFixed(1);
  if (!result.failed) {
    console.log(
      `${String(result.numRuns).padStart(8)}  ${name}: no escape (${took} s, slowest ${slowest.toFixed(1)} ms)`,
    );
    continue;
  }
  process.exitCode = 1;
  const [input] = result.counterexample ?? [];
  const shown = typeof input === 'string' ? JSON.stringify(input) : Buffer.from(input ?? []).toString('hex');
  console.log(`${name}: ${result.errorInstance instanceof Error ? result.errorInstance.stack : result.errorInstance}`);
  console.log(`  input ${shown}; npm run fuzz -- --target '${name}' --seed ${seed} --runs ${values.runs}`);
}
console.log(`${all} executions over ${targets.length} targets, seed ${seed}`);
