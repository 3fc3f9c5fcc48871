/**
 * The same octets on every Node, in any language and time zone: encryption, signatures and compression lean on what Node
 * brings, or must not. `PACKETWALK_NODES=/path/node22:/path/node24` asks those Nodes too, for every bundled scenario.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BUNDLED } from '../bundled.ts';

const OTHERS = (process.env.PACKETWALK_NODES ?? '').split(':').filter(Boolean);
const NAMES =
  OTHERS.length > 0 ? BUNDLED : ['compression-before-encryption', 'tls-handshake', 'tls-wrong-name', 'wss-chat'];
const PROGRAM = fileURLToPath(new URL('hashes.mjs', import.meta.url));
const LAUNCHER = fileURLToPath(new URL('../../bin/packetwalk.cjs', import.meta.url));
const SNAPSHOT = readFileSync(new URL('../__snapshots__/scenarios.test.ts.snap', import.meta.url), 'utf8');

const golden = (name: string) =>
  new RegExp(`^exports\\[\`${name} > golden hash[^\`]*\`\\] = \`"([0-9a-f]{64})"\`;$`, 'm').exec(SNAPSHOT)?.[1];

/** What a Node makes of the scenarios, far from here. */
function hashesOn(node: string, env: Readonly<Record<string, string>>): string[][] {
  const { status, stdout, stderr } = spawnSync(node, [PROGRAM, ...NAMES], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  });
  if (status !== 0) throw new Error(`${node} ended with ${status}\n${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(' '));
}

/** A capture with its key log, as the command writes it. */
function captureOn(node: string): Buffer {
  const words = [LAUNCHER, 'run', 'wss-chat', '-o', 'pcapng:-'];
  const { status, stdout, stderr } = spawnSync(node, words, { env: { PATH: process.env.PATH, ...THERE } });
  if (status !== 0) throw new Error(`${node} ended with ${status}\n${stderr}`);
  return stdout;
}

const HERE = { LANG: 'en_US.UTF-8', TZ: 'UTC' };
const THERE = { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Chatham' };

describe('one scenario is one journal', { timeout: 120_000 + 120_000 * OTHERS.length }, () => {
  const here = hashesOn(process.execPath, HERE);

  it('which is the golden one', () => {
    expect(here.slice(0, -1)).toEqual(NAMES.map((name) => [name, golden(name)]));
    expect(here.at(-1)).toEqual(['certificates', expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  it.each([process.execPath, ...OTHERS])('on %s, elsewhere', (node) => {
    expect(hashesOn(node, THERE)).toEqual(here);
    expect(captureOn(node).equals(captureOn(process.execPath))).toBe(true);
  });
});
