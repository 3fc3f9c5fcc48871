import type { Command } from 'commander';
import { padded } from '../../projections/printable.ts';
import type { Session } from '../session.ts';
import { terminalOf } from '../terminal.ts';

export function addLimits(program: Command, _session: Session): void {
  program
    .command('limits')
    .summary('print the limits on scenarios, runs and captures')
    .description('Prints how much a scenario, a run and a capture may ask for.')
    .option('--json', 'as JSON')
    .action(limits);
}

async function limits({ json }: { readonly json?: boolean }): Promise<void> {
  const [runs, captures] = await Promise.all([import('../../scenario/limits.ts'), import('../../capture/limits.ts')]);
  const rows = Object.entries({ ...runs, ...captures }).filter(
    (row): row is [string, number] => typeof row[1] === 'number',
  );
  // A module's names come sorted; the order of the file is lost, so that is the order.
  const { out } = terminalOf(false);
  if (json) return out.write(`${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`);
  const width = Math.max(...rows.map(([name]) => name.length));
  await out.lines(rows.map(([name, value]) => `${padded(name, width)}  ${value}`));
}
