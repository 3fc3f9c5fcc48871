import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scoreboard } from '../../../../src/layers/4-transport/tcp/scoreboard.ts';

const SEGMENT = 10;

interface Entry {
  start: number;
  readonly end: number;
  sacked: boolean;
  lost: boolean;
  repeated: boolean;
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), count: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant('ack' as const), share: fc.nat(100) }),
  fc.record({ kind: fc.constant('sack' as const), from: fc.nat(100), length: fc.integer({ min: 1, max: 5 }) }),
  fc.record({ kind: fc.constant('detect' as const) }),
  fc.record({ kind: fc.constant('repeat' as const) }),
  fc.record({ kind: fc.constant('timeout' as const), forgets: fc.boolean() }),
);

/** RFC 6675 section 4, word for word: ranges and octets that are SACKed above a segment. */
function isLost(entries: readonly Entry[], index: number, segmentBytes: number): boolean {
  const above = entries.slice(index + 1);
  const octets = above.filter(({ sacked }) => sacked).length * SEGMENT;
  const ranges = above.filter(({ sacked }, at) => sacked && !above[at - 1]?.sacked).length;
  return ranges >= 3 || octets > 2 * segmentBytes;
}

describe('the scoreboard', () => {
  it('says what a list of segments says that is counted anew each time (RFC 6675 section 4)', () => {
    fc.assert(
      // Where segments are shorter than SMSS, ranges decide; where they are not, octets do.
      fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(SEGMENT, 100 * SEGMENT), (steps, segmentBytes) => {
        const board = new Scoreboard();
        let model: Entry[] = [];
        let next = 0;
        let una = 0;
        for (const each of steps) {
          if (each.kind === 'send') {
            for (let count = 0; count < each.count; count++, next += SEGMENT) {
              board.onSent(next, next + SEGMENT, next);
              model.push({ start: next, end: next + SEGMENT, sacked: false, lost: false, repeated: false });
            }
          } else if (each.kind === 'ack') {
            una += Math.floor(((next - una) * each.share) / 100);
            board.acknowledge(una);
            model = model.filter(({ end }) => end > una);
            if (model[0]) model[0].start = Math.max(model[0].start, una);
          } else if (each.kind === 'sack') {
            const from = Math.min(next, Math.ceil(una / SEGMENT + each.from) * SEGMENT);
            const to = Math.min(next, from + each.length * SEGMENT);
            const news = model.filter(({ start, end, sacked }) => start >= from && end <= to && !sacked);
            if (from < to) expect(board.sack(from, to)).toBe(news.length * SEGMENT);
            for (const entry of news) Object.assign(entry, { sacked: true, lost: false, repeated: false });
          } else if (each.kind === 'detect') {
            if (model[0]?.start !== model[0]?.end && (model[0]?.start ?? 0) % SEGMENT !== 0) continue;
            board.markLost(segmentBytes);
          } else if (each.kind === 'repeat') {
            const index = board.nextLost();
            const expected = model.findIndex(({ lost, repeated }) => lost && !repeated);
            expect(index < 0 ? -1 : index - board.first).toBe(expected);
            if (index < 0) continue;
            board.onSentAgain(index, next);
            Object.assign(model[expected] as Entry, { repeated: true });
          } else {
            board.markAllLost(each.forgets);
            for (const entry of model) {
              if (each.forgets) entry.sacked = false;
              if (!entry.sacked) Object.assign(entry, { lost: true, repeated: false });
            }
          }
          if (each.kind === 'detect') {
            model.forEach((entry, index) => {
              if (!entry.sacked && !entry.repeated && isLost(model, index, segmentBytes)) entry.lost = true;
            });
          }
          expect(board.last - board.first).toBe(model.length);
          model.forEach((entry, index) => {
            const at = board.first + index;
            expect([board.startOf(at), board.endOf(at), board.isSacked(at)]).toEqual([
              entry.start,
              entry.end,
              entry.sacked,
            ]);
            // A segment that was sent again, and one that a timeout marked, are not weighed a second time.
            if (!entry.repeated) expect(board.isLost(at)).toBe(entry.lost);
          });
          const octets = (wanted: (entry: Entry) => boolean) =>
            model.filter(wanted).reduce((sum, { start, end }) => sum + end - start, 0);
          expect(board.sackedBytes).toBe(octets(({ sacked }) => sacked));
          expect(board.pipeBytes).toBe(
            octets(({ sacked, lost }) => !sacked && !lost) + octets(({ repeated }) => repeated),
          );
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('cuts a segment in two with its marks, and forgets many that were acknowledged', () => {
    const board = new Scoreboard();
    for (let start = 0; start < 20_000; start += SEGMENT) board.onSent(start, start + SEGMENT, start);
    board.sack(19_980, 20_000);
    board.acknowledge(19_000);
    expect([board.startOf(board.first), board.last - board.first, board.pipeBytes]).toEqual([19_000, 100, 980]);
    board.markOneLost(board.first);
    board.split(board.first, 19_004);
    expect([board.endOf(board.first), board.startOf(board.first + 1)]).toEqual([19_004, 19_004]);
    expect([board.isLost(board.first), board.isLost(board.first + 1), board.lostBytes]).toEqual([true, true, 10]);
    expect(board.highestSackedEnd).toBe(20_000);
    expect(board.lastUnsacked()).toBe(board.last - 3);
  });
});
