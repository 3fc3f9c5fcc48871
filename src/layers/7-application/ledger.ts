/**
 * What the applications of one host sent and received, told to the journal. All of them keep this one ledger.
 *
 * The convention, for whoever reads the journal:
 * - A message that an application made is one layer 7 `encoded` entry, when the application made it. Its bytes are all
 *   of the message: a whole HTTP request or response with its body, a DNS message (over TCP without the two octets of
 *   length before it, at either end), one `tcp-send` or `udp-send`.
 * - What an application received is one layer 7 `decoded` entry, when it took it over from the transport. Of protocols
 *   with messages (`http`, `dns`, and any datagram) the bytes are one whole message; of a plain stream (`data` over TCP)
 *   they are the octets of one read, which may be parts of several messages, or several in one. HTTP messages that broke
 *   off are `dropped` entries with the octets that did come.
 * - Both carry `conversation`, which is the same text at both ends: `tcp 10.0.0.1:49152 10.0.0.2:80`, transport and both
 *   endpoints, the lower address (then port) first. `via` is the application's or the connection's name.
 * - A session that goes over many connections is a conversation of its own, `io 10.0.0.1:0 10.0.0.2:3000 SESSION`, judged
 *   like a stream: what it says is another entry than the HTTP messages it says it in.
 * - So delivery from A to B is judged per conversation: A's `encoded` bytes against B's `decoded` bytes. Over TCP the
 *   octets one after another must be equal: a prefix means that the rest did not arrive; in any other case some are
 *   missing, doubled, misplaced or damaged. Over UDP the entries are compared one by one; `carries` of a `decoded` entry
 *   then names the `encoded` entry that it is the other end of, where the journal knows it.
 * - A message that was made but could not be sent, all of it or its rest, is a layer 7 `dropped` entry that carries it.
 * - `app.sent` and `app.received` are metrics of the node over all its applications: `bytes` and `messages` so far
 *   (messages as the entries above count them, so on a plain stream received ones are reads).
 */

import type { Context } from '../../kernel/context.ts';
import { type DropReason, NOTHING } from '../../kernel/journal.ts';
import { formatIp } from '../../wire/address.ts';
import type { Endpoint } from '../4-transport/service.ts';
import { dropOctets } from '../drop.ts';

/** Between whom messages go. */
export interface Conversation {
  /** `io`: a session of Engine.IO, which goes on over many connections; ports of clients are then 0. */
  readonly transport: 'tcp' | 'udp' | 'io';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** The session's id. */
  readonly session?: string;
}

/** One message on its way out. */
export interface Message {
  /** Of `bytes`, where they are not there yet: looking at them makes them. */
  readonly length?: number;
  readonly bytes: Uint8Array;
  /** Its entry, for the transport; empty without a journal. */
  readonly carries: readonly number[];
}

export class Ledger {
  readonly #context: Context;
  #sentBytes = 0;
  #sentMessages = 0;
  #receivedBytes = 0;
  #receivedMessages = 0;
  readonly #events = { sent: new Map<string, number>(), received: new Map<string, number>() };
  /** The conversation that was spoken of last, in words. */
  #conversation: Conversation | null = null;
  #spoken = '';

  constructor(context: Context) {
    this.#context = context;
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /**
   * An application made a message. `via` is the application's or connection's name; `carries`: entries of what it passes
   * on in it, which it has had before.
   */
  made(
    protocol: string,
    via: string,
    conversation: Conversation,
    bytes: Uint8Array,
    carries: readonly number[] = NOTHING,
  ): Message {
    const context = this.#context;
    this.#sentBytes += bytes.length;
    this.#sentMessages++;
    if (!context.recording) return { bytes, carries: NOTHING };
    const spoken = this.#spokenOf(conversation);
    const entry = context.record({
      kind: 'encoded',
      layer: 7,
      protocol,
      bytes,
      carries,
      via,
      conversation: spoken,
    });
    const was = context.because(entry);
    this.#measure(protocol, 'app.sent', this.#sentBytes, this.#sentMessages);
    context.resume(was);
    return { bytes, carries: [entry] };
  }

  /** The same of octets that need not be there yet: without a journal they are made when they are written. */
  planned(protocol: string, via: string, conversation: Conversation, length: number, make: () => Uint8Array): Message {
    if (this.#context.recording) return this.made(protocol, via, conversation, make());
    this.#sentBytes += length;
    this.#sentMessages++;
    return new PlannedMessage(length, make);
  }

  /**
   * An application took over what arrived. That becomes the cause of what follows; returns the cause until now, for
   * `context.resume`.
   */
  received(
    protocol: string,
    via: string,
    conversation: Conversation,
    bytes: Uint8Array,
    carries: readonly number[] = NOTHING,
  ): number | null {
    const context = this.#context;
    this.#receivedBytes += bytes.length;
    this.#receivedMessages++;
    if (!context.recording) return null;
    const spoken = this.#spokenOf(conversation);
    const entry = context.record({ kind: 'decoded', layer: 7, protocol, bytes, carries, via, conversation: spoken });
    const was = context.because(entry);
    this.#measure(protocol, 'app.received', this.#receivedBytes, this.#receivedMessages);
    return was;
  }

  /** An application took octets of a stream and did not look at them; for runs without a journal. */
  skipped(length: number): void {
    if (length === 0) return;
    this.#receivedBytes += length;
    this.#receivedMessages++;
  }

  /** A message, or what came of it, ends in an application. */
  dropped(
    protocol: string,
    via: string,
    bytes: Uint8Array,
    reason: DropReason,
    detail: string,
    carries: readonly number[] = NOTHING,
  ): void {
    dropOctets(this.#context, bytes, carries, 7, protocol, via, reason, detail);
  }

  /** An event of that name went or came: `NODE.app.received.EVENT` is how many there were, over all applications. */
  counted(protocol: string, way: 'sent' | 'received', event: string): void {
    const counts = this.#events[way];
    const value = (counts.get(event) ?? 0) + 1;
    counts.set(event, value);
    if (!this.#context.recording) return;
    this.#context.record({ kind: 'metric', layer: 7, protocol, machine: `app.${way}`, name: event, value });
  }

  /**
   * An application says in a sentence what a person should read. `machine`: the application's or connection's name.
   * Returns its entry, for what comes of it later; null without a journal.
   */
  told(machine: string, text: string): number | null {
    return this.#context.recording ? this.#context.record({ kind: 'app', layer: 7, machine, text }) : null;
  }

  #spokenOf(conversation: Conversation): string {
    if (conversation !== this.#conversation) {
      this.#conversation = conversation;
      this.#spoken = conversationText(conversation);
    }
    return this.#spoken;
  }

  #measure(protocol: string, machine: string, bytes: number, messages: number): void {
    this.#context.record({ kind: 'metric', layer: 7, protocol, machine, name: 'bytes', value: bytes });
    this.#context.record({ kind: 'metric', layer: 7, protocol, machine, name: 'messages', value: messages });
  }
}

class PlannedMessage implements Message {
  readonly length: number;
  readonly carries = NOTHING;
  readonly #make: () => Uint8Array;
  #bytes: Uint8Array | null = null;

  constructor(length: number, make: () => Uint8Array) {
    this.length = length;
    this.#make = make;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.#make();
    return this.#bytes;
  }
}

export function conversationText({ transport, local, remote, session }: Conversation): string {
  const isLocalFirst = local.address === remote.address ? local.port <= remote.port : local.address < remote.address;
  const [first, second] = isLocalFirst ? [local, remote] : [remote, local];
  return `${transport} ${endpointText(first)} ${endpointText(second)}${session === undefined ? '' : ` ${session}`}`;
}

/** `10.0.0.1:80`, `[2001:db8::1]:80` (RFC 5952 section 6). */
export function endpointText({ address, port }: Endpoint): string {
  return typeof address === 'bigint' ? `[${formatIp(address)}]:${port}` : `${formatIp(address)}:${port}`;
}
