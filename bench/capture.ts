/**
 * A capture of a million frames, read by the command and by tshark in turn: `npm run build && npm run bench -- capture
 * [--frames 1000000] [--rounds 2] [--file FILE.pcapng]`. Without FILE, one is made of bundled scenarios' exports, one
 * behind the other, and removed afterwards.
 *
 * Time is CPU time, user and system, as other programs on the machine disturb it less than time on the clock.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CaptureReader, readCapture } from '../src/capture/capture.ts';

const SCENARIOS = ['mqtt-qos', 'tcp-lost-segment', 'dns-then-tcp', 'ws-upgrade', 'queue-redelivery'];
const COMMAND = 'bin/packetwalk.cjs';

/** Every round of sections is a capture of its own, as pcapng lets them follow each other. */
function makeCapture(folder: string, frames: number): string {
  const sections = SCENARIOS.map((name) => {
    const file = join(folder, `${name}.pcapng`);
    const { status, stderr } = spawnSync(process.execPath, [COMMAND, 'run', name, '-q', '-o', file], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return readFileSync(file);
  });
  const round = Buffer.concat(sections);
  const reader = new CaptureReader();
  for (const _ of readCapture(reader, [round]));
  const path = join(folder, 'frames.pcapng');
  const out = openSync(path, 'w');
  for (let written = 0; written < frames; written += reader.frames) writeSync(out, round);
  closeSync(out);
  return path;
}

function measure(name: string, words: readonly string[]): void {
  const [program = '', ...rest] = ['time', '-f', '%U %S %e %M', ...words];
  const { stdout, stderr, status } = spawnSync(program, rest, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(stderr);
  const [user = 0, system = 0, clock = 0, kilobytes = 0] = (stderr.trim().split('\n').pop() ?? '')
    .split(' ')
    .map(Number);
  const lines = stdout.trim().split('\n');
  const count = lines.length === 1 ? lines[0] : lines.length;
  process.stdout.write(
    `${name.padEnd(10)} ${count} frames  CPU ${(user + system).toFixed(2)} s  clock ${clock.toFixed(2)} s  ${Math.round(kilobytes / 1024)} MB\n`,
  );
}

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '2' },
    file: { type: 'string' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'packetwalk-'));
try {
  const file = values.file ?? makeCapture(folder, Number(values.frames));
  for (let round = 0; round < Number(values.rounds); round++) {
    measure('packetwalk', [process.execPath, COMMAND, 'events', file, '--count', '--filter', 'tcp']);
    measure('tshark', ['tshark', '-r', file, '-Y', 'tcp']);
  }
} finally {
  rmSync(folder, { recursive: true });
}
