// The pictures in the README, as the built command draws them: the screen at the lost segment of a bundled scenario, and
// the ladder of the command that the marker in the text names.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'packetwalk-picture-'));
mkdirSync(join(root, 'docs'), { recursive: true });

/** The screen of a walk after some steps, as docs/FILE. */
function draw(file, words, steps) {
  const tape = join(folder, 'tape.txt');
  const picture = join(folder, file);
  writeFileSync(tape, [...steps, 'export', `type ${picture}`, 'key enter', ''].join('\n'));
  const command = ['bin/packetwalk.cjs', 'walk', ...words, '--play', tape, '--batch', '--size', '120x40'];
  execFileSync(process.execPath, command, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  copyFileSync(picture, join(root, 'docs', file));
}

try {
  // To the retransmission of what was lost, on its way, with the sequence number chosen.
  draw(
    'screen.svg',
    ['tcp-lost-segment'],
    [
      'filter',
      'type tcp.analysis.retransmission',
      'key enter',
      'next packet',
      'escape',
      'pane 3',
      'layer down',
      'layer down',
    ],
  );
  // At the first question, with its hint.
  draw('lesson.svg', ['tcp-lost-syn', '--lesson'], ['key enter', 'next stop', 'key h']);
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
