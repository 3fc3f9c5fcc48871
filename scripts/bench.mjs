// Runs a benchmark of bench/: `npm run bench -- tui`. Bundled as the command is, so that it measures what people run.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name = '', ...words] = process.argv.slice(2);
const names = readdirSync(join(root, 'bench')).flatMap((file) =>
  file.endsWith('.ts') && !/scenario|spread|screen/.test(file) ? [file.slice(0, -3)] : [],
);
if (names.includes(name)) {
  // Beside the modules that it loads.
  const folder = mkdtempSync(join(root, 'node_modules', '.bench-'));
  const outfile = join(folder, `${name}.mjs`);
  try {
    await build({
      absWorkingDir: root,
      entryPoints: [`bench/${name}.ts`],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', fetch: 'undefined' },
      alias: { 'react-devtools-core': './scripts/no-devtools.mjs' },
      banner: {
        js: "import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);",
      },
      logLevel: 'warning',
    });
    const { status } = spawnSync(process.execPath, ['--expose-gc', outfile, ...words], { cwd: root, stdio: 'inherit' });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
} else {
  process.stderr.write(`npm run bench -- NAME; there are: ${names.join(', ')}\n`);
  process.exitCode = 2;
}
