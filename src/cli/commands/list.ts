import type { Command } from 'commander';
import { cellsOf, padded, printable } from '../../projections/printable.ts';
import { bundledNames, bundledPath } from '../bundled.ts';
import { type LookOptions, withLookOptions } from '../options.ts';
import { loadWord } from '../scenario-input.ts';
import type { Session } from '../session.ts';
import { terminalOf } from '../terminal.ts';

interface ListOptions extends LookOptions {
  readonly json?: boolean;
  readonly names?: boolean;
}

const EXAMPLES = `Examples:
  packetwalk list
  packetwalk list --json | jq -r '.[].name'
`;

export function addList(program: Command, _session: Session): void {
  const command = program
    .command('list')
    .summary('list the bundled scenarios')
    .description('Lists the scenarios that come with packetwalk.')
    .addHelpText('before', EXAMPLES)
    .option('--json', 'as JSON')
    .option('--names', 'only the names, without reading the files');
  withLookOptions(command).action(list);
}

interface Listed {
  readonly name: string;
  readonly title: string;
  readonly tags: readonly string[];
}

async function list({ json, names, color }: ListOptions): Promise<void> {
  const { out } = terminalOf(color);
  if (names) return out.lines(bundledNames());
  const listed = await Promise.all(bundledNames().map(describe));
  if (json) return out.write(`${JSON.stringify(listed, null, 2)}\n`);
  const width = Math.max(0, ...listed.map(({ name }) => cellsOf(name)));
  await out.lines(listed.map(({ name, title }) => `${out.paint('strong', padded(name, width))}  ${printable(title)}`));
}

async function describe(name: string): Promise<Listed> {
  const { loaded } = await loadWord(bundledPath(name), {});
  return { name, title: loaded.scenario?.title ?? '(it has mistakes)', tags: loaded.scenario?.tags ?? [] };
}
