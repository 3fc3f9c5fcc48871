/** A message in a queue, and how it may die (RabbitMQ's dead-letter exchanges). */

import type { DropReason } from '../../../kernel/journal.ts';
import type { BasicProperties } from './content.ts';
import { NO_TABLE, type Table, type TableValue } from './header.ts';

/** What is published. */
export interface Publication {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: BasicProperties;
  readonly body: Uint8Array;
  /** The journal's entry that it came with; empty without a journal. */
  readonly carries: readonly number[];
}

export interface QueuedMessage extends Publication {
  /** Its place in the queue, which it keeps when it is put back. */
  readonly id: number;
  /** How often it was handed to a consumer. */
  readonly deliveries: number;
  /** null: it does not expire. */
  readonly expiresNs: number | null;
}

/** Why a message leaves its queue without having been acknowledged. */
export type Death = 'rejected' | 'expired' | 'maxlen' | 'delivery_limit';

export const DROPPED: Readonly<Record<Death, DropReason>> = {
  rejected: 'not-acceptable',
  expired: 'expired',
  maxlen: 'queue-full',
  delivery_limit: 'not-acceptable',
};

export const DEATH_TEXT: Readonly<Record<Death, string>> = {
  rejected: 'a consumer rejected it',
  expired: 'its time to live has passed',
  maxlen: 'the queue is full',
  delivery_limit: 'it was delivered as often as may be',
};

const EPOCH_SECONDS = 946_684_800;

/**
 * The message as it goes to the dead-letter queue: `x-death` says, newest first, which queues it died in and why and how
 * often, and it does not expire any more.
 */
export function deadLettered(message: Publication, queue: string, death: Death, wallNs: number): Publication {
  const { expiration, ...properties } = message.properties;
  const headers = properties.headers ?? NO_TABLE;
  const deaths = deathsOf(headers);
  const same = deaths.find((each) => each.get('queue') === queue && each.get('reason') === death);
  const count = Number(same?.get('count') ?? 0) + 1;
  const entry: [string, TableValue][] = [
    ['count', count],
    ['exchange', message.exchange],
    ['queue', queue],
    ['reason', death],
    ['routing-keys', [message.routingKey]],
    ['time', { timestamp: EPOCH_SECONDS + Math.floor(wallNs / 1_000_000_000) }],
  ];
  if (expiration !== undefined) entry.push(['original-expiration', expiration]);
  const list: TableValue[] = [new Map(entry), ...deaths.filter((each) => each !== same)];
  const first: [string, TableValue][] = headers.has('x-first-death-queue')
    ? []
    : [
        ['x-first-death-exchange', message.exchange],
        ['x-first-death-queue', queue],
        ['x-first-death-reason', death],
      ];
  return { ...message, properties: { ...properties, headers: new Map([...headers, ...first, ['x-death', list]]) } };
}

/**
 * Whether a message that just died comes to a queue for the second time without a consumer having rejected it on the
 * way: such a cycle would turn for ever, and RabbitMQ ends it.
 */
export function isCycle({ properties }: Publication, target: string): boolean {
  const deaths = deathsOf(properties.headers ?? NO_TABLE);
  const before = deaths.findIndex((each) => each.get('queue') === target);
  return before >= 0 && deaths.slice(0, before + 1).every((each) => each.get('reason') !== 'rejected');
}

function deathsOf(headers: Table): readonly Table[] {
  const list = headers.get('x-death');
  return Array.isArray(list) ? list.filter((each): each is Table => each instanceof Map) : [];
}
