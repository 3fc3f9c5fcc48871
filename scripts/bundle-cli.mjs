// The command line in one file in place of some hundred: Node resolves and reads each module by itself, which takes
// longer than all that packetwalk does before its first line. It is a script and no ES module, because Node 20 lets only
// scripts be compiled once for many starts (bin/compiled.cjs). Modules that a command does not need stay functions in it
// that nobody calls. What is loaded later, or by another process, stands beside it: Ink with React in its production
// build (the development build takes half of a frame's time), and the worker of sweeps. The library, dist/index.js,
// stays as tsc made it.
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
// Tests bundle into packages of their own: `node scripts/bundle-cli.mjs FOLDER`.
const dist = resolve(process.argv[2] ?? `${root}/dist`);
for (const folder of ['cli', 'tui']) rmSync(`${dist}/${folder}`, { recursive: true, force: true });

/** Modules of Node's own that most commands import and never call. */
const SELDOM = /^(?:node:)?(?:child_process|crypto|fs\/promises|net|readline|v8)$/;

/** Such a module as one that loads it when something of it is asked for. */
function whenAsked(path) {
  const names = Object.keys(require(path)).filter((name) => name !== 'default');
  const got = names.map((name) => `get ${name}() { return require(${JSON.stringify(path)}).${name}; }`);
  return `module.exports = { ${got.join(', ')} };`;
}

const shared = {
  absWorkingDir: root,
  outdir: `${dist}/cli`,
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20.19',
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
  // Tinypool finds its own files beside itself; BullMQ is installed by who wants it.
  external: ['tinypool', 'bullmq'],
  legalComments: 'linked',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
};

await build({
  ...shared,
  entryPoints: ['src/cli/main.ts'],
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
  define: { ...shared.define, 'import.meta.url': '$bundleUrl' },
  banner: { js: '"use strict";const $bundleUrl=require("node:url").pathToFileURL(__filename).href;' },
  plugins: [
    {
      name: 'loaded later',
      setup({ onResolve, onLoad }) {
        onResolve({ filter: /\/ink-layout\.tsx$/ }, () => ({ path: './ink-layout.js', external: true }));
        onResolve({ filter: SELDOM }, ({ path, namespace }) =>
          namespace === 'seldom' ? { path, external: true } : { path, namespace: 'seldom' },
        );
        onLoad({ filter: SELDOM, namespace: 'seldom' }, ({ path }) => ({ contents: whenAsked(path) }));
      },
    },
  ],
});
// Node refuses import() in a script that it has not read itself, and lets the launcher hand over its own. Both words have
// six letters, so that the source map stays true. The last line says which code it is, so that nobody runs what was
// compiled of another.
const bundle = `${dist}/cli/main.cjs`;
const code = readFileSync(bundle, 'utf8').replace(/(?<![\w$.])import(?=\((?:"[^"]*"|'[^']*')\))/g, '$$later');
const digest = createHash('sha256').update(code).digest('hex').slice(0, 32);
writeFileSync(bundle, `${code.trimEnd()}\n//${digest}`);

await build({
  ...shared,
  entryPoints: { 'ink-layout': 'src/tui/ink-layout.tsx', 'sweep/worker': 'src/cli/sweep/worker.ts' },
  format: 'esm',
  define: {
    ...shared.define,
    // Ink loads React's developer tools only when DEV is set.
    'process.env.DEV': '"false"',
    // Yoga would load its code, which is part of the file, through fetch, and Node all of its HTTP client for that.
    fetch: 'undefined',
  },
  alias: { 'react-devtools-core': './scripts/no-devtools.mjs' },
  banner: { js: "import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);" },
});
