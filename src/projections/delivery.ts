/**
 * What of the messages that the applications of one node sent reached the applications of another, judged on the octets
 * themselves and per conversation (`layers/7-application/ledger.ts` says how applications tell the journal).
 *
 * Over TCP what was received must be a beginning of what was sent; how reads cut the stream does not matter. Over UDP
 * datagrams are compared one by one. What a session says for its own sake has to arrive like the rest, but does not
 * count (`housekeeping.ts`). Between nodes that never talk to each other it is what others passed on (`passed-on.ts`).
 */

import type { Entry, Nanos } from '../kernel/journal.ts';
import { isSameOctets } from '../wire/octets.ts';
import type { Purpose } from './housekeeping.ts';
import { type PassedOn, passedOn } from './passed-on.ts';
import { type Made, type Taken, type Talk, talksOf } from './talks.ts';

export interface Delivery {
  readonly sent: Amount;
  /** Each octet and message counted once, and only where it is what was sent. */
  readonly delivered: Amount;
  /** Received although it had been received before. */
  readonly repeated: Amount;
  /** Messages that came after a later one. */
  readonly outOfOrder: number;
  /** What arrived is not what was sent: where and how, in a sentence. */
  readonly damage: string | null;
  /** When the last of it was taken over; null: nothing was. */
  readonly lastNs: Nanos | null;
  /** What the sessions said for their own sake: octets that are in no other number. */
  readonly housekeeping: { readonly sent: number; readonly delivered: number };
}

export interface Amount {
  readonly bytes: number;
  readonly messages: number;
}

interface Exchange {
  readonly sent: readonly Made[];
  readonly received: readonly Taken[];
  readonly purposes: readonly Purpose[];
}

interface Tally {
  readonly sent: MutableAmount;
  readonly delivered: MutableAmount;
  readonly repeated: MutableAmount;
  outOfOrder: number;
  damage: string | null;
  lastNs: Nanos | null;
  readonly housekeeping: { sent: number; delivered: number };
}

type MutableAmount = { -readonly [K in keyof Amount]: Amount[K] };

/** `addresses`: those of the node `to`, as text, to know conversations with it from which nothing ever arrived. */
export function deliveryOf(
  entries: readonly Entry[],
  from: string,
  to: string,
  addresses: readonly string[],
  talks: ReadonlyMap<string, Talk> = talksOf(entries),
): Delivery {
  const tally: Tally = {
    sent: { bytes: 0, messages: 0 },
    delivered: { bytes: 0, messages: 0 },
    repeated: { bytes: 0, messages: 0 },
    outOfOrder: 0,
    damage: null,
    lastNs: null,
    housekeeping: { sent: 0, delivered: 0 },
  };
  const exchanges = exchangesOf(talks, from, to, addresses);
  for (const [conversation, exchange] of exchanges) {
    for (const [index, { event }] of exchange.sent.entries()) {
      countPart(tally, 'sent', exchange.purposes[index], event.bytes.length, true);
    }
    for (const { atNs } of exchange.received) tally.lastNs = Math.max(tally.lastNs ?? 0, atNs);
    if (!conversation.startsWith('udp ')) judgeStream(tally, conversation, exchange);
    else judgeDatagrams(tally, conversation, exchange);
  }
  if (exchanges.size === 0) judgePassages(tally, passedOn(entries, talks, from, to));
  return tally;
}

function exchangesOf(
  talks: ReadonlyMap<string, Talk>,
  from: string,
  to: string,
  addresses: readonly string[],
): Map<string, Exchange> {
  const exchanges = new Map<string, Exchange>();
  for (const [conversation, talk] of talks) {
    const sent = talk.made.get(from);
    const hasJoined = talk.made.has(to) || talk.taken.has(to);
    if (!sent || (!hasJoined && !isWith(conversation, addresses))) continue;
    exchanges.set(conversation, { sent, received: talk.taken.get(to) ?? [], purposes: talk.purposes(from) });
  }
  return exchanges;
}

/** `tcp 10.0.0.1:49152 10.0.0.2:80`: whether one end is at one of the addresses. */
function isWith(conversation: string, addresses: readonly string[]): boolean {
  return conversation
    .split(' ')
    .slice(1)
    .some((endpoint) => addresses.includes(endpoint.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')));
}

function judgeStream(tally: Tally, conversation: string, { sent, received, purposes }: Exchange): void {
  let at = 0;
  let message = 0;
  let inMessage = 0;
  const lengthOf = (index: number) => sent[index]?.event.bytes.length ?? 0;
  const leave = (isWhole: boolean) => countPart(tally, 'delivered', purposes[message], inMessage, isWhole);
  for (const { event } of received) {
    for (const octet of event.bytes) {
      while (message < sent.length && inMessage === lengthOf(message)) {
        leave(true);
        message++;
        inMessage = 0;
      }
      const expected = sent[message]?.event.bytes[inMessage];
      if (octet !== expected) {
        const what = expected === undefined ? 'was never sent' : 'is another one than was sent';
        tally.damage ??= `octet ${at} of ${conversation} ${what}`;
        leave(false);
        return;
      }
      at++;
      inMessage++;
    }
  }
  leave(inMessage > 0 && inMessage === lengthOf(message));
}

function judgeDatagrams(tally: Tally, conversation: string, { sent, received }: Exchange): void {
  const indexOf = new Map(sent.map(({ seq }, index) => [seq, index]));
  const seen = new Set<number>();
  let latest = -1;
  for (const { event } of received) {
    const index = event.carries.map((seq) => indexOf.get(seq)).find((one) => one !== undefined);
    const original = index === undefined ? undefined : sent[index]?.event;
    if (index === undefined || !original) {
      tally.damage ??= `a datagram of ${event.bytes.length} octets of ${conversation} was never sent`;
    } else if (!isSameOctets(original.bytes, event.bytes)) {
      tally.damage ??= `datagram ${index + 1} of ${conversation} is another one than was sent`;
    } else if (seen.has(index)) {
      countMessage(tally.repeated, event.bytes.length);
    } else {
      seen.add(index);
      countMessage(tally.delivered, event.bytes.length);
      if (index < latest) tally.outOfOrder++;
      latest = Math.max(latest, index);
    }
  }
}

function judgePassages(tally: Tally, { sent, received }: PassedOn): void {
  const order = new Map([...sent.keys()].map((origin, index) => [origin, index]));
  const seen = new Set<number>();
  let latest = -1;
  for (const bytes of sent.values()) countMessage(tally.sent, bytes);
  for (const { origin, atNs } of received) {
    tally.lastNs = atNs;
    const index = order.get(origin) ?? -1;
    countMessage(seen.has(origin) ? tally.repeated : tally.delivered, sent.get(origin) ?? 0);
    if (seen.has(origin)) continue;
    seen.add(origin);
    if (index < latest) tally.outOfOrder++;
    latest = Math.max(latest, index);
  }
}

function countPart(
  tally: Tally,
  where: 'sent' | 'delivered',
  purpose: Purpose | undefined,
  bytes: number,
  isWhole: boolean,
): void {
  if (purpose === undefined || purpose === 'housekeeping') {
    tally.housekeeping[where] += bytes;
    return;
  }
  tally[where].bytes += bytes;
  if (isWhole && purpose === 'message') tally[where].messages++;
}

function countMessage(amount: MutableAmount, bytes: number): void {
  amount.messages++;
  amount.bytes += bytes;
}
