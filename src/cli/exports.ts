/** What goes into the files that `-o` names: projections of the journal, piece by piece. */

import type { Run } from '../index.ts';
import { captureOf, portsOf, type Vantage } from '../projections/capture.ts';
import { crossingsOf } from '../projections/crossings.ts';
import { type JsonlHeader, jsonlLines, scenarioHash } from '../projections/jsonl.ts';
import { ladderRows } from '../projections/ladder.ts';
import { mermaidOf } from '../projections/mermaid.ts';
import { pcapng } from '../projections/pcapng.ts';
import type { Port } from '../projections/topology.ts';
import type { Content, Format } from './outputs.ts';

export function exportOf(format: Format, run: Run, vantage: Vantage): Content {
  switch (format) {
    case 'pcapng':
      return pcapngOf(run, vantage);
    case 'jsonl':
      return jsonlLines(headerOf(run), run.entries);
    case 'mmd':
      return [mermaidOf(run.scenario.title, ladderRows(run.entries, run.scenario), run.scenario)];
  }
}

export function headerOf(run: Run): JsonlHeader {
  return { title: run.scenario.title, seed: run.seed, scenario: scenarioHash(run.scenario) };
}

const nameOf = (port: Port) => `${port.node}:${port.interface}`;

function pcapngOf(run: Run, vantage: Vantage): Content {
  const interfaces = portsOf(run.scenario, vantage).map(nameOf);
  const frames = captureOf(crossingsOf(run.entries, run.scenario), vantage).map(
    ({ port, atNs, bytes, comment, direction }) => ({ interface: nameOf(port), atNs, bytes, comment, direction }),
  );
  return pcapng(interfaces, frames);
}
