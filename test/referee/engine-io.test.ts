/** What Wireshark says of Engine.IO and Socket.IO with the dissector of docs/, and what we say without it. */

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { captureBytes, capturedFrames, loadBundled, runToEnd } from '../bundled.ts';
import { differences, tsharkCells, tsharkVersion } from './tshark.ts';

const SCRIPT = ['-X', `lua_script:${fileURLToPath(new URL('../../docs/engine-io.lua', import.meta.url))}`];
const NAMES = ['io.type', 'io.packet', 'io.nsp', 'io.id', 'io.event', 'io.data'];
const version = tsharkVersion();

describe.skipIf(version === null)(`docs/engine-io.lua in ${version ?? 'tshark, which is not installed'}`, () => {
  it.each(['sio-upgrade', 'sio-namespaces', 'sio-recovery', 'sio-sticky'])(
    '%s: every cell is ours',
    { timeout: 60_000 },
    (name) => {
      const run = runToEnd(loadBundled(name));
      const packets = run.scenario.nodes
        .filter(({ kind }) => kind === 'host')
        .map((node) => {
          const vantage = { node: node.name, interface: null };
          const capture = captureBytes(run, vantage);
          const frames = capturedFrames(run, vantage).map(({ atNs, bytes, comment, direction, port }, index) => {
            const name = `${port.node}:${port.interface}`;
            return {
              bytes,
              number: index + 1,
              atNs,
              fcs: true,
              comment,
              direction,
              interfaceId: 0,
              interfaceName: name,
            };
          });
          expect(differences(capture, frames, {}, NAMES, SCRIPT)).toEqual([]);
          return tsharkCells(capture, ['io.type'], SCRIPT).filter(([type]) => type !== '').length;
        });
      expect(Math.max(...packets)).toBeGreaterThan(5);
    },
  );
});
