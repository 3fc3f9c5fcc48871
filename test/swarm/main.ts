/**
 * The swarm: many small networks, each with other applications and other faults, all under the same invariants.
 *
 *     npm run swarm -- --seeds 1..5000          # what CI does
 *     npm run swarm -- --seeds 4711             # one seed again
 *     npm run swarm -- --scenario saved.pw.yaml # a saved failure again
 *     npm run swarm -- --seeds 1..1000000 --resume long.json   # over several runs: each goes on where the last ended
 *
 * SIGINT and SIGTERM end it with the summary of what it has done.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { FAULT_KINDS } from './draw/faults.ts';
import { VIOLATIONS, type ViolationKind } from './invariants/invariant.ts';
import { Workers } from './pool.ts';
import { shrinkSeed } from './shrink.ts';
import { type Failure, type Kept, Summary, summaryLines } from './summary.ts';
import { runText } from './trial.ts';

/** So many failures are shrunk; the others are only told. */
const MOST_SHRUNK = 3;
/** After so many seeds all workers wait for each other, and what they have done is kept. */
const KEPT_EVERY = 2000;
const PROGRESS_EVERY_MS = 60_000;

/** By a signal: then there is no time for shrinking. */
let isToldToEnd = false;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1..200' },
    workers: { type: 'string' },
    hashes: { type: 'boolean', default: false },
    'each-fault': { type: 'string', default: '0' },
    'no-shrink': { type: 'boolean', default: false },
    first: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
    out: { type: 'string', default: 'swarm-failures' },
    resume: { type: 'string' },
    scenario: { type: 'string' },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
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

function tellFailure({ seed, violations, commit }: Failure): void {
  const [first, ...more] = violations;
  if (!first) return;
  const where = first.seq === null ? 'at the end' : `at entry ${first.seq}`;
  print(`seed ${seed}: ${first.kind} ${where}: ${first.detail}`);
  print(`  ${VIOLATIONS[first.kind]}; commit ${commit}; npm run swarm -- --seeds ${seed}`);
  const others = [...new Set(more.map((each) => each.kind))].filter((kind) => kind !== first.kind);
  if (others.length > 0) print(`  and then ${others.join(', ')}`);
}

async function save({ seed, violations }: Failure, folder: string): Promise<void> {
  const kind = violations[0]?.kind as ViolationKind;
  const { text, jobs, faults } = await shrinkSeed(seed, kind);
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/seed-${seed}-${kind}.pw.yaml`;
  writeFileSync(path, text);
  print(`  enough is: ${[...jobs, ...faults].join(', ') || 'the network alone'}; npm run swarm -- --scenario ${path}`);
}

function runSaved(path: string): void {
  const { violations } = runText(readFileSync(path, 'utf8'), path, { twice: true, deep: true });
  for (const { kind, detail, seq } of violations)
    print(`${kind} ${seq === null ? 'at the end' : `at entry ${seq}`}: ${detail}`);
  print(violations.length === 0 ? 'no violation' : `${violations.length} violations`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = 2;
}

async function main(): Promise<void> {
  if (values.scenario !== undefined) return runSaved(values.scenario);
  const [from = '', to = from] = values.seeds.split('..');
  const [first, last] = [Number(from), Number(to)];
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(last) || first < 0 || last < first)
    return complain('--seeds is like 1..5000 or 17');
  const { resume } = values;
  if (resume !== undefined && values.hashes) return complain('--hashes is of one run, and --resume of several');
  const before = resume !== undefined && existsSync(resume) ? (JSON.parse(readFileSync(resume, 'utf8')) as Kept) : null;
  const summary = new Summary(commit(), before);
  if (summary.first !== null && summary.first !== first)
    return complain(`${resume} begins with seed ${summary.first}, and --seeds with ${first}`);
  const done = await runRange(summary, summary.next ?? first, last);
  if (values.quiet) printQuietly(summary);
  else await report(summary, done);
}

/** Keeps what is done every now and then; after a signal, or the first failure with --first, nothing new begins. */
async function runRange(summary: Summary, first: number, last: number): Promise<Kept> {
  const startMs = performance.now();
  const seconds = () => (performance.now() - startMs) / 1000;
  const workers = new Workers(values.workers === undefined ? availableParallelism() : Number(values.workers));
  let goesOn = true;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      goesOn = false;
      isToldToEnd = true;
    });
  }
  const progress = setInterval(() => {
    const rate = summary.seeds / seconds();
    const left = `${((last - first + 1 - summary.seeds) / rate / 3600).toFixed(2)} h left`;
    const text = `${first + summary.seeds - 1} of ${last}: ${summary.failed.length} violations`;
    process.stderr.write(`${text}, ${rate.toFixed(1)} seeds a second, ${left}\n`);
  }, PROGRESS_EVERY_MS);
  let next = first;
  let kept = summary.kept(first, next - 1, 0);
  while (goesOn && next <= last) {
    next = await workers.run({
      first: next,
      last: Math.min(last, next + KEPT_EVERY - 1),
      hashes: values.hashes,
      goesOn: () => goesOn,
      onOutcome: (outcome) => {
        summary.add(outcome);
        if (outcome.violations.length === 0) return;
        if (!values.quiet) tellFailure({ ...outcome, commit: summary.commit });
        if (values.first) goesOn = false;
      },
    });
    kept = summary.kept(first, next - 1, seconds());
    if (values.resume !== undefined) keep(values.resume, kept);
  }
  clearInterval(progress);
  await workers.end();
  return kept;
}

/** Whole or not at all. */
function keep(path: string, kept: Kept): void {
  writeFileSync(`${path}.part`, `${JSON.stringify(kept)}\n`);
  renameSync(`${path}.part`, path);
}

function printQuietly({ seeds, failed }: Summary): void {
  const [failure] = failed.sort((one, other) => Number(one.seed) - Number(other.seed));
  print(JSON.stringify({ seeds, failure: failure ? { seed: failure.seed, ...failure.violations[0] } : null }));
}

async function report(summary: Summary, done: Kept): Promise<void> {
  const { failed, struck, commit } = summary;
  if (!values['no-shrink'] && !isToldToEnd) {
    const own = failed.filter((each) => each.commit === commit);
    const byKind = new Map(own.map((failure) => [failure.violations[0]?.kind, failure]));
    for (const failure of [...byKind.values()].slice(0, MOST_SHRUNK)) await save(failure, values.out);
  }
  const rare = FAULT_KINDS.filter((kind) => (struck.get(kind) ?? 0) < Number(values['each-fault']));
  const [total = '', ...lines] = summaryLines(done).reverse();
  for (const line of lines.reverse()) print(line);
  if (rare.length > 0) print(`struck in fewer than ${values['each-fault']} seeds: ${rare.join(', ')}`);
  if (values.hashes) print(`all journals: ${summary.hash}`);
  print(total);
  if (failed.length > 0 || rare.length > 0) process.exitCode = 1;
}

await main();
