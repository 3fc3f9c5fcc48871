import type { Command } from 'commander';
import { printable } from '../../projections/printable.ts';
import { EXIT, UsageError } from '../failure.ts';
import { type ScenarioOptions, withScenarioOptions } from '../options.ts';
import { errorsOf, loadWord } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import { terminalOf } from '../terminal.ts';

interface CheckOptions extends ScenarioOptions {
  readonly quiet?: boolean;
}

const EXAMPLES = `Examples:
  packetwalk check my.pw.yaml
  packetwalk check exercises/*.pw.yaml --quiet
  packetwalk check my.pw.yaml --set loss=5%     with that value of a parameter
`;

export function addCheck(program: Command, session: Session): void {
  const command = program
    .command('check')
    .summary('look for mistakes in scenario files')
    .description('Checks scenario files without running them. Every mistake of a file is told, with its place.')
    .argument('<files...>', 'files, - for standard input, or names of bundled scenarios')
    .addHelpText('before', EXAMPLES);
  withScenarioOptions(command)
    .option('-q, --quiet', 'say nothing of files that are fine')
    .action((words: readonly string[], options: CheckOptions) => check(words, options, session));
}

async function check(words: readonly string[], options: CheckOptions, session: Session): Promise<void> {
  const { out, err } = terminalOf(false);
  const { formatProblems } = await import('../../scenario/problem.ts');
  for (const word of words) {
    try {
      const { loaded } = await loadWord(word, options);
      const problems = loaded.scenario === null ? loaded.problems : loaded.warnings;
      if (problems.length > 0) await err.write(`${formatProblems(problems)}\n`);
      if (errorsOf(loaded).length > 0) session.exitCode = EXIT.usage;
      else if (!options.quiet) await out.write(`${printable(word)}: fine\n`);
    } catch (error) {
      // A file that cannot be read does not keep the others from being checked.
      if (!(error instanceof UsageError)) throw error;
      await err.write(`packetwalk: ${error.lines.join('\n  ')}\n`);
      session.exitCode = EXIT.usage;
    }
  }
}
