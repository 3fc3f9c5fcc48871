/** Active queue management: RED and CoDel by themselves, on a cable, and between hosts that speak ECN. */

import { describe, expect, it } from 'vitest';
import { Journal } from '../../../src/kernel/journal.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { Rng } from '../../../src/kernel/rng.ts';
import { Cable } from '../../../src/layers/1-physical/cable/cable.ts';
import type { CableEnd } from '../../../src/layers/1-physical/cable/channel.ts';
import type { Impairments } from '../../../src/layers/1-physical/cable/impairments.ts';
import { Red } from '../../../src/layers/1-physical/cable/red.ts';
import { Pdu } from '../../../src/layers/pdu.ts';
import { MS, PERFECT, SECOND } from '../../rig.ts';
import { doing, runOf, toldBy } from '../3-network/gate-runs.ts';

/** 1,250 octets with their overhead hold the transmitter for 10 ms at 1 Mbit/s. */
const FRAME_BYTES = 1230;

/** Sends `count` such frames, one each `everyNs`; says when which were dropped, in ms, and what arrived. */
function flood(aqm: Impairments['aqm'], count: number, everyNs: number, marker: (frame: Pdu) => boolean = () => false) {
  const kernel = new Kernel('1', new Journal(true));
  const end = (node: string): CableEnd => ({ node, interface: 'eth0' });
  const of: Impairments = {
    ...PERFECT,
    bitsPerSecond: 1_000_000,
    queue: { packets: aqm === 'red' ? 100 : 10_000 },
    aqm,
  };
  const cable = new Cable(kernel, 'wire', end('a'), end('b'), of, of, { next: 1 });
  cable.aToB.marker = marker;
  const arrived: number[] = [];
  cable.b.attach({ onFrame: () => arrived.push(kernel.nowNs) });
  for (let number = 0; number < count; number++) {
    kernel.after(number * everyNs, () => cable.a.transmit(Pdu.withRoom(FRAME_BYTES), false));
  }
  while (kernel.step());
  const dropped = kernel.journal.entries.flatMap(({ atNs, event }) =>
    event.kind === 'dropped' && event.reason === 'aqm' ? [atNs / MS] : [],
  );
  return { dropped, arrived, channel: cable.aToB };
}

describe('CoDel (RFC 8289)', () => {
  it('5.5: the first drop is one interval after the wait rose above 5 ms, the next follow the control law', () => {
    // One frame each 8 ms into a transmitter that takes 10: frame n leaves at 10n ms after waiting 2n.
    const { dropped } = flood('codel', 200, 8 * MS);
    // From frame 3 on that is above target, and from frame 8 on more than one frame stands behind it.
    const [first = 0, second = 0, third = 0] = dropped;
    expect(first).toBe(80 + 100);
    // interval / sqrt(1) later, then / sqrt(2): at the first departure that is not earlier.
    expect(second - first).toBe(100);
    expect(third - second).toBe(Math.ceil(100 / Math.SQRT2 / 10) * 10);
  });

  it('4.2: a burst that drains within an interval is let through', () => {
    expect(flood('codel', 9, 0).dropped).toEqual([]);
    expect(flood('tail-drop', 200, 8 * MS).dropped).toEqual([]);
  });

  it('drops faster and faster while the wait stays long', () => {
    const { dropped } = flood('codel', 2000, 5 * MS);
    const gaps = dropped.slice(1).map((at, index) => at - (dropped[index] ?? 0));
    expect(gaps.length).toBeGreaterThan(50);
    expect(Math.max(...gaps.slice(-10))).toBeLessThan(Math.min(...gaps.slice(0, 3)));
  });

  it('marks what can be marked and drops nothing then', () => {
    let marks = 0;
    const { dropped, arrived } = flood('codel', 200, 8 * MS, () => ++marks > 0);
    expect(dropped).toEqual([]);
    expect([marks > 3, arrived.length]).toEqual([true, 200]);
  });

  it('sent = delivered + dropped when all is over', () => {
    const { channel } = flood('codel', 2000, 5 * MS);
    expect(channel.sent).toBe(channel.delivered + channel.dropped);
    expect(channel.waiting).toBe(0);
  });
});

describe('RED (Floyd and Jacobson 1993)', () => {
  const red = () => new Red(new Rng('1', 'red'));
  const FRAME_NS = 10 * MS;

  it('lets a burst through that the average does not notice', () => {
    const queue = red();
    const verdicts = Array.from({ length: 10 }, (_, depth) => queue.onArrival(depth, 100, FRAME_NS, 0));
    expect(new Set(verdicts)).toEqual(new Set(['pass']));
  });

  it('drops everything once the average is above a quarter of the limit', () => {
    const queue = red();
    for (let arrival = 0; arrival < 2000; arrival++) queue.onArrival(60, 100, FRAME_NS, 0);
    expect(queue.average).toBeGreaterThan(50);
    expect(queue.onArrival(60, 100, FRAME_NS, 0)).toBe('drop');
  });

  it('between the thresholds tells one in fifty at most, evenly spread', () => {
    const queue = red();
    for (let arrival = 0; arrival < 2000; arrival++) queue.onArrival(16, 100, FRAME_NS, 0);
    const told: number[] = [];
    for (let arrival = 0; arrival < 20_000; arrival++) {
      if (queue.onArrival(16, 100, FRAME_NS, 0) === 'signal') told.push(arrival);
    }
    // Half way between 8.3 and 25: a chance of about 0.92 % each; spread evenly, the mean gap is half of 1/p.
    const gaps = told.slice(1).map((at, index) => at - (told[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(125);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(mean).toBeGreaterThan(45);
    expect(mean).toBeLessThan(70);
  });

  it('forgets while the link has nothing to send', () => {
    const queue = red();
    for (let arrival = 0; arrival < 2000; arrival++) queue.onArrival(20, 100, FRAME_NS, 0);
    expect(queue.average).toBeGreaterThan(15);
    queue.onArrival(0, 100, FRAME_NS, 3 * SECOND);
    expect(queue.average).toBeLessThan(4);
  });

  it('on a link it keeps the queue shorter than tail drop does', () => {
    const tail = flood('tail-drop', 1500, 9 * MS);
    const early = flood('red', 1500, 9 * MS);
    expect(tail.arrived.length).toBe(1500);
    expect(early.dropped.length).toBeGreaterThan(0);
  });
});

const upload = (aqm: string, ecn: boolean) =>
  runOf({
    until: '20s',
    nodes: { a: { ip: '10.0.0.1/24', tcp: { ecn } }, b: { ip: '10.0.0.2/24', tcp: { ecn }, apps: { sink: {} } } },
    links: [{ id: 'l', between: ['a', 'b'], rate: '2Mbit', delay: '20ms', queue: '100pkt', aqm }],
    timeline: [doing('0s', 'a', { 'tcp-connect': 'b:9' }), doing('0s', 'a', { 'tcp-send': { size: '1MiB' } })],
  });

describe('ECN on a link (RFC 3168 section 5)', () => {
  const ecnOf = (bytes: Uint8Array) => (bytes[15] ?? 0) & 3;
  it.each(['codel', 'red'])('%s marks only what is ECN-capable, and the checksums hold', (aqm) => {
    const run = upload(aqm, true);
    const arrived = run.entries.flatMap(({ node, event }) =>
      node === 'b' && event.kind === 'arrived' && event.bytes[12] === 8 && event.bytes[13] === 0 ? [event.bytes] : [],
    );
    const marked = arrived.filter((bytes) => ecnOf(bytes) === 3);
    expect(marked.length).toBeGreaterThan(0);
    expect(marked.length).toBeLessThan(arrived.length / 4);
    const reasons = run.entries.flatMap(({ event }) => (event.kind === 'dropped' ? [event.reason] : []));
    expect(reasons.filter((reason) => reason !== 'aqm')).toEqual([]);
    // The sender slowed down and told so.
    expect(arrived.filter((bytes) => (bytes[47] ?? 0) & 0x80).length).toBeGreaterThan(0);
  });

  it('without ECN the same queue drops', () => {
    const run = upload('codel', false);
    const drops = run.entries.filter(({ event }) => event.kind === 'dropped' && event.reason === 'aqm');
    expect(drops.length).toBeGreaterThan(0);
    const marks = run.entries.filter(({ event }) => event.kind === 'arrived' && ecnOf(event.bytes) === 3);
    expect(marks).toEqual([]);
  });
});

describe('`set` during a run', () => {
  const ping = (at: string) => doing(at, 'a', { ping: { to: 'b', size: '1400B', df: true } });

  it('`mtu` holds at both ends, and `for` takes it back', () => {
    const run = runOf({
      nodes: { a: { ip: '10.0.0.1/24' }, b: { ip: '10.0.0.2/24' } },
      links: [{ id: 'l', between: ['a', 'b'], delay: '1ms' }],
      timeline: [ping('0s'), { at: '1s', link: 'l', set: { mtu: '1000B' }, for: '2s' }, ping('2s'), ping('4s')],
    });
    const received = toldBy(run, 'a').match(/1 sent, (\d) received/g);
    expect(received).toEqual(['1 sent, 1 received', '1 sent, 0 received', '1 sent, 1 received']);
  });

  it('`aqm` takes over the queue that is there', () => {
    const run = runOf({
      until: '20s',
      nodes: { a: { ip: '10.0.0.1/24' }, b: { ip: '10.0.0.2/24', apps: { sink: {} } } },
      links: [{ id: 'l', between: ['a', 'b'], rate: '1Mbit', delay: '5ms', queue: '500pkt' }],
      timeline: [
        doing('0s', 'a', { 'udp-send': { to: 'b:9', size: '1200B', times: 1500, every: '9ms' } }),
        { at: '5s', link: 'l', set: { aqm: 'codel' } },
      ],
    });
    const first = run.entries.find(({ event }) => event.kind === 'dropped' && event.reason === 'aqm');
    expect(first?.atNs).toBeGreaterThan(5 * SECOND);
    expect(first?.atNs).toBeLessThan(5.3 * SECOND);
  });
});
