import { describe, expect, it } from 'vitest';
import { timelineOf } from '../../src/projections/timeline.ts';
import { frameOf, HandMade, PAIR } from './hand-made.ts';

describe('timelineOf', () => {
  it('tells what nodes did and leaves the links to the ladder', () => {
    const run = new HandMade(PAIR);
    run.told(0, 'client', 'input', 'ping server');
    run.lost(0, run.departed(0, 'wire', 'client', frameOf(0)));
    run.metric(1, 'client', 'tcp.http', 'cwnd', 10);
    run.told(2, 'server', 'app', 'hello');
    run.droppedIn(3, 'server', 4, 'checksum', 'the checksum is wrong', null);
    expect(timelineOf(run.entries).map(({ node, kind, text }) => [node, kind, text])).toEqual([
      ['client', 'input', 'ping server'],
      ['server', 'app', 'hello'],
      ['server', 'dropped', 'tcp: the checksum is wrong (checksum)'],
    ]);
  });

  it('keeps quiet about frames that are for somebody else', () => {
    const run = new HandMade(PAIR);
    run.droppedIn(0, 'server', 2, 'not-for-us', 'another address', null);
    run.droppedIn(0, 'server', 2, 'filtered', 'on the port it came from', null);
    expect(timelineOf(run.entries)).toEqual([]);
  });

  it('joins states that follow each other at once', () => {
    const run = new HandMade(PAIR);
    run.state(5, 'server', 'tcp.http', 'FIN-WAIT-1', 'FIN-WAIT-2');
    run.state(5, 'server', 'tcp.http', 'FIN-WAIT-2', 'TIME-WAIT');
    run.state(6, 'server', 'tcp.http', 'TIME-WAIT', 'CLOSED');
    run.state(6, 'server', 'tcp.other', 'CLOSED', 'LISTEN');
    expect(timelineOf(run.entries).map(({ text }) => text)).toEqual([
      'tcp.http FIN-WAIT-1 → FIN-WAIT-2 → TIME-WAIT',
      'tcp.http TIME-WAIT → CLOSED',
      'tcp.other CLOSED → LISTEN',
    ]);
  });
});
