import type { Command } from 'commander';
import { EXIT, UsageError } from '../failure.ts';
import { type LookOptions, withLookOptions } from '../options.ts';
import { checkTargets } from '../outputs.ts';
import type { Session } from '../session.ts';
import { terminalOf } from '../terminal.ts';
import { type SweepOptions, withSweepOutputs } from './sweep.ts';

type MergeOptions = LookOptions & Pick<SweepOptions, 'out' | 'plot' | 'of' | 'force' | 'json'>;

export function addMerge(program: Command, session: Session): void {
  const command = program
    .command('merge')
    .summary('put the parts of a sweep together')
    .description('Puts together what packetwalk sweep --shard i/n -o PART.json has written.')
    .argument('<files...>', 'the parts');
  withSweepOutputs(command).addHelpText(
    'before',
    `Examples:
  packetwalk merge part-1.json part-2.json part-3.json
  packetwalk merge part-*.json -o all.json --plot cdf
`,
  );
  withLookOptions(command).action((paths: readonly string[], options: MergeOptions) => merge(paths, options, session));
}

async function merge(paths: readonly string[], options: MergeOptions, session: Session): Promise<void> {
  const terminal = terminalOf(options.color);
  const [{ sweepTargets, finish }, { merged, readSaved }, { loadScenario }] = await Promise.all([
    import('../sweep/finish.ts'),
    import('../sweep/saved.ts'),
    import('../../index.ts'),
  ]);
  const targets = sweepTargets(options.out ?? [], options.plot);
  await checkTargets(targets, options.force ?? false, paths);
  const parts = await Promise.all(paths.map(async (path) => ({ path, saved: await readSaved(path) })));
  const whole = merged(parts);
  const { text, name, until, profile, points } = whole.subject;
  const scenarios = points.map((point) => {
    const settings = { set: Object.entries(point), ...(until !== null && { until }), ...(profile && { profile }) };
    const { scenario } = loadScenario(text, name, settings);
    if (scenario === null) throw new UsageError('the scenario in these files does not load with this version');
    return scenario;
  });
  await finish(whole, scenarios, targets, options, terminal);
  const missing = points.length * whole.seeds.length - whole.trials.length;
  if (missing > 0) await terminal.err.write(`${missing} runs are in none of the parts\n`);
  if (whole.trials.some(({ outcome }) => outcome !== 'passed')) session.exitCode = EXIT.failed;
}
