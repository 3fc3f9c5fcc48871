import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { nearest } from '../../filter/nearest.ts';
import { bundledNames, bundledPath } from '../bundled.ts';
import { quoted, UsageError } from '../failure.ts';
import type { Session } from '../session.ts';
import { terminalOf } from '../terminal.ts';

export function addShow(program: Command, _session: Session): void {
  program
    .command('show')
    .summary('print a bundled scenario file')
    .description('Prints the file of a bundled scenario, to be read, copied and changed.')
    .argument('<name>', 'a name that packetwalk list shows')
    .action(show);
}

async function show(name: string): Promise<void> {
  const names = await bundledNames();
  if (!names.includes(name)) {
    const likely = nearest(name, names);
    const hint = likely === null ? 'packetwalk list shows the bundled scenarios' : `did you mean ${quoted(likely)}?`;
    throw new UsageError(`there is no bundled scenario ${quoted(name)}`, hint);
  }
  await terminalOf(false).out.write(await readFile(bundledPath(name)));
}
