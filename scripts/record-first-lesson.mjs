// Records docs/first-lesson.cast: what somebody does who has just cloned the repository, from `npm ci && npm start` to the
// first question answered. Through a real terminal (script(1) of util-linux), typing only what the screen says at that
// moment: every key below comes with the words that must stand there. `npm run record:first-lesson`
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import xterm from '@xterm/headless';

const COLUMNS = 100;
const ROWS = 30;
/** Longer silences are cut when the cast is played, as nobody watches an installation. */
const LONGEST_PAUSE = 2;
const KEY_MS = 90;
const READ_MS = 1500;

/** What is waited for, and what is typed then. The README says the first of them, the screen says all others. */
const STEPS = [
  { seen: /^\$ *$/m, type: 'npm ci && npm start\r' },
  { seen: /Next: npx packetwalk/, type: 'npx packetwalk\r', patience: 600 },
  { seen: /enter begin\b/, type: '\r' },
  { seen: /enter begins/, type: '\r' },
  { seen: /c C on, back/, type: 'c' },
  { seen: /1-\d or ↑↓ enter {2}h hint/, type: 'h' },
  { seen: /Hint: /, type: '2' },
  { seen: /c to the next stop/, type: 'c' },
  { seen: /✓ That is so/, type: '' },
  { seen: /\? skip/, type: '1' },
  { seen: /q courses/, type: 'q' },
  { seen: /q quit/, type: 'q' },
  { seen: /\$ *$/, type: 'exit\r' },
];

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'packetwalk-first-'));
const copy = join(folder, 'packetwalk');
try {
  const cloned = spawnSync('git', ['clone', '--quiet', '--depth', '1', `file://${root}`, copy], { stdio: 'inherit' });
  if (cloned.status !== 0) throw new Error('the repository cannot be cloned');
  const events = await recorded();
  const header = {
    version: 2,
    width: COLUMNS,
    height: ROWS,
    idle_time_limit: LONGEST_PAUSE,
    title: 'packetwalk: the first lesson',
  };
  const lines = [header, ...shortened(events)].map((line) => JSON.stringify(line));
  writeFileSync(join(root, 'docs', 'first-lesson.cast'), `${lines.join('\n')}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Pairs of seconds and what the terminal was sent. */
async function recorded() {
  const shell = `stty rows ${ROWS} cols ${COLUMNS}; exec bash --norc --noprofile`;
  const child = spawn('script', ['-qefc', shell, '/dev/null'], {
    cwd: copy,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      XDG_STATE_HOME: join(folder, 'state'),
      PS1: '$ ',
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      LANG: 'C.UTF-8',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
      ...(process.env.npm_config_registry && { npm_config_registry: process.env.npm_config_registry }),
      ...(process.env.npm_config_cache && { npm_config_cache: process.env.npm_config_cache }),
    },
  });
  const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true });
  const events = [];
  const start = performance.now();
  child.stdout.setEncoding('utf8').on('data', (text) => {
    events.push([(performance.now() - start) / 1000, text]);
    terminal.write(text);
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  for (const { seen, type, patience = 30 } of STEPS) {
    const until = performance.now() + patience * 1000;
    while (!seen.test(screenOf(terminal))) {
      if (performance.now() > until) throw new Error(`${seen} did not come:\n${screenOf(terminal)}`);
      await waited(50);
    }
    await waited(READ_MS);
    for (const key of type) {
      child.stdin.write(key);
      await waited(KEY_MS);
    }
  }
  await ended;
  return events;
}

function screenOf(terminal) {
  const { active } = terminal.buffer;
  const lines = Array.from({ length: ROWS }, (_, row) =>
    active.getLine(active.viewportY + row)?.translateToString(true),
  );
  return lines.join('\n').trimEnd();
}

function waited(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** asciicast v2 events, with silences of at most some seconds. */
function shortened(events) {
  let at = 0;
  let before = 0;
  return events.map(([time, text]) => {
    at += Math.min(LONGEST_PAUSE, time - before);
    before = time;
    return [Number(at.toFixed(3)), 'o', text];
  });
}
