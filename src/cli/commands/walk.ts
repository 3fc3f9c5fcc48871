import type { Command } from 'commander';
import { UsageError } from '../failure.ts';
import type { Session } from '../session.ts';
import { type EventsOptions, listEvents, withEventsOptions } from './events.ts';

/** Hidden until there is a screen to walk on; where there is no terminal it lists the events already. */
export function addWalk(program: Command, session: Session): void {
  const command = program
    .command('walk', { hidden: true })
    .description('Walks through a scenario on an interactive screen; without a terminal it prints what events prints.')
    .argument('<scenario>', 'a file, - for standard input, or the name of a bundled scenario');
  withEventsOptions(command).action((word: string, options: EventsOptions) => {
    if (process.stdout.isTTY && process.stdin.isTTY) {
      throw new UsageError('the interactive screen is not implemented yet', 'packetwalk events lists the frames');
    }
    return listEvents(word, options, session);
  });
}
