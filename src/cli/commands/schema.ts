import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { terminalOf } from '../terminal.ts';

export function addSchema(program: Command, _session: Session): void {
  program
    .command('schema')
    .summary('print the JSON Schema of scenario files')
    .description('Prints the JSON Schema (draft-07) of scenario files, for editors that check and complete YAML.')
    .addHelpText('before', 'Examples:\n  packetwalk schema > scenario.schema.json\n')
    .action(schema);
}

async function schema(): Promise<void> {
  const { jsonSchema } = await import('../../scenario/schema/json-schema.ts');
  await terminalOf(false).out.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
}
