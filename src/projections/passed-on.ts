/**
 * What of the messages of one node came to another that it never talks to: a broker, a proxy or a chat server between them
 * took them over and passed them on. Followed from the end: a message that arrived, what it carries, the message that
 * brought this there, and so on to whoever made it.
 */

import type { Encoded, Entry, Nanos } from '../kernel/journal.ts';
import { isSameOctets } from '../wire/octets.ts';
import { isTaken, type Made, type Taken, type Talk } from './talks.ts';

export interface PassedOn {
  /** What the maker said in conversations of which at least one message was passed on: octets of each, under its origin. */
  readonly sent: ReadonlyMap<number, number>;
  /** What the other node took over, in that order, with repetitions. */
  readonly received: readonly { readonly origin: number; readonly atNs: Nanos }[];
}

/** More nodes than this pass nothing on one after another. */
const MOST_HOPS = 16;

/** MQTT 3.1.1 section 3.3.1: a PUBLISH of QoS 2 that is sent again; its receiver knows it (section 4.3.3). */
const DUPLICATE_QOS_2 = 0x3c;
const TYPE_DUP_QOS = 0xfe;

export function passedOn(
  entries: readonly Entry[],
  talks: ReadonlyMap<string, Talk>,
  from: string,
  to: string,
): PassedOn {
  const sources = sourcesOf(talks);
  const passedIn = new Set<Talk>();
  const received: { readonly origin: number; readonly atNs: Nanos }[] = [];
  for (const talk of talks.values()) {
    for (const taken of talk.taken.get(to) ?? []) {
      const last = sources.get(taken.seq);
      if (last?.purpose !== 'message' || isKnownAgain(last.made.event)) continue;
      const first = firstOf(entries, sources, taken, from);
      // A will came with the CONNECT, and is the broker's to publish.
      if (!first || first.purpose === 'housekeeping') continue;
      passedIn.add(first.talk);
      received.push({ origin: originOf(first.made), atNs: taken.atNs });
    }
  }
  received.sort((one, other) => one.atNs - other.atNs);
  const sent = new Map<number, number>();
  for (const talk of passedIn) for (const [origin, bytes] of saidIn(talk, from)) sent.set(origin, bytes);
  return { sent, received };
}

/** Octets of each message with its parts; what is sent again does not count again. */
function saidIn(talk: Talk, from: string): Map<number, number> {
  const said = new Map<number, number>();
  const purposes = talk.purposes(from);
  let isNew = false;
  for (const [index, made] of (talk.made.get(from) ?? []).entries()) {
    if (purposes[index] === 'housekeeping') continue;
    const origin = originOf(made);
    if (purposes[index] === 'message') isNew = !said.has(origin);
    if (isNew) said.set(origin, (said.get(origin) ?? 0) + made.event.bytes.length);
  }
  return said;
}

interface Source {
  readonly talk: Talk;
  readonly made: Made;
  readonly purpose: string | undefined;
}

/** Of each message that was taken over, what was made: the n-th of a conversation is the n-th there, octet by octet. */
function sourcesOf(talks: ReadonlyMap<string, Talk>): Map<number, Source> {
  const sources = new Map<number, Source>();
  for (const talk of talks.values()) {
    for (const [speaker, all] of talk.made) {
      const purposes = talk.purposes(speaker);
      for (const [listener, taken] of talk.taken) {
        if (listener === speaker) continue;
        for (const [index, { seq, event }] of taken.entries()) {
          const made = all[index];
          if (!made || !isSameOctets(made.event.bytes, event.bytes)) break;
          sources.set(seq, { talk, made, purpose: purposes[index] });
        }
      }
    }
  }
  return sources;
}

function firstOf(
  entries: readonly Entry[],
  sources: ReadonlyMap<number, Source>,
  taken: Taken,
  from: string,
): Source | null {
  let at: Taken | null = taken;
  for (let hops = 0; at && hops < MOST_HOPS; hops++) {
    const source = sources.get(at.seq);
    if (!source) return null;
    if (source.made.node === from) return hops > 0 ? source : null;
    at = broughtBy(entries, source.made);
  }
  return null;
}

/** What brought there what `made` passes on. A chat server's event carries nothing: it is caused by what it passes on. */
function broughtBy(entries: readonly Entry[], { node, cause, event }: Made): Taken | null {
  const before = event.carries[0] ?? (event.protocol === 'socket-io' ? cause : null);
  const entry = before === null ? undefined : entries[before];
  return entry && entry.node === node && isTaken(entry) ? entry : null;
}

/** The same for all that was sent of one message: its parts, and what was sent again. */
function originOf({ seq, event }: Made): number {
  return event.carries[0] ?? seq;
}

function isKnownAgain({ protocol, bytes }: Encoded): boolean {
  return protocol === 'mqtt' && ((bytes[0] ?? 0) & TYPE_DUP_QOS) === DUPLICATE_QOS_2;
}
