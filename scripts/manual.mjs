// Writes docs/packetwalk.1 from the command table: `npm run manual`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { importOwn, root } from './own-code.mjs';

const { commandTable, manualPage, buildProgram, Session } = await importOwn(`
  export { commandTable } from './src/cli/command-table.ts';
  export { manualPage } from './src/cli/manual.ts';
  export { buildProgram } from './src/cli/program.ts';
  export { Session } from './src/cli/session.ts';`);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// The version is read beside the command, which stands elsewhere here.
const page = manualPage(commandTable(buildProgram(new Session([]))), version);
writeFileSync(join(root, 'docs', 'packetwalk.1'), page);
