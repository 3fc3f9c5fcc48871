/**
 * MQTT over WebSocket (MQTT 3.1.1 section 6): binary messages are a stream of octets, in which control packets begin and
 * end wherever they like.
 */

import type { CloseReason, Endpoint, Listener, Stream, StreamService, StreamUser } from '../../4-transport/service.ts';
import type { WebSocketDialogue, WebSocketService, WebSocketUser } from '../../5-session/service.ts';
import type { AppServices } from '../app-services.ts';
import { Exchange } from '../http/exchange.ts';
import { serveHttp } from '../http/http-server.ts';
import type { HttpProgram } from '../http/program.ts';
import { endpointText } from '../ledger.ts';

/** MQTT-6.0.0-3, -4. */
const SUBPROTOCOL = 'mqtt';
const TERMS = { protocols: [SUBPROTOCOL], deflate: false };
/** What is said to be room, where there is any. */
const ROOM_BYTES = 65_536;
/** More than this unread, and the other side is taken for an attacker. */
const MAX_UNREAD_BYTES = 4_194_304;

/** WebSocket codes (RFC 6455 section 7.4.1). */
const NORMAL = 1000;
const UNSUPPORTED = 1003;

/** The connection-mode service that WebSockets offer: what is written leaves as binary messages. */
export class WebSocketStreams implements StreamService {
  readonly #services: AppServices;
  readonly #webSockets: WebSocketService;
  /** What clients ask for; a server takes any path. */
  readonly #path: string;

  constructor(services: AppServices, webSockets: WebSocketService, path = '/mqtt') {
    this.#services = services;
    this.#webSockets = webSockets;
    this.#path = path;
  }

  connect(name: string, remote: Endpoint, user: StreamUser): Stream {
    const stream = new WebSocketStream(name, remote, user);
    const asking = this.#webSockets.ask(TERMS);
    const fail = (why: string) => {
      this.#services.ledger.told(name, `no WebSocket: ${why}`);
      stream.over('refused');
    };
    const exchange = new Exchange(
      this.#services,
      {
        as: name,
        remote,
        authority: endpointText(remote).replace(/:80$/, ''),
        method: 'GET',
        target: this.#path,
        fields: asking.fields,
        content: null,
        carries: [],
      },
      {
        onResponse: ({ head }) => fail(`the server answers ${head.line.status} ${head.line.reason}`.trimEnd()),
        onFailure: fail,
        onUpgrade: ({ head }, transport, early) => {
          const agreement = asking.agreement({ status: head.line.status, fields: head.fields });
          if (typeof agreement === 'string' || agreement.protocol !== SUBPROTOCOL) {
            fail(typeof agreement === 'string' ? agreement : 'the server does not speak mqtt over it');
            return null;
          }
          const dialogue = this.#webSockets.open(transport, { role: 'client', deflate: null }, stream);
          stream.opened(transport, dialogue);
          dialogue.begin(early);
          return dialogue;
        },
      },
    );
    stream.giveUp = () => exchange.abort();
    return stream;
  }

  listen(name: string, port: number, accept: (stream: Stream) => StreamUser): Listener {
    serveHttp(this.#services, { name, port, pages: [], keepAlive: true, programs: [this.#program(accept)] });
    return { port, close: () => {} };
  }

  #program(accept: (stream: Stream) => StreamUser): HttpProgram {
    const answer = (status: number, text: string, fields: readonly (readonly [string, string])[] = []) => ({
      status,
      contentType: 'text/plain; charset=utf-8',
      content: new TextEncoder().encode(`${text}\n`),
      fields,
      closes: true,
    });
    return {
      isFor: () => true,
      answer: (_request, _connection, respond) => {
        respond(answer(426, 'This is MQTT over WebSocket.', [['Upgrade', 'websocket']]));
        return () => {};
      },
      upgrade: ({ head }) => {
        const asked = { method: head.line.method, version: head.line.version, fields: head.fields };
        const outcome = this.#webSockets.answer(asked, TERMS);
        if (outcome.kind === 'refused') return answer(outcome.status, outcome.why, outcome.fields);
        if (outcome.agreement.protocol !== SUBPROTOCOL) return answer(400, 'the subprotocol mqtt is missing');
        const take = (transport: Stream, early: Uint8Array) => {
          const stream = new WebSocketStream(transport.name, transport.remote, null);
          const dialogue = this.#webSockets.open(transport, { role: 'server', deflate: null }, stream);
          stream.opened(transport, dialogue, accept);
          dialogue.begin(early);
          return dialogue;
        };
        return { fields: outcome.fields, take };
      },
    };
  }
}

class WebSocketStream implements Stream, WebSocketUser {
  /** Ends what has not become a WebSocket yet. */
  giveUp: () => void = () => {};
  #name: string;
  #local: Endpoint = { address: 0, port: 0 };
  readonly remote: Endpoint;
  #user: StreamUser | null;
  #transport: Stream | null = null;
  #dialogue: WebSocketDialogue | null = null;
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  /** The dialogue has asked for patience. */
  #isFull = false;
  #isOver = false;

  constructor(name: string, remote: Endpoint, user: StreamUser | null) {
    this.#name = name;
    this.remote = remote;
    this.#user = user;
  }

  get name(): string {
    return this.#name;
  }

  get local(): Endpoint {
    return this.#local;
  }

  get unacknowledgedBytes(): number {
    return (this.#transport?.unacknowledgedBytes ?? 0) + (this.#dialogue?.bufferedBytes ?? 0);
  }

  get writableBytes(): number {
    return this.#dialogue?.isOpen && !this.#isFull ? ROOM_BYTES : 0;
  }

  get readableBytes(): number {
    return this.#unreadBytes;
  }

  /** The handshake is done. `accept`: the server's, who then uses the stream. */
  opened(transport: Stream, dialogue: WebSocketDialogue, accept?: (stream: Stream) => StreamUser): void {
    this.#transport = transport;
    this.#dialogue = dialogue;
    this.#name = transport.name;
    this.#local = transport.local;
    if (accept) this.#user = accept(this);
    else this.#user?.onOpen?.();
  }

  over(reason: CloseReason): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#user?.onClose?.(reason);
  }

  write(bytes: Uint8Array, carries: readonly number[] = []): number {
    if (!this.#dialogue || this.writableBytes === 0) return 0;
    // All of it, or nothing: only a dialogue that asked for patience says when there is room again.
    this.#isFull = !this.#dialogue.send(bytes.slice(), false, carries);
    return bytes.length;
  }

  read(atMost = Number.POSITIVE_INFINITY): Uint8Array {
    const [first] = this.#unread;
    if (!first) return new Uint8Array(0);
    const taken = first.subarray(0, atMost);
    if (taken.length < first.length) this.#unread[0] = first.subarray(taken.length);
    else this.#unread.shift();
    this.#unreadBytes -= taken.length;
    return taken;
  }

  /** A WebSocket has no half close: who ends says goodbye. */
  end(): void {
    this.close();
  }

  close(): void {
    if (this.#dialogue) this.#dialogue.close(NORMAL, new Uint8Array(0));
    else this.abort();
  }

  abort(): void {
    if (this.#dialogue) this.#dialogue.terminate('the user aborted');
    else this.giveUp();
    this.over('aborted');
  }

  onMessage(message: Uint8Array, isText: boolean): void {
    if (this.#isOver) return;
    // MQTT-6.0.0-1: "If any other type of data frame is received the recipient MUST close the Network Connection".
    if (isText) {
      this.#dialogue?.close(UNSUPPORTED, new Uint8Array(0));
      return;
    }
    if (message.length === 0) return;
    this.#unread.push(message);
    this.#unreadBytes += message.length;
    if (this.#unreadBytes > MAX_UNREAD_BYTES) this.abort();
    else this.#user?.onReadable?.();
  }

  onDrain(): void {
    this.#isFull = false;
    this.#user?.onDrain?.();
  }

  onClose(code: number): void {
    if (this.#isOver) return;
    if (code !== 1006) this.#user?.onEnd?.();
    this.over(code === 1006 ? 'reset' : 'finished');
  }
}
