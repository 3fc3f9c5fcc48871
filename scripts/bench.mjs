// Runs a benchmark of bench/: `npm run bench -- tui`; without a name, all that goals are set for (bench/whole.ts). Bundled
// as the command is, so that it measures what people run.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, runOwn } from './own-code.mjs';

const given = process.argv.slice(2);
const isNamed = given.length > 0 && !given[0].startsWith('--');
const [name, words] = isNamed ? [given[0], given.slice(1)] : ['whole', given];
const names = readdirSync(join(root, 'bench')).flatMap((file) =>
  file.endsWith('.ts') && !/scenario|spread|screen|goal|child/.test(file) ? [file.slice(0, -3)] : [],
);
if (names.includes(name)) {
  await runOwn(`bench/${name}.ts`, words, {
    nodeFlags: ['--expose-gc'],
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"', fetch: 'undefined' },
    alias: { 'react-devtools-core': './scripts/no-devtools.mjs' },
  });
} else {
  process.stderr.write(`npm run bench -- NAME; there are: ${names.join(', ')}\n`);
  process.exitCode = 2;
}
