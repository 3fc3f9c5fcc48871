import { describe, expect, it } from 'vitest';
import { csvLine } from '../../src/cli/csv.ts';
import { csvText } from '../../src/cli/sweep/csv.ts';
import type { SavedSweep } from '../../src/cli/sweep/saved.ts';

describe('a cell that a spreadsheet would run (J1)', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['\0=1', "'\0=1"],
    ['-cmd', "'-cmd"],
    // Begins as a number does.
    ["-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"],
    ['-.5', "'-.5"],
    ['-5', '-5'],
    ['-0.25', '-0.25'],
    ['a=1', 'a=1'],
    ['a,"b"', '"a,""b"""'],
    ['', ''],
  ])('%j becomes %j', (text, written) => {
    expect(csvLine([text, 'x'])).toBe(`${written},x`);
  });

  it('is none in a sweep either, whose expectations have names of somebody else', () => {
    const saved = {
      subject: { points: [{ '=p': '@v' }] },
      trials: [
        { point: 0, seed: '1', outcome: 'failed', failed: ['=cmd()'], endNs: 5, events: 2, measures: { m: -3 } },
      ],
    } as unknown as SavedSweep;
    expect([...csvText(saved)]).toEqual([
      "'=p,seed,outcome,failed,end_ns,events,m\r\n",
      "'@v,1,failed,'=cmd(),5,2,-3\r\n",
    ]);
  });
});
