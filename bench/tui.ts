/**
 * How long the screen takes from a key to the bytes that change the terminal, and how many bytes those are, at 120×40;
 * and what a run of a million entries costs. `npm run bench -- tui [--short | --long]`
 */

import { readFileSync } from 'node:fs';
import { thrifty } from '../src/cli/heap.ts';
import { storyOf } from '../src/tui/model.ts';
import { LONG, Screen } from './screen.ts';

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function report(what: string, samples: readonly { readonly ms: number; readonly bytes: number }[]): void {
  const ms = samples.map((sample) => sample.ms);
  const bytes = samples.map((sample) => sample.bytes);
  const row = `${what.padEnd(34)} ${quantile(ms, 0.5).toFixed(2).padStart(7)} ms median ${quantile(ms, 0.95).toFixed(2).padStart(7)} ms p95`;
  process.stdout.write(
    `${row} ${String(quantile(bytes, 0.5)).padStart(6)} bytes median ${String(quantile(bytes, 0.95)).padStart(6)} p95\n`,
  );
}

function short(name: string): void {
  const text = readFileSync(`scenarios/${name}.pw.yaml`, 'utf8');
  const bench = new Screen(text, name);
  const keys = (key: string, count: number) => Array.from({ length: count }, () => bench.press(key));
  keys('right', 40);
  keys('left', 40);
  report(`${name}: step forward`, keys('right', 150));
  report(`${name}: step back`, keys('left', 150));
  bench.press('g');
  report(`${name}: next packet`, keys('n', 30));
  bench.close();
}

/** A journal of about a million entries: opening its end, and keys there. */
function long(): void {
  const bench = new Screen(LONG, 'long');
  const start = performance.now();
  bench.press('G');
  const { length } = storyOf(bench.model).entries;
  process.stdout.write(
    `long run: ${length} entries, to its end in ${((performance.now() - start) / 1000).toFixed(1)} s\n`,
  );
  const keys = (key: string, count: number) => Array.from({ length: count }, () => bench.press(key));
  report('long run, at its end: step back', keys('left', 100));
  report('long run: previous packet', keys('N', 30));
  const first = bench.press('g');
  report('long run: to the start', [first]);
  report('long run: steps there', keys('right', 60));
  bench.press('G');
  report('long run: loss before', keys('C', 20));
  // What lives, not what the collector has not come to yet.
  (globalThis as { gc?: () => void }).gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  process.stdout.write(`memory: ${Math.round(rss / 1e6)} MB resident, ${Math.round(heapUsed / 1e6)} MB of heap\n`);
  bench.close();
}

thrifty();
const part = process.argv[2] ?? null;
if (part === null || part === '--short')
  for (const name of ['tcp-lost-segment', 'dns-then-tcp', 'two-hops']) short(name);
if (part === null || part === '--long') long();
