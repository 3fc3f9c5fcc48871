import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Scenario } from '../../scenario/scenario.ts';
import { BadInput, EXIT, quoted, STATUS_OF, UsageError } from '../failure.ts';
import { Interrupt } from '../interrupt.ts';
import { type LookOptions, many, once, withLookOptions } from '../options.ts';
import { checkTargets } from '../outputs.ts';
import { loadScenarioInput } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import type { PlotKind } from '../sweep/chart.ts';
import type { SavedSweep } from '../sweep/saved.ts';
import type { Subject, Trial } from '../sweep/trial.ts';
import { type Terminal, terminalOf } from '../terminal.ts';

export interface SweepOptions extends LookOptions {
  readonly seeds?: string;
  readonly set?: readonly string[];
  readonly until?: string;
  readonly profile?: 'rfc' | 'linux';
  readonly measure?: readonly string[];
  readonly jobs?: number;
  readonly shard?: string;
  readonly resume?: string;
  readonly engine: 'local' | 'bullmq';
  readonly redis?: string;
  readonly maxEvents?: number;
  readonly out?: readonly string[];
  readonly plot?: PlotKind;
  readonly of?: string;
  readonly force?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const DEFAULT_SEEDS = '1..100';
const DEFAULT_MAX_EVENTS = 10_000_000;

export function addSweep(program: Command, session: Session): void {
  const command = program
    .command('sweep')
    .summary('run a scenario with many seeds and over a grid of parameters')
    .description('Runs a scenario with many seeds, over every combination of the values of its parameters.')
    .argument('[scenario]', 'a file, - for standard input, or the name of a bundled scenario')
    .addOption(once('--seeds <a..b>', `the seeds (default: ${DEFAULT_SEEDS})`, String))
    .addOption(many('--set <name=a,b,…>', 'values of a parameter (default: its `sweep` in the file)'))
    .addOption(once('--until <time>', 'stop each run at this virtual time', String))
    .addOption(new Option('--profile <name>', 'constants of TCP/IP').choices(['rfc', 'linux']))
    .addOption(many('--measure <path>', 'keep this value of the state at the end, such as server.app.received.bytes'))
    .addOption(once('-j, --jobs <n>', 'workers (default: one for each core)', readCount))
    .addOption(once('--shard <i/n>', 'only part i of n; packetwalk merge puts the parts together', String))
    .addOption(once('--resume <file>', 'go on where an interrupted sweep stopped', String))
    .addOption(new Option('--engine <name>', 'where the workers are').choices(['local', 'bullmq']).default('local'))
    .addOption(once('--redis <url>', 'for --engine bullmq (default: redis://127.0.0.1:6379)', String))
    .addOption(once('--max-events <n>', 'stop a run after so many events', readCount));
  withSweepOutputs(command).addHelpText('before', EXAMPLES);
  withLookOptions(command).action((word: string | undefined, options: SweepOptions) => sweep(word, options, session));
}

/** What `sweep` and `merge` have in common: what they print and write. */
export function withSweepOutputs(command: Command): Command {
  return command
    .addOption(many('-o, --out <file>', 'also write .json (all there is), .csv or .svg (the --plot); repeatable'))
    .addOption(new Option('--plot <kind>', 'draw it').choices(['cdf', 'box', 'heat', 'cwnd', 'sequence']))
    .addOption(once('--of <measure>', 'what --plot draws (default: the first measure)', String))
    .option('--force', 'overwrite existing files')
    .option('-q, --quiet', 'no progress')
    .option('--json', 'print everything as JSON instead');
}

const EXAMPLES = `Examples:
  packetwalk sweep sio-offline-emit --seeds 1..2000
  packetwalk sweep my.pw.yaml --set loss=0%,1%,5% --set delay=10ms,80ms --plot heat -o heat.svg
  packetwalk sweep my.pw.yaml --seeds 1..500 --measure server.app.received.bytes --plot cdf
  packetwalk sweep my.pw.yaml --seeds 1..10000 --shard 2/8 -o part-2.json
`;

function readCount(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It is a whole number, at least 1.');
  return Number(text);
}

async function sweep(word: string | undefined, options: SweepOptions, session: Session): Promise<void> {
  const terminal = terminalOf(options.color);
  const [{ sweepTargets, finish }, { inOrder, readSaved }, { tasksOf, parseShard }] = await Promise.all([
    import('../sweep/finish.ts'),
    import('../sweep/saved.ts'),
    import('../sweep/plan.ts'),
  ]);
  const targets = sweepTargets(options.out ?? [], options.plot);
  await checkTargets(targets, options.force ?? false, []);
  if (options.resume !== undefined && word !== undefined)
    throw new UsageError('--resume knows its scenario: name only the file');
  const begun = options.resume === undefined ? await begin(word, options, terminal) : await readSaved(options.resume);
  const scenarios = await scenariosOf(begun.subject);
  const shard = parseShard(options.shard ?? '1/1');
  const wanted = tasksOf({ points: begun.subject.points, seeds: begun.seeds }, shard);
  const known = new Set(begun.trials.map(({ point, seed }) => `${point} ${seed}`));
  const tasks = wanted.filter(({ point, seed }) => !known.has(`${point} ${seed}`));
  const interrupt = new Interrupt();
  interrupt.listen();
  const fresh = await runTasks(begun.subject, tasks, options, interrupt, terminal);
  const done: SavedSweep = { ...begun, trials: inOrder([...begun.trials, ...fresh], begun.seeds) };
  const isCut = fresh.length < tasks.length;
  await finish(done, scenarios, targets, options, terminal);
  if (done.trials.some(({ outcome }) => outcome !== 'passed')) session.exitCode = EXIT.failed;
  if (isCut) await leave(done, tasks.length - fresh.length, interrupt, terminal, session);
}

async function begin(word: string | undefined, options: SweepOptions, terminal: Terminal): Promise<SavedSweep> {
  if (word === undefined) throw new UsageError('no scenario is given', 'packetwalk sweep SCENARIO --seeds 1..1000');
  const { seeds, set = [], until, profile, measure = [], maxEvents = DEFAULT_MAX_EVENTS } = options;
  const { parseSeeds, pointsOf, sweptBy } = await import('../sweep/plan.ts');
  const { scenario, text } = await loadScenarioInput(
    word,
    { ...(until !== undefined && { until }), ...(profile && { profile }), set: set.map(firstValue) },
    terminal.err,
  );
  const points = pointsOf(set, sweptBy(text));
  const subject: Subject = {
    name: word,
    text,
    until: until ?? null,
    profile: profile ?? null,
    points,
    measures: measure,
    maxEvents,
  };
  return { title: scenario.title, subject, seeds: parseSeeds(seeds ?? DEFAULT_SEEDS), trials: [] };
}

const firstValue = (text: string) => text.replace(/,.*$/s, '');

/** Every point loads, or the sweep does not begin. */
async function scenariosOf({ name, text, until, profile, points }: Subject): Promise<Scenario[]> {
  const [{ loadScenario }, { formatProblems }] = await Promise.all([
    import('../../index.ts'),
    import('../../scenario/problem.ts'),
  ]);
  return points.map((point) => {
    const settings = { set: Object.entries(point), ...(until !== null && { until }), ...(profile && { profile }) };
    const loaded = loadScenario(text, name, settings);
    if (loaded.scenario === null) throw new BadInput(formatProblems(loaded.problems));
    return loaded.scenario;
  });
}

async function runTasks(
  subject: Subject,
  tasks: Parameters<typeof import('../sweep/pool.ts').runAll>[1],
  options: SweepOptions,
  interrupt: Interrupt,
  { err }: Terminal,
): Promise<Trial[]> {
  const { Progress } = await import('../sweep/progress.ts');
  const progress = new Progress(err, tasks.length, options.quiet ?? false);
  const jobs = Math.min(options.jobs ?? availableParallelism(), Math.max(1, tasks.length));
  const common = {
    onTrials: (trials: readonly Trial[]) => progress.add(trials),
    onDeath: (lost: readonly { readonly seed: string }[], why: string) => progress.tellDeath(lost, why),
    stop: interrupt.signalled,
  };
  if (tasks.length === 0) return [];
  try {
    if (options.engine === 'local')
      return await (await import('../sweep/pool.ts')).runAll(subject, tasks, { ...common, jobs });
    const { runOnRedis } = await import('../sweep/redis.ts');
    return await runOnRedis(subject, tasks, { ...common, url: options.redis });
  } finally {
    await progress.end();
  }
}

/** What is there is kept, so that the same sweep can go on. */
async function leave(
  done: SavedSweep,
  missing: number,
  interrupt: Interrupt,
  { err }: Terminal,
  session: Session,
): Promise<void> {
  const [{ savedText }, { writeTarget }] = await Promise.all([import('../sweep/saved.ts'), import('../outputs.ts')]);
  const path = `${basename(done.subject.name).replace(/\.(pw\.)?ya?ml$/, '') || 'sweep'}.resume.json`;
  await writeTarget({ path }, savedText(done), err, async () => {});
  await err.write(`interrupted: ${missing} runs are missing; packetwalk sweep --resume ${quoted(path)} goes on\n`);
  session.exitCode = STATUS_OF[await interrupt.signalled];
}
