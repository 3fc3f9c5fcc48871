/** `events` says of every bundled scenario what tshark says of its capture, line by line. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PROTOCOLS } from '../../src/layers/codecs.ts';
import { BuiltPackage } from './built.ts';

const SUFFIX = '.pw.yaml';
const BUNDLED = readdirSync(new URL('../../scenarios', import.meta.url))
  .filter((name) => name.endsWith(SUFFIX))
  .map((name) => name.slice(0, -SUFFIX.length))
  .sort();
const LAUNCHER = fileURLToPath(new URL('../../bin/packetwalk.cjs', import.meta.url));
const HAS_TSHARK = spawnSync('tshark', ['--version']).status === 0;

const READ = new Set([...PROTOCOLS.keys(), 'ethertype', 'data-text-lines']);
const UP_TO_ADDRESSES = /^ *\d+ +[\d.]+ +\S+ → \S+/;

function tshark(...args: readonly string[]): string {
  return spawnSync('tshark', ['-n', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout;
}

// Every call is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000 });

let pw: BuiltPackage;
let folder = '';
beforeAll(() => {
  pw = new BuiltPackage();
  folder = mkdtempSync(join(tmpdir(), 'packetwalk-events-'));
}, 60_000);
afterAll(() => {
  pw.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe('events', () => {
  it('finds the bundled scenarios', () => expect(BUNDLED.length).toBeGreaterThan(8));

  it.skipIf(!HAS_TSHARK).each(BUNDLED)(
    '%s: the same lines as tshark',
    (name) => {
      const capture = join(folder, `${name}.pcapng`);
      expect(pw.call(['run', name, '-q', '-o', capture])).toMatchObject({ code: 0, stderr: '' });
      const theirs = tshark('-r', capture);
      const ours = pw.call(['events', name]).stdout;
      const protocols = new Set(tshark('-r', capture, '-T', 'fields', '-e', 'frame.protocols').split(/[:\n]/));
      const areRead = [...protocols].every((protocol) => protocol === '' || READ.has(protocol));
      // What we do not read yet, tshark has other words for; frames, times and addresses are the same all the same.
      const cut = (text: string) =>
        text.split('\n').map((line) => (areRead ? line : (UP_TO_ADDRESSES.exec(line)?.[0] ?? '')));
      expect(cut(ours)).toEqual(cut(theirs));
    },
    60_000,
  );

  it.skipIf(!HAS_TSHARK)('every vantage is an interface of its own in a capture of all', () => {
    const capture = join(folder, 'all.pcapng');
    expect(pw.call(['run', 'two-hops', '-q', '--at', 'all', '-o', capture]).code).toBe(0);
    const fields = ['-T', 'fields', '-e', 'frame.interface_name', '-e', 'frame.time_epoch'];
    const rows = tshark('-r', capture, ...fields)
      .trimEnd()
      .split('\n');
    const names = new Set(rows.map((row) => row.split('\t')[0]));
    const ports = ['alice:eth0', 'bob:eth0', 'east:eth0', 'east:eth1', 'west:eth0', 'west:eth1'];
    expect([...names].sort()).toEqual(ports);
    const times = rows.map((row) => row.split('\t')[1] ?? '');
    expect(times).toEqual([...times].sort());
    expect(rows).toHaveLength(Number(pw.call(['events', 'two-hops', '--at', 'all', '--count']).stdout));
  });

  it('prints ASCII alone where that is asked for', () => {
    const { stdout } = pw.call(['events', 'wss-chat', '--ascii']);
    expect(stdout).toMatch(/^ +3 \S+ +10\.0\.0\.1 -> 10\.0\.0\.2 +TCP \d+ \d+ -> 443 \[SYN\]/m);
    expect(/[^\n -~]/.test(stdout)).toBe(false);
  });

  it('takes a capture on standard input as it takes a scenario', () => {
    const capture = join(folder, 'piped.pcapng');
    pw.call(['run', 'two-hops', '-o', capture, '-q']);
    const list = pw.call(['events', capture]).stdout;
    for (const input of [capture, fileURLToPath(new URL('../../scenarios/two-hops.pw.yaml', import.meta.url))]) {
      const piped = spawnSync(
        'sh',
        [
          '-c',
          `(head -c 2 "$1"; sleep 0.2; tail -c +3 "$1") | "$2" "$3" events -`,
          'sh',
          input,
          process.execPath,
          LAUNCHER,
        ],
        { encoding: 'utf8' },
      );
      expect([piped.stderr, piped.stdout]).toEqual(['', list]);
    }
    const short = spawnSync(process.execPath, [LAUNCHER, 'events', '-'], { input: 'x', encoding: 'utf8' });
    expect([short.status, short.stderr.split('\n')[0]]).toEqual([2, expect.stringMatching(/^-:1:1: error PW0211/)]);
  });

  it('says of options of a run that they have no effect on a capture, and walk of --record without a screen', () => {
    const capture = join(folder, 'options.pcapng');
    pw.call(['run', 'two-hops', '-o', capture, '-q']);
    for (const [name, value] of [
      ['seed', '4'],
      ['until', '1s'],
      ['set', 'a=1'],
      ['profile', 'linux'],
      ['variant', '3'],
      ['max-events', '10'],
      ['at', 'bob'],
    ] as const) {
      expect(pw.call(['events', capture, `--${name}`, value])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining(`--${name} has no effect on`),
      });
    }
    expect(pw.call(['events', capture, '--at', 'all', '--count'])).toMatchObject({ code: 0, stderr: '' });
    expect(pw.call(['walk', 'two-hops', '--record', join(folder, 'tape')])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('--record keeps what is done on the screen'),
    });
  });

  it('filters, counts, and changes its place', () => {
    const count = (...args: string[]) => Number(pw.call(['events', 'tcp-lost-segment', '--count', ...args]).stdout);
    const lines = pw
      .call(['events', 'tcp-lost-segment', '--filter', 'tcp.flags.syn == 1'])
      .stdout.trimEnd()
      .split('\n');
    expect(lines).toHaveLength(2);
    expect(lines.every((line) => line.includes('[SYN'))).toBe(true);
    expect(count('--filter', 'pw.lost')).toBe(2);
    expect(count('--filter', 'pw.lost', '--json')).toBe(2);
    expect(count('--at', 'server', '--filter', 'pw.lost')).toBe(0);
    expect(count('--at', 'server')).toBe(count() - 2);
    expect(count('--at', 'all')).toBe(count() + count('--at', 'server'));
  });

  it('prints a field tree for each frame as JSON Lines', () => {
    const lines = pw.call(['events', 'tcp-lost-segment', '--json', '--filter', 'pw.lost']).stdout.trimEnd().split('\n');
    const frames = lines.map((line) => JSON.parse(line));
    expect(frames).toHaveLength(2);
    expect(frames[0].atNs).toBe(80_268_800);
    expect(frames[0].comment).toMatch(/^lost on client-server: /);
    const tcp = frames[0].layers.find((layer: { protocol: string }) => layer.protocol === 'tcp');
    const ports = tcp.fields.filter(({ name }: { name: string }) => name === 'tcp.dstport');
    expect(ports).toEqual([expect.objectContaining({ label: 'Destination Port', value: '9', at: 36, length: 2 })]);
  });

  it('is what walk prints without a terminal', () => {
    expect(pw.call(['walk', 'first-packet']).stdout).toBe(pw.call(['events', 'first-packet']).stdout);
  });
});
