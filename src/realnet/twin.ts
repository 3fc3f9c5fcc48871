/** One of the two threads of `runTwice`. */

import { parentPort, workerData } from 'node:worker_threads';
import { jsonlLines } from '../projections/jsonl.ts';
import { patchBuiltIns } from './patches.ts';
import type { Simulation } from './simulation.ts';

patchBuiltIns();

/** The program's module and its simulation are loaded after the patches. */
async function linesOf(program: string): Promise<readonly string[]> {
  const { default: run } = (await import(program)) as { readonly default: () => Promise<Simulation> };
  const net = await run();
  const [, ...lines] = jsonlLines({ title: '', seed: net.seed, scenario: '' }, net.journal);
  return lines;
}

const lines = linesOf(String(workerData));
parentPort?.on('message', ({ at, count }: { readonly at: number; readonly count: number }) => {
  void lines.then((all) => parentPort?.postMessage(all.slice(at, at + count)));
});
