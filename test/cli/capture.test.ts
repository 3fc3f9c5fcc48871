/** `events` reads captures: the same lines and counts as tshark's, and a clear end where the file is cut. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { captureBytes, loadBundled, runToEnd } from '../bundled.ts';
import { BuiltPackage } from './built.ts';

vi.setConfig({ testTimeout: 60_000 });

const HAS_TSHARK = spawnSync('tshark', ['--version']).status === 0;

let pw: BuiltPackage;
let folder = '';
let capture: Uint8Array;
const pathOf = (name: string) => join(folder, name);

beforeAll(() => {
  pw = new BuiltPackage();
  folder = mkdtempSync(join(tmpdir(), 'packetwalk-capture-'));
  capture = captureBytes(runToEnd(loadBundled('dns-then-tcp')), { node: 'client', interface: null });
  writeFileSync(pathOf('x.pcapng'), capture);
}, 60_000);
afterAll(() => {
  pw.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe('events of a capture', () => {
  it.skipIf(!HAS_TSHARK)('lists and counts what tshark lists and counts', () => {
    const tshark = (...args: string[]) =>
      spawnSync('tshark', ['-n', '-r', pathOf('x.pcapng'), ...args], { encoding: 'utf8' }).stdout;
    expect(pw.call(['events', pathOf('x.pcapng')]).stdout).toBe(tshark());
    for (const filter of [
      'dns',
      'http.response.code == 200',
      'tcp.flags.syn == 1',
      'ip.addr == 10.0.0.53',
      'frame.len > 100',
    ]) {
      const ours = pw.call(['events', pathOf('x.pcapng'), '--filter', filter, '--count']).stdout.trim();
      expect([filter, Number(ours)]).toEqual([filter, tshark('-Y', filter).split('\n').length - 1]);
    }
  });

  it('a file without its name is known by its first octets', () => {
    writeFileSync(pathOf('nameless'), capture);
    expect(pw.call(['events', pathOf('nameless'), '--count']).stdout).toBe(
      pw.call(['events', pathOf('x.pcapng'), '--count']).stdout,
    );
  });

  it('--json: one object a frame with its field tree', () => {
    const lines = pw
      .call(['events', pathOf('x.pcapng'), '--json', '--filter', 'dns'])
      .stdout.trim()
      .split('\n');
    const [first] = lines.map((line) => JSON.parse(line) as { layers: { protocol: string }[]; interface: string });
    expect(first?.layers.map(({ protocol }) => protocol)).toEqual(['frame', 'eth', 'ip', 'udp', 'dns']);
    expect(first?.interface).toBe('client:eth0');
  });

  it('a cut file gives the frames before the cut, its offset, and exit 2', () => {
    writeFileSync(pathOf('cut.pcapng'), capture.subarray(0, capture.length - 7));
    const whole = Number(pw.call(['events', pathOf('x.pcapng'), '--count']).stdout);
    const { stdout, stderr, code } = pw.call(['events', pathOf('cut.pcapng'), '--count']);
    expect([Number(stdout), code]).toEqual([whole - 1, 2]);
    expect(stderr).toMatch(/cut\.pcapng:0x[0-9a-f]+: error PW1004: the file is cut/);
  });

  it('what is no capture is refused at its first octet', () => {
    writeFileSync(pathOf('text.pcap'), 'hello');
    const { stdout, stderr, code } = pw.call(['events', pathOf('text.pcap')]);
    expect([stdout, code]).toEqual(['', 2]);
    expect(stderr).toContain('text.pcap:0x0: error PW1001: not a pcap or pcapng file');
  });

  it('a wrong filter gets a caret', () => {
    const { stderr, code } = pw.call(['events', pathOf('x.pcapng'), '--filter', 'tcp.prot == 1']);
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean');
  });
});
