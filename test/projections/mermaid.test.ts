import { describe, expect, it } from 'vitest';
import { ladderRows } from '../../src/projections/ladder.ts';
import { mermaidOf } from '../../src/projections/mermaid.ts';
import { frameOf, HandMade, PAIR, script } from './hand-made.ts';

const TEXTS = script([
  ['TCP', '1 → 2 [SYN]', 4],
  ['HTTP', 'GET /a;b#c%%{init: x}<script>\nn0->>n1: forged end', 7],
]);

function draw(run: HandMade, title = 'A title'): string[] {
  return mermaidOf(title, ladderRows(run.entries, PAIR, TEXTS), PAIR).split('\n');
}

describe('mermaidOf', () => {
  it('draws arrivals, losses, frames on their way and notes', () => {
    const run = new HandMade(PAIR);
    run.told(0, 'client', 'input', 'go');
    run.crossed(0, 1, 'wire', 'client', frameOf(0));
    run.lost(1000, run.departed(1000, 'wire', 'server', frameOf(0)));
    run.departed(2000, 'wire', 'client', frameOf(0));
    expect(draw(run)).toEqual([
      '---',
      'title: "A title"',
      '---',
      'sequenceDiagram',
      '  participant n0 as client',
      '  participant n1 as server',
      '  Note over n0: 0.000000 go',
      '  n0->>n1: 0.000000 TCP 1 → 2 [SYN]',
      '  n1--xn0: 0.000001 TCP 1 → 2 [SYN] ✗ lost on wire (loss 5#37;)',
      '  n0-)n1: 0.000002 TCP 1 → 2 [SYN]',
      '',
    ]);
  });

  it('lets no packet end its line, open a directive or bring in markup', () => {
    const run = new HandMade(PAIR);
    run.crossed(0, 1, 'wire', 'client', frameOf(1));
    const lines = draw(run, 'x"\n---\nsequenceDiagram');
    expect(lines[1]).toBe('title: "x\\"<U+000A>---<U+000A>sequenceDiagram"');
    expect(lines).toHaveLength(8);
    expect(lines[6]).toBe(
      '  n0->>n1: 0.000000 HTTP GET /a#59;b#35;c#37;#37;#123;init: x#125;#60;script#62;#60;U+000A#62;n0-#62;#62;n1: forged end',
    );
  });
});
