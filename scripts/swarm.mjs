// The swarm tester, `npm run swarm -- --seeds 1..5000`: see test/swarm/main.ts. Bundled, so that it starts at once and
// any Node runs it; `SWARM_NODE` names another one.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleSwarm } from './swarm-bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(root, 'node_modules', '.swarm-'));
const remove = () => rmSync(folder, { recursive: true, force: true });
await bundleSwarm(root, folder).catch((error) => {
  remove();
  throw error;
});
const node = process.env.SWARM_NODE ?? process.execPath;
const child = spawn(node, [join(folder, 'main.mjs'), ...process.argv.slice(2)], { stdio: 'inherit' });
// It ends with its summary when it is told to end, and this with it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('close', (code) => {
  remove();
  process.exitCode = code ?? 1;
});
