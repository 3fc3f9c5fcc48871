/** Whatever a stranger sends to a host with every server on it: frames of real runs, damaged and then addressed to it. */

import { defineScenario, type ScenarioInput } from '../../src/index.ts';
import { pseudoHeaderSum } from '../../src/layers/3-network/service.ts';
import { withOpenEnd } from '../../src/scenario/open-end.ts';
import { finish, sum } from '../../src/wire/checksum.ts';
import { createRun } from '../../src/world/run.ts';

const MAC = [2, 0, 0, 0, 0, 1];
const ADDRESS = 0xc0000203;
const FRAMES_EACH = 300;
const NODE = 'server';

const APPS = {
  'echo-server': { port: 7, transport: 'both' },
  'http-server': {},
  'dns-server': { zone: { 'www.example.test': NODE } },
  'ws-server': { port: 8080, echo: true, deflate: true },
  'socketio-server': { port: 3000, on: { say: 'echo' } },
  'mqtt-broker': {},
  'queue-broker': { queues: { jobs: null } },
};
/** Where those listen; frames of other ports go to one of these. */
const PORTS = [7, 80, 53, 8080, 3000, 1883, 5672];

export function stranger(): (bytes: Uint8Array) => void {
  const scenario = defineScenario({
    packetwalk: 1,
    title: 'a host among strangers',
    until: '10h',
    nodes: {
      [NODE]: { interfaces: { lan: ['192.0.2.3/24', '2001:db8:1::3/64'] }, apps: APPS },
    },
  } as unknown as ScenarioInput);
  const open = withOpenEnd(scenario, `${NODE}:lan`, 1500);
  if ('problem' in open) throw new Error(open.problem);
  let run = createRun(open.scenario);
  let frames = 0;
  return (bytes) => {
    if (frames++ % FRAMES_EACH === 0) run = createRun(open.scenario);
    const end = run.outsideEnd(open.end);
    if (!end) throw new Error('the cable does not hang out of the world');
    end.put(addressed(bytes.slice(0, Math.max(0, Math.min(bytes.length, 1518) - 4)), frames));
    run.runUntil(run.nowNs + 20_000_000);
    // At the other end of the cable what the host sends arrives, and nobody there does anything about it.
    const last = run.entries.at(-1);
    const unhandled = last?.node === NODE && last.event.kind === 'arrived';
    if (unhandled) throw new Error('a frame arrived and nothing became of it');
    if (run.nowNs > 30_000 * 1e9) run = createRun(open.scenario);
  };
}

/** To that host's card and address, with checksums that hold where there is room for them. */
function addressed(frame: Uint8Array, turn: number): Uint8Array {
  if (frame.length < 14 || turn % 7 === 0) return frame;
  frame.set(MAC, 0);
  if (frame[12] !== 8 || frame[13] !== 0 || frame.length < 34) return frame;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  view.setUint32(30, ADDRESS);
  const headerEnd = 14 + ((frame[14] as number) & 15) * 4;
  if (headerEnd < 34 || headerEnd > frame.length) return frame;
  view.setUint16(24, 0);
  view.setUint16(24, finish(sum(frame, 14, headerEnd)));
  const protocol = frame[23] as number;
  const end = Math.min(frame.length, 14 + view.getUint16(16));
  const checksumAt =
    protocol === 6 ? headerEnd + 16 : protocol === 17 ? headerEnd + 6 : protocol === 1 ? headerEnd + 2 : 0;
  if (checksumAt === 0 || checksumAt + 2 > end) return frame;
  if (protocol !== 1 && turn % 3 !== 0) view.setUint16(headerEnd + 2, PORTS[turn % PORTS.length] as number);
  const pseudo = protocol === 1 ? 0 : pseudoHeaderSum(view.getUint32(26), ADDRESS, protocol, end - headerEnd);
  view.setUint16(checksumAt, 0);
  view.setUint16(checksumAt, finish(sum(frame, headerEnd, end, pseudo)));
  return frame;
}
