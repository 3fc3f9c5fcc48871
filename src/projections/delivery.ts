/**
 * What of the messages that the applications of one node sent reached the applications of another, judged on the octets
 * themselves and per conversation (`layers/7-application/ledger.ts` says how applications tell the journal).
 *
 * Over TCP what was received must be a beginning of what was sent; how reads cut the stream does not matter. Over UDP
 * datagrams are compared one by one.
 */

import type { Decoded, Encoded, Entry, Nanos } from '../kernel/journal.ts';

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
}

export interface Amount {
  readonly bytes: number;
  readonly messages: number;
}

interface Sent {
  readonly seq: number;
  readonly event: Encoded;
}

interface Received {
  readonly atNs: Nanos;
  readonly event: Decoded;
}

interface Exchange {
  readonly sent: Sent[];
  readonly received: Received[];
}

interface Tally {
  readonly sent: MutableAmount;
  readonly delivered: MutableAmount;
  readonly repeated: MutableAmount;
  outOfOrder: number;
  damage: string | null;
  lastNs: Nanos | null;
}

type MutableAmount = { -readonly [K in keyof Amount]: Amount[K] };

/** `addresses`: those of the node `to`, as text, to know conversations with it from which nothing ever arrived. */
export function deliveryOf(
  entries: readonly Entry[],
  from: string,
  to: string,
  addresses: readonly string[],
): Delivery {
  const tally: Tally = {
    sent: { bytes: 0, messages: 0 },
    delivered: { bytes: 0, messages: 0 },
    repeated: { bytes: 0, messages: 0 },
    outOfOrder: 0,
    damage: null,
    lastNs: null,
  };
  for (const [conversation, exchange] of exchangesOf(entries, from, to, addresses)) {
    for (const { event } of exchange.sent) {
      tally.sent.messages++;
      tally.sent.bytes += event.bytes.length;
    }
    for (const { atNs } of exchange.received) tally.lastNs = Math.max(tally.lastNs ?? 0, atNs);
    if (!conversation.startsWith('udp ')) judgeStream(tally, conversation, exchange);
    else judgeDatagrams(tally, conversation, exchange);
  }
  return tally;
}

function exchangesOf(
  entries: readonly Entry[],
  from: string,
  to: string,
  addresses: readonly string[],
): Map<string, Exchange> {
  const exchanges = new Map<string, Exchange>();
  const of = (conversation: string): Exchange => {
    const known = exchanges.get(conversation) ?? { sent: [], received: [] };
    exchanges.set(conversation, known);
    return known;
  };
  for (const { seq, atNs, node, event } of entries) {
    if (event.kind !== 'encoded' && event.kind !== 'decoded') continue;
    const { conversation } = event;
    if (event.layer !== 7 || conversation === undefined || !isWith(conversation, addresses)) continue;
    if (event.kind === 'encoded' && node === from) of(conversation).sent.push({ seq, event });
    if (event.kind === 'decoded' && node === to) of(conversation).received.push({ atNs, event });
  }
  for (const [conversation, { sent }] of exchanges) if (sent.length === 0) exchanges.delete(conversation);
  return exchanges;
}

/** `tcp 10.0.0.1:49152 10.0.0.2:80`: whether one end is at one of the addresses. */
function isWith(conversation: string, addresses: readonly string[]): boolean {
  return conversation
    .split(' ')
    .slice(1)
    .some((endpoint) => addresses.includes(endpoint.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')));
}

function judgeStream(tally: Tally, conversation: string, { sent, received }: Exchange): void {
  let at = 0;
  let message = 0;
  let inMessage = 0;
  for (const { event } of received) {
    for (const octet of event.bytes) {
      while (message < sent.length && inMessage === sent[message]?.event.bytes.length) {
        message++;
        inMessage = 0;
      }
      const expected = sent[message]?.event.bytes[inMessage];
      if (octet !== expected) {
        const what = expected === undefined ? 'was never sent' : 'is another one than was sent';
        tally.damage ??= `octet ${at} of ${conversation} ${what}`;
        tally.delivered.bytes += at;
        tally.delivered.messages += message;
        return;
      }
      at++;
      inMessage++;
    }
  }
  tally.delivered.bytes += at;
  tally.delivered.messages += message + (inMessage > 0 && inMessage === sent[message]?.event.bytes.length ? 1 : 0);
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
    } else if (!isSame(original.bytes, event.bytes)) {
      tally.damage ??= `datagram ${index + 1} of ${conversation} is another one than was sent`;
    } else if (seen.has(index)) {
      count(tally.repeated, event);
    } else {
      seen.add(index);
      count(tally.delivered, event);
      if (index < latest) tally.outOfOrder++;
      latest = Math.max(latest, index);
    }
  }
}

function count(amount: MutableAmount, { bytes }: Decoded): void {
  amount.messages++;
  amount.bytes += bytes.length;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, at) => octet === other[at]);
}
