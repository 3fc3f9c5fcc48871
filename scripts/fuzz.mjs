// Structure-aware fuzzing, `npm run fuzz -- --runs 1000000`: see test/fuzz/main.ts.
import { root, runOwn } from './own-code.mjs';

await runOwn('test/fuzz/main.ts', ['--root', root, ...process.argv.slice(2)]);
