// Stands in a file of its own, because what is in here is a syntax error to a Node that the launcher still answers politely.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { load } = require('./compiled.cjs');

const bundle = path.join(__dirname, '..', 'dist', 'cli', 'main.cjs');

async function start(words) {
  if (!fs.existsSync(bundle)) {
    process.stderr.write('packetwalk is not built yet: run `npm run build`\n');
    process.exitCode = 2;
    return;
  }
  const [word = ''] = words;
  const { exports, keep } = load(bundle, /^[a-z]{1,16}$/.test(word) ? word : 'other');
  await exports.main(words);
  keep();
}

start(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 70;
});
