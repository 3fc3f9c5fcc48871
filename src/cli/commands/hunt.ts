import { basename } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Scenario } from '../../scenario/scenario.ts';
import { EXIT, quoted, UsageError } from '../failure.ts';
import { Interrupt } from '../interrupt.ts';
import { type LookOptions, once, type ScenarioOptions, withLookOptions, withScenarioOptions } from '../options.ts';
import { checkTargets, writeTarget } from '../outputs.ts';
import { loadScenarioInput, settingOf } from '../scenario-input.ts';
import { parseSeed } from '../seed.ts';
import { type Session, shellWord } from '../session.ts';
import { terminalOf } from '../terminal.ts';

interface HuntOptions extends ScenarioOptions, LookOptions {
  readonly seeds?: Seeds;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly out?: string;
  readonly force?: boolean;
}

interface Seeds {
  readonly first: bigint;
  readonly last: bigint;
}

const GREATEST_SEED = 0xffffffffffffffffn;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_EVENTS = 10_000_000;

export function addHunt(program: Command, session: Session): void {
  const command = program
    .command('hunt')
    .summary('find a seed that fails, and the few faults that it takes')
    .description('Tries seeds until an expectation fails, then leaves out every fault that the failure can do without.')
    .argument('<scenario>', 'a file, - for standard input, or the name of a bundled scenario');
  withScenarioOptions(command)
    .addOption(once('--seeds <a..[b]>', 'the seeds to try (default: 1..)', readSeeds))
    .addOption(once('--timeout <time>', 'give up after this time, such as 2m (default: 30s)', readTimeout))
    .addOption(once('-o, --out <file>', 'where to write the scenario (default: NAME-seed-N.pw.yaml)', String))
    .option('--force', 'overwrite an existing file')
    .addHelpText('before', EXAMPLES);
  withLookOptions(command).action((word: string, options: HuntOptions) => hunt(word, options, session));
}

const EXAMPLES = `Examples:
  packetwalk hunt my.pw.yaml
  packetwalk hunt mqtt-qos --seeds 1..5000 --timeout 2m -o smallest.pw.yaml
`;

function readSeeds(text: string): Seeds {
  const [, from = '', to = ''] = /^(.+?)(?:\.\.(.*))?$/.exec(text) ?? [];
  const first = parseSeed(from);
  const last = to !== '' ? parseSeed(to) : text.includes('..') ? GREATEST_SEED.toString() : first;
  if (first === null || last === null || BigInt(first) > BigInt(last)) {
    throw new InvalidArgumentError('It is like 1.. or 1..1000.');
  }
  return { first: BigInt(first), last: BigInt(last) };
}

function readTimeout(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  if (number === undefined || unit === undefined)
    throw new InvalidArgumentError('It is a time with its unit: 30s, 2m.');
  return Number(number) * (units[unit] as number);
}

async function hunt(word: string, options: HuntOptions, session: Session): Promise<void> {
  const { out, err } = terminalOf(options.color);
  const { scenario, text, path } = await loadScenarioInput(word, options, err);
  if (scenario.expect.length === 0) throw new UsageError(`${quoted(word)} expects nothing, so nothing can fail`);
  if (options.out !== undefined)
    await checkTargets([{ path: options.out }], options.force ?? false, path ? [path] : []);
  const interrupt = new Interrupt();
  interrupt.listen();
  const endMs = performance.now() + (options.timeout ?? DEFAULT_TIMEOUT_MS);
  const { Trials } = await import('../hunt/trials.ts');
  const trials = new Trials(word, options.maxEvents ?? DEFAULT_MAX_EVENTS);
  const found = await search(scenario, trials, options.seeds ?? { first: 1n, last: GREATEST_SEED }, endMs, interrupt);
  if ('tried' in found) {
    await out.lines([`no failing seed among ${found.tried}${found.isTimedOut ? `, the time is over` : ''}`]);
    return;
  }
  const { seed, failed } = found;
  session.exitCode = EXIT.failed;
  await out.lines([`seed ${seed} fails: ${failed.join('; ')}`, `  ${replay(word, seed, options)}`]);
  const amendedText = await withSettings(text, scenario, options);
  const result = await trials.shrink(amendedText, scenario, seed, failed[0] ?? '', async () => {
    await interrupt.pause(() => 'while the faults were being left out');
    return performance.now() < endMs;
  });
  if (result === null) {
    await out.lines(['  its faults alone, written frame by frame, do not fail alike: jitter or reordering takes part']);
    return;
  }
  const target = options.out ?? `${basename(word).replace(/\.(pw\.)?ya?ml$/, '')}-seed-${seed}.pw.yaml`;
  await checkTargets([{ path: target }], options.force ?? false, path ? [path] : []);
  await writeTarget({ path: target }, [result.text], out, async () => {});
  await out.lines([
    `${result.faults.length} of ${result.all} faults are enough:`,
    ...result.faults.map((fault) => `  ${fault}`),
    `written to ${target}, which fails alike: packetwalk run ${shellWord(target)}`,
  ]);
}

type Found = { readonly seed: string; readonly failed: readonly string[] };

async function search(
  scenario: Scenario,
  trials: import('../hunt/trials.ts').Trials,
  { first, last }: Seeds,
  endMs: number,
  interrupt: Interrupt,
): Promise<Found | { readonly tried: bigint; readonly isTimedOut: boolean }> {
  for (let seed = first; seed <= last; seed++) {
    const failed = trials.failuresOf(scenario, seed.toString());
    if (failed.length > 0) return { seed: seed.toString(), failed };
    await interrupt.pause(() => `after seed ${seed}; none had failed`);
    if (performance.now() >= endMs) return { tried: seed - first + 1n, isTimedOut: seed < last };
  }
  return { tried: last - first + 1n, isTimedOut: false };
}

/** What the command line said over the file is written into it. */
async function withSettings(text: string, scenario: Scenario, options: HuntOptions): Promise<string> {
  const { amended } = await import('../amend.ts');
  const { until = null, profile = null, set = [] } = options;
  return amended(text, scenario, { faults: [], seed: null, set: set.map(settingOf), until, profile });
}

function replay(word: string, seed: string, { set = [], until, profile }: HuntOptions): string {
  const words = ['packetwalk', 'run', word, '--seed', seed, ...set.flatMap((each) => ['--set', each])];
  if (until !== undefined) words.push('--until', until);
  if (profile !== undefined) words.push('--profile', profile);
  return words.map(shellWord).join(' ');
}
