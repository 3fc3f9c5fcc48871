/** The action `get`: an HTTP/1.1 client (RFC 9110, RFC 9112) and the connections that it keeps. */

import { joined } from '../../../wire/octets.ts';
import type { CloseReason, Endpoint, Stream, StreamUser } from '../../4-transport/service.ts';
import type { ContentCoding } from '../../6-presentation/service.ts';
import type { AppServices } from '../app-services.ts';
import { type Content, contentBytes } from '../data/content.ts';
import type { Conversation } from '../ledger.ts';
import type { Lookup } from '../names.ts';
import { Outbox } from '../outbox.ts';
import { authorityOf, type ClientTls, securedClient } from '../secure.ts';
import { ENDED, octets, seconds } from '../wording.ts';
import { codingOf, decoded, sizesText } from './coding.ts';
import { contentOf } from './content.ts';
import { HttpProblem, headBytes, type StatusLine, wantsToStay } from './head.ts';
import { type HttpMessage, responseReader } from './reader.ts';

export interface RequestOptions {
  /** The host as the URL names it: it is looked up, and stands in the Host field. */
  readonly host: string;
  readonly port: number;
  /** Left out: plain TCP. */
  readonly tls?: ClientTls | undefined;
  /** With its query, from `/` on. */
  readonly path: string;
  /** The connection's name. */
  readonly as: string;
  /** Leaves the connection open for the next request of that name to the same host and port. */
  readonly keepAlive: boolean;
  /** Codings that are welcome, the best liked first; empty: that is not said. */
  readonly codings?: readonly ContentCoding[];
  /** null: a GET; else a POST with that content. */
  readonly content: Content | null;
}

interface Request extends RequestOptions {
  readonly askedNs: number;
}

export class HttpClient {
  readonly #services: AppServices;
  readonly #lookup: Lookup;
  /** Connections that stay, by the name that `as` gave them. */
  readonly #kept = new Map<string, ClientConnection>();

  constructor(services: AppServices, lookup: Lookup) {
    this.#services = services;
    this.#lookup = lookup;
  }

  /**
   * Fetches a page. On a kept connection requests wait for each other: the next leaves when the response before it is
   * whole, for a browser that pipelined would be held up by the same.
   */
  request(options: RequestOptions): void {
    const request = { ...options, askedNs: this.#services.context.nowNs };
    const kept = this.#kept.get(options.as);
    if (kept?.isFor(options)) {
      kept.add(request);
      return;
    }
    const connection = new ClientConnection(securedClient(this.#services, options.tls, ['http/1.1']), request);
    if (options.keepAlive) this.#kept.set(options.as, connection);
    this.#lookup.find(options.host, (answer) => {
      if ('problem' in answer) connection.fail(answer.problem);
      else connection.connect({ address: answer.address, port: options.port });
    });
  }
}

/** One connection to a server and the requests that go over it, one after another. */
class ClientConnection implements StreamUser {
  readonly #services: AppServices;
  readonly #first: Request;
  readonly #waiting: Request[];
  /** The request whose response is awaited. */
  #asked: Request | null = null;
  #talk: { readonly stream: Stream; readonly conversation: Conversation; readonly outbox: Outbox } | null = null;
  readonly #reader = responseReader(() => (this.#asked ? methodOf(this.#asked) : 'GET'));
  #isOver = false;

  constructor(services: AppServices, first: Request) {
    this.#services = services;
    this.#first = first;
    this.#waiting = [first];
  }

  /** Whether another request may go over it. */
  isFor({ host, port, tls }: RequestOptions): boolean {
    const first = this.#first;
    return (
      !this.#isOver && first.host === host && first.port === port && (first.tls === undefined) === (tls === undefined)
    );
  }

  add(request: Request): void {
    this.#waiting.push(request);
    this.#askNext();
  }

  connect(remote: Endpoint): void {
    const stream = this.#services.streams.connect(this.#first.as, remote, this);
    const conversation: Conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    this.#talk = { stream, conversation, outbox: new Outbox(this.#services.context, stream, false) };
    if (this.#isOver) this.fail('the connection failed at once');
    else this.#askNext();
  }

  /** No response will come any more: every request that waits for one is told why. */
  fail(problem: string): void {
    this.#isOver = true;
    const open = this.#asked ? [this.#asked, ...this.#waiting] : [...this.#waiting];
    this.#asked = null;
    this.#waiting.length = 0;
    for (const request of open) this.#tell(`${methodOf(request)} ${urlOf(request)} failed: ${problem}`);
  }

  onOpen(): void {
    this.#talk?.outbox.up();
  }

  onReadable(): void {
    if (!this.#talk) return;
    const { stream } = this.#talk;
    while (stream.readableBytes > 0) this.#reader.push(stream.read());
    for (let response = this.#reader.next(); response; response = this.#reader.next()) this.#onResponse(response);
  }

  onDrain(): void {
    this.#talk?.outbox.drain();
  }

  onEnd(): void {
    const last = this.#reader.end();
    if (last) this.#onResponse(last);
    if (!this.#isOver) this.fail('the server closed the connection before it answered');
    this.#talk?.outbox.whenEmpty(() => this.#talk?.stream.close());
  }

  onClose(reason: CloseReason): void {
    this.#isOver = true;
    if (!this.#talk) return;
    const { ledger } = this.#services;
    const { stream, outbox } = this.#talk;
    outbox.abandon(ledger, 'http', reason);
    const { partial } = this.#reader;
    if (partial.length > 0 && !this.#reader.hasFailed) {
      ledger.dropped('http', stream.name, partial, 'closed', 'the connection ended inside a response');
    }
    this.fail(`the connection ${ENDED[reason]}`);
  }

  #askNext(): void {
    if (!this.#talk || this.#asked || this.#isOver) return;
    const request = this.#waiting.shift();
    if (!request) return;
    this.#asked = request;
    const { stream, conversation, outbox } = this.#talk;
    const content = request.content && contentBytes(request.content, 1, this.#services.context.wallNs, 0);
    const head = headBytes(`${methodOf(request)} ${targetOf(request.path)} HTTP/1.1`, [
      ['Host', authorityOf(request.host, request.port, request.tls)],
      ['User-Agent', 'packetwalk'],
      ['Accept', '*/*'],
      ...(request.codings?.length ? ([['Accept-Encoding', request.codings.join(', ')]] as const) : []),
      ...(content ? contentFields(request, content) : []),
      ['Connection', request.keepAlive ? 'keep-alive' : 'close'],
    ]);
    const bytes = content ? joined(head, content) : head;
    outbox.write(this.#services.ledger.made('http', stream.name, conversation, bytes));
  }

  #onResponse(response: HttpMessage<StatusLine> | HttpProblem): void {
    if (!this.#talk) return;
    const { context, ledger } = this.#services;
    const { stream, conversation } = this.#talk;
    if (response instanceof HttpProblem) {
      ledger.dropped('http', stream.name, this.#reader.partial, 'malformed', response.why);
      this.fail(`the response is malformed: ${response.why}`);
      stream.abort();
      return;
    }
    const was = ledger.received('http', stream.name, conversation, response.bytes);
    // RFC 9110 section 15.2: any number of interim responses may come before the one that counts.
    if (response.head.line.status >= 200) this.#onFinal(response);
    context.resume(was);
  }

  #onFinal(response: HttpMessage<StatusLine>): void {
    const request = this.#asked;
    if (!request) {
      this.#tell('the server answers what nobody asked: aborts the connection');
      this.#talk?.stream.abort();
      return;
    }
    this.#asked = null;
    const { status } = response.head.line;
    const afterNs = this.#services.context.nowNs - request.askedNs;
    const size = this.#sizeOf(response);
    this.#tell(`${methodOf(request)} ${urlOf(request)}: ${status}, ${size} after ${seconds(afterNs)} s`);
    if (request.keepAlive && wantsToStay(response.head) && !response.isUntilClose) this.#askNext();
    else this.#finish();
  }

  /** How much came, and what became of it where it was coded. */
  #sizeOf(response: HttpMessage<StatusLine>): string {
    const coded = octets(response.contentBytes);
    const coding = response.contentBytes > 0 ? codingOf(response.head) : null;
    if (coding === null) return coded;
    if (typeof coding === 'object') return `${coded} of ${coding.unknown}, which nobody here can read`;
    const content = decoded(this.#services, this.#talk?.stream.name ?? this.#first.as, coding, contentOf(response));
    if (content instanceof Uint8Array) return sizesText(coding, content.length, response.contentBytes);
    return `${coded} of ${coding} that ${content === 'damaged' ? 'are damaged' : 'would be too much'}`;
  }

  #finish(): void {
    if (this.#waiting.length > 0) this.fail('the connection closes after the response before');
    this.#isOver = true;
    this.#talk?.stream.close();
  }

  #tell(text: string): void {
    this.#services.ledger.told(this.#talk?.stream.name ?? this.#first.as, text);
  }
}

function methodOf({ content }: RequestOptions): string {
  return content === null ? 'GET' : 'POST';
}

function contentFields({ content }: RequestOptions, bytes: Uint8Array): [name: string, value: string][] {
  const type = content?.kind === 'text' ? 'text/plain; charset=utf-8' : 'application/octet-stream';
  return [
    ['Content-Type', type],
    ['Content-Length', String(bytes.length)],
  ];
}

/** Head and content leave as one write. */

/** Only visible ASCII may stand in a request line; the rest is written as octets of UTF-8 (RFC 3986 section 2.1). */
function targetOf(path: string): string {
  return path.replace(/[^\x21-\x7e]/gu, (character) =>
    Array.from(
      new TextEncoder().encode(character),
      (octet) => `%${octet.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}

function urlOf({ host, port, path, tls }: RequestOptions): string {
  const shown = path.length > 60 ? `${path.slice(0, 60)}…` : path;
  return `http${tls ? 's' : ''}://${authorityOf(host, port, tls)}${shown}`;
}
