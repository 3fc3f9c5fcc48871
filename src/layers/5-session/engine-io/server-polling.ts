import type { SessionResponse } from '../service.ts';
import { decodePayload, encodePayload } from './header.ts';
import type { OutPacket, PacketLog, Transport, TransportUser } from './transport.ts';

const SECOND_NS = 1_000_000_000;
/** How long a close waits for the next poll that could tell of it. */
const CLOSE_TIMEOUT_NS = 30 * SECOND_NS;

type Respond = (response: SessionResponse) => void;

/**
 * Long-polling, the server's end: one GET waits until there is something to say, and is answered with all of it; what the
 * client says comes in POSTs.
 */
export class ServerPolling implements Transport {
  readonly name = 'polling';
  user: TransportUser | null = null;
  readonly #log: PacketLog;
  readonly #maxPayloadBytes: number;
  #poll: Respond | null = null;
  #isClosing = false;
  #isGone = false;

  constructor(log: PacketLog, maxPayloadBytes: number) {
    this.#log = log;
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  get isWritable(): boolean {
    return this.#poll !== null;
  }

  /** Returns what is to be done when the request's connection is lost before the response. */
  onRequest(method: string, content: Uint8Array, respond: Respond): () => void {
    if (method === 'POST') this.#onPost(content, respond);
    else if (method !== 'GET') respond(textResponse(500, ''));
    else if (this.#poll) {
      this.user?.onGone('transport error', 'two polls at once');
      respond(textResponse(400, ''));
    } else this.#onPoll(respond);
    return () => {
      if (this.#poll !== respond) return;
      this.#poll = null;
      if (!this.#isGone) this.user?.onGone('transport error', 'the connection of the poll was lost');
    };
  }

  send(packets: readonly OutPacket[]): void {
    const poll = this.#poll;
    if (!poll) return;
    this.#poll = null;
    const all = this.#isClosing ? [...packets, CLOSE] : packets;
    const carries = all.flatMap((packet) => this.#log.sent(packet));
    poll({
      status: 200,
      contentType: 'text/plain; charset=UTF-8',
      content: new TextEncoder().encode(encodePayload(all)),
      carries,
    });
    if (this.#isClosing) this.#gone();
  }

  /** Tells the client with the poll that waits, or with the next one if it comes in time. */
  close(): void {
    if (this.#isGone || this.#isClosing) return;
    this.#isClosing = true;
    if (this.#poll) this.send([]);
    else this.#log.context.after(CLOSE_TIMEOUT_NS, () => this.#gone());
  }

  /** After an upgrade: nothing will come over it any more, and nothing is to be told. */
  discard(): void {
    this.#isGone = true;
    this.send([NOOP]);
  }

  #onPoll(respond: Respond): void {
    this.#poll = respond;
    if (this.#isClosing) this.send([]);
    else this.user?.onWritable();
  }

  #onPost(content: Uint8Array, respond: Respond): void {
    if (content.length > this.#maxPayloadBytes) {
      respond(textResponse(413, ''));
      return;
    }
    const text = textOf(content);
    const packets = text === null ? null : decodePayload(text);
    if (!packets || 'malformed' in packets) {
      respond(textResponse(400, ''));
      this.user?.onGone('parse error', packets?.malformed ?? 'a payload is not UTF-8');
      return;
    }
    for (const packet of packets) {
      const was = this.#log.received(packet);
      if (packet.type === 'close') this.#onClosePacket();
      else if (!this.#isGone && this.user) this.user.onPacket(packet);
      else this.#log.late(packet);
      this.#log.context.resume(was);
    }
    // "ok", and as HTML: some browsers would offer text for download.
    respond({ ...textResponse(200, 'ok'), contentType: 'text/html' });
  }

  #onClosePacket(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.send([NOOP]);
    this.user?.onGone('transport close', 'the client closed');
  }

  #gone(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.user?.onGone('transport close', 'the transport was closed');
  }
}

const CLOSE: OutPacket = { type: 'close', data: '', carries: [] };
const NOOP: OutPacket = { type: 'noop', data: '', carries: [] };

function textResponse(status: number, text: string): SessionResponse {
  return { status, contentType: 'text/plain; charset=UTF-8', content: new TextEncoder().encode(text), carries: [] };
}

function textOf(content: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return null;
  }
}
