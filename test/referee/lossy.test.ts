/**
 * A path that loses, delays, reorders and doubles: tshark's conclusions about TCP and ours are the same in every frame.
 * `LOSSY_SEEDS=100 npx vitest run test/referee/lossy.test.ts` is the long form.
 */

import { describe, expect, it } from 'vitest';
import { loadScenario, type Run, type Scenario } from '../../src/index.ts';
import { formatProblems } from '../../src/scenario/problem.ts';
import { captureBytes, capturedFrames, runToEnd } from '../bundled.ts';
import { claimedNames, differences, tsharkVersion } from './tshark.ts';

const version = tsharkVersion();
/** What is said of segments; random bodies of pages say nothing about TCP. */
const NAMES = claimedNames().filter((name) => /^(ip|tcp)(\.|$)/.test(name));
const SEEDS = Number(process.env.LOSSY_SEEDS ?? 3);

/** Losses and overtaking together make more holes than a SACK option has room for. */
function lossy(seed: number): Scenario {
  const text = `packetwalk: 1
title: A lossy path
seed: ${seed}
nodes:
  client: { ip: 10.0.0.1/24, tcp: { sack: true, window-scale: true } }
  server:
    ip: 10.0.0.2/24
    tcp: { sack: true, window-scale: true }
    apps: { sink: { port: 9 }, http-server: { port: 80, pages: { /: { size: 60kB } } } }
links:
  - between: [client, server]
    rate: 20Mbit
    delay: 30ms
    jitter: ${(seed % 3) * 8}ms
    loss: ${(seed % 4) * 2}%
    duplicate: 1%
timeline:
  - { at: 0s, node: client, do: { tcp-connect: { to: "server:9", as: upload } } }
  - { at: 0s, node: client, do: { tcp-send: { on: upload, size: 300kB } } }
  - { at: 1s, node: client, do: { get: "http://server/" } }
  - { at: 20s, node: client, do: { tcp-close: { on: upload } } }
`;
  const loaded = loadScenario(new TextEncoder().encode(text), 'lossy.pw.yaml');
  if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
  return loaded.scenario;
}

/** Messages of MQTT over the same, and a page of text. */
function lossyMessages(seed: number): Scenario {
  const text = `packetwalk: 1
title: Messages over a lossy path
seed: ${seed}
nodes:
  client: { ip: 10.0.0.1/24 }
  server: { ip: 10.0.0.2/24, apps: { http-server: { port: 80 }, mqtt-broker: {} } }
links:
  - between: [client, server]
    rate: 20Mbit
    delay: 30ms
    jitter: ${(seed % 3) * 8}ms
    loss: ${(seed % 4) * 3}%
    duplicate: 1%
timeline:
  - { at: 1s, node: client, do: { get: "http://server/" } }
  - { at: 1s, node: client, do: { mqtt-connect: server } }
  - { at: 1s, node: client, do: { subscribe: a } }
  - { at: 2s, node: client, do: { publish: { topic: a, data: hello, qos: 2, times: 30, every: 50ms } } }
`;
  const loaded = loadScenario(new TextEncoder().encode(text), 'lossy.pw.yaml');
  if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
  return loaded.scenario;
}

/** The frames of an interface as they are read, and the capture that holds them. */
function seenAt(run: Run, node: string) {
  const vantage = { node, interface: 'eth0' };
  const frames = capturedFrames(run, vantage).map(({ port, ...frame }, index) => ({
    ...frame,
    number: index + 1,
    fcs: true,
    interfaceId: 0,
    interfaceName: `${port.node}:${port.interface}`,
  }));
  return { frames, capture: captureBytes(run, vantage) };
}

describe.skipIf(version === null)(`tshark (${version ?? 'not installed: apt-get install tshark'})`, () => {
  const seeds = Array.from({ length: SEEDS }, (_, index) => index + 1);

  it.each(seeds)('concludes the same from a lossy capture, seed %d', { timeout: 120_000 }, (seed) => {
    const run = runToEnd(lossy(seed));
    for (const node of ['client', 'server']) {
      const { frames, capture } = seenAt(run, node);
      expect(frames.length).toBeGreaterThan(200);
      expect(differences(capture, frames, {}, NAMES)).toEqual([]);
    }
  });

  it.each(seeds)('reads the same messages from a lossy capture, seed %d', { timeout: 120_000 }, (seed) => {
    const run = runToEnd(lossyMessages(seed));
    for (const node of ['client', 'server']) {
      const { frames, capture } = seenAt(run, node);
      expect(frames.length).toBeGreaterThan(70);
      expect(differences(capture, frames, {})).toEqual([]);
    }
  });
});
