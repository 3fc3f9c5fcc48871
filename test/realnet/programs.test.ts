/**
 * Unmodified libraries on the simulated network, in fresh processes: each does what it should (the programs assert it),
 * and every run has the same hash. `REALNET=whole` runs each 20 times; `PACKETWALK_NODES=/path/node22:/path/node24` runs
 * them on those Nodes too, which must agree.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const RUNS = process.env.REALNET === 'whole' ? 20 : 2;
const NODES = [process.execPath, ...(process.env.PACKETWALK_NODES ?? '').split(':').filter(Boolean)];
const PATIENCE_MS = 60_000 * RUNS * NODES.length;

function run(program: string, node = process.execPath): string {
  const path = fileURLToPath(new URL(`programs/${program}.mjs`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(node, [path], { encoding: 'utf8', env: { PATH: process.env.PATH } });
  if (status !== 0) throw new Error(`${program} on ${node} ended with ${status}\n${stderr}`);
  return stdout.trim();
}

const hashesOn = (node: string, program: string) => new Set(Array.from({ length: RUNS }, () => run(program, node)));

describe('programs in virtual time', () => {
  it.each(['ws', 'socket-io', 'mqtt', 'undici', 'http'])(
    `%s: ${RUNS} runs, one hash`,
    (program) => {
      const hashes = NODES.map((node) => hashesOn(node, program));
      expect([...(hashes[0] ?? [])]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
      for (const each of hashes) expect(each).toEqual(hashes[0]);
    },
    PATIENCE_MS,
  );

  // Each version of Node has another undici inside, whose requests differ in their headers.
  it(
    `fetch: ${RUNS} runs, one hash`,
    () => {
      for (const node of NODES) expect([...hashesOn(node, 'fetch')]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    },
    PATIENCE_MS,
  );

  it('24 hours of a WebSocket with heartbeats take less than 3 s of the processor', () => {
    const [took = ''] = run('day').split(' ms');
    expect(Number(took)).toBeLessThan(3_000);
  }, 60_000);
});
