// The main job, and where to go from there: `npm start`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../bin/packetwalk.cjs', import.meta.url));
const { status } = spawnSync(process.execPath, [command, 'run', 'tcp-lost-syn'], { stdio: 'inherit' });
process.exitCode = status ?? 1;
if (status === 0)
  process.stdout.write('\nNext: npx packetwalk    the courses: lessons that ask before things happen\n');
