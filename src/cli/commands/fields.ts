import type { Command } from 'commander';
import { padded } from '../../projections/printable.ts';
import { quoted, UsageError } from '../failure.ts';
import { type LookOptions, withLookOptions } from '../options.ts';
import type { Session } from '../session.ts';
import { Page, terminalOf } from '../terminal.ts';

interface FieldsOptions extends LookOptions {
  readonly json?: boolean;
}

const EXAMPLES = `Examples:
  packetwalk fields tcp.analysis
  packetwalk fields --json | jq -r '.[].name'
`;

export function addFields(program: Command, _session: Session): void {
  const command = program
    .command('fields')
    .summary('list the fields that filters know')
    .description('Lists the fields that filters know: name, type, layer and meaning.')
    .argument('[prefix]', 'only names that begin like this, such as tcp.flags')
    .addHelpText('before', EXAMPLES)
    .option('--json', 'as JSON');
  withLookOptions(command).action(fields);
}

async function fields(prefix: string | undefined, { json, color, ascii = false }: FieldsOptions): Promise<void> {
  const [{ FIELDS }, { EXTRA_FIELDS }, { words }] = await Promise.all([
    import('../../layers/codecs.ts'),
    import('../../filter/filter.ts'),
    import('../../projections/ladder-pen.ts'),
  ]);
  const types = [...FIELDS.values(), ...EXTRA_FIELDS.values()].filter(({ name }) => name.startsWith(prefix ?? ''));
  if (types.length === 0) throw new UsageError(`no field begins with ${quoted(prefix ?? '')}`);
  const { out } = terminalOf(color);
  if (json) return out.write(`${JSON.stringify(types, null, 2)}\n`);
  const page = new Page(out);
  const width = Math.max(...types.map(({ name }) => name.length));
  for (const { name, kind, layer, meaning } of types) {
    await page.line(
      `${out.paint(layer, padded(name, width))}  ${padded(kind, 8)}  L${layer}  ${words(meaning, ascii)}`,
    );
  }
  await page.flush();
}
