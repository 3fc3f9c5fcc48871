/** The bundled scenarios, loaded and run, for tests that hold for every one of them. */

import { readdirSync, readFileSync } from 'node:fs';
import { createRun, loadScenario, type Run, type Scenario } from '../src/index.ts';
import { captureOf, portsOf, type Vantage } from '../src/projections/capture.ts';
import { crossingsOf } from '../src/projections/crossings.ts';
import { journalHash, scenarioHash } from '../src/projections/jsonl.ts';
import { pcapng } from '../src/projections/pcapng.ts';
import { formatProblems } from '../src/scenario/problem.ts';

const FOLDER = new URL('../scenarios/', import.meta.url);

export const BUNDLED: readonly string[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.pw.yaml'))
  .map((name) => name.slice(0, -'.pw.yaml'.length))
  .sort();

export function loadBundled(name: string, set: Record<string, string> = {}): Scenario {
  const loaded = loadScenario(readFileSync(new URL(`${name}.pw.yaml`, FOLDER)), `${name}.pw.yaml`, {
    set: Object.entries(set),
  });
  if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
  return loaded.scenario;
}

export function runToEnd(scenario: Scenario, options: { seed?: string; record?: boolean } = {}): Run {
  const run = createRun(scenario, options);
  run.runToEnd();
  return run;
}

export function hashOf(run: Run): string {
  const { title } = run.scenario;
  return journalHash({ title, seed: run.seed, scenario: scenarioHash(run.scenario) }, run.entries);
}

/** What a sniffer at a vantage point wrote. */
export function captureBytes(run: Run, vantage: Vantage): Uint8Array {
  const nameOf = (port: { readonly node: string; readonly interface: string }) => `${port.node}:${port.interface}`;
  const frames = capturedFrames(run, vantage).map(({ port, ...frame }) => ({ interface: nameOf(port), ...frame }));
  return Buffer.concat([...pcapng(portsOf(run.scenario, vantage).map(nameOf), frames)]);
}

export function capturedFrames(run: Run, vantage: Vantage) {
  return captureOf(crossingsOf(run.entries, run.scenario), vantage).map(
    ({ port, atNs, bytes, comment, direction }) => ({
      port,
      atNs,
      bytes,
      comment,
      direction,
    }),
  );
}
