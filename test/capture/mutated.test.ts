/**
 * Captures and payloads with damage anywhere: reading ends, and says something sensible or what it read. `MUTATIONS=100000
 * npx vitest run test/capture/mutated.test.ts` is the long form.
 */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CaptureReader, readCapture } from '../../src/capture/capture.ts';
import { readFrameOf } from '../../src/capture/read-frame.ts';
import { compileFilter, isFilterProblem } from '../../src/filter/filter.ts';
import { Dissector, fieldText } from '../../src/layers/codecs.ts';
import { captureBytes, loadBundled, runToEnd } from '../bundled.ts';

const COUNT = Number(process.env.MUTATIONS ?? 1500);
const NAMES = ['dns-then-tcp', 'mqtt-qos', 'sio-upgrade', 'queue-redelivery', 'ws-upgrade'];
/** Link types besides Ethernet: a frame read as another kind is damage too. */
const LINK_TYPES = [1, 1, 1, 0, 101, 108, 113, 228, 229, 276];
const FRAMES = 24;

/** A generator that needs no seed from outside: the same damage on every machine. */
function chance(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x100000000) * below);
  };
}

function sources(): Uint8Array[] {
  const bundled = NAMES.map((name) => {
    const run = runToEnd(loadBundled(name));
    const node = run.scenario.nodes.find(({ kind }) => kind === 'host')?.name as string;
    return captureBytes(run, { node, interface: null });
  });
  const recorded = readFileSync(new URL('recorded.pcap', import.meta.url));
  return [...bundled, recorded];
}

/** A few octets are changed, and sometimes the end is missing. */
function damaged(bytes: Uint8Array, below: (below: number) => number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const hits = 1 + below(6);
  for (let hit = 0; hit < hits && copy.length > 0; hit++) {
    const at = below(copy.length);
    copy[at] = below(3) === 0 ? ([0, 255, 127, 128][below(4)] as number) : below(256);
  }
  return below(4) === 0 ? copy.subarray(0, below(copy.length + 1)) : copy;
}

const filter = compileFilter('tcp.len > 0 || frame contains "a" || ip.addr == 10.0.0.0/8 || ipv6.addr == fe80::/10');

/** Reads a frame as far as anybody can look into it. */
function lookAll(dissector: Dissector, frame: Parameters<Dissector['dissect']>[0]): number {
  const dissection = dissector.dissect(frame);
  let texts = dissection.info.length + dissection.source.length + dissection.protocol.length;
  for (const layer of dissection.layers) {
    texts += layer.text.length;
    for (const field of layer.fields) texts += fieldText(field).length;
  }
  if (!isFilterProblem(filter)) filter.test({ dissection, bytes: frame.bytes });
  return texts;
}

describe('damage', () => {
  const captures = sources();

  it(`in ${COUNT} files: frames or a problem, never an exception`, { timeout: 3_600_000 }, () => {
    for (let round = 0; round < COUNT; round++) {
      const below = chance(round);
      const source = captures[below(captures.length)] as Uint8Array;
      const reader = new CaptureReader();
      const chunk = damaged(source.subarray(0, Math.min(source.length, 2000 + below(4000))), below);
      let count = 0;
      const dissector = new Dissector({ verify: below(2) === 0 });
      for (const frame of readCapture(reader, [chunk])) {
        if (count++ < FRAMES) lookAll(dissector, readFrameOf(frame, frame.timeNs ?? 0n));
      }
      expect(reader.frames).toBe(count);
    }
  });

  it(`in ${COUNT} runs of frames`, { timeout: 3_600_000 }, () => {
    const whole = captures.map((bytes) => [...readCapture(new CaptureReader(), [bytes])]);
    for (let round = 0; round < COUNT; round++) {
      const below = chance(round + 1_000_000);
      const frames = whole[below(whole.length)] as (typeof whole)[number];
      const dissector = new Dissector({ verify: below(2) === 0 });
      const start = below(Math.max(1, frames.length - FRAMES));
      const linkType = LINK_TYPES[below(LINK_TYPES.length)] as number;
      for (const [index, frame] of frames.slice(start, start + FRAMES).entries()) {
        const bytes = below(3) === 0 ? damaged(frame.bytes, below) : frame.bytes;
        lookAll(dissector, {
          bytes,
          number: index + 1,
          atNs: index,
          fcs: [null, true, false][below(3)] as boolean,
          linkType,
        });
      }
    }
  });
});
