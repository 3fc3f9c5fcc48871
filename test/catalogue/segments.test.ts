/** TCP headers as no stack of good will writes them (rows D8, D9 and D14). */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defineScenario, simulate } from '../../src/index.ts';
import { SegmentOptions } from '../../src/layers/4-transport/tcp/options.ts';
import { LINUX_PROFILE, RFC_PROFILE } from '../../src/layers/4-transport/tcp/profile.ts';
import { script } from '../conformance/script.ts';

const FLAGS = ['F', 'S', 'R', 'P', '.'];

describe('segments', () => {
  it('every combination of flags, in every state, at every edge of the window, is answered by the book or dropped', () => {
    for (let bits = 0; bits < 32; bits++) {
      const flags = FLAGS.filter((_, bit) => bits & (1 << bit)).join('') || '-';
      const hasAck = flags.includes('.');
      for (const first of [0, 1, 2, 65_535, 65_536, 2 ** 31]) {
        for (const state of ['connected', 'closing', 'listening', 'opening'] as const) {
          const tcp = script();
          if (state === 'connected' || state === 'closing') tcp.connected();
          if (state === 'closing') tcp.stream?.end();
          if (state === 'listening') tcp.listen();
          if (state === 'opening') tcp.connect();
          tcp.sent.length = 0;
          tcp.inject(`${flags} ${first}:${first + 3}(3)${hasAck ? ' ack 1' : ''} win 1000`);
          tcp.wait(100);
          // A RST is never answered (RFC 9293 section 3.10.7), but by a challenge where it might be an attack.
          if (flags.includes('R')) expect(tcp.sent.every(({ text }) => !text.startsWith('R'))).toBe(true);
          expect(tcp.sent.length).toBeLessThanOrEqual(2);
        }
      }
    }
  });

  it('options of any length and kind are read or passed over, and reading ends', () => {
    const options = new SegmentOptions();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => {
        const bytes = new Uint8Array(20 + octets.length);
        bytes.set(octets, 20);
        options.read(bytes, 20, bytes.length);
        expect(options.blocks).toBeLessThanOrEqual(4);
      }),
      { numRuns: 20_000 },
    );
  });

  it('all ports in use towards one port: that is told, and the run goes on', () => {
    for (const profile of [RFC_PROFILE, LINUX_PROFILE]) {
      const tcp = script({ profile: { ...profile, ephemeralPorts: [50_000, 50_002] } });
      for (let number = 0; number < 3; number++) tcp.connect();
      expect(tcp.heard).toEqual([]);
      tcp.connect();
      tcp.wait(1);
      expect(tcp.heard).toEqual(['close unreachable']);
      expect(tcp.state).toBe('CLOSED');
    }
    // And on a host with all that stands on it.
    const connects = Array.from({ length: 4 }, (_, index) => ({
      at: '0s',
      node: 'client',
      do: { 'tcp-connect': { to: 'server:7', as: `c${index}` } },
    }));
    const run = simulate(
      defineScenario({
        packetwalk: 1,
        title: 'ports',
        until: '2s',
        nodes: { client: {}, server: { apps: { 'echo-server': {} } } },
        links: [{ between: ['client', 'server'] }],
        timeline: connects,
      }),
    );
    expect(run.entries.filter(({ event }) => event.kind === 'app' && event.text.startsWith('connected'))).toHaveLength(
      4,
    );
  });
});
