/**
 * Captures of other programs, made here and now: what tcpdump records of curl, ping, dig, the mosquitto clients, `ws`,
 * `socket.io` and TLS on a loopback interface, every cell as tshark reads it.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captureDifferences } from '../referee/captures.ts';
import { tsharkCells, tsharkVersion } from '../referee/tshark.ts';

const PROGRAMS = ['tcpdump', 'ip', 'curl', 'ping', 'dig', 'mosquitto_pub', 'mosquitto_sub'];
const isRoot = process.getuid?.() === 0;
/** A loopback interface of its own: nobody else's packets, and every port is free. */
const NAMESPACE = isRoot ? ['-n'] : ['-cn', '--keep-caps'];

/** Why nothing can be recorded; null: it can. */
function obstacle(): string | null {
  if (tsharkVersion() === null) return 'tshark is not installed';
  const missing = PROGRAMS.filter((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  const { status } = spawnSync('unshare', [...NAMESPACE, 'ip', 'link', 'set', 'lo', 'up']);
  return status === 0 ? null : 'no network namespace may be made here';
}

const why = obstacle();

describe.skipIf(why !== null)(`programs on a loopback interface${why ? ` (${why})` : ''}`, { timeout: 90_000 }, () => {
  let folder = '';
  const captures: Record<string, Uint8Array> = {};

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'packetwalk-live-'));
    const script = fileURLToPath(new URL('exchanges.mjs', import.meta.url));
    const files = ['lo', 'any'].map((name) => join(folder, name));
    const { status, stderr } = spawnSync('unshare', [...NAMESPACE, process.execPath, script, ...files], {
      encoding: 'utf8',
      timeout: 80_000,
    });
    if (status !== 0) throw new Error(`the exchanges failed: ${stderr}`);
    for (const name of ['lo', 'any']) captures[name] = readFileSync(join(folder, name));
  }, 90_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('all that should be in them is in them', () => {
    const rows = tsharkCells(captures.lo as Uint8Array, ['ip.version', 'frame.protocols'], []);
    const all = new Set(
      rows.flatMap(([version = '', protocols = '']) => protocols.split(':').map((p) => `${version[0]} ${p}`)),
    );
    for (const version of ['4', '6']) {
      for (const protocol of ['http', 'dns', 'mqtt', 'websocket', 'tls', version === '4' ? 'icmp' : 'icmpv6']) {
        expect(all).toContain(`${version} ${protocol}`);
      }
    }
    expect(rows.length).toBeGreaterThan(300);
  });

  it.each(['lo', 'any'])('every field of every frame captured on %s', (name) => {
    expect(captureDifferences(captures[name] as Uint8Array)).toEqual([]);
  });
});
