import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, UsageError } from '../failure.ts';
import { Interrupt } from '../interrupt.ts';
import type { Judged } from '../judgement.ts';
import { once, type ScenarioOptions, withScenarioOptions } from '../options.ts';
import { REPORTER_NAMES, type ReporterName } from '../reporters/names.ts';
import { errorsOf, loadWord } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import { type Terminal, terminalOf } from '../terminal.ts';
import { testFiles } from '../test-files.ts';

interface TestOptions extends ScenarioOptions {
  readonly reporter?: ReporterName;
  readonly answers?: string;
  readonly variants?: readonly string[];
  readonly csv?: boolean;
  readonly color: boolean;
}

export function addTest(program: Command, session: Session): void {
  const command = program
    .command('test')
    .summary('run scenarios and judge what they expect and teach')
    .description('Runs scenarios and judges their expectations, and whether what their lessons say is so in the run.')
    .argument('[files...]', 'files, folders or names of bundled scenarios (default: the current folder)');
  withScenarioOptions(command)
    .addOption(new Option('--reporter <name>', 'how to tell it').choices(REPORTER_NAMES))
    .addOption(
      once('--answers <file>', 'grade the answers of this YAML file: { WHO: { SCENARIO: { ID: ANSWER } } }', String),
    )
    .addOption(once('--variants <a..b>', 'the keys of these variants', readVariants))
    .option('--csv', 'grades and keys as CSV')
    .option('--no-color', 'no colours')
    .addHelpText('before', EXAMPLES)
    .action((words: readonly string[], options: TestOptions) => test(words, options, session));
}

const EXAMPLES = `Examples:
  packetwalk test scenarios
  packetwalk test my.pw.yaml --reporter junit > results.xml
  packetwalk test mtu-blackhole --variants 1..30 --csv     the keys of thirty variants
  packetwalk test exercises --answers answers.yaml --csv   who was right
`;

const MAX_VARIANTS = 10_000;

function readVariants(text: string): string[] {
  const [, from, to] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === undefined || to === undefined || first > last || last - first >= MAX_VARIANTS) {
    throw new InvalidArgumentError(`It is like 1..30, at most ${MAX_VARIANTS} of them.`);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
}

async function test(words: readonly string[], options: TestOptions, session: Session): Promise<void> {
  const terminal = terminalOf(options.color);
  const isGraded = options.answers !== undefined || options.variants !== undefined;
  if (isGraded && options.reporter !== undefined)
    throw new UsageError('grades have no --reporter; --csv writes a table');
  if (options.csv && !isGraded) throw new UsageError('--csv goes with --answers or --variants');
  const files = await testFiles(words.length === 0 ? ['.'] : words);
  const bench = new Bench(options, session, terminal);
  if (isGraded) await grade(files, options, bench, terminal);
  else await report(files, options, bench, session, terminal);
  if (bench.isBroken) session.exitCode = EXIT.usage;
}

async function report(
  files: readonly string[],
  { reporter: name = 'spec' }: TestOptions,
  bench: Bench,
  session: Session,
  { out }: Terminal,
): Promise<void> {
  const [{ reporterOf }, { hasFailed }] = await Promise.all([import('../reporters/all.ts'), import('../judgement.ts')]);
  const reporter = reporterOf(name, out);
  const all: Judged[] = [];
  for (const file of files) {
    const judged = await bench.judge(file, null);
    if (!judged) continue;
    all.push(judged);
    await out.write(reporter.judged(judged));
  }
  await out.write(reporter.finished(all));
  if (all.some(hasFailed)) session.exitCode = EXIT.failed;
}

async function grade(
  files: readonly string[],
  { answers: word, variants = [], csv }: TestOptions,
  bench: Bench,
  { out }: Terminal,
): Promise<void> {
  const [{ readAnswers }, { gradesOf, csvLines }, { gradeLines }] = await Promise.all([
    import('../answers.ts'),
    import('../grading.ts'),
    import('../grade-lines.ts'),
  ]);
  const sheets = word === undefined ? [] : await readAnswers(word);
  const known = new Set(files.map(nameOf));
  for (const { who, given } of sheets) {
    const stray = [...given.keys()].find((name) => !known.has(name));
    if (stray !== undefined)
      throw new UsageError(`${who} answered ${stray}, which is not among the files to be tested`);
  }
  const grades = [];
  for (const file of files) {
    const name = nameOf(file);
    for (const { who, variant, given } of sheets) {
      const answers = given.get(name);
      const judged = answers && (await bench.judge(file, variant));
      if (judged && answers) grades.push(...gradesOf(who, variant, name, judged, answers));
    }
    for (const variant of variants) {
      const judged = await bench.judge(file, variant);
      if (judged) grades.push(...gradesOf('', variant, name, judged, null).filter(({ kind }) => kind === 'question'));
    }
  }
  await out.lines(csv ? csvLines(grades) : gradeLines(grades, out.paint));
}

function nameOf(file: string): string {
  return basename(file).replace(/\.pw\.ya?ml$/, '');
}

/** Loads and judges one scenario after the other; what has mistakes is told and passed over. */
class Bench {
  /** Whether anything could not be judged at all. */
  isBroken = false;
  readonly #options: TestOptions;
  readonly #session: Session;
  readonly #terminal: Terminal;
  readonly #interrupt = new Interrupt();

  constructor(options: TestOptions, session: Session, terminal: Terminal) {
    this.#options = options;
    this.#session = session;
    this.#terminal = terminal;
    this.#interrupt.listen();
  }

  async judge(file: string, variant: string | null): Promise<Judged | null> {
    try {
      const { loaded } = await loadWord(file, variant === null ? this.#options : { ...this.#options, variant });
      if (loaded.scenario) {
        const { judge } = await import('../judgement.ts');
        return await judge(file, loaded.scenario, this.#session, this.#interrupt, this.#options.maxEvents);
      }
      const { formatProblems } = await import('../../scenario/problem.ts');
      if (errorsOf(loaded).length > 0) await this.#tell(formatProblems(loaded.problems));
      return null;
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      await this.#tell(`packetwalk: ${error.lines.join('\n  ')}`);
      return null;
    }
  }

  async #tell(text: string): Promise<void> {
    this.isBroken = true;
    await this.#terminal.err.write(`${text}\n`);
  }
}
