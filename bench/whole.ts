/**
 * All benchmarks that goals are set for, one after the other, and their figures in one file: `npm run build && npm run
 * bench [-- --quick] [--out bench-results.json] [--core 1] [--only NAME,NAME]`. It takes a quarter of an hour of a quiet
 * machine; `--quick` takes two minutes and shows that all of it works, for its runs are too short to be held to goals.
 *
 * Exit 1 where a part could not be measured; a goal that is missed is told, and no error.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Goal, goalText } from './goal.ts';

interface Part {
  readonly name: string;
  readonly what: string;
  readonly words: readonly string[];
  readonly quick: readonly string[];
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    out: { type: 'string', default: 'bench-results.json' },
    core: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const core = ['--core', values.core];
const PARTS: readonly Part[] = [
  {
    name: 'dumbbell',
    what: 'frames per second, ours against ns-3',
    words: core,
    quick: [...core, '--rounds', '1', '--seconds', '5'],
  },
  {
    name: 'growth',
    what: 'what more flows and more hosts cost',
    words: core,
    quick: [...core, '--rounds', '1', '--seconds', '5', '--hosts', '10,1000', '--frames', '100000'],
  },
  {
    name: 'journal',
    what: 'what it costs to keep everything, and how soon the past stands again',
    words: [],
    quick: ['--rounds', '1', '--seconds', '2'],
  },
  {
    name: 'startup',
    what: 'from nothing to the end of a command, or to its first screen',
    words: [],
    quick: ['--rounds', '3'],
  },
  {
    name: 'endurance',
    what: 'a hundred million events with recording off',
    words: [],
    quick: ['--events', '5000000', '--warmup', '1000000'],
  },
  {
    name: 'sweep',
    what: 'what a second worker brings, and whether anybody can tell',
    words: [],
    quick: ['--seeds', '1..600', '--rounds', '1'],
  },
  {
    name: 'capture',
    what: 'reading a capture, ours against tshark',
    words: [],
    quick: ['--frames', '100000', '--rounds', '1'],
  },
];

interface Found {
  readonly name: string;
  /** What the part has written; null: it failed. */
  readonly figures: { readonly goals?: readonly Goal[] } | null;
}

const folder = mkdtempSync(join(tmpdir(), 'packetwalk-bench-'));

function measured({ name, what, words, quick }: Part): Found {
  process.stdout.write(`\n${name}: ${what}\n`);
  const file = join(folder, `${name}.json`);
  const all = ['scripts/bench.mjs', name, ...(values.quick ? quick : words), '--out', file];
  const { status } = spawnSync(process.execPath, all, { stdio: 'inherit' });
  return { name, figures: status === 0 && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null };
}

const only = values.only?.split(',');
const chosen = PARTS.filter(({ name }) => only === undefined || only.includes(name));
if (chosen.length < (only?.length ?? 1))
  throw new Error(`--only: there are ${PARTS.map(({ name }) => name).join(', ')}`);
try {
  const parts = chosen.map(measured);
  process.stdout.write(`\nall goals${values.quick ? ', by runs that are too short for them' : ''}\n`);
  for (const { name, figures } of parts) {
    if (figures === null) process.stdout.write(`FAILED   ${name}: could not be measured\n`);
    for (const each of figures?.goals ?? []) process.stdout.write(`${goalText(each)}\n`);
  }
  const machine = { node: process.version, processor: cpus()[0]?.model, cores: cpus().length };
  const found = {
    ...machine,
    quick: values.quick,
    parts: Object.fromEntries(parts.map((part) => [part.name, part.figures])),
  };
  writeFileSync(values.out, `${JSON.stringify(found, null, 1)}\n`);
  process.stdout.write(`all figures: ${values.out}\n`);
  if (parts.some(({ figures }) => figures === null)) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
