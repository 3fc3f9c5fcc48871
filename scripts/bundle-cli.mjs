// The command line in a few files in place of some hundred: Node resolves and reads each module by itself, which takes
// longer than all that packetwalk does before its first line. What a command does not need stays in a chunk that it does
// not load; the screen is one of them, with React in its production build (the development build takes half of a
// frame's time). The library, dist/index.js, stays as tsc made it.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
for (const folder of ['dist/cli', 'dist/tui']) rmSync(`${root}/${folder}`, { recursive: true, force: true });

await build({
  absWorkingDir: root,
  // Workers of a sweep are processes of their own.
  entryPoints: ['src/cli/main.ts', 'src/cli/sweep/worker.ts'],
  outdir: 'dist/cli',
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: true,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  jsx: 'automatic',
  define: {
    'process.env.NODE_ENV': '"production"',
    'process.env.DEV': '"false"',
    // Yoga would load its code, which is part of the file, through fetch, and Node all of its HTTP client for that.
    fetch: 'undefined',
  },
  // Ink loads React's developer tools only when DEV is set.
  // It finds its own files beside itself.
  external: ['tinypool', 'bullmq'],
  alias: { 'react-devtools-core': './scripts/no-devtools.mjs' },
  banner: { js: "import{createRequire as nodeRequire}from'node:module';const require=nodeRequire(import.meta.url);" },
  legalComments: 'linked',
  sourcemap: 'linked',
  sourcesContent: false,
  logLevel: 'warning',
});
