import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createRun, journalHash, loadScenario } from '../../src/index.ts';
import { type Event, Journal } from '../../src/kernel/journal.ts';
import { Pack } from '../../src/kernel/pack.ts';
import { divergenceOf } from '../../src/projections/divergence.ts';

const FOLDER = new URL('../../scenarios/', import.meta.url);
const HEADER = { title: '', seed: '', scenario: '' };

describe('packed entries', () => {
  it.each(readdirSync(FOLDER).filter((name) => name.endsWith('.pw.yaml')))('say the same: %s', (name) => {
    const { scenario } = loadScenario(readFileSync(new URL(name, FOLDER), 'utf8'), name);
    if (!scenario) throw new Error('no scenario');
    const run = createRun(scenario);
    // Long enough to have every kind of entry, short enough for a test.
    for (let step = 0; step < 1000 && run.step(); step++);
    const before = [...run.entries];
    const hash = journalHash(HEADER, before);
    // In two goes, as a walk packs.
    run.pack(Math.floor(before.length / 2));
    run.pack(before.length);
    expect(journalHash(HEADER, run.entries)).toBe(hash);
    expect(divergenceOf(before, run.entries, true)).toBeNull();
    expect(run.entries.some((entry, seq) => entry === before[seq])).toBe(false);
  });

  const told = (machine: string, text: string): Event => ({ kind: 'app', layer: 7, machine, text });
  const odd: readonly Event[] = [
    told('a\nb', 'c'),
    told('a', 'b\nc'),
    told('', ''),
    { kind: 'metric', layer: 4, protocol: 'tcp', machine: 'tcp.x', name: 'rtt', value: 2 ** 52 + 1 },
    { kind: 'timer', layer: 4, machine: 'tcp.x', name: 'retransmission', phase: 'cleared', dueNs: 0 },
    { kind: 'encoded', layer: 7, protocol: 'data', bytes: new Uint8Array([1, 2, 3]).subarray(1), carries: [], via: '' },
    { kind: 'decoded', layer: 4, protocol: 'tcp', bytes: new Uint8Array(0), carries: [7, 8, 9], via: 'tcp.x' },
  ];

  it('keeps what words, numbers and octets are at their ends', () => {
    const journal = new Journal(true);
    for (const [at, event] of odd.entries()) {
      journal.cause = at === 0 ? null : at - 1;
      journal.append(86_400_000_000_000 * at, `node\n${at % 2}`, event);
    }
    journal.pack(new Pack(), odd.length);
    for (const [at, event] of odd.entries()) {
      const { seq, atNs, node, cause, event: packed } = journal.at(at);
      expect({ seq, atNs, node, cause }).toEqual({
        seq: at,
        atNs: 86_400_000_000_000 * at,
        node: `node\n${at % 2}`,
        cause: at === 0 ? null : at - 1,
      });
      expect(packed).toEqual(event);
    }
  });

  it('goes on from where it was and never past the end', () => {
    const journal = new Journal(true);
    const pack = new Pack();
    journal.append(0, 'a', told('m', 'one'));
    journal.pack(pack, 10);
    journal.append(1, 'a', told('m', 'two'));
    const fresh = journal.at(1);
    journal.pack(pack, 1);
    expect(journal.at(1)).toBe(fresh);
    journal.pack(pack, 2);
    expect(journal.entries.map(({ event }) => event)).toEqual([told('m', 'one'), told('m', 'two')]);
  });
});
