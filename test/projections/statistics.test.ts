import { describe, expect, it } from 'vitest';
import { statisticsOf } from '../../src/projections/statistics.ts';
import { frameOf, HandMade, PAIR } from './hand-made.ts';

describe('statisticsOf', () => {
  it('counts every frame once, by direction and by what became of it', () => {
    const run = new HandMade(PAIR);
    run.crossed(0, 1, 'wire', 'client', frameOf(0, 100));
    run.lost(2, run.departed(2, 'wire', 'client', frameOf(0)));
    run.refused(3, 'wire', 'client', frameOf(0), 'queue-full', 'full');
    run.departed(4, 'wire', 'client', frameOf(0));
    const original = run.departed(5, 'wire', 'server', frameOf(0));
    const copy = run.copied(5, original);
    run.arrived(6, original);
    run.arrived(7, copy, frameOf(9));
    run.droppedIn(8, 'client', 4, 'checksum', 'wrong', null);
    run.droppedIn(8, 'client', 4, 'checksum', 'wrong', null);
    const { links, nodes, leaks } = statisticsOf(run.entries, PAIR);
    expect(links).toEqual([
      {
        link: 'wire',
        directions: [
          {
            from: 'client',
            to: 'server',
            sent: 4,
            sentBytes: 280,
            copies: 0,
            delivered: 1,
            deliveredBytes: 100,
            damaged: 0,
            dropped: [
              { reason: 'lost', frames: 1 },
              { reason: 'queue-full', frames: 1 },
            ],
            inFlight: 1,
          },
          {
            from: 'server',
            to: 'client',
            sent: 2,
            sentBytes: 120,
            copies: 1,
            delivered: 1,
            deliveredBytes: 60,
            damaged: 1,
            dropped: [],
            inFlight: 0,
          },
        ],
      },
    ]);
    expect(nodes).toEqual([{ node: 'client', layer: 4, protocol: 'tcp', reason: 'checksum', count: 2 }]);
    expect(leaks).toEqual([]);
  });

  it('notices a frame that ends twice and one that arrives out of nowhere', () => {
    const run = new HandMade(PAIR);
    const crossing = run.crossed(0, 1, 'wire', 'client', frameOf(0));
    const again = run.arrived(2, crossing);
    const ghost = run.arrived(3, { ...crossing, frame: 99 });
    expect(statisticsOf(run.entries, PAIR).leaks).toEqual([
      `entry ${again}: frame 1 ended a second time (arrived)`,
      `entry ${ghost}: frame 99 arrived and never departed`,
    ]);
  });
});
