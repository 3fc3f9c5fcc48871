import { basename } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import { printable } from '../../projections/printable.ts';
import { BadInput, quoted, UsageError } from '../failure.ts';
import { once } from '../options.ts';
import { checkTargets, writeTarget } from '../outputs.ts';
import { type Session, shellWord } from '../session.ts';
import { KINDS, type Template, type TemplateKind, templateText } from '../template.ts';
import { terminalOf } from '../terminal.ts';

interface NewOptions {
  readonly title?: string;
  readonly kind?: TemplateKind;
  readonly delay?: string;
  readonly loss?: string;
  readonly force?: boolean;
}

const EXAMPLES = `Examples:
  packetwalk new chat.pw.yaml                                    asks what you want
  packetwalk new chat.pw.yaml --kind websocket --delay 40ms --loss 2%
`;

export function addNew(program: Command, _session: Session): void {
  program
    .command('new')
    .summary('write a commented scenario to begin with')
    .description('Writes a commented scenario to begin with. On a terminal it asks for what is not given.')
    .argument('<file>', 'the file to write, NAME.pw.yaml')
    .addOption(new Option('--kind <kind>', 'what is to happen in it').choices(KINDS))
    .addOption(once('--title <text>', 'what it is called', String))
    .addOption(once('--delay <time>', 'of the cable, such as 20ms', String))
    .addOption(once('--loss <percentage>', 'on the cable, such as 2%', String))
    .option('--force', 'overwrite an existing file')
    .addHelpText('before', EXAMPLES)
    .action(create);
}

async function create(path: string, options: NewOptions): Promise<void> {
  if (!/\.pw\.ya?ml$/.test(path)) throw new UsageError(`${quoted(path)}: scenarios end in .pw.yaml`);
  await checkTargets([{ path }], options.force ?? false, []);
  const template = await complete(options, basename(path).replace(/\.pw\.ya?ml$/, ''));
  const text = templateText(template);
  // What was typed for title, delay and loss is judged as a scenario's own words are.
  const [{ loadScenario }, { formatProblems }] = await Promise.all([
    import('../../index.ts'),
    import('../../scenario/problem.ts'),
  ]);
  const loaded = loadScenario(text, path);
  if (loaded.scenario === null) throw new BadInput(formatProblems(loaded.problems));
  const { out, err } = terminalOf(false);
  await writeTarget({ path }, [text], out, async () => {});
  await err.write(`wrote ${printable(path)}; now: packetwalk run ${printable(shellWord(path))}\n`);
}

async function complete({ kind, title, delay, loss }: NewOptions, name: string): Promise<Template> {
  const given = { kind, title, delay, loss };
  const usual = { kind: 'http', title: name, delay: '20ms', loss: '0%' } as const;
  const isTerminal = process.stdin.isTTY && process.stderr.isTTY;
  if (!isTerminal) return { ...usual, ...defined(given) };
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const ask = async (question: string, answer: string | undefined, fallback: string) =>
      answer ?? ((await lines.question(`${question} [${fallback}] `)).trim() || fallback);
    const chosen = await ask(`What is to happen (${KINDS.join(', ')})?`, kind, usual.kind);
    if (!isKind(chosen)) throw new UsageError(`${quoted(chosen)} is none of ${KINDS.join(', ')}`);
    return {
      kind: chosen,
      title: await ask('What is it called?', title, usual.title),
      delay: await ask('How long does the cable take?', delay, usual.delay),
      loss: await ask('How much is lost on it?', loss, usual.loss),
    };
  } finally {
    lines.close();
  }
}

function isKind(word: string): word is TemplateKind {
  return (KINDS as readonly string[]).includes(word);
}

function defined<T extends object>(given: T): Partial<{ [K in keyof T]: NonNullable<T[K]> }> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<{
    [K in keyof T]: NonNullable<T[K]>;
  }>;
}
