/** Records opened with the secrets of the journal hold what the other end took out of them. */

import { describe, expect, it } from 'vitest';
import { keyLog } from '../../src/projections/key-log.ts';
import { RecordLog } from '../../src/projections/record-log.ts';
import { BUNDLED, loadBundled, runToEnd } from '../bundled.ts';

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const WITH_TLS = BUNDLED.filter((name) => /^tls-|^wss-|^compression-/.test(name));

describe.each(WITH_TLS)('%s', (name) => {
  const { entries } = runToEnd(loadBundled(name));

  it('opens every record, as far as the cursor and no further', () => {
    const log = new RecordLog(entries);
    const inside: string[] = [];
    for (const entry of entries) {
      log.add(entry);
      const { event, seq } = entry;
      if (event.kind !== 'encoded' || event.protocol !== 'tls') continue;
      const record = log.recordOf(seq);
      // With what the journal says up to here: nothing that comes later is needed.
      expect(record, `entry ${seq}`).not.toBeNull();
      expect(log.lastUntil(seq)).toEqual(record);
      if (record && record.type !== 20) inside.push(hexOf(record.content));
    }
    const taken = entries.flatMap(({ event }) =>
      event.kind === 'decoded' && event.protocol === 'tls' ? [hexOf(event.bytes)] : [],
    );
    expect(inside.length).toBeGreaterThan(10);
    expect([...inside].sort()).toEqual(expect.arrayContaining([...taken].sort()));
    // All but what a connection that ended early left behind.
    expect(taken.length).toBeGreaterThan(inside.length * 0.8);
  });

  it('says each secret once in the key log', () => {
    const lines = keyLog(entries).trim().split('\n');
    expect(new Set(lines).size).toBe(lines.length);
  });
});
