// Our sources, bundled for a script that needs them: what is written beside node_modules is taken away again.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Beside the modules that bundles load. */
async function inFolder(work) {
  const folder = mkdtempSync(join(root, 'node_modules', '.own-code-'));
  try {
    return await work(join(folder, 'main.mjs'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const SHARED = { absWorkingDir: root, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' };

/** What `contents` exports: `export { A } from './src/a.ts';`. */
export function importOwn(contents) {
  return inFolder(async (outfile) => {
    const stdin = { contents, resolveDir: root };
    await build({ ...SHARED, stdin, outfile, packages: 'external', external: ['*/tui/main.ts'] });
    return import(pathToFileURL(outfile).href);
  });
}

/** Runs a file of ours with all that it needs in one; its status becomes that of this process. */
export function runOwn(file, words, { nodeFlags = [], ...options } = {}) {
  return inFolder(async (outfile) => {
    const banner = "import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);";
    await build({ ...SHARED, entryPoints: [file], outfile, banner: { js: banner }, ...options });
    const { status } = spawnSync(process.execPath, [...nodeFlags, outfile, ...words], { cwd: root, stdio: 'inherit' });
    process.exitCode = status ?? 1;
  });
}
