/** One request and its response over a connection of their own (RFC 9112), or an upgrade of that connection. */

import type { CloseReason, Endpoint, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import type { Conversation } from '../ledger.ts';
import { Outbox } from '../outbox.ts';
import { ENDED } from '../wording.ts';
import { contentOf } from './content.ts';
import { HttpProblem, headBytes, type StatusLine } from './head.ts';
import { type HttpMessage, responseReader } from './reader.ts';

export interface ExchangeRequest {
  /** The connection's name. */
  readonly as: string;
  readonly remote: Endpoint;
  /** As it stands in the Host field, with its port where that is not 80. */
  readonly authority: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Beside Host and User-Agent, and Content-Length where there is content. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly content: Uint8Array | null;
  /** Entries of what the content passes on. */
  readonly carries: readonly number[];
}

export interface ExchangeUser {
  onResponse(response: HttpMessage<StatusLine>, content: Uint8Array): void;
  /** Status 101. Returns who hears the stream from now on, or null: that is no upgrade. `early`: octets behind the head. */
  onUpgrade?(response: HttpMessage<StatusLine>, stream: Stream, early: Uint8Array): StreamUser | null;
  /** Octets came from the server, a whole response or not. */
  onProgress?(): void;
  /** There will be no response. A sentence's end; `reason` where the connection is to blame. */
  onFailure(problem: string, reason?: CloseReason): void;
}

export class Exchange implements StreamUser {
  readonly #services: AppServices;
  readonly #user: ExchangeUser;
  readonly #stream: Stream;
  readonly #conversation: Conversation;
  readonly #outbox: Outbox;
  readonly #reader;
  #successor: StreamUser | null = null;
  #isOver = false;

  constructor(services: AppServices, request: ExchangeRequest, user: ExchangeUser) {
    this.#services = services;
    this.#user = user;
    this.#reader = responseReader(() => request.method);
    const stream = services.streams.connect(request.as, request.remote, this, { noDelay: true });
    this.#stream = stream;
    this.#conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    this.#outbox = new Outbox(services.context, stream, false);
    const content = request.content ?? new Uint8Array(0);
    const head = headBytes(`${request.method} ${request.target} HTTP/1.1`, [
      ['Host', request.authority],
      ['User-Agent', 'packetwalk'],
      ...request.fields,
      ...(request.content ? ([['Content-Length', String(content.length)]] as const) : []),
    ]);
    const bytes = new Uint8Array(head.length + content.length);
    bytes.set(head);
    bytes.set(content, head.length);
    this.#outbox.write(services.ledger.made('http', stream.name, this.#conversation, bytes, request.carries));
  }

  /** Nobody waits for the response any more. */
  abort(): void {
    if (this.#isOver || this.#successor) return;
    this.#isOver = true;
    this.#outbox.abandon(this.#services.ledger, 'http', 'aborted');
    this.#stream.abort();
  }

  onOpen(): void {
    this.#outbox.up();
  }

  onReadable(): void {
    if (this.#successor) {
      this.#successor.onReadable?.();
      return;
    }
    this.#user.onProgress?.();
    while (this.#stream.readableBytes > 0) this.#reader.push(this.#stream.read());
    for (let next = this.#reader.next(); next && !this.#isOver && !this.#successor; next = this.#reader.next()) {
      this.#onResponse(next);
    }
  }

  onDrain(): void {
    if (this.#successor) this.#successor.onDrain?.();
    else this.#outbox.drain();
  }

  onEnd(): void {
    if (this.#successor) {
      this.#successor.onEnd?.();
      return;
    }
    const last = this.#isOver ? null : this.#reader.end();
    if (last) this.#onResponse(last);
    this.#stream.close();
    this.#fail('the server closed the connection before it answered');
  }

  onClose(reason: CloseReason): void {
    if (this.#successor) {
      this.#successor.onClose?.(reason);
      return;
    }
    const { ledger } = this.#services;
    this.#outbox.abandon(ledger, 'http', reason);
    const { partial } = this.#reader;
    if (partial.length > 0 && !this.#reader.hasFailed) {
      ledger.dropped('http', this.#stream.name, partial, 'closed', 'the connection ended inside a response');
    }
    this.#fail(`the connection ${ENDED[reason]}`, reason);
  }

  #onResponse(response: HttpMessage<StatusLine> | HttpProblem): void {
    const { context, ledger } = this.#services;
    if (response instanceof HttpProblem) {
      ledger.dropped('http', this.#stream.name, this.#reader.partial, 'malformed', response.why);
      this.#stream.abort();
      this.#fail(`the response is malformed: ${response.why}`);
      return;
    }
    const was = ledger.received('http', this.#stream.name, this.#conversation, response.bytes);
    if (response.head.line.status === 101) this.#upgrade(response);
    else if (response.head.line.status >= 200) this.#finish(response);
    context.resume(was);
  }

  #upgrade(response: HttpMessage<StatusLine>): void {
    const early = this.#reader.takeUnread();
    this.#successor = this.#user.onUpgrade?.(response, this.#stream, early) ?? null;
    if (this.#successor) return;
    this.#stream.abort();
    this.#fail('the server upgrades to something else');
  }

  #finish(response: HttpMessage<StatusLine>): void {
    this.#isOver = true;
    this.#stream.close();
    this.#user.onResponse(response, contentOf(response));
  }

  #fail(problem: string, reason?: CloseReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#user.onFailure(problem, reason);
  }
}
