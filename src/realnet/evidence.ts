/** What is left of a test that failed: files that show the whole run, and the commands that show it again. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { loadScenario } from '../index.ts';
import { captureOf, portsOf } from '../projections/capture.ts';
import { crossingsOf } from '../projections/crossings.ts';
import { type JsonlHeader, journalHash, jsonlLines, scenarioHash } from '../projections/jsonl.ts';
import { pcapng } from '../projections/pcapng.ts';
import { seconds } from '../projections/time.ts';
import { firstHost } from '../projections/topology.ts';
import { MAX_FILE_BYTES } from '../scenario/limits.ts';
import { recorded } from '../scenario/recording.ts';
import type { Simulation } from './simulation.ts';

/** Where a test stands, as its runner knows it. */
export interface TestPlace {
  readonly name: string;
  readonly file: string | null;
}

const FOLDER = '.packetwalk';

/** The scenario that the simulation has become: replayed, it gives the same journal. */
export function recordingOf({ source, seed, nowNs, session }: Simulation): string {
  return recorded(source, { seed, untilNs: nowNs, inputs: session.inputs });
}

/** The journal's hash, as `packetwalk run --json` tells it of the recording. */
export function hashOf(net: Simulation): string {
  return journalHash(headerOf(net, recordingOf(net)), net.journal);
}

function headerOf(net: Simulation, recording: string): JsonlHeader {
  const loaded = loadScenario(recording, 'recording');
  const scenario = loaded.scenario ?? net.scenario;
  return { title: scenario.title, seed: net.seed, scenario: scenarioHash(scenario) };
}

/** Writes the recording, the journal and a capture; returns what to tell, line by line. */
export function leaveEvidence(net: Simulation, place: TestPlace): readonly string[] {
  const folder = join(process.env.PACKETWALK_OUT ?? FOLDER);
  mkdirSync(folder, { recursive: true });
  const name = `${
    place.name
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 80) || 'test'
  }-${net.seed}`;
  const path = (ending: string) => join(folder, `${name}.${ending}`);
  const recording = recordingOf(net);
  writeFileSync(path('pw.yaml'), recording);
  writeFileSync(path('jsonl'), [...jsonlLines(headerOf(net, recording), net.journal)].join(''));
  writeFileSync(path('pcapng'), Buffer.concat([...captureBytes(net)]));
  const shown = (ending: string) => relative(process.cwd(), path(ending)) || path(ending);
  const tooLong = recording.length > MAX_FILE_BYTES ? ' (longer than a scenario may be: walk the capture)' : '';
  return [
    `seed ${net.seed}, ${seconds(net.nowNs)} s of virtual time`,
    `again: PACKETWALK_SEED=${net.seed} ${commandOf(place)}`,
    `walk:  npx packetwalk walk ${shown('pw.yaml')}${tooLong}`,
    `files: ${['pw.yaml', 'pcapng', 'jsonl'].map(shown).join('  ')}`,
  ];
}

function* captureBytes({ scenario, journal }: Simulation): Generator<Uint8Array> {
  const node = firstHost(scenario);
  const vantage = node === null ? 'all' : ({ node, interface: null } as const);
  const nameOf = (port: { readonly node: string; readonly interface: string }) => `${port.node}:${port.interface}`;
  const frames = captureOf(crossingsOf(journal, scenario), vantage).map(
    ({ port, atNs, bytes, comment, direction }) => ({ interface: nameOf(port), atNs, bytes, comment, direction }),
  );
  for (const piece of pcapng(portsOf(scenario, vantage).map(nameOf), frames)) {
    yield typeof piece === 'string' ? Buffer.from(piece) : piece;
  }
}

/** The runner's own command for one test. */
function commandOf({ name, file }: TestPlace): string {
  const quoted = JSON.stringify(name);
  const where = file === null ? '' : ` ${relative(process.cwd(), file)}`;
  if (process.env.VITEST) return `npx vitest run${where} -t ${quoted}`;
  if (process.env.JEST_WORKER_ID) return `npx jest${where} -t ${quoted}`;
  const script = process.argv[1] ?? '';
  return process.execArgv.includes('--test') || process.env.NODE_TEST_CONTEXT
    ? `node --test --test-name-pattern=${quoted} ${relative(process.cwd(), script)}`
    : `node ${[script, ...process.argv.slice(2)].map((word) => relative(process.cwd(), word) || word).join(' ')}`;
}
