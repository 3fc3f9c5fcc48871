import { describe, expect, it } from 'vitest';
import { type FoldRow, foldLadder, ladderRows } from '../../src/projections/ladder.ts';
import { frameOf, HandMade, PAIR, ROUTED, SWITCHED, script } from './hand-made.ts';

const MS = 1_000_000;

describe('ladderRows', () => {
  it('puts frames and what the nodes tell in the order in which they happened', () => {
    const run = new HandMade(PAIR);
    run.told(0, 'client', 'input', 'get http://server/');
    run.crossed(0, MS, 'wire', 'client', frameOf(0));
    run.state(MS, 'server', 'tcp.http', 'LISTEN', 'SYN-RECEIVED');
    run.crossed(MS, MS, 'wire', 'server', frameOf(1));
    const texts = script([
      ['TCP', '[SYN]', 4],
      ['TCP', '[SYN, ACK]', 4],
    ]);
    const rows = ladderRows(run.entries, PAIR, texts);
    expect(rows.map((row) => (row.kind === 'frame' ? row.info : row.moment.text))).toEqual([
      'get http://server/',
      '[SYN]',
      'tcp.http LISTEN → SYN-RECEIVED',
      '[SYN, ACK]',
    ]);
  });

  it('reads a frame once where it is made; what a switch passes on says the same', () => {
    const run = new HandMade(SWITCHED);
    const bytes = frameOf(0);
    const made = run.made(0, 'client', bytes);
    run.crossed(0, MS, 'left', 'client', bytes, [made]);
    run.crossed(MS, MS, 'right', 'sw', bytes, [made]);
    const read: number[] = [];
    const rows = ladderRows(run.entries, SWITCHED, script([['ARP', 'who has', 2]], read));
    expect(read).toEqual([0]);
    expect(rows.map((row) => row.kind === 'frame' && [row.info, row.isPassedOn])).toEqual([
      ['who has', false],
      ['who has', true],
    ]);
  });

  it('reads each side of a router by itself: there it is another frame', () => {
    const run = new HandMade(ROUTED);
    run.crossed(0, MS, 'lan', 'client', frameOf(0), [run.made(0, 'client', frameOf(0))]);
    run.crossed(MS, MS, 'wan', 'router', frameOf(0), [run.made(MS, 'router', frameOf(0))]);
    let readers = 0;
    const texts = script([['ICMP', 'echo', 3]]);
    const rows = ladderRows(run.entries, ROUTED, () => {
      readers++;
      return texts();
    });
    expect(readers).toBe(2);
    expect(rows.map((row) => row.kind === 'frame' && row.isPassedOn)).toEqual([false, false]);
  });

  it('makes everything printable', () => {
    const run = new HandMade(PAIR);
    run.crossed(0, MS, 'wire', 'client', frameOf(0));
    run.told(MS, 'client', 'app', 'got \x1b[2J');
    const rows = ladderRows(run.entries, PAIR, script([['HTTP', 'GET /\x07', 7]]));
    expect(rows.map((row) => (row.kind === 'frame' ? row.info : row.moment.text))).toEqual([
      'GET /<U+0007>',
      'got <U+001B>[2J',
    ]);
  });
});

describe('foldLadder', () => {
  const texts = script([
    ['TCP', '80 → 40000 [ACK] Len=1460', 4],
    ['TCP', '[TCP Retransmission] 80 → 40000 [ACK] Len=1460', 4],
  ]);

  function longRun(frames: number, lostAt: number, againAt: number) {
    const run = new HandMade(PAIR);
    for (let at = 0; at < frames; at++) {
      const crossing = run.departed(at * MS, 'wire', 'client', frameOf(at === againAt ? 1 : 0));
      if (at === lostAt) run.lost(at * MS, crossing);
      else run.arrived(at * MS + MS, crossing);
    }
    return ladderRows(run.entries, PAIR, texts);
  }

  it('leaves a short run as it is', () => {
    const rows = longRun(60, 5, 6);
    expect(foldLadder(rows)).toEqual(rows);
  });

  it('keeps the beginning, the end, every loss and every retransmission', () => {
    const rows = longRun(500, 200, 300);
    const folded = foldLadder(rows);
    const folds = folded.filter((row): row is FoldRow => row.kind === 'fold');
    expect(folded.length).toBeLessThan(60);
    expect(folded.slice(0, 20)).toEqual(rows.slice(0, 20));
    expect(folded.slice(-10)).toEqual(rows.slice(-10));
    expect(folded).toContain(rows[200]);
    expect(folded).toContain(rows[300]);
    const shown = folded.filter((row) => row.kind !== 'fold').length;
    expect(folds.reduce((sum, fold) => sum + fold.frames, shown)).toBe(500);
    expect(folds.every((fold) => fold.lost === 0)).toBe(true);
  });

  it('counts what was lost among what is folded, where even losses are too many', () => {
    const run = new HandMade(PAIR);
    for (let at = 0; at < 1000; at++) run.lost(at * MS, run.departed(at * MS, 'wire', 'client', frameOf(0)));
    const folded = foldLadder(ladderRows(run.entries, PAIR, texts));
    expect(folded.length).toBeLessThan(300);
    const folds = folded.filter((row): row is FoldRow => row.kind === 'fold');
    expect(folds.reduce((sum, fold) => sum + fold.lost, folded.length - folds.length)).toBe(1000);
  });
});
