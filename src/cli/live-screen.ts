/** The screen beside a gateway: it shows the run as far as the clock on the wall has come, and goes on with it. */

import type { Scenario } from '../scenario/scenario.ts';
import type { Leaving } from '../tui/stay.ts';
import type { Run } from '../world/run.ts';
import { UsageError } from './failure.ts';
import type { Output } from './terminal.ts';
import { depthOf, isAsciiOnly } from './terminal.ts';
import { walkHost } from './walk-host.ts';

/** How often the screen looks for what is new. */
const LOOK_MS = 150;

export interface LiveScreen {
  readonly scenario: Scenario;
  readonly text: string;
  readonly run: Pick<Run, 'entries' | 'seed'>;
  readonly out: Output;
  readonly isAscii: boolean;
  readonly color: boolean;
  /** Settles when nothing goes on any more. */
  readonly over: Promise<unknown>;
}

/** Throws a UsageError where there is no terminal that a screen can be drawn on. */
export function checkScreen(): void {
  if (!process.stdout.isTTY || !process.stdin.isTTY || process.env.TERM === 'dumb')
    throw new UsageError('--walk needs a terminal that can draw a screen');
}

/**
 * Settles when the person leaves, with how, or with null when what is shown is over; the terminal is given back then. At
 * the last event the screen follows what happens; anywhere else it stays.
 */
export async function showLive({
  scenario,
  text,
  run,
  out,
  isAscii,
  color,
  over,
}: LiveScreen): Promise<Leaving | null> {
  const tui = await import('../tui/main.ts');
  const given = { seed: run.seed, until: null, profile: null, set: [] };
  // A lesson tells of a run whose end is known.
  const { lesson: _, ...walked } = walkHost({ scenario, text, name: scenario.title, given, out });
  const host = {
    ...walked,
    fixed: 'what is live cannot be changed here: record it, and walk through the recording',
    // The run goes on by the clock, whoever looks.
    start: () => ({ entries: run.entries, isOver: false, step: () => false }),
  };
  let isOver = false;
  const end = () => {
    isOver = true;
  };
  over.then(end, end);
  await until(() => run.entries.length > 0 || isOver);
  if (isOver) return null;
  const depth = color ? depthOf(true, process.env) : 'none';
  const theme = depth === 'none' ? 'mono' : 'dark';
  const terminal = new tui.TerminalSession(process.stdin, process.stdout, true);
  const options = { depth, isAscii: isAscii || isAsciiOnly(process.env), theme, record: null, tape: null } as const;
  const program = new tui.Program(host, terminal, options);
  let seen = 0;
  const timer = setInterval(() => {
    const { length } = run.entries;
    const { model } = program;
    const isFollowing = seen === 0 || program.cursor >= program.lastStopBefore(seen);
    if (length > seen && isFollowing && !model.prompt) {
      seen = length;
      program.suggest({ kind: 'command', name: 'end' });
    }
  }, LOOK_MS);
  const leave = () => program.leave();
  over.then(leave, leave);
  try {
    const leaving = await program.run();
    return isOver ? null : leaving;
  } finally {
    clearInterval(timer);
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
