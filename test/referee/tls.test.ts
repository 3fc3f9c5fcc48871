/** tshark decrypts with what the file itself brings, and cannot without. */

import { describe, expect, it } from 'vitest';
import { captureOf, portsOf } from '../../src/projections/capture.ts';
import { crossingsOf } from '../../src/projections/crossings.ts';
import { keyLog } from '../../src/projections/key-log.ts';
import { pcapng } from '../../src/projections/pcapng.ts';
import { loadBundled, runToEnd } from '../bundled.ts';
import { tsharkCells, tsharkVersion } from './tshark.ts';

const version = tsharkVersion();

/** As `run -o` writes it, with the secrets or without. */
function captured(name: string, node: string, withSecrets: boolean): Uint8Array {
  const run = runToEnd(loadBundled(name));
  const vantage = { node, interface: null };
  const nameOf = (port: { readonly node: string; readonly interface: string }) => `${port.node}:${port.interface}`;
  const frames = captureOf(crossingsOf(run.entries, run.scenario), vantage).map(({ port, ...frame }) => ({
    ...frame,
    interface: nameOf(port),
  }));
  const secrets = withSecrets ? keyLog(run.entries) : '';
  return Buffer.concat([...pcapng(portsOf(run.scenario, vantage).map(nameOf), frames, secrets)]);
}

const column = (capture: Uint8Array, name: string) =>
  tsharkCells(capture, [name], [])
    .flat()
    .flatMap((cell) => cell.split('\x02'))
    .filter((cell) => cell !== '');

describe.skipIf(version === null)(
  `decryption by ${version ?? 'tshark, which is not installed'}`,
  { timeout: 60_000 },
  () => {
    it('lists the text of wss-chat, and warns of nothing', () => {
      const capture = captured('wss-chat', 'browser', true);
      const words = [1, 2, 3, 4, 5].flatMap((n) => [`the password is ${n}`, `the password is ${n}`]);
      expect(column(capture, 'websocket.payload.text')).toEqual(words);
      expect(column(capture, '_ws.expert.severity').filter((level) => Number(level) >= 6_291_456)).toEqual([]);
    });

    it('lists nothing without the secrets but records', () => {
      const capture = captured('wss-chat', 'browser', false);
      expect(column(capture, 'websocket.payload.text')).toEqual([]);
      expect(column(capture, 'tls.record.opaque_type').length).toBeGreaterThan(10);
    });

    it('reads every handshake message of tls-handshake: full, resumed, and at the second attempt', () => {
      const types = column(captured('tls-handshake', 'client', true), 'tls.handshake.type').map(Number);
      const full = [1, 2, 8, 11, 15, 20, 20, 4];
      const resumed = [1, 2, 8, 20, 20, 4];
      expect(types).toEqual([...full, ...resumed, 1, 2, ...full]);
    });

    it('reads the alerts of tls-wrong-name', () => {
      const alerts = column(captured('tls-wrong-name', 'client', true), 'tls.alert_message.desc').map(Number);
      expect(alerts.filter((code) => code !== 0)).toEqual([42, 45, 48]);
    });
  },
);
