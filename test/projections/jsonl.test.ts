import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/kernel/journal.ts';
import { Journal, NOTHING } from '../../src/kernel/journal.ts';
import { journalHash, jsonlLines, scenarioHash } from '../../src/projections/jsonl.ts';

const HEADER = { title: 'T', seed: '18446744073709551615', scenario: 'abc' };
const BYTES = Uint8Array.of(0, 0xff, 0x10);

function journalOf(...events: readonly Event[]): Journal {
  const journal = new Journal(true);
  for (const event of events) journal.append(5, 'client', event);
  return journal;
}

describe('jsonlLines', () => {
  it('starts with a header and writes one entry a line, its keys in a fixed order', () => {
    const journal = journalOf(
      // The keys are written in an odd order on purpose.
      { via: 'eth0', carries: [1, 2], bytes: BYTES, protocol: 'ethernet', layer: 2, kind: 'encoded' },
      {
        conversation: 'udp a b',
        via: 'x',
        carries: NOTHING,
        bytes: BYTES,
        protocol: 'data',
        layer: 7,
        kind: 'decoded',
      },
      { kind: 'arrived', layer: 1, link: 'l', interface: 'e', frame: 3, bytes: BYTES, carries: [], measure: 0 },
      {
        kind: 'table',
        layer: 2,
        protocol: 'arp',
        change: { table: 'arp', key: 'k', row: { z: 1, a: true }, because: 'b' },
      },
    );
    expect([...jsonlLines(HEADER, journal.entries)]).toEqual([
      '{"format":"packetwalk-journal","version":1,"title":"T","seed":"18446744073709551615","scenario":"abc"}\n',
      '{"seq":0,"atNs":5,"node":"client","cause":null,"kind":"encoded","layer":2,"protocol":"ethernet","via":"eth0","carries":[1,2],"bytes":"00ff10"}\n',
      '{"seq":1,"atNs":5,"node":"client","cause":null,"kind":"decoded","layer":7,"protocol":"data","via":"x","conversation":"udp a b","carries":[],"bytes":"00ff10"}\n',
      '{"seq":2,"atNs":5,"node":"client","cause":null,"kind":"arrived","layer":1,"link":"l","interface":"e","frame":3,"measure":0,"carries":[],"bytes":"00ff10"}\n',
      '{"seq":3,"atNs":5,"node":"client","cause":null,"kind":"table","layer":2,"protocol":"arp","table":"arp","key":"k","row":{"z":1,"a":true},"because":"b"}\n',
    ]);
  });

  it('keeps every kind of event whole', () => {
    const journal = journalOf(
      {
        kind: 'dropped',
        layer: 1,
        protocol: 'cable',
        reason: 'lost',
        detail: 'd',
        bytes: BYTES,
        carries: [0],
        link: 'l',
        frame: 1,
        via: 'eth0',
      },
      { kind: 'state', layer: 4, protocol: 'tcp', machine: 'm', from: 'A', to: 'B', because: 'c' },
      { kind: 'metric', layer: 4, protocol: 'tcp', machine: 'm', name: 'cwnd', value: 10 },
      { kind: 'timer', layer: 4, machine: 'm', name: 'rto', phase: 'set', dueNs: 9 },
      { kind: 'app', layer: 7, machine: 'm', text: 't' },
    );
    for (const [index, line] of [...jsonlLines(HEADER, journal.entries)].slice(1).entries()) {
      const { bytes, ...written } = JSON.parse(line) as Record<string, unknown>;
      const { bytes: octets, ...event } = journal.at(index).event as Event & { bytes?: Uint8Array };
      expect(written).toEqual({ seq: index, atNs: 5, node: 'client', cause: null, ...event });
      if (octets) expect(bytes).toBe('00ff10');
    }
  });

  it('refuses a fraction, which another engine might write differently', () => {
    const journal = journalOf({ kind: 'metric', layer: 4, protocol: 'tcp', machine: 'm', name: 'rtt', value: 0.5 });
    expect(() => [...jsonlLines(HEADER, journal.entries)]).toThrow('0.5');
  });
});

describe('hashes', () => {
  it('is the SHA-256 of the file', () => {
    const journal = journalOf({ kind: 'app', layer: 7, machine: 'm', text: 't' });
    const file = [...jsonlLines(HEADER, journal.entries)].join('');
    expect(journalHash(HEADER, journal.entries)).toBe(createHash('sha256').update(file).digest('hex'));
  });

  it('tells scenarios apart by what they mean, not by where they stand', () => {
    const scenario = { title: 'a', seed: '1', file: 'x', nodes: [{ address: 1n, place: { line: 1 } }] };
    const same = { title: 'a', seed: '2', file: 'y', nodes: [{ address: 1n, place: { line: 9 } }] };
    const other = { title: 'a', seed: '1', file: 'x', nodes: [{ address: 2n, place: { line: 1 } }] };
    expect(scenarioHash(same)).toBe(scenarioHash(scenario));
    expect(scenarioHash(other)).not.toBe(scenarioHash(scenario));
  });
});
