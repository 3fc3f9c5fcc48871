/** An HTTP/1.1 server (RFC 9110, RFC 9112) of pages that never change. */

import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices, ServerOptions } from '../app-services.ts';
import { pattern } from '../bulk/pattern.ts';
import type { Conversation } from '../ledger.ts';
import { Outbox } from '../outbox.ts';
import { ENDED, octets } from '../wording.ts';
import { type Head, HttpProblem, headBytes, type RequestLine, valuesOf, wantsToStay } from './head.ts';
import { type HttpMessage, requestReader } from './reader.ts';

export interface HttpServerOptions extends ServerOptions {
  readonly pages: readonly Page[];
  /** False: every connection is closed after one response. */
  readonly keepAlive: boolean;
}

interface Page {
  readonly path: string;
  /** Text is sent as HTML in UTF-8; a size is that many octets of the pattern. */
  readonly body: { readonly text: string } | { readonly sizeBytes: number };
}

/** RFC 9110 section 15, those that this server uses. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [400, 'Bad Request'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [413, 'Content Too Large'],
  [414, 'URI Too Long'],
  [431, 'Request Header Fields Too Large'],
  [501, 'Not Implemented'],
  [505, 'HTTP Version Not Supported'],
]);

/** Methods that RFC 9110 section 9 and RFC 5789 define and that no page here allows. */
const NOT_ALLOWED: ReadonlySet<string> = new Set(['POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

export function serveHttp(services: AppServices, options: HttpServerOptions): void {
  const pages = new Map(options.pages.map(({ path, body }) => [path, body]));
  const { streams } = services;
  streams.listen(options.name, options.port, (stream) => new ServerConnection(services, stream, pages, options));
}

interface Response {
  readonly status: number;
  readonly contentType: string;
  readonly content: Uint8Array;
}

class ServerConnection implements StreamUser {
  readonly #services: AppServices;
  readonly #stream: Stream;
  readonly #pages: ReadonlyMap<string, Page['body']>;
  readonly #keepAlive: boolean;
  readonly #conversation: Conversation;
  readonly #outbox: Outbox;
  readonly #reader = requestReader();
  /** The last response has been made: what still comes is thrown away. */
  #isClosing = false;
  #hasEnded = false;

  constructor(
    services: AppServices,
    stream: Stream,
    pages: ReadonlyMap<string, Page['body']>,
    { keepAlive }: HttpServerOptions,
  ) {
    this.#services = services;
    this.#stream = stream;
    this.#pages = pages;
    this.#keepAlive = keepAlive;
    this.#conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    this.#outbox = new Outbox(services.context, stream, true);
  }

  onReadable(): void {
    this.#pump();
  }

  onDrain(): void {
    this.#outbox.drain();
    this.#pump();
  }

  onEnd(): void {
    this.#hasEnded = true;
    this.#pump();
  }

  onClose(reason: CloseReason): void {
    const { ledger } = this.#services;
    const { name } = this.#stream;
    this.#outbox.abandon(ledger, 'http', reason);
    const { partial } = this.#reader;
    if (partial.length > 0 && !this.#reader.hasFailed) {
      ledger.dropped('http', name, partial, 'closed', 'the connection ended inside a request');
    }
    if (reason !== 'finished') ledger.told(name, `the connection ${ENDED[reason]}`);
  }

  /**
   * One request after another, in their order, each answered before the next is looked at (RFC 9112 section 9.3.2). While
   * a response waits for room nothing is read, so a client that asks and does not read is told by its own window.
   */
  #pump(): void {
    while (this.#outbox.isEmpty && !this.#isClosing) {
      const request = this.#reader.next();
      if (request) this.#onRequest(request);
      else if (this.#stream.readableBytes > 0) this.#reader.push(this.#stream.read());
      else break;
    }
    if (this.#hasEnded && this.#outbox.isEmpty && !this.#isClosing) this.#onEndOfRequests();
    if (this.#isClosing) this.#linger();
  }

  #onEndOfRequests(): void {
    this.#isClosing = true;
    const problem = this.#reader.end();
    if (problem) this.#onRequest(problem);
  }

  /**
   * RFC 9112 section 9.6: closing at once with octets unread would reset the connection, and the reset could overtake
   * the response. So this side ends, reads on, and closes when the client has ended too.
   */
  #linger(): void {
    while (this.#stream.readableBytes > 0) {
      const rest = this.#stream.read();
      this.#services.ledger.dropped('http', this.#stream.name, rest, 'closed', 'it came after the last response');
    }
    this.#outbox.whenEmpty(() => (this.#hasEnded ? this.#stream.close() : this.#stream.end()));
  }

  #onRequest(request: HttpMessage<RequestLine> | HttpProblem): void {
    const { context, ledger } = this.#services;
    const { name } = this.#stream;
    if (request instanceof HttpProblem) {
      ledger.dropped('http', name, this.#reader.partial, 'malformed', request.why);
      ledger.told(name, `answers ${statusText(request.status)}: ${request.why}`);
      this.#respond(problemPage(request.status), null, false);
      return;
    }
    const { head } = request;
    const was = ledger.received('http', name, this.#conversation, request.bytes);
    const response = hostProblem(head) ?? this.#responseTo(head);
    const stays = this.#keepAlive && response.status !== 400 && wantsToStay(head) && !expectsContinue(head);
    const size = octets(response.content.length);
    ledger.told(name, `${head.line.method} ${shown(head.line.target)}: ${statusText(response.status)}, ${size}`);
    this.#respond(response, head, stays);
    context.resume(was);
  }

  #responseTo({ line }: Head<RequestLine>): Response {
    if (line.method !== 'GET' && line.method !== 'HEAD') return problemPage(NOT_ALLOWED.has(line.method) ? 405 : 501);
    const body = this.#pages.get(pathOf(line.target));
    if (!body) return problemPage(404);
    if ('text' in body) return page(200, body.text);
    return { status: 200, contentType: 'application/octet-stream', content: pattern(0, body.sizeBytes) };
  }

  /** Head and content leave as one write, as far as there is room. */
  #respond({ status, contentType, content }: Response, request: Head<RequestLine> | null, stays: boolean): void {
    const head = headBytes(`HTTP/1.1 ${statusText(status)}`, [
      ['Server', 'packetwalk'],
      ['Content-Type', contentType],
      ['Content-Length', String(content.length)],
      ...(status === 405 ? ([['Allow', 'GET, HEAD']] as const) : []),
      ['Connection', stays ? 'keep-alive' : 'close'],
    ]);
    const hasContent = request?.line.method !== 'HEAD';
    const bytes = new Uint8Array(head.length + (hasContent ? content.length : 0));
    bytes.set(head);
    if (hasContent) bytes.set(content, head.length);
    if (!stays) this.#isClosing = true;
    this.#outbox.write(this.#services.ledger.made('http', this.#stream.name, this.#conversation, bytes));
  }
}

/** RFC 9112 section 3.2: a request of HTTP/1.1 without a Host, and any with two, gets 400. */
function hostProblem(head: Head<RequestLine>): Response | null {
  const hosts = valuesOf(head, 'host');
  const isSound = hosts.length === 1 || (hosts.length === 0 && head.line.version < 11);
  return isSound ? null : problemPage(400);
}

/** The client waits with its content for a 100 that does not come: what follows would not be a request. */
function expectsContinue(head: Head<RequestLine>): boolean {
  return valuesOf(head, 'expect').length > 0;
}

/** The path of a target, its query left off; of a whole URL (RFC 9112 section 3.2.2) too. */
function pathOf(target: string): string {
  const [, path = target] = /^https?:\/\/[^/?]*([^?]*)/i.exec(target) ?? [];
  const [beforeQuery = ''] = path.split('?');
  return beforeQuery === '' ? '/' : beforeQuery;
}

function page(status: number, text: string): Response {
  return { status, contentType: 'text/html; charset=utf-8', content: new TextEncoder().encode(text) };
}

function problemPage(status: number): Response {
  return page(status, `${statusText(status)}\n`);
}

function statusText(status: number): string {
  return `${status} ${REASONS.get(status) ?? ''}`;
}

function shown(target: string): string {
  return target.length > 60 ? `${target.slice(0, 60)}…` : target;
}
