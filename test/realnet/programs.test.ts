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
const PATIENCE_MS = 30_000 * RUNS;

function run(program: string, node = process.execPath): string {
  const path = fileURLToPath(new URL(`programs/${program}.mjs`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(node, [path], { encoding: 'utf8', env: { PATH: process.env.PATH } });
  if (status !== 0) throw new Error(`${program} on ${node} ended with ${status}\n${stderr}`);
  return stdout.trim();
}

describe('programs in virtual time', () => {
  it.each(['ws', 'socket-io', 'mqtt', 'undici', 'http'])(
    `%s: ${RUNS} runs, one hash`,
    (program) => {
      const hashes = NODES.flatMap((node) => Array.from({ length: RUNS }, () => run(program, node)));
      expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
      expect(new Set(hashes)).toEqual(new Set([hashes[0]]));
    },
    PATIENCE_MS,
  );

  it('24 hours of a WebSocket with heartbeats take less than 3 s', () => {
    const [took = ''] = run('day').split(' ms');
    expect(Number(took)).toBeLessThan(3_000);
  }, 30_000);
});
