// Writes docs/packetwalk.1 from the command table: `npm run manual`.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(root, 'node_modules', '.manual-'));
const outfile = join(folder, 'manual.mjs');
try {
  await build({
    absWorkingDir: root,
    stdin: {
      contents: `
        export { commandTable } from './src/cli/command-table.ts';
        export { manualPage } from './src/cli/manual.ts';
        export { buildProgram } from './src/cli/program.ts';
        export { Session } from './src/cli/session.ts';`,
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
  const { commandTable, manualPage, buildProgram, Session } = await import(pathToFileURL(outfile).href);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  // The version is read beside the command, which stands elsewhere here.
  const page = manualPage(commandTable(buildProgram(new Session([]))), version);
  writeFileSync(join(root, 'docs', 'packetwalk.1'), page);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
