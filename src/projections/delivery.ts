/**
 * What of the messages that the applications of one node sent reached the applications of another, judged on the octets
 * themselves and per conversation (`layers/7-application/ledger.ts` says how applications tell the journal).
 *
 * Over TCP what was received must be a beginning of what was sent; how reads cut the stream does not matter. Over UDP
 * datagrams are compared one by one. What a session says for its own sake has to arrive like the rest, but does not
 * count (`housekeeping.ts`).
 */

import type { Decoded, Encoded, Entry, Nanos } from '../kernel/journal.ts';
import { isEngineIoRequest, type Purpose, purposesOf } from './housekeeping.ts';
import { Translations } from './translations.ts';

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
  /** Engine.IO polls in it. */
  ofEngineIo: boolean;
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
  for (const [conversation, exchange] of exchangesOf(entries, from, to, addresses)) {
    const purposes = purposesOf(
      exchange.sent.map(({ event }) => event),
      exchange.ofEngineIo,
    );
    for (const [index, { event }] of exchange.sent.entries()) {
      countPart(tally, 'sent', purposes[index], event.bytes.length, true);
    }
    for (const { atNs } of exchange.received) tally.lastNs = Math.max(tally.lastNs ?? 0, atNs);
    if (!conversation.startsWith('udp ')) judgeStream(tally, conversation, exchange, purposes);
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
  const translations = new Translations();
  /** Those that `to` has spoken in, for whatever address it had. */
  const joined = new Set<string>();
  const of = (conversation: string): Exchange => {
    const known = exchanges.get(conversation) ?? { sent: [], received: [], ofEngineIo: false };
    exchanges.set(conversation, known);
    return known;
  };
  for (const { seq, atNs, node, event } of entries) {
    if (event.kind === 'table') translations.note(event.change);
    if (event.kind !== 'encoded' && event.kind !== 'decoded') continue;
    if (event.layer !== 7 || event.conversation === undefined) continue;
    const conversation = translations.of(event.conversation);
    if (node === to) joined.add(conversation);
    if ((node === from || node === to) && isEngineIoRequest(event)) of(conversation).ofEngineIo = true;
    if (event.kind === 'encoded' && node === from) of(conversation).sent.push({ seq, event });
    if (event.kind === 'decoded' && node === to) of(conversation).received.push({ atNs, event });
  }
  for (const [conversation, { sent }] of exchanges) {
    const isBetween = joined.has(conversation) || isWith(conversation, addresses);
    if (sent.length === 0 || !isBetween) exchanges.delete(conversation);
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

function judgeStream(
  tally: Tally,
  conversation: string,
  { sent, received }: Exchange,
  purposes: readonly Purpose[],
): void {
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

function count(amount: MutableAmount, { bytes }: Decoded): void {
  amount.messages++;
  amount.bytes += bytes.length;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((octet, at) => octet === other[at]);
}
