import { describe, expect, it } from 'vitest';
import type { Table } from '../../../../src/layers/7-application/queue/header.ts';
import { deadLettered, isCycle, type Publication } from '../../../../src/layers/7-application/queue/message.ts';

const SECOND = 1_000_000_000;
const PUBLICATION: Publication = {
  exchange: '',
  routingKey: 'jobs',
  properties: { expiration: '1000' },
  body: Uint8Array.of(1),
  carries: [],
};

/** The deaths that a message tells of, newest first, each as queue, reason and count. */
function deathsOf({ properties }: Publication): string[] {
  const deaths = (properties.headers?.get('x-death') ?? []) as readonly Table[];
  return deaths.map((each) => `${each.get('queue')} ${each.get('reason')} ${each.get('count')}`);
}

describe('a message that goes to the dead letters', () => {
  const once = deadLettered(PUBLICATION, 'jobs', 'expired', 5 * SECOND);

  it('says where it died first, when, and how long it was to live, and expires no more', () => {
    expect(once.properties.expiration).toBeUndefined();
    expect(once.properties.headers?.get('x-first-death-queue')).toBe('jobs');
    const [death] = (once.properties.headers?.get('x-death') ?? []) as readonly Table[];
    expect(death?.get('original-expiration')).toBe('1000');
    expect(death?.get('time')).toEqual({ timestamp: 946_684_805 });
  });

  it('counts deaths of one queue and one reason, and lists others apart', () => {
    const again = deadLettered(once, 'jobs', 'expired', 6 * SECOND);
    expect(deathsOf(again)).toEqual(['jobs expired 2']);
    const rejected = deadLettered(again, 'jobs', 'rejected', 7 * SECOND);
    expect(deathsOf(rejected)).toEqual(['jobs rejected 1', 'jobs expired 2']);
    const elsewhere = deadLettered(rejected, 'other', 'rejected', 8 * SECOND);
    expect(deathsOf(elsewhere)).toEqual(['other rejected 1', 'jobs rejected 1', 'jobs expired 2']);
    expect(elsewhere.properties.headers?.get('x-first-death-queue')).toBe('jobs');
    const [death] = (elsewhere.properties.headers?.get('x-death') ?? []) as readonly Table[];
    expect(death?.has('original-expiration')).toBe(false);
  });

  it('turns in a cycle where it comes back and nobody rejected it', () => {
    expect(isCycle(PUBLICATION, 'jobs')).toBe(false);
    expect(isCycle(once, 'other')).toBe(false);
    expect(isCycle(once, 'jobs')).toBe(true);
    expect(isCycle(deadLettered(once, 'other', 'rejected', 0), 'jobs')).toBe(false);
  });

  it('has no deaths where a stranger writes something else in their place', () => {
    const strange: Publication = { ...PUBLICATION, properties: { headers: new Map([['x-death', 'often']]) } };
    expect(isCycle(strange, 'jobs')).toBe(false);
    expect(deathsOf(deadLettered(strange, 'jobs', 'maxlen', 0))).toEqual(['jobs maxlen 1']);
  });
});
