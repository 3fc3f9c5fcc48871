/** A sweep in words: a row for each point, the seeds that failed with how to see them again, and what the links did. */

import { configuredText, observedText, percent } from '../../projections/observed.ts';
import type { Paint } from '../../projections/paint.ts';
import { cellsOf, printable } from '../../projections/printable.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { shellWord } from '../session.ts';
import { type Point, pointText } from './plan.ts';
import type { SavedSweep } from './saved.ts';
import { type PointSummary, type Spread, summaryOf } from './summary.ts';

/** Failing seeds of a point that are named; the rest is counted. */
const NAMED_SEEDS = 5;

export function sweepLines(
  sweep: SavedSweep,
  scenarios: readonly Scenario[],
  look: { readonly paint: Paint; readonly ascii: boolean },
): string[] {
  const { paint } = look;
  const summaries = summaryOf(sweep);
  const bad = sweep.trials.filter(({ outcome }) => outcome !== 'passed').length;
  const mark = bad === 0 ? paint('good', look.ascii ? 'ok' : '✓') : paint('error', look.ascii ? 'XX' : '✗');
  const what =
    bad === 0 ? `all ${sweep.trials.length} runs held` : `${bad} of ${sweep.trials.length} runs did not hold`;
  return [
    ` ${paint('strong', printable(sweep.title))}`,
    '',
    ...pointRows(sweep, summaries),
    ...measureRows(sweep, summaries),
    ...linkRows(summaries, scenarios, sweep),
    ...failures(sweep, look),
    '',
    ` ${mark} ${what}`,
  ].map((line) => (look.ascii ? line.replaceAll('±', '+-').replaceAll('–', '-') : line));
}

function pointRows({ subject, trials }: SavedSweep, summaries: readonly PointSummary[]): string[] {
  const rows = [['point', 'runs', 'not held', 'share (95 %)', 'crashed', 'stopped']];
  for (const { point, runs, failed, crashed, stopped, interval } of summaries) {
    const bad = failed + crashed + stopped;
    const share = runs === 0 ? '' : `${percent(bad / runs)} (${percent(interval.low)}–${percent(interval.high)})`;
    const name = pointName(subject.points[point] ?? {});
    rows.push([name, String(runs), String(bad), share, String(crashed), String(stopped)]);
  }
  return trials.length === 0 ? [' nothing was run'] : aligned(rows);
}

function measureRows({ subject }: SavedSweep, summaries: readonly PointSummary[]): string[] {
  const rows = [['measure', 'point', 'n', 'mean (95 %)', 'least', 'median', 'p95', 'greatest']];
  const names = [...new Set(summaries.flatMap(({ measures }) => [...measures.keys()]))];
  for (const name of names) {
    for (const { point, measures } of summaries) {
      const spread = measures.get(name)?.spread;
      if (!spread || spread.count === 0) continue;
      const { least, median, p95, greatest } = spread;
      const numbers = [least, median, p95, greatest].map(numberText);
      rows.push([
        printable(name),
        pointName(subject.points[point] ?? {}),
        String(spread.count),
        meanText(spread),
        ...numbers,
      ]);
    }
  }
  return rows.length === 1 ? [] : ['', ...aligned(rows)];
}

function meanText({ mean, halfWidth }: Spread): string {
  return `${numberText(mean)} ± ${numberText(halfWidth)}`;
}

export function numberText(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function pointName(point: Point): string {
  return printable(pointText(point)) || '(as written)';
}

/** What was configured and what was observed, for each direction of each link at each point. */
function linkRows(summaries: readonly PointSummary[], scenarios: readonly Scenario[], sweep: SavedSweep): string[] {
  const lines: string[] = [];
  for (const { point, links } of summaries) {
    for (const seen of links) {
      const spec = scenarios[point]?.links.find(({ id }) => id === seen.link);
      if (!spec) continue;
      const isForward = seen.from === spec.a.node;
      const where = sweep.subject.points.length > 1 ? `${pointName(sweep.subject.points[point] ?? {})}: ` : '';
      lines.push(` ${where}${seen.link}, ${seen.from} to ${seen.to}`);
      lines.push(`   configured  ${configuredText(isForward ? spec.aToB : spec.bToA)}`);
      lines.push(`   observed    ${observedText(seen)}`);
    }
  }
  return lines.length === 0 ? [] : ['', ...lines.map((line) => printable(line))];
}

function failures({ subject, trials }: SavedSweep, { paint }: { readonly paint: Paint }): string[] {
  const lines: string[] = [];
  for (const [index, point] of subject.points.entries()) {
    const bad = trials.filter((trial) => trial.point === index && trial.outcome !== 'passed');
    for (const { seed, outcome, failed } of bad.slice(0, NAMED_SEEDS)) {
      lines.push(` ${paint('error', `seed ${seed} ${outcome}`)}: ${printable(failed.join('; '))}`);
      lines.push(`   ${printable(replayOf(subject.name, point, seed, subject))}`);
    }
    if (bad.length > NAMED_SEEDS) lines.push(`   and ${bad.length - NAMED_SEEDS} more seeds`);
  }
  return lines.length === 0 ? [] : ['', ...lines];
}

/** A command line that shows one trial again. */
function replayOf(
  name: string,
  point: Point,
  seed: string,
  { until, profile }: { readonly until: string | null; readonly profile: string | null },
): string {
  const words = ['packetwalk', 'run', name, '--seed', seed];
  for (const [key, value] of Object.entries(point)) words.push('--set', `${key}=${value}`);
  if (until !== null) words.push('--until', until);
  if (profile !== null) words.push('--profile', profile);
  return words.map(shellWord).join(' ');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => cellsOf(row[at] ?? ''))));
  const pad = (text: string, at: number) => {
    const room = ' '.repeat(Math.max(0, (widths[at] ?? 0) - cellsOf(text)));
    return at === 0 ? text + room : room + text;
  };
  return rows.map((row) => ` ${row.map(pad).join('  ')}`.trimEnd());
}
