import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { Cable } from '../../../src/layers/1-physical/cable/cable.ts';
import type { CableEnd } from '../../../src/layers/1-physical/cable/channel.ts';
import type { Impairments } from '../../../src/layers/1-physical/cable/impairments.ts';
import { Pdu } from '../../../src/layers/pdu.ts';
import { MS, PERFECT } from '../../rig.ts';

interface Arrival {
  readonly atNs: number;
  readonly length: number;
  readonly mark: number;
  readonly damaged: boolean;
}

function cableWith(impairments: Partial<Impairments>, { seed = '1', recording = true } = {}) {
  const kernel = new Kernel(seed, new Journal(recording));
  const end = (node: string): CableEnd => ({ node, interface: 'eth0' });
  const of = { ...PERFECT, ...impairments };
  const cable = new Cable(kernel, 'wire', end('a'), end('b'), of, of, { next: 1 });
  const arrivals: Arrival[] = [];
  cable.b.attach({
    onFrame: (frame, damaged) => {
      arrivals.push({ atNs: kernel.nowNs, length: frame.length, mark: frame.bytes[frame.start] as number, damaged });
    },
  });
  let mark = 0;
  const send = (length: number) => {
    const frame = Pdu.withRoom(length);
    frame.bytes[frame.start] = mark++;
    cable.a.transmit(frame, false);
  };
  const drain = () => {
    while (kernel.step());
    return arrivals;
  };
  return { kernel, cable, send, drain, arrivals };
}

describe('a cable', () => {
  it('10 Mbit/s, 5 ms, a frame of 1514 octets and FCS: the last bit arrives at 6.2304 ms', () => {
    const { send, drain } = cableWith({ bitsPerSecond: 10_000_000, delayNs: 5 * MS });
    send(1518);
    expect(drain()[0]?.atNs).toBe(6_230_400);
  });

  it('first in, first out: the second frame starts when the first and the gap are over', () => {
    const { send, drain } = cableWith({ bitsPerSecond: 10_000_000, delayNs: 5 * MS });
    send(1518);
    send(64);
    expect(drain().map(({ atNs, mark }) => [atNs, mark])).toEqual([
      [6_230_400, 0],
      [6_230_400 + 67_200, 1],
    ]);
  });

  it('a frame that is lost on the wire holds the transmitter as long as any other', () => {
    const frame = fc.record({ gapMs: fc.nat(30), octets: fc.integer({ min: 64, max: 1500 }), isLost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 40 }), fc.nat(20), (frames, delayMs) => {
        const { kernel, cable, send, drain } = cableWith({ bitsPerSecond: 1_000_000, delayNs: delayMs * MS });
        cable.aToB.inspector = (_, crossing) =>
          frames[crossing - 1]?.isLost ? { drop: 'by the test', reason: 'scripted' } : 'pass';
        const expected: (readonly [number, number])[] = [];
        let freeNs = 0;
        let atNs = 0;
        for (const [mark, { gapMs, octets, isLost }] of frames.entries()) {
          atNs += gapMs * MS;
          kernel.after(atNs, () => send(octets));
          // 8 us an octet, and 20 octets of preamble and gap.
          freeNs = Math.max(freeNs, atNs) + (octets + 20) * 8000;
          if (!isLost) expected.push([freeNs + delayMs * MS, mark]);
        }
        expect(drain().map((arrival) => [arrival.atNs, arrival.mark])).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('tail drop: of N + 2 frames at once one is sent, N wait, and exactly the last is dropped', () => {
    const { send, drain, cable, kernel } = cableWith({ bitsPerSecond: 1_000_000, queue: { packets: 3 } });
    for (let frame = 0; frame < 5; frame++) send(100);
    expect(drain().map(({ mark }) => mark)).toEqual([0, 1, 2, 3]);
    const drops = kernel.journal.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.reason] : []));
    expect([drops, cable.aToB.dropped]).toEqual([['queue-full'], 1]);
  });

  it('a queue in octets counts octets', () => {
    const { send, drain } = cableWith({ bitsPerSecond: 1_000_000, queue: { bytes: 250 } });
    for (let frame = 0; frame < 5; frame++) send(100);
    expect(drain().map(({ mark }) => mark)).toEqual([0, 1, 2]);
  });

  it('down: what is sent is dropped, and what is on the way when the cable is cut is lost', () => {
    const { send, drain, cable, kernel } = cableWith({ delayNs: 10 * MS });
    send(100);
    kernel.after(5 * MS, () => {
      cable.aToB.impairments = { ...cable.aToB.impairments, down: true };
      send(100);
    });
    expect(drain()).toEqual([]);
    const drops = kernel.journal.entries.flatMap(({ node, event }) =>
      event.kind === 'dropped' ? [[node, event.reason]] : [],
    );
    expect(drops).toEqual([
      ['a', 'link-down'],
      ['wire', 'link-down'],
    ]);
  });

  it('corruption flips exactly one bit, in the copy on the wire, and says so', () => {
    const { cable, kernel } = cableWith({ corruptPerMillion: 1_000_000 });
    const frame = Pdu.around(new Uint8Array(100).fill(0x55));
    const mine = frame.view();
    const flips: number[] = [];
    cable.b.attach({
      onFrame: (got, damaged) => {
        const view = got.view();
        for (let at = 0; at < 100; at++) for (let x = (view[at] as number) ^ 0x55; x > 0; x &= x - 1) flips.push(at);
        expect(damaged).toBe(true);
      },
    });
    cable.a.transmit(frame, false);
    while (kernel.step());
    expect(flips.length).toBe(1);
    expect([...mine]).toEqual(new Array(100).fill(0x55));
  });

  it('loss, duplication: within four standard deviations of what is configured', () => {
    const { send, drain, cable } = cableWith(
      { loss: { kind: 'uniform', perMillion: 100_000 }, duplicatePerMillion: 50_000 },
      { recording: false },
    );
    for (let frame = 0; frame < 20_000; frame++) send(64);
    drain();
    const near = (value: number, n: number, p: number) =>
      expect(Math.abs(value - n * p)).toBeLessThan(4 * Math.sqrt(n * p * (1 - p)));
    near(cable.aToB.dropped, 20_000, 0.1);
    near(cable.aToB.sent - 20_000, 20_000 - cable.aToB.dropped, 0.05);
  });

  it('bursty loss: runs of losses are as long as the bad state lasts', () => {
    const { send, drain } = cableWith(
      {
        loss: {
          kind: 'gilbert',
          enterPerMillion: 10_000,
          leavePerMillion: 200_000,
          goodPerMillion: 0,
          badPerMillion: 1_000_000,
        },
      },
      { recording: false },
    );
    for (let frame = 0; frame < 50_000; frame++) send(64);
    const arrived = drain().length;
    // In the bad state 1 / (1 + 0.2 / 0.01) of the time.
    expect(Math.abs(50_000 - arrived - 50_000 / 21)).toBeLessThan(500);
  });

  it('without jitter and reordering frames never overtake', () => {
    const { send, drain } = cableWith({
      bitsPerSecond: 5_000_000,
      delayNs: 3 * MS,
      loss: { kind: 'uniform', perMillion: 200_000 },
    });
    for (let frame = 0; frame < 200; frame++) send(64 + ((frame * 37) % 1400));
    const marks = drain().map(({ mark }) => mark);
    expect(marks).toEqual([...marks].sort((one, other) => one - other));
  });

  it('conservation: sent = delivered + dropped + waiting + in flight, after every event', () => {
    const of = fc.record({
      bitsPerSecond: fc.constantFrom(null, 1_000_000, 100_000_000),
      delayNs: fc.nat(20 * MS),
      jitterNs: fc.nat(10 * MS),
      loss: fc.nat(300_000).map((perMillion) => ({ kind: 'uniform' as const, perMillion })),
      duplicatePerMillion: fc.nat(300_000),
      reorderPerMillion: fc.nat(300_000),
      corruptPerMillion: fc.nat(300_000),
      queue: fc.nat(10).map((packets) => ({ packets })),
    });
    fc.assert(
      fc.property(
        of,
        fc.array(fc.record({ at: fc.nat(50 * MS), length: fc.integer({ min: 64, max: 1518 }) }), { maxLength: 60 }),
        (impairments, frames) => {
          const { kernel, cable, send, arrivals } = cableWith(impairments, { recording: true });
          for (const { at, length } of frames) kernel.after(at, () => send(length));
          const { aToB } = cable;
          const count = (kind: string) => kernel.journal.entries.filter(({ event }) => event.kind === kind).length;
          while (kernel.step()) {
            const inFlight = aToB.sent - aToB.delivered - aToB.dropped - aToB.waiting;
            expect(inFlight).toBeGreaterThanOrEqual(0);
          }
          expect(aToB.sent).toBe(aToB.delivered + aToB.dropped);
          expect([count('arrived'), count('dropped')]).toEqual([aToB.delivered, aToB.dropped]);
          expect(arrivals.length).toBe(aToB.delivered);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('recording changes nothing of what happens', () => {
    const run = (recording: boolean) => {
      const { send, drain, kernel } = cableWith(
        {
          bitsPerSecond: 2_000_000,
          delayNs: 5 * MS,
          jitterNs: 4 * MS,
          loss: { kind: 'uniform', perMillion: 100_000 },
          duplicatePerMillion: 100_000,
          reorderPerMillion: 100_000,
          queue: { packets: 5 },
        },
        { recording },
      );
      for (let frame = 0; frame < 100; frame++) kernel.after(frame * MS, () => send(300));
      return drain();
    };
    expect(run(true)).toEqual(run(false));
  });
});
