import { describe, expect, it } from 'vitest';
import { storyOf } from '../../src/tui/model.ts';
import { Stage } from './stage.ts';

describe('what is scrolled further than it goes', () => {
  it('moves at the first key back: tables', () => {
    const stage = Stage.of('dns-then-tcp', 80, 24).does('end', 'pane 8');
    const first = stage.screen();
    for (let keys = 0; keys < 40; keys++) stage.does('down');
    const last = stage.screen();
    expect(last).not.toBe(first);
    expect(stage.does('up').screen()).not.toBe(last);
  });

  it.each(['where', 'help', 'diff'] as const)('moves at the first key back: %s', (leaf) => {
    const stage = Stage.of('tcp-lost-segment', 80, 24).does('next stop');
    if (leaf === 'diff') {
      stage.keys('/').types('tcp.analysis.fast_retransmission').keys('enter', 'n', 'esc', 'i', 'd');
    } else stage.does('end');
    if (leaf === 'where') {
      const made = storyOf(stage.model).entries.findIndex(
        ({ event }) => event.kind === 'encoded' && event.layer === 7 && event.bytes.length > 4000,
      );
      stage.send({ kind: 'seek', seq: made });
      stage.does('until its fate');
    }
    stage.does(leaf);
    const first = stage.screen();
    for (let keys = 0; keys < 30; keys++) stage.send({ kind: 'scroll', by: 10 });
    const last = stage.screen();
    expect(last).not.toBe(first);
    stage.send({ kind: 'scroll', by: -1 });
    expect(stage.screen()).not.toBe(last);
  });

  it('is as far as it goes after a resize', () => {
    const stage = Stage.of('tcp-lost-segment', 80, 24).does('end', 'help');
    for (let keys = 0; keys < 30; keys++) stage.send({ kind: 'scroll', by: 10 });
    stage.send({ kind: 'resize', columns: 80, rows: 40 });
    const last = stage.screen();
    stage.send({ kind: 'scroll', by: -1 });
    expect(stage.screen()).not.toBe(last);
  });
});
