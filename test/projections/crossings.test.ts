import { describe, expect, it } from 'vitest';
import { crossingsOf, lossSentence } from '../../src/projections/crossings.ts';
import { frameOf, HandMade, PAIR } from './hand-made.ts';

const MS = 1_000_000;

describe('crossingsOf', () => {
  it('ties waiting, departure and arrival of one frame together', () => {
    const run = new HandMade(PAIR);
    const crossing = run.queued(0, 'wire', 'client', frameOf(0));
    run.leaves(5 * MS, crossing);
    const arrival = run.arrived(25 * MS, crossing);
    const { all, ofEntry } = crossingsOf(run.entries, PAIR);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({
      link: 'wire',
      from: { node: 'client', interface: 'eth0' },
      to: { node: 'server', interface: 'eth0' },
      takenNs: 0,
      departedNs: 5 * MS,
      endedNs: 25 * MS,
      endedSeq: arrival,
      fate: 'arrived',
      isCopy: false,
    });
    expect(ofEntry.get(arrival)).toBe(all[0]);
    expect(ofEntry.get(crossing.seq)).toBe(all[0]);
  });

  it('knows the direction of frames from the other end', () => {
    const run = new HandMade(PAIR);
    run.crossed(0, MS, 'wire', 'server', frameOf(0));
    expect(crossingsOf(run.entries, PAIR).all[0]).toMatchObject({
      from: { node: 'server' },
      to: { node: 'client' },
    });
  });

  it('says why a frame was lost, and where it would have gone', () => {
    const run = new HandMade(PAIR);
    run.lost(0, run.departed(0, 'wire', 'client', frameOf(0)));
    const [crossing] = crossingsOf(run.entries, PAIR).all;
    expect(crossing).toMatchObject({ fate: 'lost', to: { node: 'server' }, arrivedBytes: null });
    expect(crossing?.loss).toEqual({
      layer: 1,
      node: 'wire',
      protocol: 'cable',
      reason: 'lost',
      detail: 'lost on wire (loss 5%)',
    });
    expect(crossing && lossSentence(crossing)).toBe('lost on wire (loss 5%)');
  });

  it('knows a frame that never got as far as the wire', () => {
    const run = new HandMade(PAIR);
    run.refused(0, 'wire', 'client', frameOf(0), 'queue-full', 'the queue of wire is full (2 packets)');
    const [crossing] = crossingsOf(run.entries, PAIR).all;
    expect(crossing).toMatchObject({
      fate: 'lost',
      departedNs: null,
      from: { node: 'client' },
      to: { node: 'server' },
    });
    expect(crossing && lossSentence(crossing)).toBe('lost on wire: the queue of wire is full (2 packets)');
  });

  it('calls a frame damaged whose octets changed on the way', () => {
    const run = new HandMade(PAIR);
    const sent = frameOf(1);
    const flipped = sent.slice();
    flipped[30] = 0x10;
    run.arrived(MS, run.departed(0, 'wire', 'client', sent), flipped);
    const [crossing] = crossingsOf(run.entries, PAIR).all;
    expect(crossing?.fate).toBe('damaged');
    expect(crossing?.bytes).toEqual(sent);
    expect(crossing?.arrivedBytes).toEqual(flipped);
  });

  it('calls a frame damaged that a hub repeats damaged: the interface at the end tells', () => {
    const run = new HandMade(PAIR);
    const arrival = run.arrived(MS, run.departed(0, 'wire', 'client', frameOf(0)));
    run.droppedIn(MS, 'server', 2, 'corrupted', 'the frame check sequence does not match', arrival);
    expect(crossingsOf(run.entries, PAIR).all[0]?.fate).toBe('damaged');
  });

  it('takes copies that the network makes for crossings of their own in the same direction', () => {
    const run = new HandMade(PAIR);
    const original = run.departed(0, 'wire', 'server', frameOf(0));
    const copy = run.copied(0, original);
    run.arrived(MS, original);
    run.arrived(2 * MS, copy);
    const { all } = crossingsOf(run.entries, PAIR);
    expect(all.map(({ isCopy, from, to, fate }) => [isCopy, from.node, to.node, fate])).toEqual([
      [false, 'server', 'client', 'arrived'],
      [true, 'server', 'client', 'arrived'],
    ]);
  });

  it('follows causes from a drop inside a node to the arrival behind it, and not beyond that moment', () => {
    const run = new HandMade(PAIR);
    const first = run.arrived(MS, run.departed(0, 'wire', 'client', frameOf(0)));
    run.droppedIn(MS, 'server', 4, 'no-listener', 'nobody listens on port 81', first);
    const second = run.arrived(2 * MS, run.departed(MS, 'wire', 'client', frameOf(0)));
    run.droppedIn(9 * MS, 'server', 4, 'timed-out', 'much later', second);
    const { all } = crossingsOf(run.entries, PAIR);
    expect(all[0]?.refusal).toMatchObject({ node: 'server', reason: 'no-listener' });
    expect(all[0]?.fate).toBe('arrived');
    expect(all[1]?.refusal).toBeNull();
  });

  it('leaves what has neither arrived nor ended in flight', () => {
    const run = new HandMade(PAIR);
    run.departed(0, 'wire', 'client', frameOf(0));
    expect(crossingsOf(run.entries, PAIR).all[0]).toMatchObject({ fate: 'in-flight', endedNs: null, endedSeq: null });
  });
});
