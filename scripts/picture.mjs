// Writes the README's picture anew: what the program prints for the command that the marker names.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');
const drawn = readme.replace(
  /(<!-- picture: npx packetwalk (.+?) -->\n```\n)[\s\S]*?(```\n<!-- \/picture -->)/,
  (_, head, command, tail) => {
    const { stdout, status, stderr } = spawnSync(process.execPath, ['bin/packetwalk.cjs', ...command.split(' ')], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return `${head}${stdout}${tail}`;
  },
);
writeFileSync(`${root}README.md`, drawn);
