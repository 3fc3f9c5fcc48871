/**
 * How long the screen takes from a key to the bytes that change the terminal, and how many bytes those are, at 120×40;
 * and what a run of a million entries costs. `npm run bench -- tui [--short | --long]`
 */

import { readFileSync } from 'node:fs';
import { thrifty } from '../src/cli/heap.ts';
import { walkHost } from '../src/cli/walk-host.ts';
import { loadScenario } from '../src/index.ts';
import { Compositor } from '../src/tui/compositor.ts';
import { messageFor } from '../src/tui/keymap.ts';
import { Layout } from '../src/tui/layout.ts';
import { initialModel, type Model, storyOf } from '../src/tui/model.ts';
import { paint } from '../src/tui/paint.ts';
import { update } from '../src/tui/update/update.ts';

function hostOf(text: string, name: string) {
  const loaded = loadScenario(text, name);
  if (loaded.scenario === null) throw new Error(JSON.stringify(loaded.problems));
  const out = undefined as unknown as Parameters<typeof walkHost>[0]['out'];
  return walkHost({
    scenario: loaded.scenario,
    text,
    name,
    given: { seed: null, until: null, profile: null, set: [] },
    out,
  });
}

class Bench {
  readonly #layout = new Layout();
  readonly #compositor = new Compositor('true', false);
  model: Model;

  constructor(text: string, name: string) {
    this.model = initialModel(hostOf(text, name), { columns: 120, rows: 40 });
    this.press('ctrl+l');
  }

  /** Milliseconds and bytes of one key. */
  press(key: string): { readonly ms: number; readonly bytes: number } {
    const start = performance.now();
    const message = messageFor(this.model, key);
    if (message) [this.model] = update(this.model, message);
    while (this.model.journey) [this.model] = update(this.model, { kind: 'travel' });
    const text = this.#compositor.compose(paint(this.model, this.#layout.placesOf(this.model)));
    return { ms: performance.now() - start, bytes: Buffer.byteLength(text) };
  }

  close(): void {
    this.#layout.close();
  }
}

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
  const bench = new Bench(text, name);
  const keys = (key: string, count: number) => Array.from({ length: count }, () => bench.press(key));
  keys('right', 40);
  keys('left', 40);
  report(`${name}: step forward`, keys('right', 150));
  report(`${name}: step back`, keys('left', 150));
  bench.press('g');
  report(`${name}: next packet`, keys('n', 30));
  bench.close();
}

const LONG = `packetwalk: 1
title: A long upload
until: 10m
nodes:
  client: { ip: 10.0.0.1/24 }
  server: { ip: 10.0.0.2/24, apps: { sink: { port: 9 } } }
links: [{ between: [client, server], rate: 1Gbit, delay: 1ms, loss: 0.1% }]
timeline:
  - { at: 0s, node: client, do: { tcp-connect: { to: "server:9", as: upload } } }
  - { at: 0s, node: client, do: { tcp-send: { on: upload, size: 1MB, times: 85 } } }
`;

/** A journal of about a million entries: opening its end, and keys there. */
function long(): void {
  const bench = new Bench(LONG, 'long');
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
