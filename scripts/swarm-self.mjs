// Tests the tester: plants each bug of test/swarm/self/bugs.mjs into a bundle of its own and lets the swarm look for it.
//
//     npm run swarm:self                     # every bug, at most 1,000 seeds each
//     npm run swarm:self -- --bugs 1,5,9     # some of them, by number
//     npm run swarm:self -- --seeds 200
//     npm run swarm:self -- --table docs/swarm.md   # and writes the table there
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BUGS } from '../test/swarm/self/bugs.mjs';
import { bundleSwarm } from './swarm-bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: { bugs: { type: 'string' }, seeds: { type: 'string', default: '1000' }, table: { type: 'string' } },
});
const chosen = values.bugs === undefined ? BUGS.map((_, index) => index + 1) : values.bugs.split(',').map(Number);

let missed = 0;
const rows = [];
for (const number of chosen) {
  const bug = BUGS[number - 1];
  const folder = mkdtempSync(join(root, 'node_modules', '.swarm-'));
  try {
    await bundleSwarm(root, folder, bug);
    const { failure, seeds } = await hunt(folder);
    if (!failure) missed++;
    const found = failure ? `${failure.kind}, seed ${failure.seed}, of ${seeds} tried` : `NOT FOUND in ${seeds} seeds`;
    rows.push(`| ${number} | ${bug.name} | ${failure ? `\`${failure.kind}\` | ${failure.seed}` : 'not found |'} |`);
    console.log(`${String(number).padStart(3)}  ${bug.name.padEnd(72)} ${found}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(`${chosen.length - missed} of ${chosen.length} planted bugs caught`);
if (missed > 0) process.exitCode = 1;
if (values.table !== undefined) writeTable(values.table);

/** Between the marks that are there for it. */
function writeTable(path) {
  const [before, , after] = readFileSync(path, 'utf8').split(/<!-- \/?caught -->/);
  const head = ['| | planted bug | what catches it | seed |', '|---|---|---|---|'];
  const table = [...head, ...rows].join('\n');
  writeFileSync(path, `${before}<!-- caught -->\n${table}\n<!-- /caught -->${after}`);
}

function hunt(folder) {
  const words = ['--seeds', `1..${values.seeds}`, '--first', '--quiet', '--no-shrink'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(folder, 'main.mjs'), ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.on('close', () => {
      try {
        resolve(JSON.parse(text));
      } catch {
        reject(new Error(`the swarm says ${JSON.stringify(text)}`));
      }
    });
  });
}
