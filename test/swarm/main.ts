/**
 * The swarm: many small networks, each with other applications and other faults, all under the same invariants.
 *
 *     npm run swarm -- --seeds 1..5000          # what CI does
 *     npm run swarm -- --seeds 4711             # one seed again
 *     npm run swarm -- --scenario saved.pw.yaml # a saved failure again
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { FAULT_KINDS } from './draw/faults.ts';
import { VIOLATIONS, type ViolationKind } from './invariants/invariant.ts';
import { runPool } from './pool.ts';
import { shrinkSeed } from './shrink.ts';
import { type Outcome, runText } from './trial.ts';

/** So many failures are shrunk; the others are only told. */
const MOST_SHRUNK = 3;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1..200' },
    jobs: { type: 'string' },
    hashes: { type: 'boolean', default: false },
    'each-fault': { type: 'string', default: '0' },
    'no-shrink': { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    out: { type: 'string', default: 'swarm-failures' },
    scenario: { type: 'string' },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

class Summary {
  readonly failed: Outcome[] = [];
  readonly drawn = new Map<string, number>();
  readonly struck = new Map<string, number>();
  readonly marks = new Map<string, number>();
  readonly #hashes: [number, string][] = [];
  seeds = 0;
  entries = 0;
  events = 0;

  add(outcome: Outcome): void {
    this.seeds++;
    this.entries += outcome.entries;
    this.events += outcome.events;
    if (outcome.violations.length > 0) this.failed.push(outcome);
    // A kind that was drawn twice counts once for each seed.
    for (const kind of new Set(outcome.faults.map((each) => each.kind))) count(this.drawn, kind);
    for (const kind of new Set(outcome.faults.flatMap((each) => (each.struck ? [each.kind] : []))))
      count(this.struck, kind);
    for (const mark of outcome.marks) count(this.marks, mark);
    if (outcome.hash !== '') this.#hashes.push([Number(outcome.seed), outcome.hash]);
  }

  /** Of all journals together, whatever the order in which they came. */
  get hash(): string {
    const lines = this.#hashes.sort(([one], [other]) => one - other).map(([seed, hash]) => `${seed} ${hash}\n`);
    return createHash('sha256').update(lines.join('')).digest('hex');
  }
}

function count(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

function tellFailure({ seed, violations }: Outcome): void {
  const [first, ...more] = violations;
  if (!first) return;
  const where = first.seq === null ? 'at the end' : `at entry ${first.seq}`;
  print(`seed ${seed}: ${first.kind} ${where}: ${first.detail}`);
  print(`  ${VIOLATIONS[first.kind]}; commit ${commit()}; npm run swarm -- --seeds ${seed}`);
  const others = [...new Set(more.map((each) => each.kind))].filter((kind) => kind !== first.kind);
  if (others.length > 0) print(`  and then ${others.join(', ')}`);
}

async function save({ seed, violations }: Outcome, folder: string): Promise<void> {
  const kind = violations[0]?.kind as ViolationKind;
  const { text, jobs, faults } = await shrinkSeed(seed, kind);
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/seed-${seed}-${kind}.pw.yaml`;
  writeFileSync(path, text);
  print(`  enough is: ${[...jobs, ...faults].join(', ') || 'the network alone'}; npm run swarm -- --scenario ${path}`);
}

async function main(): Promise<void> {
  if (values.scenario !== undefined) {
    const { violations } = runText(readFileSync(values.scenario, 'utf8'), values.scenario, { twice: true, deep: true });
    for (const { kind, detail, seq } of violations)
      print(`${kind} ${seq === null ? 'at the end' : `at entry ${seq}`}: ${detail}`);
    print(violations.length === 0 ? 'no violation' : `${violations.length} violations`);
    process.exitCode = violations.length === 0 ? 0 : 1;
    return;
  }
  const [from = '', to = from] = values.seeds.split('..');
  const [first, last] = [Number(from), Number(to)];
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first < 0 || last < first) {
    process.stderr.write('--seeds is like 1..5000 or 17\n');
    process.exitCode = 2;
    return;
  }
  const startMs = performance.now();
  const summary = new Summary();
  await runPool({
    first,
    last,
    jobs: values.jobs === undefined ? null : Number(values.jobs),
    hashes: values.hashes,
    onOutcome: (outcome) => {
      summary.add(outcome);
      if (outcome.violations.length > 0 && !values.quiet) tellFailure(outcome);
      return !(values.first && outcome.violations.length > 0);
    },
  });
  const seconds = (performance.now() - startMs) / 1000;
  if (values.quiet) {
    const [failure] = summary.failed.sort((one, other) => Number(one.seed) - Number(other.seed));
    print(
      JSON.stringify({
        seeds: summary.seeds,
        failure: failure ? { seed: failure.seed, ...failure.violations[0] } : null,
      }),
    );
  } else await report(summary, seconds);
}

async function report(summary: Summary, seconds: number): Promise<void> {
  const { failed, drawn, struck, marks, seeds, entries, events } = summary;
  if (!values['no-shrink']) {
    const byKind = new Map(failed.map((outcome) => [outcome.violations[0]?.kind, outcome]));
    for (const outcome of [...byKind.values()].slice(0, MOST_SHRUNK)) await save(outcome, values.out);
  }
  print('sometimes:');
  for (const [mark, times] of [...marks].sort(([one], [other]) => (one < other ? -1 : 1)))
    print(`  ${String(times).padStart(7)}  ${mark}`);
  print('faults: seeds in which they struck, and in which they were drawn');
  for (const kind of FAULT_KINDS)
    print(`  ${String(struck.get(kind) ?? 0).padStart(7)} ${String(drawn.get(kind) ?? 0).padStart(7)}  ${kind}`);
  const rare = FAULT_KINDS.filter((kind) => (struck.get(kind) ?? 0) < Number(values['each-fault']));
  if (rare.length > 0) print(`struck in fewer than ${values['each-fault']} seeds: ${rare.join(', ')}`);
  if (values.hashes) print(`all journals: ${summary.hash}`);
  const speed = `${seconds.toFixed(1)} s, ${entries} entries, ${events} events`;
  print(`${seeds} seeds, ${FAULT_KINDS.length} kinds of faults: ${failed.length} violations (${speed})`);
  if (failed.length > 0 || rare.length > 0) process.exitCode = 1;
}

await main();
