// Writes docs/reference.md and docs/fields.md from commands, keys, schema and fields: `npm run reference`.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importOwn, root } from './own-code.mjs';

const own = await importOwn(`
  export { commandTable } from './src/cli/command-table.ts';
  export { buildProgram } from './src/cli/program.ts';
  export { fieldsPage, referencePage } from './src/cli/reference.ts';
  export { Session } from './src/cli/session.ts';
  export { EXTRA_FIELDS } from './src/filter/filter.ts';
  export { FIELDS } from './src/layers/codecs.ts';
  export { jsonSchema } from './src/scenario/schema/json-schema.ts';
  export { COMMANDS } from './src/tui/commands.ts';`);
const commands = own.commandTable(own.buildProgram(new own.Session([])));
const page = own.referencePage({ commands, screen: own.COMMANDS, schema: own.jsonSchema() });
writeFileSync(join(root, 'docs', 'reference.md'), page);
const fields = own.fieldsPage([...own.FIELDS.values(), ...own.EXTRA_FIELDS.values()]);
writeFileSync(join(root, 'docs', 'fields.md'), fields);
