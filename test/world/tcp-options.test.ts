import { describe, expect, it } from 'vitest';
import { loadScenario, simulate } from '../../src/index.ts';
import { headerLengthOf } from '../../src/layers/4-transport/tcp/header.ts';
import { readSynOptions } from '../../src/layers/4-transport/tcp/options.ts';

/** The octets of each TCP segment when `a` with these options connects to `b` with those, and writes 200 octets. */
function segmentsOf(profile: string, a: string, b: string): Uint8Array[] {
  const text = `packetwalk: 1
title: options
profile: ${profile}
nodes:
  a: { tcp: ${a} }
  b: { tcp: ${b}, apps: { sink: {} } }
links: [{ between: [a, b], delay: 1ms }]
timeline:
  - { at: 0s, node: a, do: { tcp-connect: { to: "b:9", as: it } } }
  - { at: 0s, node: a, do: { tcp-send: { on: it, size: 200B } } }
`;
  const { scenario } = loadScenario(text, 'options.pw.yaml');
  if (!scenario) throw new Error('the scenario does not load');
  const run = simulate(scenario);
  while (run.step());
  return run.journal.entries.flatMap(({ event }) =>
    event.kind === 'encoded' && event.protocol === 'tcp' ? [event.bytes] : [],
  );
}

/** Flags and options of the first two segments. */
function handshake(profile: string, a: string, b: string) {
  return segmentsOf(profile, a, b)
    .slice(0, 2)
    .map((bytes) => {
      const { mss, windowScale, sackPermitted, timestamps } = readSynOptions(bytes, 20, headerLengthOf(bytes, 0));
      return { flags: bytes[13], mss, windowScale, sackPermitted, timestamps: timestamps !== null };
    });
}

describe("a scenario's TCP options", () => {
  const plain = { mss: 1460, windowScale: null, sackPermitted: false, timestamps: false };

  it('the rfc profile offers only what is asked for', () => {
    expect(handshake('rfc', '{}', '{}')).toEqual([
      { flags: 0x02, ...plain },
      { flags: 0x12, ...plain },
    ]);
    expect(handshake('rfc', '{ sack: true, timestamps: true }', '{ sack: true }')).toEqual([
      { flags: 0x02, ...plain, sackPermitted: true, timestamps: true },
      { flags: 0x12, ...plain, sackPermitted: true },
    ]);
  });

  it('window-scale offers the shift that the receive buffer needs', () => {
    expect(handshake('rfc', '{ window-scale: true, recv-buffer: 1MB }', '{ window-scale: true }')).toEqual([
      { flags: 0x02, ...plain, windowScale: 4 },
      { flags: 0x12, ...plain, windowScale: 0 },
    ]);
  });

  it('the linux profile has all on, and can have them off; ecn: true asks and Linux answers', () => {
    const all = { mss: 1460, windowScale: 7, sackPermitted: true, timestamps: true };
    expect(handshake('linux', '{ ecn: true }', '{}')).toEqual([
      { flags: 0xc2, ...all },
      { flags: 0x52, ...all },
    ]);
    expect(handshake('linux', '{ sack: false, timestamps: false, window-scale: false }', '{}')).toEqual([
      { flags: 0x02, ...plain },
      { flags: 0x12, ...plain },
    ]);
  });

  it('an MSS that timestamps fill still lets data through, an octet at a time', () => {
    for (const [mss, dataBytes] of [
      [1, 1],
      [12, 1],
      [13, 1],
      [14, 2],
      [32, 20],
    ] as const) {
      const lengths = segmentsOf('linux', `{ mss: ${mss}B }`, '{}').map(
        (bytes) => bytes.length - headerLengthOf(bytes, 0),
      );
      const most = Math.max(...lengths);
      expect([mss, most, lengths.reduce((total, length) => total + length, 0)]).toEqual([mss, dataBytes, 200]);
    }
  });
});
