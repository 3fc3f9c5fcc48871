/**
 * How long it takes from nothing until a command has ended, or until its first screen stands, beside the least that Node
 * takes: `npm run build && npm run bench -- startup [--rounds 15] [--out FILE.json]`.
 *
 * All rows take turns, for a machine is never quiet; ratios are of neighbours in time. Screens are drawn in a terminal of
 * their own, which `script` of util-linux makes.
 */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { goal, tellGoals } from './goal.ts';
import { spread, spreadText } from './spread.ts';

const NODE = process.execPath;
const COMMAND = 'bin/packetwalk.cjs';

interface Start {
  readonly name: string;
  readonly words: readonly string[];
  /** What its first screen shows; null: it is over when it has ended. */
  readonly shows: string | null;
  readonly environment: Readonly<Record<string, string>>;
  /** How many times `node -e 0` it may take. */
  readonly most: number | null;
}

async function endedAfter({ words, environment }: Start): Promise<number> {
  const begin = performance.now();
  const child = spawn(NODE, words, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } });
  child.stdout.resume();
  const [status] = (await once(child, 'close')) as [number];
  if (status !== 0) throw new Error(`${words.join(' ')}: status ${status}`);
  return performance.now() - begin;
}

async function shownAfter({ words, environment, shows }: Start): Promise<number> {
  const line = `stty cols 120 rows 40; exec ${[NODE, ...words].join(' ')}`;
  const begin = performance.now();
  const env = { ...process.env, ...environment };
  const child = spawn('script', ['-qfec', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'], env });
  let shown = '';
  let ms: number | null = null;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (ms !== null || shows === null || !shown.includes(shows)) return;
    ms = performance.now() - begin;
    child.stdin.write('q');
  });
  await once(child, 'close');
  if (shows !== null && ms === null) throw new Error(`${words.join(' ')} showed no ${shows}`);
  return ms ?? performance.now() - begin;
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, out: { type: 'string' } },
});
const folder = mkdtempSync(join(tmpdir(), 'packetwalk-startup-'));
const warm = { NODE_COMPILE_CACHE: folder, NODE_DISABLE_COMPILE_CACHE: '' };
const cold = { NODE_DISABLE_COMPILE_CACHE: '1' };
const base = { shows: null, environment: warm, most: null };
const run = [COMMAND, 'run', 'tcp-handshake'];
const walk = [COMMAND, 'walk', 'tcp-lost-segment'];
const ENDED: readonly Start[] = [
  { ...base, name: 'node -e 0', words: ['-e', '0'] },
  { ...base, name: 'packetwalk --version', words: [COMMAND, '--version'], most: 1.5 },
  { ...base, name: 'packetwalk run tcp-handshake', words: run, most: 3 },
  { ...base, name: '… with nothing kept', words: run, environment: cold },
];
const SHOWN: readonly Start[] = [
  { ...base, name: 'node -e 0, in a terminal', words: ['-e', '0'] },
  { ...base, name: 'first frame of packetwalk walk', words: walk, shows: 'quit', most: 2.5 },
  { ...base, name: '… with nothing kept', words: walk, shows: 'quit', environment: cold },
];

async function table(starts: readonly Start[], measure: (start: Start) => Promise<number>) {
  // The first start keeps what it has compiled.
  for (const start of starts) await measure(start);
  const times = starts.map((): number[] => []);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [index, start] of starts.entries()) times[index]?.push(await measure(start));
  return starts.map(({ name, most }, index) => {
    const own = times[index] ?? [];
    const ms = spread(own);
    const ratio = spread(own.map((time, round) => time / (times[0]?.[round] ?? 1)));
    const cells = [`${spreadText(ms, 0)} ms`, `${spreadText(ratio, 1)} ×`];
    process.stdout.write(`${name.padEnd(31)} ${cells.map((cell) => cell.padStart(18)).join(' ')}\n`);
    return { name, ms, ratio, most };
  });
}

try {
  const rows = await table(ENDED, endedAfter);
  if (spawnSync('script', ['--version']).status === 0) rows.push(...(await table(SHOWN, shownAfter)));
  else process.stdout.write('first frame: not measured; it takes script of util-linux\n');
  const goals = rows.flatMap(({ name, ratio, most }) =>
    most === null ? [] : [goal(`${name}, in times of node -e 0`, ratio.median, 'at most', most)],
  );
  tellGoals(goals);
  if (values.out) writeFileSync(values.out, `${JSON.stringify({ node: process.version, rows, goals }, null, 1)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
