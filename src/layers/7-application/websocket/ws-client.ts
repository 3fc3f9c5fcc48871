/** The actions `ws-connect`, `ws-send`, `ws-ping` and `ws-close`: the WebSockets that people open by name. */

import type { Endpoint } from '../../4-transport/service.ts';
import type { WebSocketService, WebSocketUser } from '../../5-session/service.ts';
import type { AppServices } from '../app-services.ts';
import { type Content, contentBytes } from '../data/content.ts';
import { repeat } from '../data/repeat.ts';
import { Exchange } from '../http/exchange.ts';
import { NamedConnections } from '../named-connections.ts';
import type { Lookup } from '../names.ts';
import { authorityOf, type ClientTls, securedClient } from '../secure.ts';
import { quoted } from '../wording.ts';
import { WebSocketTalk } from './web-socket-talk.ts';

export interface WsConnectOptions {
  readonly host: string;
  readonly port: number;
  /** Left out: plain TCP. */
  readonly tls?: ClientTls | undefined;
  /** With its query, from `/` on. */
  readonly path: string;
  readonly as: string;
  readonly protocols: readonly string[];
  readonly deflate: boolean;
}

export interface WsSendOptions {
  readonly on: string | null;
  readonly content: Content;
  /** As a text message; binary otherwise. */
  readonly isText: boolean;
  readonly times: number;
  readonly everyNs: number;
}

export class WsClient {
  readonly #services: AppServices;
  readonly #webSockets: WebSocketService;
  readonly #lookup: Lookup;
  readonly #connections: NamedConnections<ClientWebSocket>;

  constructor(services: AppServices, webSockets: WebSocketService, lookup: Lookup) {
    this.#services = services;
    this.#webSockets = webSockets;
    this.#lookup = lookup;
    this.#connections = new NamedConnections(services.ledger, 'WebSocket');
  }

  connect(options: WsConnectOptions): void {
    const services = securedClient(this.#services, options.tls, ['http/1.1']);
    const connection = new ClientWebSocket(services, this.#webSockets, options);
    this.#connections.set(options.as, connection);
    this.#lookup.find(options.host, (answer) => {
      if ('problem' in answer) connection.fail(answer.problem);
      else connection.connect({ address: answer.address, port: options.port });
    });
  }

  /** Sends on a WebSocket; while that is not open yet, what is sent waits for it. */
  send({ on, content, isText, times, everyNs }: WsSendOptions): void {
    const connection = this.#connections.find(on, 'ws-send');
    if (!connection) return;
    repeat(this.#services.context, times, everyNs, (repetition) => connection.send(content, isText, repetition));
  }

  ping(on: string | null): void {
    this.#connections.find(on, 'ws-ping')?.ping();
  }

  close(on: string | null, code: number | null, reason: string): void {
    this.#connections.find(on, 'ws-close')?.close(code, reason);
  }
}

class ClientWebSocket implements WebSocketUser {
  readonly #services: AppServices;
  readonly #webSockets: WebSocketService;
  readonly #options: WsConnectOptions;
  #talk: WebSocketTalk | null = null;
  #name: string;
  /** What is to be done once it is open. */
  #early: (() => void)[] = [];
  #sentBytes = 0;
  #isOver = false;

  constructor(services: AppServices, webSockets: WebSocketService, options: WsConnectOptions) {
    this.#services = services;
    this.#webSockets = webSockets;
    this.#options = options;
    this.#name = options.as;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  connect(remote: Endpoint): void {
    const { as, host, port, tls, path, protocols, deflate } = this.#options;
    const asking = this.#webSockets.ask({ protocols, deflate });
    const authority = authorityOf(host, port, tls);
    const request = { as, remote, authority, method: 'GET', target: path, fields: asking.fields };
    new Exchange(
      this.#services,
      { ...request, content: null, carries: [] },
      {
        onResponse: ({ head }) => this.fail(`the server answers ${head.line.status} ${head.line.reason}`.trimEnd()),
        onFailure: (problem) => this.fail(problem),
        onUpgrade: ({ head }, stream, early) => {
          this.#name = stream.name;
          const agreement = asking.agreement({ status: head.line.status, fields: head.fields });
          if (typeof agreement === 'string') {
            this.fail(agreement);
            return null;
          }
          const dialogue = this.#webSockets.open(stream, { role: 'client', deflate: agreement.deflate }, this);
          this.#open(new WebSocketTalk(this.#services, stream, dialogue), agreement.protocol);
          dialogue.begin(early);
          return dialogue;
        },
      },
    );
  }

  /** It never opened. What waited for it is dropped, each with its reason. */
  fail(problem: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#services.ledger.told(this.#name, `no WebSocket: ${problem}`);
    this.#doEarly();
  }

  send(content: Content, isText: boolean, repetition: number): void {
    if (!this.#talk && !this.#isOver) {
      this.#early.push(() => this.send(content, isText, repetition));
      return;
    }
    const { context, ledger } = this.#services;
    const message = contentBytes(content, repetition, context.nowNs, this.#sentBytes);
    this.#sentBytes += message.length;
    if (this.#talk) {
      this.#talk.send(message, isText);
      return;
    }
    ledger.dropped('data', this.#name, message, 'closed', 'the WebSocket never opened');
    ledger.told(this.#name, `cannot send ${quoted(message)}: the WebSocket never opened`);
  }

  ping(): void {
    if (this.#talk) this.#talk.dialogue.ping(new Uint8Array(0));
    else if (!this.#isOver) this.#early.push(() => this.ping());
  }

  close(code: number | null, reason: string): void {
    if (this.#talk) this.#talk.dialogue.close(code, new TextEncoder().encode(reason));
    else if (!this.#isOver) this.#early.push(() => this.close(code, reason));
  }

  onMessage(message: Uint8Array): void {
    const was = this.#talk?.received(message) ?? null;
    this.#services.context.resume(was);
  }

  onPong(): void {
    this.#services.ledger.told(this.#name, 'a Pong came');
  }

  onClose(code: number, reason: Uint8Array): void {
    this.#isOver = true;
    this.#talk?.over(code, reason);
  }

  #open(talk: WebSocketTalk, protocol: string | null): void {
    this.#talk = talk;
    const spoken = protocol === null ? '' : `, speaking ${protocol}`;
    this.#services.ledger.told(this.#name, `the WebSocket is open${spoken}`);
    this.#doEarly();
  }

  #doEarly(): void {
    const early = this.#early;
    this.#early = [];
    for (const run of early) run();
  }
}
