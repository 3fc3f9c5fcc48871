/** Messages over several segments, and many in one, of each protocol: every field and column as tshark has them. */

import { describe, expect, it } from 'vitest';
import { loadScenario, type Run } from '../../src/index.ts';
import { formatProblems } from '../../src/scenario/problem.ts';
import { captureBytes, capturedFrames, runToEnd } from '../bundled.ts';
import { differences, tsharkVersion } from './tshark.ts';

const version = tsharkVersion();

const TEXT = `packetwalk: 1
title: Great and small messages
until: 40s
nodes:
  a: {}
  b: {}
  lan: { kind: switch }
  s:
    apps:
      queue-broker: { queues: { q: {} } }
      mqtt-broker: { websocket: 9001 }
      ws-server: { port: 81, echo: true }
links:
  - { between: [a, lan], rate: 10Mbit }
  - { between: [b, lan], rate: 10Mbit }
  - { between: [s, lan], rate: 10Mbit }
timeline:
  - { at: 0s, node: a, do: { enqueue: { queue: q, size: 20KB, times: 2, confirm: true } } }
  - { at: 2s, node: b, do: { consume: { queue: q } } }
  - { at: 3s, node: a, do: { mqtt-connect: { to: s, client-id: A } } }
  - { at: 3s, node: b, do: { mqtt-connect: { to: "ws://s:9001/mqtt", client-id: B } } }
  - { at: 4s, node: b, do: { subscribe: { topic: t, qos: 1 } } }
  - { at: 5s, node: a, do: { publish: { topic: t, size: 7KB, qos: 1, times: 3 } } }
  - { at: 6s, node: a, do: { publish: { topic: t, data: "short {n}", times: 40 } } }
  - { at: 7s, node: a, do: { ws-connect: "ws://s:81/" } }
  - { at: 8s, node: a, do: { ws-send: { size: 9KB, times: 2 } } }
`;

function play(): Run {
  const loaded = loadScenario(TEXT, 'messages.pw.yaml');
  if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
  return runToEnd(loaded.scenario);
}

describe.skipIf(version === null)(`tshark (${version ?? 'not installed: apt-get install tshark'})`, () => {
  it.each(['a', 'b', 's'])('says the same of every frame at %s', { timeout: 60_000 }, (node) => {
    const run = play();
    const vantage = { node, interface: null };
    const frames = capturedFrames(run, vantage);
    expect(frames.length).toBeGreaterThan(40);
    const read = frames.map(({ atNs, bytes, comment, direction, port }, index) => {
      const interfaceName = `${port.node}:${port.interface}`;
      return { bytes, number: index + 1, atNs, fcs: true, comment, direction, interfaceId: 0, interfaceName };
    });
    expect(differences(captureBytes(run, vantage), read, {})).toEqual([]);
  });
});
