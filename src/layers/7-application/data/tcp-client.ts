/** The actions `tcp-connect`, `tcp-send`, `tcp-close` and `tcp-abort`: the TCP connections that people open by name. */

import type { CloseReason, Stream, StreamUser } from '../../4-transport/service.ts';
import type { AppServices } from '../app-services.ts';
import { type Conversation, endpointText } from '../ledger.ts';
import type { Lookup } from '../names.ts';
import { Outbox } from '../outbox.ts';
import { type ClientTls, securedClient } from '../secure.ts';
import { ENDED, isShortText, quoted, SHORT_TEXT_BYTES } from '../wording.ts';
import { type Content, contentBytes } from './content.ts';
import { repeat } from './repeat.ts';

const NAME = 'tcp-client';

/** The connections of one host, by the name that `as` gave them; a second one of a name takes the first one's place. */
export class TcpClient {
  readonly #services: AppServices;
  readonly #lookup: Lookup;
  readonly #connections = new Map<string, Connection>();

  constructor(services: AppServices, lookup: Lookup) {
    this.#services = services;
    this.#lookup = lookup;
  }

  connect(as: string, host: string, port: number, tls?: ClientTls): void {
    const connection = new Connection(securedClient(this.#services, tls, []), as);
    this.#connections.set(as, connection);
    this.#lookup.find(host, (answer) => {
      if ('problem' in answer) connection.fail(`cannot connect to ${host}: ${answer.problem}`);
      else connection.connect({ address: answer.address, port });
    });
  }

  /** Sends on a connection; while that is not up yet, what is sent waits, as it would in a socket's buffer. */
  send(on: string | null, content: Content, times: number, everyNs: number): void {
    const connection = this.#find(on, 'tcp-send');
    if (!connection) return;
    repeat(this.#services.context, times, everyNs, (repetition) => connection.send(content, repetition));
  }

  /**
   * CLOSE of RFC 9293 section 3.9.1: "I have no more data to send". A FIN follows what was sent; what still comes is
   * received, until the other side closes too.
   */
  close(on: string | null): void {
    this.#find(on, 'tcp-close')?.close();
  }

  /** ABORT of RFC 9293 section 3.9.1: a RST at once; what was not delivered is lost. */
  abort(on: string | null): void {
    this.#find(on, 'tcp-abort')?.abort();
  }

  /** Without a name it is the only connection of the host, or the only one that is not over. */
  #find(on: string | null, action: string): Connection | null {
    const { ledger } = this.#services;
    if (on !== null) {
      const connection = this.#connections.get(on);
      if (!connection) ledger.told(NAME, `${action}: there is no connection called ${on}`);
      return connection ?? null;
    }
    const all = [...this.#connections.values()];
    const open = all.filter(({ isOver }) => !isOver);
    const [only, another] = open.length > 0 ? open : all;
    if (only && !another) return only;
    const problem = another ? 'there are several connections: say which with on' : 'there is no connection';
    ledger.told(NAME, `${action}: ${problem}`);
    return null;
  }
}

/** One connection: first its address is looked up, then it connects, then it is up; in the end it is over. */
class Connection implements StreamUser {
  readonly #services: AppServices;
  readonly #as: string;
  #talk: { readonly stream: Stream; readonly conversation: Conversation; readonly outbox: Outbox } | null = null;
  /** What is to be done once there is a stream. */
  #early: (() => void)[] = [];
  #sentBytes = 0;
  #isClosed = false;
  #hasEnded = false;
  #isOver = false;
  /** The connection was over before `connect` returned. */
  #diedAs: CloseReason | null = null;

  constructor(services: AppServices, as: string) {
    this.#services = services;
    this.#as = as;
  }

  /** Nothing can be said or heard any more. */
  get isOver(): boolean {
    return this.#isOver || (this.#isClosed && this.#hasEnded);
  }

  connect(remote: Conversation['remote']): void {
    if (this.#isOver) return;
    const stream = this.#services.streams.connect(this.#as, remote, this);
    const conversation: Conversation = { transport: 'tcp', local: stream.local, remote: stream.remote };
    this.#talk = { stream, conversation, outbox: new Outbox(this.#services.context, stream, false) };
    const early = this.#early;
    this.#early = [];
    for (const run of early) run();
    if (this.#diedAs) this.#finish(this.#diedAs);
  }

  fail(problem: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#services.ledger.told(this.#as, problem);
    const early = this.#early;
    this.#early = [];
    for (const run of early) run();
  }

  send(content: Content, repetition: number): void {
    const { context, ledger } = this.#services;
    if (this.#isClosed || this.#isOver) {
      const bytes = contentBytes(content, repetition, context.wallNs, this.#sentBytes);
      const detail = this.#isOver ? 'the connection is over' : 'this side has closed the connection';
      ledger.dropped('data', this.#as, bytes, 'closed', detail);
      ledger.told(this.#as, `cannot send ${quoted(bytes)}: ${detail}`);
    } else if (this.#talk) {
      const { stream, conversation, outbox } = this.#talk;
      const offset = this.#sentBytes;
      if (content.kind === 'size' && content.bytes > SHORT_TEXT_BYTES) {
        const make = () => contentBytes(content, repetition, 0, offset);
        outbox.write(ledger.planned('data', stream.name, conversation, content.bytes, make));
        this.#sentBytes += content.bytes;
        return;
      }
      const bytes = contentBytes(content, repetition, context.wallNs, offset);
      this.#sentBytes += bytes.length;
      if (isShortText(bytes)) ledger.told(stream.name, `sends ${quoted(bytes)}`);
      outbox.write(ledger.made('data', stream.name, conversation, bytes));
    } else this.#early.push(() => this.send(content, repetition));
  }

  close(): void {
    if (this.#isClosed || this.#isOver) return;
    if (!this.#talk) {
      this.#early.push(() => this.close());
      return;
    }
    this.#isClosed = true;
    const { stream, outbox } = this.#talk;
    outbox.whenEmpty(() => (this.#hasEnded ? stream.close() : stream.end()));
  }

  abort(): void {
    if (this.#isOver) return;
    if (this.#talk) {
      this.#talk.stream.abort();
      this.#finish('aborted');
    } else this.fail('aborted before it was connected');
  }

  onOpen(): void {
    if (!this.#talk) return;
    const { stream, outbox } = this.#talk;
    this.#services.ledger.told(stream.name, `connected to ${endpointText(stream.remote)}`);
    outbox.up();
  }

  onReadable(): void {
    if (!this.#talk) return;
    const { context, ledger } = this.#services;
    const { stream, conversation } = this.#talk;
    while (stream.readableBytes > 0) {
      const bytes = stream.read();
      const was = ledger.received('data', stream.name, conversation, bytes);
      if (isShortText(bytes)) ledger.told(stream.name, `received ${quoted(bytes)}`);
      context.resume(was);
    }
  }

  onDrain(): void {
    this.#talk?.outbox.drain();
  }

  /** The other side has no more to say: neither have we, once all is written. */
  onEnd(): void {
    if (!this.#talk) return;
    const { stream, outbox } = this.#talk;
    this.#hasEnded = true;
    if (!this.#isClosed) this.#services.ledger.told(stream.name, 'the other side closed; closes too');
    this.#isClosed = true;
    outbox.whenEmpty(() => stream.close());
  }

  onClose(reason: CloseReason): void {
    if (this.#talk) this.#finish(reason);
    else this.#diedAs = reason;
  }

  #finish(reason: CloseReason): void {
    if (this.#isOver || !this.#talk) return;
    this.#isOver = true;
    const { stream, outbox } = this.#talk;
    outbox.abandon(this.#services.ledger, 'data', reason);
    this.#services.ledger.told(stream.name, `the connection ${ENDED[reason]}`);
  }
}
