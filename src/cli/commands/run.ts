import type { Command } from 'commander';
import type { Vantage } from '../../projections/capture.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { EXIT, quoted, UsageError } from '../failure.ts';
import { Interrupt } from '../interrupt.ts';
import {
  type LookOptions,
  many,
  once,
  type ScenarioOptions,
  withLookOptions,
  withScenarioOptions,
} from '../options.ts';
import { checkTargets, filesFirst, parseTarget, type Target, writeTarget } from '../outputs.ts';
import type { Result } from '../result.ts';
import { runToEnd } from '../run-to-end.ts';
import { loadScenarioInput, vantageOf } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import { type Output, Page, type Terminal, terminalOf } from '../terminal.ts';

interface RunCommandOptions extends ScenarioOptions, LookOptions {
  readonly out?: readonly string[];
  readonly at?: string;
  readonly force?: boolean;
  /** `--no-secrets` makes it false. */
  readonly secrets?: boolean;
  readonly full?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

export function addRun(program: Command, session: Session): void {
  const command = program
    .command('run')
    .summary('run a scenario to its end: ladder, expectations, verdict')
    .description('Runs a scenario to its end and prints the ladder, what became of the frames, and the expectations.')
    .argument('<scenario>', 'a file, - for standard input, or the name of a bundled scenario');
  withScenarioOptions(command)
    .addOption(
      many(
        '-o, --out <file>',
        'also write .pcapng, .jsonl, .html, .svg, .md, .mmd, .cast, .xml or .pem (repeatable; pcapng:- for standard output)',
      ),
    )
    .addOption(
      once('--at <node>', 'where a capture is taken: NODE, NODE:INTERFACE or all (default: the first host)', String),
    )
    .option('--force', 'overwrite existing files')
    .option('--no-secrets', 'leave out of captures what decrypts their TLS')
    .option('--full', 'fold nothing in the ladder')
    .option('-q, --quiet', 'print only what failed')
    .option('--json', 'print the result as JSON instead')
    .addHelpText('before', EXAMPLES);
  withLookOptions(command).action((word: string, options: RunCommandOptions) => run(word, options, session));
}

const EXAMPLES = `Examples:
  packetwalk run tcp-handshake
  packetwalk run tcp-lost-segment --seed 7 -o x.pcapng -o x.jsonl
  packetwalk run my.pw.yaml --set loss=5% --json
  packetwalk run tcp-handshake -o pcapng:- | wireshark -k -i -
`;

async function run(word: string, options: RunCommandOptions, session: Session): Promise<void> {
  const terminal = terminalOf(options.color);
  const targets = (options.out ?? []).map(parseTarget);
  const toStandardOutput = targets.some(({ path }) => path === '-');
  if (options.json && toStandardOutput)
    throw new UsageError('--json and an output on standard output do not go together');
  const { scenario, path } = await loadScenarioInput(word, options, terminal.err);
  const vantage = await vantageOf(options.at, scenario);
  await checkTargets(targets, options.force ?? false, path === null ? [] : [path]);
  const interrupt = new Interrupt();
  interrupt.listen();
  const result = await play(scenario, options, session, interrupt);
  const look = { vantage, secrets: options.secrets ?? true };
  await writeTargets(targets, result, look, terminal, interrupt);
  await interrupt.beforePrinting();
  if (options.json) await printJson(result, targets, terminal.out);
  else await printReport(result, options, toStandardOutput ? terminal.err : terminal.out);
  if (result.verdicts.some(({ pass }) => !pass)) session.exitCode = EXIT.failed;
}

/** Runs to the end and judges. */
async function play(
  scenario: Scenario,
  { seed, maxEvents }: RunCommandOptions,
  session: Session,
  interrupt: Interrupt,
): Promise<Result> {
  const { createRun, verdictsOf, statisticsOf } = await import('../../index.ts');
  const run = createRun(scenario, seed === undefined ? {} : { seed });
  session.runs({ seed: run.seed, happened: () => run.happened });
  await runToEnd(run, interrupt, maxEvents);
  const verdicts = verdictsOf(scenario, run.entries);
  return { run, verdicts, statistics: statisticsOf(run.entries, scenario) };
}

async function writeTargets(
  targets: readonly Target[],
  { run, verdicts }: Result,
  { vantage, secrets }: { readonly vantage: Vantage; readonly secrets: boolean },
  terminal: Terminal,
  interrupt: Interrupt,
): Promise<void> {
  if (targets.length === 0) return;
  const { exporterOf } = await import('../exports.ts');
  const { scenario, seed, entries } = run;
  const exported = exporterOf({ scenario, seed, entries, verdicts }, vantage, secrets);
  for (const target of filesFirst(targets)) {
    if (target.path === '-') await interrupt.beforePrinting();
    const pause = () => interrupt.pause(() => `while ${quoted(target.path)} was being written; nothing of it is left`);
    await writeTarget(target, await exported(target.format), terminal.out, pause);
  }
}

async function printReport(result: Result, options: RunCommandOptions, out: Output): Promise<void> {
  const { reportLines } = await import('../report.ts');
  const look = { paint: out.paint, ascii: options.ascii ?? false, width: out.width };
  const page = new Page(out);
  for (const line of reportLines(result, look, options)) await page.line(line);
  await page.flush();
}

async function printJson(result: Result, targets: readonly Target[], out: Output): Promise<void> {
  const { resultObject } = await import('../result.ts');
  await out.write(`${JSON.stringify(resultObject(result, targets), null, 2)}\n`);
}
