/** `walk` shows a capture with the panes of a run: it steps, filters and exports. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CaptureReader, readCapture } from '../../src/capture/capture.ts';
import { captureBytes, loadBundled, runToEnd } from '../bundled.ts';
import { BuiltPackage } from './built.ts';

vi.setConfig({ testTimeout: 60_000 });

let pw: BuiltPackage;
let folder = '';
let capture: Uint8Array;
const pathOf = (name: string) => join(folder, name);

beforeAll(() => {
  pw = new BuiltPackage();
  folder = mkdtempSync(join(tmpdir(), 'packetwalk-walk-'));
  capture = captureBytes(runToEnd(loadBundled('dns-then-tcp')), { node: 'client', interface: null });
  writeFileSync(pathOf('x.pcapng'), capture);
}, 60_000);
afterAll(() => {
  pw.remove();
  rmSync(folder, { recursive: true, force: true });
});

function walk(tape: readonly string[], name = 'x.pcapng') {
  writeFileSync(pathOf('tape.txt'), `${tape.join('\n')}\n`);
  return pw.call(['walk', pathOf(name), '--play', pathOf('tape.txt'), '--batch', '--size', '140x44']);
}

function framesIn(name: string) {
  return [...readCapture(new CaptureReader(), [readFileSync(pathOf(name))])];
}

describe('walk of a capture', () => {
  it('steps from frame to frame, forward and back', () => {
    const { stdout, code } = walk(['screen', 'next packet', 'next packet', 'screen', 'previous packet']);
    expect(code).toBe(0);
    expect(stdout).toContain('packet 1 · on the wire');
    expect(stdout).toContain('packet 3 · on the wire');
    expect(stdout.slice(-6000)).toContain('packet 2 · on the wire');
  });

  it('shows hosts as columns, layers, fields, octets, and the stream with its text', () => {
    const { stdout } = walk(['filter', 'type http.response', 'key enter', 'next packet']);
    for (const shown of ['10.0.0.1', '7 Application', 'Ethernet II', '0000 ', 'tcp.stream 0', '◀ HTTP/1.1 200 OK']) {
      expect(stdout).toContain(shown);
    }
  });

  it('tells why in no more than what was captured', () => {
    const { stdout } = walk(['next packet']);
    expect(stdout).toMatch(/Why {2}Captured: .* after the frame before it/);
  });

  it('filters, and writes the frames that the filter shows', () => {
    const { stdout, code } = walk([
      'filter',
      'type dns',
      'key enter',
      'end',
      'screen',
      'export',
      `type ${pathOf('dns.pcapng')}`,
      'key enter',
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('filter: dns');
    const dns = framesIn('dns.pcapng');
    const count = Number(pw.call(['events', pathOf('x.pcapng'), '--filter', 'dns', '--count']).stdout);
    expect(dns.length).toBe(count);
    const all = framesIn('x.pcapng');
    for (const { timeNs, bytes } of dns) {
      expect(all.some((one) => one.timeNs === timeNs && Buffer.from(one.bytes).equals(bytes))).toBe(true);
    }
    expect(dns[0]?.interface).toMatchObject({ name: 'client:eth0', linkType: 1, fcsBytes: 4 });
  });

  it('nothing can be changed in it', () => {
    expect(walk(['inject']).stdout).toContain('nothing can be changed');
  });

  it('a cut file is walked through as far as it goes; then its problem is told', () => {
    writeFileSync(pathOf('cut.pcapng'), capture.subarray(0, capture.length - 9));
    const { stdout, stderr, code } = walk(['end'], 'cut.pcapng');
    expect(stdout).toContain(`capture · ${framesIn('x.pcapng').length - 1} frames`);
    expect([code, stderr]).toEqual([2, expect.stringContaining('error PW1004')]);
  });

  it('a file without frames is refused', () => {
    writeFileSync(pathOf('none.pcap'), 'not a capture');
    const { stdout, stderr, code } = walk(['end'], 'none.pcap');
    expect([stdout, code]).toEqual(['', 2]);
    expect(stderr).toContain('not a pcap or pcapng file');
  });

  it('--plain tells each frame in sentences', () => {
    const { stdout } = pw.call(['walk', pathOf('x.pcapng'), '--plain'], { input: 'n\nq\n' });
    expect(stdout).toContain('packet 2, on the wire');
  });
});
