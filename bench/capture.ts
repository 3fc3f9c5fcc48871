/**
 * A capture of a million frames, read by the command and by tshark in turn: `npm run build && npm run bench -- capture
 * [--frames 1000000] [--rounds 2] [--file FILE] [--out FILE.json]`. Without a file, one is made of the frames of bundled
 * scenarios, one run behind the other, and removed afterwards.
 *
 * Time is CPU time, user and system, as other programs on the machine disturb it less than time on the clock.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CaptureReader, readCapture } from '../src/capture/capture.ts';
import { spread, spreadText } from './spread.ts';

const SCENARIOS = ['mqtt-qos', 'tcp-lost-segment', 'dns-then-tcp', 'ws-upgrade', 'queue-redelivery'];
const COMMAND = 'bin/packetwalk.cjs';

/** A pcap file with times in nanoseconds, in which each round of all exports begins where the one before it ended. */
function makeCapture(folder: string, frames: number): string {
  const octets = SCENARIOS.flatMap((name) => {
    const file = join(folder, `${name}.pcapng`);
    const { status, stderr } = spawnSync(process.execPath, [COMMAND, 'run', name, '-q', '-o', file], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return [...readCapture(new CaptureReader(), [readFileSync(file)])].map(({ bytes }) => bytes.slice());
  });
  const path = join(folder, 'frames.pcap');
  const out = openSync(path, 'w');
  const header = Buffer.alloc(24);
  for (const [at, value] of [0xa1b23c4d, 0x00040002, 0, 0, 262_144, 1].entries()) header.writeUInt32LE(value, at * 4);
  writeSync(out, header);
  for (let written = 0; written < frames; written += octets.length) {
    const round = octets.slice(0, frames - written);
    writeSync(out, Buffer.concat(round.flatMap((bytes, index) => [recordHeader(written + index, bytes), bytes])));
  }
  closeSync(out);
  return path;
}

/** Frames are 20 µs apart. */
function recordHeader(index: number, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(1_000_000_000 + Math.floor(index / 50_000), 0);
  header.writeUInt32LE((index % 50_000) * 20_000, 4);
  header.writeUInt32LE(bytes.length, 8);
  header.writeUInt32LE(bytes.length, 12);
  return header;
}

interface Sample {
  readonly frames: number;
  readonly cpuSeconds: number;
  readonly clockSeconds: number;
  readonly megabytes: number;
}

function measure(name: string, words: readonly string[]): Sample {
  const [program = '', ...rest] = ['time', '-f', '%U %S %e %M', ...words];
  const { stdout, stderr, status } = spawnSync(program, rest, { encoding: 'utf8', maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(stderr);
  const [user = 0, system = 0, clockSeconds = 0, kilobytes = 0] = (stderr.trim().split('\n').pop() ?? '')
    .split(' ')
    .map(Number);
  const lines = stdout.trim().split('\n');
  const frames = lines.length === 1 ? Number(lines[0]) : lines.length;
  const [cpuSeconds, megabytes] = [user + system, Math.round(kilobytes / 1024)];
  process.stdout.write(
    `${name.padEnd(10)} ${frames} frames  CPU ${cpuSeconds.toFixed(2)} s  clock ${clockSeconds.toFixed(2)} s  ${megabytes} MB\n`,
  );
  return { frames, cpuSeconds, clockSeconds, megabytes };
}

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '2' },
    file: { type: 'string' },
    out: { type: 'string' },
  },
});
const hasTshark = spawnSync('tshark', ['--version']).status === 0;
if (!hasTshark) process.stderr.write('tshark is not here (apt-get install tshark): only ours\n');
const folder = mkdtempSync(join(tmpdir(), 'packetwalk-'));
try {
  const file = values.file ?? makeCapture(folder, Number(values.frames));
  const rounds = Array.from({ length: Number(values.rounds) }, () => ({
    ours: measure('packetwalk', [process.execPath, COMMAND, 'events', file, '--count', '--filter', 'tcp']),
    tshark: hasTshark ? measure('tshark', ['tshark', '-r', file, '-Y', 'tcp']) : null,
  }));
  const ratios = rounds.flatMap(({ ours, tshark }) => (tshark ? [tshark.cpuSeconds / ours.cpuSeconds] : []));
  if (ratios.length > 0) process.stdout.write(`tshark's CPU time in times of ours: ${spreadText(spread(ratios), 1)}\n`);
  if (rounds.some(({ ours, tshark }) => tshark && tshark.frames !== ours.frames))
    throw new Error('tshark counts other frames');
  if (values.out) {
    const found = { node: process.version, ratio: spread(ratios), rounds };
    writeFileSync(values.out, `${JSON.stringify(found, null, 1)}\n`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
