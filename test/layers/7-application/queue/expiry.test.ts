/** How long a message lives that says so itself (property expiration, whose use the specification leaves to brokers), on real TCP. */

import { describe, expect, it } from 'vitest';
import type { AppServices } from '../../../../src/layers/7-application/app-services.ts';
import { QueueBroker } from '../../../../src/layers/7-application/queue/broker.ts';
import { encodeFrame, FRAME_TYPE } from '../../../../src/layers/7-application/queue/header.ts';
import { RawClient } from '../raw-client.ts';
import { Star } from '../star.ts';
import { MS, QUEUE, SECOND } from './stage.ts';
import { CHANNEL, hex, say, UP } from './talk.ts';

/** basic.publish with a body of one octet and, of all properties, expiration. */
function publication(expiration: string): string {
  const text = Buffer.from(expiration);
  // Class 60, weight 0, a body of one octet, the flag of expiration.
  const header = Buffer.concat([Buffer.from('003c000000000000000000010100', 'hex'), Buffer.of(text.length), text]);
  const args = { ticket: 0, exchange: '', routingKey: 'q', mandatory: false, immediate: false };
  return (
    say(1, { name: 'basic.publish', args }) +
    hex(encodeFrame(FRAME_TYPE.header, 1, header)) +
    hex(encodeFrame(FRAME_TYPE.body, 1, Buffer.from('x')))
  );
}

/** After how many milliseconds in the queue the message ends; null: it is there after a minute. */
function lifeMs(expiration: string, ttlNs: number | null): number | null {
  let services: AppServices | null = null;
  const queues = [{ name: 'q', ...QUEUE, ttlNs }];
  const star = new Star({
    broker: ({ services: own, disk }) => new QueueBroker(own, disk, { name: 'queue-broker', port: 5672, queues }),
    publisher: ({ services: own }) => {
      services = own;
      return {};
    },
  });
  new RawClient(services as unknown as AppServices, 0x0a000001, 5672).send(UP + CHANNEL + publication(expiration));
  star.run(60 * SECOND);
  const { entries } = star.journal;
  const inQueue = entries.filter(({ event }) => event.kind === 'table' && event.change.row?.state === 'ready');
  expect(inQueue.length).toBe(1);
  const end = entries.find(({ event }) => event.kind === 'dropped' && event.reason === 'expired');
  return end ? (end.atNs - (inQueue[0]?.atNs ?? 0)) / MS : null;
}

describe('a message that says how long it lives', () => {
  it('ends after so many milliseconds, and no later than the queue allows', () => {
    expect([lifeMs('0', null), lifeMs('250', null), lifeMs('3000', null)]).toEqual([0, 250, 3000]);
    expect([lifeMs('250', 100 * MS), lifeMs('50', 100 * MS)]).toEqual([100, 50]);
  });

  it('and says it in words lives as long as any other', () => {
    expect([lifeMs('soon', null), lifeMs('-1', null), lifeMs('soon', 100 * MS)]).toEqual([null, null, 100]);
  });
});
