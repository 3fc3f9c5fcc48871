/** The command table: what there is, in the order in which help shows it. */

import { Command } from 'commander';
import { nearest } from '../filter/nearest.ts';
import { printable } from '../projections/printable.ts';
import { addAttach } from './commands/attach.ts';
import { addCertificate } from './commands/certificate.ts';
import { addCheck } from './commands/check.ts';
import { addCompletion } from './commands/completion.ts';
import { addCourses } from './commands/courses.ts';
import { addDiff } from './commands/diff.ts';
import { addEvents } from './commands/events.ts';
import { addFields } from './commands/fields.ts';
import { addGateway } from './commands/gateway.ts';
import { addHunt } from './commands/hunt.ts';
import { addLimits } from './commands/limits.ts';
import { addList } from './commands/list.ts';
import { addMerge } from './commands/merge.ts';
import { addNew } from './commands/new.ts';
import { addRun } from './commands/run.ts';
import { addSchema } from './commands/schema.ts';
import { addShow } from './commands/show.ts';
import { addSweep } from './commands/sweep.ts';
import { addTest } from './commands/test.ts';
import { addWalk } from './commands/walk.ts';
import { addWorker } from './commands/worker.ts';
import { quoted, UsageError } from './failure.ts';
import { packageVersion, type Session, shellWord } from './session.ts';

/** What a call without a command gets on stderr. */
export const EXAMPLES = `packetwalk: a network in a box, with real bytes on every wire

Examples:
  packetwalk                                      the courses, on a terminal
  packetwalk list                                 the scenarios that come with it
  packetwalk run tcp-handshake                    run one: ladder, expectations, verdict
  packetwalk run tcp-lost-segment -o x.pcapng     and write a capture for Wireshark
  packetwalk run my.pw.yaml --seed 7 --until 2s   a file of yours, other chances, two seconds
  packetwalk events tcp-handshake --filter tcp    one line a frame, as tshark prints them
  packetwalk check my.pw.yaml                     only look for mistakes
`;

export function buildProgram(session: Session): Command {
  const program = new Command('packetwalk')
    .usage('COMMAND [options]')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .version(packageVersion(), '-V, --version', 'show the version')
    .addHelpText('before', EXAMPLES)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`packetwalk: ${asLines(text).replace(/^error: /, '')}\n`) })
    .showHelpAfterError(false);
  const commands = [
    addRun,
    addWalk,
    addCourses,
    addGateway,
    addEvents,
    addCheck,
    addTest,
    addDiff,
    addSweep,
    addHunt,
    addMerge,
    addWorker,
    addAttach,
    addCertificate,
    addList,
    addShow,
    addSchema,
    addFields,
    addLimits,
    addNew,
    addCompletion,
  ];
  for (const add of commands) add(program, session);
  // A scenario in the place of a command is what people type first.
  program.allowExcessArguments().action((_options: unknown, command: Command) => {
    const [word] = command.args;
    if (word === undefined) throw new UsageError('no command is given', 'packetwalk --help shows them');
    const likely = nearest(word, commandNames(program));
    const hint =
      likely === null
        ? `to run a scenario: packetwalk run ${printable(shellWord(word))}`
        : `did you mean ${quoted(likely)}?`;
    throw new UsageError(`unknown command ${quoted(word)}`, hint);
  });
  return program;
}

function commandNames(program: Command): string[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => command.name());
}

/** Commander repeats what was typed; its own line ends stay, nothing else that a terminal would obey. */
function asLines(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => printable(line))
    .join('\n');
}
