/**
 * A reverse proxy and a load balancer of HTTP/1.1 (RFC 9110 section 3.7), with nginx's habits: every request goes to a
 * server of its own choice over a connection of its own, and is whole before it is passed on; a server that cannot be
 * reached is passed over; a server that is silent for too long is answered for; an upgrade makes a tunnel.
 *
 * Deviation: a response is passed on when it is whole, not piece by piece.
 */

import { NOTHING } from '../../../kernel/journal.ts';
import type { Timer } from '../../../kernel/kernel.ts';
import { authorityText } from '../../../wire/address.ts';
import type { CloseReason, Stream, StreamService, StreamUser } from '../../4-transport/service.ts';
import type { AppServices, ServerOptions } from '../app-services.ts';
import { contentOf } from '../http/content.ts';
import { Exchange } from '../http/exchange.ts';
import { HttpProblem, type RequestLine, type StatusLine, wantsToStay } from '../http/head.ts';
import { type HttpMessage, requestReader } from '../http/reader.ts';
import type { Conversation } from '../ledger.ts';
import type { Lookup } from '../names.ts';
import { Outbox } from '../outbox.ts';
import { seconds } from '../wording.ts';
import { asksForUpgrade, problemBytes, requestFields, responseBytes, upgradeBytes } from './rewrite.ts';
import { Tunnel } from './tunnel.ts';
import { type Policy, type Upstream, Upstreams } from './upstreams.ts';

export interface ProxyOptions extends ServerOptions {
  /** The servers behind it, at least one. */
  readonly to: readonly Upstream[];
  readonly policy: Policy;
  /** How long a server may be silent, a tunnel empty, a client without a request; in ns. */
  readonly idleNs: number;
}

/** `front`: the streams that clients come over, which may be sealed; to servers it speaks in the clear. */
export function serveProxy(
  services: AppServices,
  lookup: Lookup,
  options: ProxyOptions,
  front: StreamService = services.streams,
): void {
  const upstreams = new Upstreams(services.context, options.name, options.to, options.policy);
  const accept = (stream: Stream) => new ProxyConnection(services, lookup, upstreams, stream, options);
  front.listen(options.name, options.port, accept, { noDelay: true });
}

/** A request that is being asked on. */
interface Asking {
  readonly request: HttpMessage<RequestLine>;
  /** The request's entry. */
  readonly carries: readonly number[];
  exchange: Exchange | null;
}

class ProxyConnection implements StreamUser {
  readonly #services: AppServices;
  readonly #lookup: Lookup;
  readonly #upstreams: Upstreams;
  readonly #stream: Stream;
  readonly #options: ProxyOptions;
  readonly #conversation: Conversation;
  readonly #outbox: Outbox;
  readonly #idle: Timer;
  readonly #reader = requestReader();
  #asking: Asking | null = null;
  /** The last response has been made: what still comes is thrown away. */
  #isClosing = false;
  #hasEnded = false;
  /** After an upgrade: the tunnel's. */
  #successor: StreamUser | null = null;

  constructor(services: AppServices, lookup: Lookup, upstreams: Upstreams, stream: Stream, options: ProxyOptions) {
    this.#services = services;
    this.#lookup = lookup;
    this.#upstreams = upstreams;
    this.#stream = stream;
    this.#options = options;
    this.#conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    this.#outbox = new Outbox(services.context, stream, true);
    this.#idle = services.context.timer(7, `proxy.${stream.name}`, 'idle', () => this.#onIdle());
    this.#idle.set(options.idleNs);
  }

  onReadable(): void {
    if (this.#successor) this.#successor.onReadable?.();
    else this.#pump();
  }

  onDrain(): void {
    if (this.#successor) {
      this.#successor.onDrain?.();
      return;
    }
    this.#outbox.drain();
    this.#pump();
  }

  onEnd(): void {
    this.#hasEnded = true;
    if (this.#successor) {
      this.#successor.onEnd?.();
      return;
    }
    // A client that ends while it waits has gone away: nginx notes 499 and asks no further.
    if (this.#asking) this.#giveUp('the client has gone');
    this.#pump();
  }

  onClose(reason: CloseReason): void {
    if (this.#successor) {
      this.#successor.onClose?.(reason);
      return;
    }
    const { ledger } = this.#services;
    this.#isClosing = true;
    this.#idle.clear();
    if (this.#asking) this.#giveUp('the client has gone');
    this.#outbox.abandon(ledger, 'http', reason);
    const { partial } = this.#reader;
    if (partial.length > 0 && !this.#reader.hasFailed) {
      ledger.dropped('http', this.#stream.name, partial, 'closed', 'the connection ended inside a request');
    }
  }

  /** One request after another; while one is asked on or a response waits for room, nothing is read. */
  #pump(): void {
    while (this.#outbox.isEmpty && !this.#isClosing && !this.#asking && !this.#successor) {
      const request = this.#reader.next();
      if (request) this.#onRequest(request);
      else if (this.#stream.readableBytes > 0) this.#reader.push(this.#stream.read());
      else break;
    }
    if (this.#asking || this.#successor) return;
    if (this.#hasEnded && this.#outbox.isEmpty) this.#isClosing = true;
    if (this.#isClosing) this.#linger();
  }

  /** RFC 9112 section 9.6: this side ends, reads on, and closes when the client has ended too. */
  #linger(): void {
    while (this.#stream.readableBytes > 0) {
      const rest = this.#stream.read();
      this.#services.ledger.dropped('http', this.#stream.name, rest, 'closed', 'it came after the last response');
    }
    this.#outbox.whenEmpty(() => (this.#hasEnded ? this.#leave() : this.#stream.end()));
  }

  #leave(): void {
    this.#isClosing = true;
    this.#idle.clear();
    this.#stream.close();
  }

  #onRequest(request: HttpMessage<RequestLine> | HttpProblem): void {
    const { context, ledger } = this.#services;
    const { name } = this.#stream;
    if (request instanceof HttpProblem) {
      ledger.dropped('http', name, this.#reader.partial, 'malformed', request.why);
      this.#answer(problemBytes(request.status, false), false, NOTHING);
      return;
    }
    const was = ledger.received('http', name, this.#conversation, request.bytes);
    const entry = context.recording ? context.journal.cause : null;
    const asking: Asking = { request, carries: entry === null ? NOTHING : [entry], exchange: null };
    this.#asking = asking;
    this.#ask(asking, this.#upstreams.inOrderFor(this.#stream.remote.address));
    context.resume(was);
  }

  /** Asks the first server; when it cannot be reached, the next (nginx's `proxy_next_upstream error`). */
  #ask(asking: Asking, [upstream, ...others]: readonly Upstream[]): void {
    if (this.#asking !== asking || !upstream) return;
    const { context, ledger } = this.#services;
    const { request } = asking;
    const shown = authorityText(upstream.host, upstream.port);
    const fail = (problem: string, isUnreachable: boolean) => {
      if (this.#asking !== asking) return;
      const isLast = others.length === 0 || !isUnreachable;
      ledger.told(this.#options.name, `${shown}: ${problem}${isLast ? '; answers 502' : '; asks the next one'}`);
      asking.exchange = null;
      if (isLast) this.#finish(asking, 502);
      else this.#ask(asking, others);
    };
    this.#idle.set(this.#options.idleNs);
    this.#lookup.find(upstream.host, (found) => {
      if (this.#asking !== asking) return;
      if ('problem' in found) {
        fail(found.problem, true);
        return;
      }
      const { method, target } = request.head.line;
      ledger.told(this.#options.name, `passes ${method} on to ${shown}`);
      let isMade = false;
      const later = (run: () => void) => (isMade ? run() : context.after(0, run));
      const exchange = new Exchange(
        this.#services,
        {
          as: `${this.#options.name}-upstream`,
          remote: { address: found.address, port: upstream.port },
          authority: authorityText(upstream.host, upstream.port, 80),
          method,
          target,
          fields: requestFields(request.head, this.#stream.remote.address),
          content: request.contentBytes > 0 || method === 'POST' ? contentOf(request) : null,
          carries: asking.carries,
        },
        {
          onProgress: () => this.#idle.set(this.#options.idleNs),
          onResponse: (response) => this.#onResponse(asking, response),
          onUpgrade: (response, stream, early) => this.#onUpgrade(asking, response, stream, early),
          // Without a route it fails before the constructor returns.
          onFailure: (problem, reason) => later(() => fail(problem, reason === 'refused' || reason === 'unreachable')),
        },
      );
      isMade = true;
      asking.exchange = exchange;
    });
  }

  #onResponse(asking: Asking, response: HttpMessage<StatusLine>): void {
    if (this.#asking !== asking) return;
    this.#asking = null;
    const { head } = asking.request;
    const stays = wantsToStay(head);
    const cause = this.#services.context.recording ? this.#services.context.journal.cause : null;
    this.#answer(responseBytes(response, stays, head.line.method), stays, cause === null ? NOTHING : [cause]);
    this.#pump();
  }

  #onUpgrade(
    asking: Asking,
    response: HttpMessage<StatusLine>,
    upstream: Stream,
    early: Uint8Array,
  ): StreamUser | null {
    if (this.#asking !== asking || !asksForUpgrade(asking.request.head)) return null;
    const { context, ledger } = this.#services;
    this.#asking = null;
    this.#idle.clear();
    const cause = context.recording ? context.journal.cause : null;
    const bytes = upgradeBytes(response);
    const carries = cause === null ? NOTHING : [cause];
    this.#outbox.write(ledger.made('http', this.#stream.name, this.#conversation, bytes, carries));
    const client = { stream: this.#stream, conversation: this.#conversation, outbox: this.#outbox };
    const conversation: Conversation = { transport: 'tcp', local: upstream.local, remote: upstream.remote };
    const server = { stream: upstream, conversation, outbox: new Outbox(context, upstream, true) };
    const tunnel = new Tunnel(this.#services, this.#options.name, client, server, this.#options.idleNs);
    this.#successor = tunnel.clientUser;
    tunnel.begin(this.#reader.takeUnread(), early);
    return tunnel.upstreamUser;
  }

  #onIdle(): void {
    const { ledger } = this.#services;
    const waited = seconds(this.#options.idleNs);
    const asking = this.#asking;
    if (!asking) {
      this.#leave();
      return;
    }
    ledger.told(this.#options.name, `the server said nothing for ${waited} s; answers 504`);
    asking.exchange?.abort();
    this.#finish(asking, 504);
  }

  #finish(asking: Asking, status: number): void {
    if (this.#asking !== asking) return;
    this.#asking = null;
    const stays = wantsToStay(asking.request.head);
    this.#answer(problemBytes(status, stays), stays, asking.carries);
    this.#pump();
  }

  #giveUp(why: string): void {
    const asking = this.#asking;
    this.#asking = null;
    this.#isClosing = true;
    this.#services.ledger.told(this.#options.name, `${why}: gives its request up`);
    asking?.exchange?.abort();
  }

  #answer(bytes: Uint8Array, stays: boolean, carries: readonly number[]): void {
    if (!stays) this.#isClosing = true;
    this.#idle.set(this.#options.idleNs);
    this.#outbox.write(this.#services.ledger.made('http', this.#stream.name, this.#conversation, bytes, carries));
  }
}
