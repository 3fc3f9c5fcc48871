/** The command line's beginning and end: everything that can go wrong ends here in an exit status and a sentence. */

import { CommanderError } from 'commander';
import { printable } from '../projections/printable.ts';
import {
  BadInput,
  EXIT,
  errnoOf,
  Interrupted,
  livelockProblem,
  STATUS_OF,
  systemProblem,
  UsageError,
} from './failure.ts';
import { buildProgram, EXAMPLES } from './program.ts';
import { packageVersion, Session } from './session.ts';

/** Runs one command. Ends the process only where its terminal is gone: it sets the exit status and lets output drain. */
export async function main(args: readonly string[]): Promise<void> {
  const session = new Session(args);
  // Without listeners a closed pipe would end the process with a stack trace; whoever writes hears of it anyway.
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
  try {
    const program = buildProgram(session);
    const isBare = args.length === 0;
    if (isBare && !(process.stdin.isTTY && process.stdout.isTTY)) {
      process.stderr.write(`${EXAMPLES}\npacketwalk --help shows all commands\n`);
      process.exitCode = EXIT.usage;
      return;
    }
    await program.parseAsync(isBare ? ['courses'] : args, { from: 'user' });
    process.exitCode = session.exitCode;
  } catch (error) {
    process.exitCode = tell(error, session);
  }
  if (process.exitCode === EXIT.hungUp) hangUp();
}

/**
 * Ends as SIGHUP ends a process that does not listen. A Node that ends by itself gives its terminal the old modes back,
 * and aborts (SIGABRT, with a stack trace) where there is no terminal any more.
 */
function hangUp(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

/** Says what happened on stderr and returns the exit status. */
function tell(thrown: unknown, session: Session): number {
  // Runs are stepped by many commands; time may stand still in any of them.
  const error = livelockProblem(thrown) ?? thrown;
  // Commander has said what it had to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (error instanceof UsageError) {
    const [first = '', ...rest] = error.lines;
    process.stderr.write(`packetwalk: ${[first, ...rest.map((line) => `  ${line}`)].join('\n')}\n`);
    return EXIT.usage;
  }
  if (error instanceof BadInput) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
  if (error instanceof Interrupted) {
    process.stderr.write(`packetwalk: ${error.message}\n`);
    return STATUS_OF[error.signal];
  }
  if (errnoOf(error) === 'EPIPE') return EXIT.brokenPipe;
  // So a terminal says that it is gone to whom no SIGHUP told it.
  if (errnoOf(error) === 'EIO' && isWriteError(error) && process.stdout.isTTY) return EXIT.hungUp;
  if (errnoOf(error)?.startsWith('E') && isWriteError(error)) {
    process.stderr.write(`packetwalk: cannot write to standard output: ${systemProblem(error)}\n`);
    return EXIT.usage;
  }
  tellBug(error, session);
  return EXIT.internal;
}

function isWriteError(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'syscall' in error && error.syscall === 'write';
}

function tellBug(error: unknown, session: Session): void {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const place = session.seed === null ? '' : `, seed ${session.seed}, event ${session.happened}`;
  const lines = [
    `packetwalk: internal error: ${printable(what)}`,
    `  this is a bug of packetwalk ${packageVersion()} (Node ${process.version}${place})`,
    `  replay: ${printable(session.replay)}`,
  ];
  if (!session.args.includes('--debug')) lines.push('  add --debug to see the stack');
  else if (error instanceof Error && error.stack !== undefined) lines.push(error.stack);
  process.stderr.write(`${lines.join('\n')}\n`);
}
