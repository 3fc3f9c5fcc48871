/** What goes into the files that `-o` names: projections of the journal, piece by piece. */

import { authorityPem, type Run, type Verdict } from '../index.ts';
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
import { judgedFrom } from './judgement.ts';
import type { Content, Format } from './outputs.ts';
import { junitReporter } from './reporters/junit.ts';

/** A run, or what became of a live one; `verdicts` where it has been judged already. */
export type Shown = Pick<Run, 'scenario' | 'seed' | 'entries'> & { readonly verdicts?: readonly Verdict[] };

/** Writes one format after another; what several of them need of the run is found out once. */
export type Exporter = (format: Format) => Promise<Content>;

/** `secrets`: whether a capture brings what decrypts its TLS. */
export function exporterOf(run: Shown, vantage: Vantage, secrets = true): Exporter {
  let known: Reported | null = null;
  const reported = () => {
    known ??= reportedOf(run);
    return known;
  };
  return async (format) => {
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
        return [htmlOf(reported())];
      case 'md':
        return [markdownOf(reported())];
      case 'xml':
        return [junitReporter().finished([judgedFrom(reported())])];
      case 'cast':
        return castOf(run);
    }
  };
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

function reportedOf({ scenario, seed, entries, verdicts = verdictsOf(scenario, entries) }: Shown): Reported {
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
