import { describe, expect, it } from 'vitest';
import { expectationLines, reportLines, statisticsLines, titleLine, verdictLine } from '../../src/cli/report.ts';
import { resultObject } from '../../src/cli/result.ts';
import { loadScenario, simulate } from '../../src/index.ts';
import type { Verdict } from '../../src/projections/expectations.ts';
import { plain } from '../../src/projections/paint.ts';
import { cellsOf } from '../../src/projections/printable.ts';
import { statisticsOf } from '../../src/projections/statistics.ts';
import { frameOf, HandMade, PAIR } from '../projections/hand-made.ts';

const look = { paint: plain, ascii: false, width: 80 };

function verdict(pass: boolean, sentence = 'seen'): Verdict {
  return { name: 'a name', place: { line: 1, column: 1 }, pass, counted: 1, sentence, firstNs: [] };
}

describe('titleLine', () => {
  it('fills the line and cuts a long title, never the seed', () => {
    const line = titleLine('t'.repeat(200), '18446744073709551615', 'rfc', look);
    expect(cellsOf(line)).toBeLessThanOrEqual(80);
    expect(line).toMatch(/^ ◆ t+… {2}seed 18446744073709551615 · rfc$/);
    expect(titleLine('é\x1b[2J', '1', 'rfc', { ...look, ascii: true })).toMatch(/^[\x20-\x7e]*$/);
  });
});

describe('expectationLines', () => {
  it('puts what was seen beside the name where it fits, else below', () => {
    expect(expectationLines([verdict(true), verdict(false, 'word '.repeat(30).trim())], look)).toEqual([
      '  ✓ a name  seen',
      '  ✗ a name',
      `      ${'word '.repeat(14).trim()}`,
      `      ${'word '.repeat(14).trim()}`,
      '      word word',
    ]);
  });
});

describe('statisticsLines', () => {
  const run = new HandMade(PAIR);
  run.crossed(0, 1, 'wire', 'client', frameOf(0));
  run.lost(2, run.departed(2, 'wire', 'client', frameOf(0)));
  run.departed(3, 'wire', 'client', frameOf(0));
  run.droppedIn(8, 'server', 4, 'checksum', 'wrong', null);

  it('accounts for every frame', () => {
    expect(statisticsLines(statisticsOf(run.entries, PAIR), look)).toEqual([
      '  wire  client → server  3 frames, 180 bytes: 1 delivered, 1 lost, 1 on the way',
      '  server  tcp: 1 dropped (checksum)',
    ]);
  });

  it('keeps inside the line', () => {
    for (const line of statisticsLines(statisticsOf(run.entries, PAIR), { ...look, width: 60 })) {
      expect(cellsOf(line)).toBeLessThanOrEqual(60);
    }
  });

  it('says when nothing was sent', () => {
    expect(statisticsLines(statisticsOf([], PAIR), look)).toEqual(['  wire    nothing was sent']);
  });
});

describe('what a link was asked to do, and what it did', () => {
  const loaded = loadScenario(
    `packetwalk: 1
title: Both ways are not the same
nodes: { a: { ip: 10.0.0.1/24 }, b: { ip: 10.0.0.2/24 } }
links: [{ between: [a, b], delay: 10ms, rate: 1Mbit, b-to-a: { delay: 30ms, jitter: 5ms, loss: 20% } }]
timeline: [{ at: 0s, node: a, do: { ping: { to: b, count: 40, every: 100ms } } }]
`,
    'ways',
  );
  if (!loaded.scenario) throw new Error(JSON.stringify(loaded.problems));
  const run = simulate(loaded.scenario);
  const result = { run, verdicts: [], statistics: statisticsOf(run.entries, run.scenario) };

  it('stands under each direction, in its own words', () => {
    const lines = reportLines(result, { ...look, width: 200 }, {});
    const from = lines.findIndex((line) => line.includes('a → b '));
    const [there = '', asked = '', came = '', back = '', askedBack = '', cameBack = ''] = lines.slice(from, from + 6);
    expect([there, back]).toEqual([expect.stringContaining('38 frames'), expect.stringContaining('b → a ')]);
    expect(asked.trim()).toBe('configured: delay 10 ms, loss 0%, 1 Mbit/s');
    expect(came.trim()).toMatch(/^observed: delay 10 ms, loss 0% \(0% to \d\.\d+%\).*; 38 frames$/);
    expect(askedBack.trim()).toBe('configured: delay 30 ms ± 5 ms, loss 20%, 1 Mbit/s');
    expect(cameBack.trim()).toMatch(/^observed: delay 2\d\.\d+ ms to 3\d\.\d+ ms, half within .* loss [1-9]\S*% \(/);
  });

  it('keeps inside the line, and to ASCII where nothing else may be printed', () => {
    for (const line of reportLines(result, { ...look, width: 80, ascii: true }, {})) {
      expect(cellsOf(line)).toBeLessThanOrEqual(80);
      expect(line).toMatch(/^[\x20-\x7e]*$/);
    }
  });

  it('is in the result for programs', () => {
    const { observed } = resultObject(result, []) as { observed: { from: string; departed: number; lost: number }[] };
    expect(observed.map(({ from }) => from)).toEqual(['a', 'b']);
    expect(observed.map(({ departed }) => departed)).toEqual([38, 38]);
    expect(observed[0]?.lost).toBe(0);
    expect(observed[1]?.lost).toBeGreaterThan(0);
  });
});

describe('verdictLine', () => {
  it.each([
    [[], '✓ nothing was expected'],
    [[verdict(true)], '✓ the expectation held'],
    [[verdict(true), verdict(true)], '✓ all 2 expectations held'],
    [[verdict(true), verdict(false)], '✗ 1 of 2 expectations failed'],
  ])('%#', (verdicts, words) => {
    expect(verdictLine(verdicts, '1.5', 7, look)).toBe(` ${words} · 1.5 s of virtual time · 7 events`);
  });
});
