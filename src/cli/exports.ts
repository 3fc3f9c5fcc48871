/** What goes into the files that `-o` names: projections of the journal, piece by piece. */

import { authorityPem, type Run } from '../index.ts';
import { captureOf, portsOf, type Vantage } from '../projections/capture.ts';
import { crossingsOf } from '../projections/crossings.ts';
import { verdictsOf } from '../projections/expectations.ts';
import { type JsonlHeader, jsonlLines, scenarioHash } from '../projections/jsonl.ts';
import { keyLog } from '../projections/key-log.ts';
import { foldLadder, ladderRows } from '../projections/ladder.ts';
import { lessonOf } from '../projections/lesson.ts';
import { mermaidOf } from '../projections/mermaid.ts';
import { pcapng } from '../projections/pcapng.ts';
import { htmlOf, type Reported } from '../projections/report/html.ts';
import { ladderDocument, ladderSvg } from '../projections/report/ladder-svg.ts';
import { markdownOf } from '../projections/report/markdown.ts';
import { DRAWING_STYLE } from '../projections/report/style.ts';
import type { Port } from '../projections/topology.ts';
import { judgedOf } from './judgement.ts';
import type { Content, Format } from './outputs.ts';
import { junitReporter } from './reporters/junit.ts';

/** A run, or what became of a live one. */
export type Shown = Pick<Run, 'scenario' | 'seed' | 'entries'>;

/** `secrets`: whether a capture brings what decrypts its TLS. */
export async function exportOf(format: Format, run: Shown, vantage: Vantage, secrets = true): Promise<Content> {
  switch (format) {
    case 'pcapng':
      return pcapngOf(run, vantage, secrets);
    case 'pem':
      return [authorityPem(run.seed)];
    case 'jsonl':
      return jsonlLines(headerOf(run), run.entries);
    case 'mmd':
      return [mermaidOf(run.scenario.title, ladderRows(run.entries, run.scenario), run.scenario)];
    case 'svg':
      return [ladderPicture(run)];
    case 'html':
      return [htmlOf(reportedOf(run))];
    case 'md':
      return [markdownOf(reportedOf(run))];
    case 'xml':
      return [junitReporter().finished([judgedOf(run)])];
    case 'cast':
      return castOf(run);
  }
}

/** The screen and its libraries are loaded for this only. */
async function castOf({ scenario, entries }: Shown): Promise<Content> {
  const [{ castOfRun }, { walkHost }] = await Promise.all([import('../tui/main.ts'), import('./walk-host.ts')]);
  const given = { seed: null, until: null, profile: null, set: [] };
  const host = walkHost({ scenario, text: '', name: scenario.title, given, out: null });
  return castOfRun({ ...host, start: () => ({ entries, isOver: true, step: () => false }) });
}

function ladderPicture({ scenario, entries }: Shown): string {
  const picture = ladderSvg(foldLadder(ladderRows(entries, scenario)), scenario);
  return ladderDocument(scenario.title, picture, DRAWING_STYLE);
}

function reportedOf({ scenario, seed, entries }: Shown): Reported {
  const verdicts = verdictsOf(scenario, entries);
  return { scenario, seed, entries, verdicts, lesson: lessonOf(scenario, entries) };
}

export function headerOf(run: Shown): JsonlHeader {
  return { title: run.scenario.title, seed: run.seed, scenario: scenarioHash(run.scenario) };
}

const nameOf = (port: Port) => `${port.node}:${port.interface}`;

function pcapngOf(run: Shown, vantage: Vantage, secrets: boolean): Content {
  const interfaces = portsOf(run.scenario, vantage).map(nameOf);
  const frames = captureOf(crossingsOf(run.entries, run.scenario), vantage).map(
    ({ port, atNs, bytes, comment, direction }) => ({ interface: nameOf(port), atNs, bytes, comment, direction }),
  );
  return pcapng(interfaces, frames, secrets ? keyLog(run.entries) : '');
}
