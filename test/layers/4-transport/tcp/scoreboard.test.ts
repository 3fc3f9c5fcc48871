import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scoreboard } from '../../../../src/layers/4-transport/tcp/scoreboard.ts';

const SEGMENT = 10;

interface Entry {
  start: number;
  end: number;
  sentNs: number;
  sacked: boolean;
  lost: boolean;
  repeated: boolean;
  ambiguous: boolean;
}

const lengthOf = ({ start, end }: Entry) => end - start;
const octets = (entries: readonly Entry[]) => entries.reduce((sum, entry) => sum + lengthOf(entry), 0);

const step = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), count: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant('ack' as const), share: fc.nat(100) }),
  fc.record({ kind: fc.constant('sack' as const), share: fc.nat(99), count: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('detect' as const) }),
  fc.record({ kind: fc.constant('repeat' as const) }),
  fc.record({ kind: fc.constant('timeout' as const), forgets: fc.boolean() }),
  fc.record({ kind: fc.constant('split' as const), share: fc.nat(99), at: fc.integer({ min: 1, max: SEGMENT - 1 }) }),
  fc.record({ kind: fc.constantFrom('undo' as const, 'undo' as const, 'clear' as const) }),
);

/** RFC 6675 section 4, word for word: ranges and octets that are SACKed above a segment. */
function isLost(entries: readonly Entry[], index: number, segmentBytes: number): boolean {
  const above = entries.slice(index + 1);
  const ranges = above.filter(({ sacked }, at) => sacked && !above[at - 1]?.sacked).length;
  return ranges >= 3 || octets(above.filter(({ sacked }) => sacked)) > 2 * segmentBytes;
}

/** What the board says, against a list of segments that is counted anew each time. */
function expectAlike(board: Scoreboard, model: readonly Entry[], una: number): void {
  expect(board.last - board.first).toBe(model.length);
  expect(board.isEmpty).toBe(model.length === 0);
  model.forEach((entry, index) => {
    const at = board.first + index;
    expect([board.startOf(at), board.endOf(at), board.sentNsOf(at), board.isSacked(at), board.isAmbiguous(at)]).toEqual(
      [entry.start, entry.end, entry.sentNs, entry.sacked, entry.ambiguous],
    );
    // A segment that was sent again, and one that a timeout marked, are not weighed a second time.
    if (!entry.repeated) expect(board.isLost(at)).toBe(entry.lost);
    expect(board.isRepeated(at)).toBe(entry.repeated);
    expect(board.isSackedBefore(entry.end)).toBe(entry.sacked);
    const upTo = model.slice(0, index + 1);
    const isAmbiguous = (entries: readonly Entry[]) => entries.some(({ sacked, ambiguous }) => ambiguous && !sacked);
    expect(board.isAmbiguousBefore(entry.end)).toBe(isAmbiguous(upTo));
    expect(board.isAmbiguousBefore(entry.start)).toBe(isAmbiguous(upTo.slice(0, -1)));
  });
  const sacked = model.filter((entry) => entry.sacked);
  const lost = model.filter((entry) => entry.lost);
  const repeated = model.filter((entry) => entry.repeated);
  expect([board.sackedBytes, board.lostBytes, board.repeatedBytes]).toEqual([sacked, lost, repeated].map(octets));
  const pipe = model.filter((entry) => !entry.sacked && !entry.lost);
  expect(board.pipeBytes).toBe(octets(pipe) + octets(repeated));
  expect(board.hasHoles).toBe(sacked.length + lost.length > 0);
  expect(board.highestSackedEnd).toBe(sacked.at(-1)?.end ?? -1);
  const place = (index: number) => (index < 0 ? -1 : board.first + index);
  const lastSacked = model.findLastIndex((entry) => entry.sacked);
  const hole = model.slice(0, Math.max(0, lastSacked)).findIndex((entry) => !entry.sacked && !entry.repeated);
  expect(board.nextHole()).toBe(place(hole));
  expect(board.lastUnsacked()).toBe(place(model.findLastIndex((entry) => !entry.sacked)));
  expect(board.isSackedBefore(una)).toBe(false);
}

describe('the scoreboard', () => {
  it('says what a list of segments says that is counted anew each time (RFC 6675 section 4)', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60, size: 'max' }),
        // Where segments are shorter than SMSS, ranges decide; where they are not, octets do.
        fc.constantFrom(SEGMENT, 100 * SEGMENT),
        // So many segments before: what was acknowledged is thrown away now and then.
        fc.constantFrom(0, 505, 1100),
        (steps, segmentBytes, before) => {
          const board = new Scoreboard();
          const delivered: number[] = [];
          board.listener = { onDelivered: (index) => delivered.push(board.startOf(index)) };
          let model: Entry[] = [];
          let next = 0;
          let una = 0;
          let nowNs = 1;
          const send = () => {
            board.onSent(next, next + SEGMENT, nowNs);
            const marks = { sacked: false, lost: false, repeated: false, ambiguous: false };
            model.push({ start: next, end: next + SEGMENT, sentNs: nowNs, ...marks });
            next += SEGMENT;
          };
          const acknowledge = (upTo: number) => {
            una = upTo;
            delivered.length = 0;
            const gone = model.filter(({ end, sacked }) => end <= una && !sacked).map(({ start }) => start);
            board.acknowledge(una);
            expect(delivered).toEqual(gone);
            model = model.filter(({ end }) => end > una);
            if (model[0]) model[0].start = Math.max(model[0].start, una);
          };
          for (let count = 0; count < before; count++) send();
          acknowledge(next);
          for (const each of steps) {
            nowNs++;
            if (each.kind === 'send') {
              for (let count = 0; count < each.count; count++) send();
            } else if (each.kind === 'ack') {
              acknowledge(una + Math.floor(((next - una) * each.share) / 100));
            } else if (each.kind === 'sack') {
              const index = Math.floor((model.length * each.share) / 100);
              const from = model[index]?.start ?? next;
              const to = model[Math.min(index + each.count, model.length) - 1]?.end ?? next;
              const news = model.filter(({ start, end, sacked }) => start >= from && end <= to && !sacked);
              delivered.length = 0;
              if (from < to) expect(board.sack(from, to)).toBe(octets(news));
              expect(delivered).toEqual(from < to ? news.map(({ start }) => start) : []);
              for (const entry of news) Object.assign(entry, { sacked: true, lost: false, repeated: false });
            } else if (each.kind === 'detect') {
              // What was taken back and had gone again may be weighed anew, or not.
              if (model.some((entry) => entry.repeated && !entry.lost)) continue;
              const lostBefore = board.lostBytes;
              const marked = board.markLost(segmentBytes);
              model.forEach((entry, index) => {
                if (!entry.sacked && !entry.repeated && isLost(model, index, segmentBytes)) entry.lost = true;
              });
              expect(marked).toBe(board.lostBytes - lostBefore);
            } else if (each.kind === 'repeat') {
              const index = board.nextLost();
              const expected = model.findIndex(({ lost, repeated }) => lost && !repeated);
              expect(index < 0 ? -1 : index - board.first).toBe(expected);
              if (index < 0) continue;
              board.onSentAgain(index, nowNs);
              Object.assign(model[expected] as Entry, { repeated: true, ambiguous: true, sentNs: nowNs });
            } else if (each.kind === 'timeout') {
              board.markAllLost(each.forgets);
              for (const entry of model) {
                if (each.forgets) entry.sacked = false;
                if (!entry.sacked) Object.assign(entry, { lost: true, repeated: false });
              }
            } else if (each.kind === 'split') {
              const index = Math.floor((model.length * each.share) / 100);
              const entry = model[index];
              const offset = (entry?.start ?? 0) + each.at;
              if (!entry || offset >= entry.end) continue;
              board.split(board.first + index, offset);
              model.splice(index, 1, { ...entry, end: offset }, { ...entry, start: offset });
            } else if (each.kind === 'undo') {
              board.unmarkLost();
              for (const entry of model) entry.lost = false;
            } else {
              board.clear();
              model = [];
              una = next;
            }
            expectAlike(board, model, una);
          }
        },
      ),
      { numRuns: 120 },
    );
  });

  it('a segment that was sent again and is thought lost again goes again', () => {
    const board = new Scoreboard();
    for (let start = 0; start < 50; start += SEGMENT) board.onSent(start, start + SEGMENT, start);
    expect(board.markOneLost(1)).toBe(SEGMENT);
    expect(board.markOneLost(1)).toBe(0);
    board.onSentAgain(1, 60);
    board.onSentAgain(1, 61);
    expect([board.pipeBytes, board.repeatedBytes, board.nextLost()]).toEqual([50, SEGMENT, -1]);
    expect(board.markOneLost(1)).toBe(SEGMENT);
    expect([board.pipeBytes, board.repeatedBytes, board.nextLost()]).toEqual([40, 0, 1]);
    // What is SACKed is not lost, and a probe is not a loss.
    board.sack(20, 30);
    board.onSentAgain(4, 62);
    expect([board.markOneLost(2), board.nextLost(), board.isRepeated(4)]).toEqual([0, 1, true]);
  });

  /** So many segments in flight. */
  const boardOf = (count: number) => {
    const board = new Scoreboard();
    for (let start = 0; start < count * SEGMENT; start += SEGMENT) board.onSent(start, start + SEGMENT, start);
    return board;
  };
  const lostOf = (board: Scoreboard) =>
    Array.from({ length: board.last - board.first }, (_, at) => board.first + at).filter((at) => board.isLost(at));

  it('RFC 6675 section 4: three ranges above are enough, however short; two are not', () => {
    const board = boardOf(8);
    board.sack(20, 30);
    board.sack(60, 70);
    expect([board.markLost(1000), lostOf(board)]).toEqual([0, []]);
    board.sack(40, 50);
    expect([board.markLost(1000), lostOf(board)]).toEqual([20, [0, 1]]);
    // A range is one, however many segments it has.
    const longer = boardOf(10);
    longer.sack(30, 60);
    longer.sack(70, 100);
    expect([longer.markLost(1000), lostOf(longer)]).toEqual([0, []]);
    longer.sack(10, 20);
    expect([longer.markLost(1000), lostOf(longer)]).toEqual([10, [0]]);
  });

  it('both halves of the first segment are weighed', () => {
    const board = boardOf(5);
    board.split(0, 4);
    board.sack(20, 50);
    expect([board.markLost(SEGMENT), lostOf(board)]).toEqual([20, [0, 1, 2]]);
  });

  it('what is weighed, and what waits to be sent again, is still known when many were thrown away', () => {
    const board = boardOf(620);
    board.sack(5300, 5400);
    expect(board.markLost(SEGMENT)).toBe(5300);
    // 5280 and 5290 are left of those that are lost.
    board.acknowledge(5280);
    expect([board.first, board.nextLost(), board.highestSackedEnd, board.lostBytes]).toEqual([0, 0, 5400, 20]);
    board.onSentAgain(0, 7000);
    expect([board.nextLost(), board.markLost(SEGMENT)]).toEqual([1, 0]);
    board.sack(5500, 5600);
    expect(board.markLost(SEGMENT)).toBe(100);
    expect(lostOf(board)).toEqual([0, 1, ...Array.from({ length: 10 }, (_, at) => 12 + at)]);
  });

  it('RFC 6675 section 5.1: what a timeout marked and went again is not weighed anew', () => {
    const board = boardOf(5);
    board.markAllLost(true);
    board.onSentAgain(0, 60);
    board.sack(10, 40);
    expect([board.markLost(SEGMENT), board.isRepeated(0), board.repeatedBytes]).toEqual([0, true, SEGMENT]);
  });

  it('what waits to be sent again is found where it stands after many were thrown away', () => {
    const board = boardOf(620);
    board.sack(5300, 5400);
    board.markLost(SEGMENT);
    for (let count = 0; count < 525; count++) board.onSentAgain(board.nextLost(), 7000);
    board.acknowledge(5250);
    expect([board.first, board.nextLost(), board.startOf(board.nextLost())]).toEqual([0, 0, 5250]);
  });

  it('what was weighed and went again is not weighed anew when a segment before it is cut in two', () => {
    const board = boardOf(5);
    board.sack(20, 50);
    expect(board.markLost(SEGMENT)).toBe(20);
    for (const index of [0, 1]) board.onSentAgain(index, 60);
    board.split(0, 4);
    expect(board.markLost(SEGMENT)).toBe(0);
    expect([0, 1, 2].map((index) => board.isRepeated(index))).toEqual([true, true, true]);
  });

  it('the first segment is weighed, too, when all before it were thrown away', () => {
    const board = boardOf(620);
    board.acknowledge(5200);
    board.sack(5210, 5240);
    expect([board.first, board.markLost(SEGMENT), lostOf(board)]).toEqual([0, SEGMENT, [0]]);
    board.clear();
    for (let start = 7000; start < 7040; start += SEGMENT) board.onSent(start, start + SEGMENT, start);
    board.sack(7010, 7040);
    expect([board.first, board.markLost(SEGMENT), lostOf(board)]).toEqual([0, SEGMENT, [0]]);
  });
});
