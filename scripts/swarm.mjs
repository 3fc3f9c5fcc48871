// The swarm tester, `npm run swarm -- --seeds 1..5000`: see test/swarm/main.ts. Bundled, so that it starts at once and
// any Node runs it; `SWARM_NODE` names another one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleSwarm } from './swarm-bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(root, 'node_modules', '.swarm-'));
try {
  await bundleSwarm(root, folder);
  const node = process.env.SWARM_NODE ?? process.execPath;
  const { status } = spawnSync(node, [join(folder, 'main.mjs'), ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
