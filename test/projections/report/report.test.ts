import { describe, expect, it } from 'vitest';
import { loadScenario, simulate } from '../../../src/index.ts';
import { verdictsOf } from '../../../src/projections/expectations.ts';
import { foldLadder, ladderRows } from '../../../src/projections/ladder.ts';
import { lessonOf } from '../../../src/projections/lesson.ts';
import { htmlOf } from '../../../src/projections/report/html.ts';
import { ladderDocument, ladderSvg } from '../../../src/projections/report/ladder-svg.ts';
import { markdownOf } from '../../../src/projections/report/markdown.ts';
import { embeddedJson } from '../../../src/projections/report/markup.ts';
import { DRAWING_STYLE } from '../../../src/projections/report/style.ts';
import { formatProblems } from '../../../src/scenario/problem.ts';
import { loadBundled, runToEnd } from '../../bundled.ts';

const EVIL = '</script><img src=x onerror=alert(1)> \u001b]52;c;x\u0007 `code` | [a](b)';

function reported() {
  const file = `packetwalk: 1
title: ${JSON.stringify(EVIL)}
summary: ${JSON.stringify(EVIL)}
nodes: { a: {}, b: { apps: { sink: { transport: udp } } } }
links: [{ between: [a, b] }]
timeline: [{ at: 0s, node: a, do: { udp-send: { to: "b:9", data: ${JSON.stringify(EVIL)} } } }]
expect: [{ name: ${JSON.stringify(EVIL)}, match: udp, exactly: 1 }]
lesson:
  takeaway: ${JSON.stringify(EVIL)}
  steps: [{ at: 1s, say: ${JSON.stringify(EVIL)}, ask: { question: ${JSON.stringify(EVIL)}, answer: ${JSON.stringify(EVIL)} } }]
`;
  const loaded = loadScenario(file, 'f');
  if (loaded.scenario === null) throw new Error(formatProblems(loaded.problems));
  const { scenario } = loaded;
  const { entries, seed } = simulate(scenario);
  return { scenario, seed, entries, verdicts: verdictsOf(scenario, entries), lesson: lessonOf(scenario, entries) };
}

describe('a report of hostile text', () => {
  it('has no markup of it in HTML: two scripts, both ours', () => {
    const html = htmlOf(reported());
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toContain('<img');
    expect(html).not.toContain('\u001b');
    expect(html).toContain('&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;');
  });

  it('has none in SVG and Markdown', () => {
    const { scenario, entries } = reported();
    const rows = foldLadder(ladderRows(entries, scenario));
    const svg = ladderDocument(scenario.title, ladderSvg(rows, scenario), DRAWING_STYLE);
    expect(svg).not.toMatch(/<(?:script|img)/);
    // Inside the fence nothing is Markdown, and Mermaid has its own escapes.
    const markdown = markdownOf(reported()).replace(/```mermaid[\s\S]*?```/, '');
    expect(markdown).not.toMatch(/<(?:script|img)|\]\(b\)/);
    expect(markdown).not.toContain('\u001b');
  });
});

it('keeps what JSON holds', () => {
  const value = { text: '</script><!-- & \u2028' };
  expect(embeddedJson(value)).not.toMatch(/[<>&\u2028]/);
  expect(JSON.parse(embeddedJson(value))).toEqual(value);
});

describe('the ladder as SVG', () => {
  it('has an arrow a frame, a cross for each that was lost, and knows no variables', () => {
    const scenario = loadBundled('tcp-lost-segment');
    const { entries } = runToEnd(scenario);
    const rows = ladderRows(entries, scenario);
    const svg = ladderDocument(
      't',
      ladderSvg(rows, scenario, ({ seq }) => seq),
      DRAWING_STYLE,
    );
    const frames = rows.filter(({ kind }) => kind === 'frame').length;
    expect(svg.match(/class="frame"/g)).toHaveLength(frames);
    expect(svg.match(/ dashed"/g)).toHaveLength(2);
    expect(svg).not.toContain('var(');
  });
});

it('is the same page each time', () => expect(htmlOf(reported())).toBe(htmlOf(reported())));
