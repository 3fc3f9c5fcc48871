/** An HTTP/1.1 server (RFC 9110, RFC 9112) of pages that never change, and of programs behind it. */

import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import type { ContentCoding } from '../../6-presentation/service.ts';
import type { AppServices, ServerOptions } from '../app-services.ts';
import { pattern } from '../bulk/pattern.ts';
import type { Conversation } from '../ledger.ts';
import { Outbox } from '../outbox.ts';
import { ENDED, octets } from '../wording.ts';
import { chooseCoding, encoded, sizesText } from './coding.ts';
import { type Head, HttpProblem, headBytes, listOf, type RequestLine, valuesOf, wantsToStay } from './head.ts';
import type { HttpProgram, ProgramResponse, Takeover } from './program.ts';
import { type HttpMessage, requestReader } from './reader.ts';

export interface HttpServerOptions extends ServerOptions {
  readonly pages: readonly Page[];
  /** False: every connection is closed after one response. */
  readonly keepAlive: boolean;
  /** How pages may be coded, the best liked first. */
  readonly codings?: readonly ContentCoding[];
  /** What stands behind some paths in place of pages. */
  readonly programs?: readonly HttpProgram[];
}

interface Page {
  readonly path: string;
  /** Text is sent as HTML in UTF-8; a size is that many octets of the pattern. */
  readonly body: { readonly text: string } | { readonly sizeBytes: number };
}

/** RFC 9110 section 15, those that this server uses. */
const REASONS: ReadonlyMap<number, string> = new Map([
  [101, 'Switching Protocols'],
  [200, 'OK'],
  [400, 'Bad Request'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [413, 'Content Too Large'],
  [414, 'URI Too Long'],
  [426, 'Upgrade Required'],
  [431, 'Request Header Fields Too Large'],
  [501, 'Not Implemented'],
  [505, 'HTTP Version Not Supported'],
]);

/** Methods that RFC 9110 section 9 and RFC 5789 define and that no page here allows. */
const NOT_ALLOWED: ReadonlySet<string> = new Set(['PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

export function serveHttp(services: AppServices, options: HttpServerOptions): void {
  const pages = new Map(options.pages.map(({ path, body }) => [path, body]));
  const { streams } = services;
  const accept = (stream: Stream) => new ServerConnection(services, stream, pages, options);
  // Programs speak in small pieces that must not wait for each other's acknowledgements.
  streams.listen(options.name, options.port, accept, { noDelay: options.programs !== undefined });
}

type Response = ProgramResponse;

class ServerConnection implements StreamUser {
  readonly #services: AppServices;
  readonly #stream: Stream;
  readonly #pages: ReadonlyMap<string, Page['body']>;
  readonly #keepAlive: boolean;
  readonly #programs: readonly HttpProgram[];
  readonly #codings: readonly ContentCoding[];
  readonly #conversation: Conversation;
  readonly #outbox: Outbox;
  readonly #reader = requestReader();
  /** The last response has been made: what still comes is thrown away. */
  #isClosing = false;
  #hasEnded = false;
  /** A program works on a response; what to do when the connection is lost before. */
  #awaited: { readonly whenLost: () => void } | null = null;
  /** Who hears the stream after an upgrade; or that one has begun. */
  #successor: StreamUser | 'soon' | null = null;

  constructor(
    services: AppServices,
    stream: Stream,
    pages: ReadonlyMap<string, Page['body']>,
    { keepAlive, programs, codings }: HttpServerOptions,
  ) {
    this.#services = services;
    this.#stream = stream;
    this.#pages = pages;
    this.#keepAlive = keepAlive;
    this.#programs = programs ?? [];
    this.#codings = codings ?? [];
    this.#conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    this.#outbox = new Outbox(services.context, stream, true);
  }

  onReadable(): void {
    if (this.#next) this.#next.onReadable?.();
    else this.#pump();
  }

  onDrain(): void {
    if (this.#next) {
      this.#next.onDrain?.();
      return;
    }
    this.#outbox.drain();
    this.#pump();
  }

  onEnd(): void {
    this.#hasEnded = true;
    if (this.#next) this.#next.onEnd?.();
    else this.#pump();
  }

  onClose(reason: CloseReason): void {
    if (this.#next) {
      this.#next.onClose?.(reason);
      return;
    }
    const { ledger } = this.#services;
    this.#isClosing = true;
    this.#awaited?.whenLost();
    this.#awaited = null;
    const { name } = this.#stream;
    this.#outbox.abandon(ledger, 'http', reason);
    const { partial } = this.#reader;
    if (partial.length > 0 && !this.#reader.hasFailed) {
      ledger.dropped('http', name, partial, 'closed', 'the connection ended inside a request');
    }
    if (reason !== 'finished') ledger.told(name, `the connection ${ENDED[reason]}`);
  }

  get #next(): StreamUser | null {
    return this.#successor === 'soon' ? null : this.#successor;
  }

  /**
   * One request after another, in their order, each answered before the next is looked at (RFC 9112 section 9.3.2). While
   * a response waits for room nothing is read, so a client that asks and does not read is told by its own window.
   */
  #pump(): void {
    while (this.#outbox.isEmpty && !this.#isClosing && !this.#awaited && !this.#successor) {
      const request = this.#reader.next();
      if (request) this.#onRequest(request);
      else if (this.#stream.readableBytes > 0) this.#reader.push(this.#stream.read());
      else break;
    }
    if (this.#awaited || this.#successor) return;
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
    const problem = hostProblem(head);
    const program = problem ? undefined : this.#programs.find((each) => each.isFor(pathOf(head.line.target)));
    if (program) this.#run(program, request);
    else if (problem) this.#answer(problem, head);
    else this.#answerPage(this.#responseTo(head, request.contentBytes), head);
    context.resume(was);
  }

  /** Hands a request to a program, which may answer before this returns, or much later. */
  #run(program: HttpProgram, request: HttpMessage<RequestLine>): void {
    const { head } = request;
    const takeover = listOf(head, 'connection').includes('upgrade') ? program.upgrade?.(request, this.#stream) : null;
    if (takeover && 'take' in takeover) this.#handOver(takeover);
    else if (takeover) this.#answer(takeover, head);
    else {
      let isAnswered = false;
      const whenLost = program.answer(request, this.#stream, (response) => {
        if (isAnswered) return;
        isAnswered = true;
        const isLate = this.#awaited !== null;
        this.#awaited = null;
        if (this.#isClosing) return;
        this.#answer(response, head);
        if (isLate) this.#pump();
      });
      if (!isAnswered) this.#awaited = { whenLost };
    }
  }

  /** RFC 9110 section 7.8: after the 101 the connection speaks another protocol. */
  #handOver({ fields, take }: Takeover): void {
    const { ledger } = this.#services;
    const bytes = headBytes(`HTTP/1.1 ${statusText(101)}`, [['Server', 'packetwalk'], ...fields]);
    this.#successor = 'soon';
    this.#outbox.write(ledger.made('http', this.#stream.name, this.#conversation, bytes));
    this.#outbox.whenEmpty(() => {
      const successor = take(this.#stream, this.#reader.takeUnread());
      this.#successor = successor;
      if (this.#hasEnded) successor.onEnd?.();
    });
  }

  /** RFC 9110 section 12.5.3: what the client welcomes and the server has; caches are told what it depended on. */
  #answerPage(page: Response, head: Head<RequestLine>): void {
    if (this.#codings.length === 0 || page.status !== 200) {
      this.#answer(page, head);
      return;
    }
    const vary = ['Vary', 'Accept-Encoding'] as const;
    const coding = page.content.length > 0 ? chooseCoding(head, this.#codings) : null;
    if (coding === null) {
      this.#answer({ ...page, fields: [vary] }, head);
      return;
    }
    const content = encoded(this.#services, this.#stream.name, coding, page.content);
    const size = sizesText(coding, page.content.length, content.length);
    this.#answer({ ...page, content, fields: [['Content-Encoding', coding], vary] }, head, size);
  }

  #answer(response: Response, head: Head<RequestLine>, size = octets(response.content.length)): void {
    const { ledger } = this.#services;
    const { name } = this.#stream;
    const mayStay = this.#keepAlive && response.status !== 400 && !response.closes;
    const stays = mayStay && wantsToStay(head) && !expectsContinue(head);
    ledger.told(name, `${head.line.method} ${shown(head.line.target)}: ${statusText(response.status)}, ${size}`);
    this.#respond(response, head, stays);
  }

  #responseTo({ line }: Head<RequestLine>, contentBytes: number): Response {
    const isPost = line.method === 'POST';
    if (line.method !== 'GET' && line.method !== 'HEAD' && !isPost) {
      return problemPage(NOT_ALLOWED.has(line.method) ? 405 : 501);
    }
    const body = this.#pages.get(pathOf(line.target));
    if (!body) return problemPage(404);
    if (isPost) return page(200, `received ${octets(contentBytes)}\n`);
    if ('text' in body) return page(200, body.text);
    return { status: 200, contentType: 'application/octet-stream', content: pattern(0, body.sizeBytes) };
  }

  /** Head and content leave as one write, as far as there is room. */
  #respond(
    { status, contentType, content, fields, carries }: Response,
    request: Head<RequestLine> | null,
    stays: boolean,
  ): void {
    const head = headBytes(`HTTP/1.1 ${statusText(status)}`, [
      ['Server', 'packetwalk'],
      ['Content-Type', contentType],
      ['Content-Length', String(content.length)],
      ...(status === 405 && !fields ? ([['Allow', 'GET, HEAD, POST']] as const) : []),
      ...(fields ?? []),
      ['Connection', stays ? 'keep-alive' : 'close'],
    ]);
    const hasContent = request?.line.method !== 'HEAD';
    const bytes = new Uint8Array(head.length + (hasContent ? content.length : 0));
    bytes.set(head);
    if (hasContent) bytes.set(content, head.length);
    if (!stays) this.#isClosing = true;
    const { ledger } = this.#services;
    this.#outbox.write(ledger.made('http', this.#stream.name, this.#conversation, bytes, carries));
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
