import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { nearest } from '../../filter/nearest.ts';
import { bundledNames, bundledPath } from '../bundled.ts';
import { quoted, UsageError } from '../failure.ts';
import { once } from '../options.ts';
import { loadScenarioInput } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import { terminalOf } from '../terminal.ts';

const EXAMPLES = `Examples:
  packetwalk show tcp-handshake > mine.pw.yaml
  packetwalk show tcp-lost-syn --lesson --answers
`;

export function addShow(program: Command, _session: Session): void {
  program
    .command('show')
    .summary('print a bundled scenario file')
    .description('Prints the file of a bundled scenario, to be read, copied and changed; or its lesson in words.')
    .argument('<name>', 'a name that packetwalk list shows')
    .addHelpText('before', EXAMPLES)
    .option('--lesson', 'the lesson as plain text, its numbers from the run')
    .option('--answers', 'with --lesson: the answers and explanations too')
    .addOption(once('--variant <word>', 'with --lesson: the variant that falls to a number or a name', String))
    .action(show);
}

interface ShowOptions {
  readonly lesson?: boolean;
  readonly answers?: boolean;
  readonly variant?: string;
}

async function show(name: string, options: ShowOptions): Promise<void> {
  const names = bundledNames();
  if (!names.includes(name)) {
    const likely = nearest(name, names);
    const hint = likely === null ? 'packetwalk list shows the bundled scenarios' : `did you mean ${quoted(likely)}?`;
    throw new UsageError(`there is no bundled scenario ${quoted(name)}`, hint);
  }
  const { out, err } = terminalOf(false);
  if (!options.lesson) return out.write(await readFile(bundledPath(name)));
  const { scenario } = await loadScenarioInput(name, options, err);
  const [{ simulate }, { lessonOf }, { lessonLines }] = await Promise.all([
    import('../../index.ts'),
    import('../../projections/lesson.ts'),
    import('../lesson-lines.ts'),
  ]);
  const lesson = lessonOf(scenario, simulate(scenario).entries);
  if (!lesson) throw new UsageError(`${quoted(name)} has no lesson`);
  await out.lines(lessonLines(scenario, lesson, options.answers ?? false, out.width));
}
