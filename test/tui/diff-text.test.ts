import { describe, expect, it } from 'vitest';
import { createRun, loadScenario } from '../../src/index.ts';
import { diffText } from '../../src/tui/diff-text.ts';
import { bundledText } from './stage.ts';

function side(what: string, text: string) {
  const { scenario } = loadScenario(text, what);
  if (!scenario) throw new Error('no scenario');
  return { what, run: createRun(scenario), topology: scenario };
}

const OPTIONS = { columns: 100, frames: 8, isAscii: false };

describe('two runs as text', () => {
  it('name the first event that differs, and go on as two ladders', () => {
    const one = side('as it is written', bundledText('tcp-handshake'));
    const other = side('with a SYN lost', bundledText('tcp-lost-syn'));
    const { divergence, text } = diffText(one, other, OPTIONS);
    expect(text).toContain(`First divergent event: #${divergence?.seq}, at `);
    for (let seq = 0; seq < (divergence?.seq ?? 0); seq++) {
      expect(other.run.entries[seq]?.event.kind).toBe(one.run.entries[seq]?.event.kind);
    }
    expect(text).toMatch(/A {2}as it is written +│ B {2}with a SYN lost/);
    expect(text.split('\n').every((row) => row.length <= OPTIONS.columns)).toBe(true);
  });

  it('say that they are the same when they are, to their ends', () => {
    const text = bundledText('two-hops');
    const found = diffText(side('one', text), side('other', text), OPTIONS);
    expect(found).toEqual({ divergence: null, text: ' Both runs are the same, event by event.\n' });
  });

  it('tell where octets differ, and draw with ASCII when asked to', () => {
    const text = bundledText('first-packet');
    const other = text.replace(/^seed: .*$/m, 'seed: 4242');
    const base = text.includes('\nseed:') ? other : `${text}seed: 4242\n`;
    const found = diffText(side('one', text), side('other', base), { ...OPTIONS, isAscii: true });
    expect(found.text).toMatch(/icmp makes 64 octets, octet \d+ is [0-9a-f]{2}/);
    expect(found.text).not.toMatch(/[^\n\x20-\x7e]/);
  });
});
