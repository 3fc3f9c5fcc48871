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
    .addHelpText('before', 'Examples:\n  packetwalk limits\n  packetwalk limits --json | jq .MAX_NODES\n')
    .action(limits);
}

async function limits({ json }: { readonly json?: boolean }): Promise<void> {
  const { LIMITS } = await import('../limits.ts');
  const { out } = terminalOf(false);
  if (json) {
    const all = LIMITS.flatMap(({ limits }) => Object.entries(limits));
    return out.write(`${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
  }
  const width = Math.max(...LIMITS.flatMap(({ limits }) => Object.keys(limits)).map((name) => name.length));
  const rowsOf = (limits: Readonly<Record<string, number>>) =>
    Object.entries(limits).map(([name, value]) => `  ${padded(name, width)}  ${value}`);
  await out.lines(LIMITS.flatMap(({ title, limits }) => [title, ...rowsOf(limits)]));
}
