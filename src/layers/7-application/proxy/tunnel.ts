import { NOTHING } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Conversation } from '../ledger.ts';
import type { Outbox } from '../outbox.ts';
import { seconds } from '../wording.ts';

/** One of the two connections. */
interface TunnelEnd {
  readonly stream: Stream;
  readonly conversation: Conversation;
  readonly outbox: Outbox;
}

interface Side extends TunnelEnd {
  hasEnded: boolean;
}

/**
 * What an upgraded connection is to a proxy (RFC 9110 section 7.8): octets, passed both ways without a look at them.
 * A side that does not read holds the other one up by its window. When one side ends, what it said is passed on and both
 * are closed; when nothing passed for a while, both are closed too, and neither is told why.
 */
export class Tunnel {
  readonly #services: AppServices;
  readonly #name: string;
  readonly #idleNs: number;
  readonly #idle: Timer;
  readonly #client: Side;
  readonly #upstream: Side;
  #isOver = false;

  /** `name`: the application's. */
  constructor(services: AppServices, name: string, client: TunnelEnd, upstream: TunnelEnd, idleNs: number) {
    this.#services = services;
    this.#name = name;
    this.#idleNs = idleNs;
    this.#client = { ...client, hasEnded: false };
    this.#upstream = { ...upstream, hasEnded: false };
    this.#idle = services.context.timer(7, `proxy.${client.stream.name}`, 'idle', () => this.#onIdle());
    this.#idle.set(idleNs);
  }

  /** Who hears the client's connection from now on. */
  get clientUser(): StreamUser {
    return this.#userOf(this.#client, this.#upstream);
  }

  /** Who hears the server's. */
  get upstreamUser(): StreamUser {
    return this.#userOf(this.#upstream, this.#client);
  }

  /** Octets that came behind the two heads. */
  begin(fromClient: Uint8Array, fromUpstream: Uint8Array): void {
    if (fromClient.length > 0) this.#passOn(fromClient, this.#client, this.#upstream);
    if (fromUpstream.length > 0) this.#passOn(fromUpstream, this.#upstream, this.#client);
    this.#pump(this.#client, this.#upstream);
    this.#pump(this.#upstream, this.#client);
  }

  #userOf(from: Side, to: Side): StreamUser {
    return {
      onReadable: () => this.#pump(from, to),
      onDrain: () => {
        from.outbox.drain();
        this.#pump(to, from);
      },
      onEnd: () => {
        from.hasEnded = true;
        this.#pump(from, to);
      },
      onClose: (reason) => this.#onClose(from, reason),
    };
  }

  /** Reads no more than the other side takes. */
  #pump(from: Side, to: Side): void {
    while (!this.#isOver && to.outbox.isEmpty && from.stream.readableBytes > 0) {
      this.#passOn(from.stream.read(), from, to);
    }
    if (from.hasEnded && from.stream.readableBytes === 0) to.outbox.whenEmpty(() => this.#close());
  }

  #passOn(bytes: Uint8Array, from: Side, to: Side): void {
    const { context, ledger } = this.#services;
    this.#idle.set(this.#idleNs);
    const was = ledger.received('data', from.stream.name, from.conversation, bytes);
    const entry = context.recording ? context.journal.cause : null;
    const carries = entry === null ? NOTHING : [entry];
    to.outbox.write(ledger.made('data', to.stream.name, to.conversation, bytes, carries));
    context.resume(was);
  }

  #onIdle(): void {
    this.#services.ledger.told(
      this.#name,
      `closes a tunnel through which nothing passed for ${seconds(this.#idleNs)} s`,
    );
    this.#close();
  }

  #onClose(side: Side, reason: CloseReason): void {
    side.outbox.abandon(this.#services.ledger, 'data', reason);
    this.#close();
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#idle.clear();
    for (const { stream, outbox } of [this.#client, this.#upstream]) {
      outbox.abandon(this.#services.ledger, 'data', 'aborted');
      stream.close();
    }
  }
}
