// The pictures in the README, as the built command draws them: the screen at the lost segment of a bundled scenario, and
// the ladder of the command that the marker in the text names.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'packetwalk-picture-'));
const tape = join(folder, 'tape.txt');
const picture = join(folder, 'screen.svg');

// To the retransmission of what was lost, on its way, with the sequence number chosen.
const steps = [
  'filter',
  'type tcp.analysis.retransmission',
  'key enter',
  'next packet',
  'escape',
  'pane 3',
  'layer down',
  'layer down',
];
writeFileSync(tape, [...steps, 'export', `type ${picture}`, 'key enter', ''].join('\n'));
const words = ['bin/packetwalk.cjs', 'walk', 'tcp-lost-segment', '--play', tape, '--batch', '--size', '120x40'];
execFileSync(process.execPath, words, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
mkdirSync(join(root, 'docs'), { recursive: true });
try {
  copyFileSync(picture, join(root, 'docs', 'screen.svg'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const readme = join(root, 'README.md');
const marked = /(<!-- picture: npx packetwalk (.+?) -->\n```\n)[\s\S]*?(```\n<!-- \/picture -->)/;
const drawn = readFileSync(readme, 'utf8').replace(marked, (_, head, command, tail) => {
  const ladder = ['bin/packetwalk.cjs', ...command.split(' ')];
  return `${head}${execFileSync(process.execPath, ladder, { cwd: root, encoding: 'utf8' })}${tail}`;
});
writeFileSync(readme, drawn);
