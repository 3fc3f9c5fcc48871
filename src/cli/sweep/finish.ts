/** What a sweep leaves: the summary on standard output, and its files. */

import { createRun } from '../../index.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { UsageError } from '../failure.ts';
import { type Content, writeTarget } from '../outputs.ts';
import type { Terminal } from '../terminal.ts';
import { type Chart, chartOf, type PlotKind, sequenceChart, windowChart } from './chart.ts';
import { csvText } from './csv.ts';
import { type SavedSweep, savedText } from './saved.ts';
import { svgOf } from './svg.ts';
import { sweepLines } from './table.ts';
import { chartLines } from './text-chart.ts';

export interface SweepTarget {
  readonly format: 'json' | 'csv' | 'svg';
  readonly path: string;
}

export interface FinishOptions {
  readonly plot?: PlotKind;
  readonly of?: string;
  readonly json?: boolean;
  readonly ascii?: boolean;
}

export function sweepTargets(paths: readonly string[], plot: PlotKind | undefined): SweepTarget[] {
  return paths.map((path) => {
    const format = /\.(json|csv|svg)$/i.exec(path)?.[1]?.toLowerCase();
    if (format !== 'json' && format !== 'csv' && format !== 'svg') {
      throw new UsageError(
        `-o ${path}: the ending does not say what to write`,
        'write NAME.json, NAME.csv or NAME.svg',
      );
    }
    if (format === 'svg' && plot === undefined) {
      throw new UsageError(`-o ${path}: which picture?`, '--plot cdf, box, heat, cwnd or sequence says it');
    }
    return { format, path };
  });
}

export async function finish(
  sweep: SavedSweep,
  scenarios: readonly Scenario[],
  targets: readonly SweepTarget[],
  options: FinishOptions,
  { out }: Terminal,
): Promise<void> {
  const chart = options.plot === undefined ? null : chartFor(options.plot, sweep, scenarios, options.of ?? null);
  for (const target of targets) await writeTarget(target, contentOf(target, sweep, chart), out, async () => {});
  if (options.json) {
    for (const piece of savedText(sweep)) await out.write(piece);
    return;
  }
  await out.lines(sweepLines(sweep, scenarios, { paint: out.paint, ascii: options.ascii ?? false }));
  if (chart) await out.lines(chartLines(chart, out.width, options.ascii ?? false));
}

function contentOf({ format }: SweepTarget, sweep: SavedSweep, chart: Chart | null): Content {
  if (format === 'json') return savedText(sweep);
  return format === 'csv' ? csvText(sweep) : [chart ? svgOf(chart) : ''];
}

/** Of one run, `cwnd` and `sequence` show the first that did not hold, or else the first. */
function chartFor(kind: PlotKind, sweep: SavedSweep, scenarios: readonly Scenario[], measure: string | null): Chart {
  if (kind !== 'cwnd' && kind !== 'sequence') return chartOf(kind, sweep, measure);
  const trial = sweep.trials.find(({ outcome }) => outcome === 'failed') ?? sweep.trials[0];
  const scenario = trial && scenarios[trial.point];
  if (!scenario) throw new UsageError(`--plot ${kind}: nothing was run`);
  const run = createRun(scenario, { seed: trial.seed });
  run.runToEnd();
  const title = `${sweep.title}, seed ${trial.seed}`;
  return kind === 'cwnd' ? windowChart(title, run.entries) : sequenceChart(title, run.entries);
}
