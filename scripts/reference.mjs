// Writes docs/reference.md and docs/fields.md from commands, keys, schema and fields: `npm run reference`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(root, 'node_modules', '.reference-'));
const outfile = join(folder, 'reference.mjs');
try {
  await build({
    absWorkingDir: root,
    stdin: {
      contents: `
        export { commandTable } from './src/cli/command-table.ts';
        export { buildProgram } from './src/cli/program.ts';
        export { fieldsPage, referencePage } from './src/cli/reference.ts';
        export { Session } from './src/cli/session.ts';
        export { EXTRA_FIELDS } from './src/filter/filter.ts';
        export { FIELDS } from './src/layers/codecs.ts';
        export { jsonSchema } from './src/scenario/schema/json-schema.ts';
        export { COMMANDS } from './src/tui/commands.ts';`,
      resolveDir: root,
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    external: ['*/tui/main.ts'],
    logLevel: 'warning',
  });
  const own = await import(pathToFileURL(outfile).href);
  const commands = own.commandTable(own.buildProgram(new own.Session([])));
  const page = own.referencePage({ commands, screen: own.COMMANDS, schema: own.jsonSchema() });
  writeFileSync(join(root, 'docs', 'reference.md'), page);
  const fields = own.fieldsPage([...own.FIELDS.values(), ...own.EXTRA_FIELDS.values()]);
  writeFileSync(join(root, 'docs', 'fields.md'), fields);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
