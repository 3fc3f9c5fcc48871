/** A server of messages over WebSockets (RFC 6455): it counts what comes, echoes it, or speaks to all by itself. */

import type { Stream, StreamUser } from '../../4-transport/service.ts';
import type { Agreement, WebSocketDialogue, WebSocketService, WebSocketUser } from '../../5-session/service.ts';
import type { AppServices, ServerOptions } from '../app-services.ts';
import { pattern } from '../bulk/pattern.ts';
import { serveHttp } from '../http/http-server.ts';
import type { HttpProgram } from '../http/program.ts';
import { WebSocketTalk } from './web-socket-talk.ts';

export interface WsServerOptions extends ServerOptions {
  readonly path: string;
  readonly echo: boolean;
  /** null: it never asks whether a client is still there. */
  readonly pingIntervalNs: number | null;
  readonly deflate: boolean;
  /** What it says to all its clients by itself. */
  readonly broadcast: { readonly everyNs: number; readonly sizeBytes: number } | null;
}

export function serveWs(services: AppServices, webSockets: WebSocketService, options: WsServerOptions): void {
  const server = new WsServer(services, webSockets, options);
  const { name, port } = options;
  serveHttp(services, { name, port, pages: [], keepAlive: true, programs: [server] });
}

class WsServer implements HttpProgram {
  readonly #services: AppServices;
  readonly #webSockets: WebSocketService;
  readonly #options: WsServerOptions;
  readonly #talks = new Set<WebSocketTalk>();
  #broadcastBytes = 0;

  constructor(services: AppServices, webSockets: WebSocketService, options: WsServerOptions) {
    this.#services = services;
    this.#webSockets = webSockets;
    this.#options = options;
    const { broadcast, name } = options;
    if (!broadcast) return;
    const timer = services.context.timer(7, name, 'broadcast', () => {
      this.#broadcast(broadcast.sizeBytes);
      timer.set(broadcast.everyNs);
    });
    timer.set(broadcast.everyNs);
  }

  isFor(path: string): boolean {
    return path === this.#options.path;
  }

  answer(_request: unknown, _connection: Stream, respond: Parameters<HttpProgram['answer']>[2]): () => void {
    respond({
      status: 426,
      contentType: 'text/plain; charset=utf-8',
      content: new TextEncoder().encode('This is a WebSocket.\n'),
      fields: [['Upgrade', 'websocket']],
    });
    return () => {};
  }

  upgrade(...[request, connection]: Parameters<NonNullable<HttpProgram['upgrade']>>) {
    const { head } = request;
    const asked = { method: head.line.method, version: head.line.version, fields: head.fields };
    const answer = this.#webSockets.answer(asked, { protocols: [], deflate: this.#options.deflate });
    if (answer.kind === 'accepted') {
      const take = (stream: Stream, early: Uint8Array) => this.#open(stream, early, answer.agreement);
      return { fields: answer.fields, take };
    }
    this.#services.ledger.told(connection.name, `refuses the upgrade: ${answer.why}`);
    const content = new TextEncoder().encode(`${answer.why}\n`);
    const { status, fields } = answer;
    return { status, contentType: 'text/plain; charset=utf-8', content, fields, closes: true };
  }

  #open(stream: Stream, early: Uint8Array, { deflate }: Agreement): StreamUser {
    const { echo, pingIntervalNs } = this.#options;
    const user: WebSocketUser = {
      onMessage: (message, isText) => {
        const was = talk.received(message);
        if (echo) talk.send(message, isText);
        this.#services.context.resume(was);
      },
      onClose: (code, reason) => {
        this.#talks.delete(talk);
        talk.over(code, reason);
        this.#count();
      },
    };
    const dialogue: WebSocketDialogue = this.#webSockets.open(
      stream,
      { role: 'server', deflate, pingIntervalNs },
      user,
    );
    const talk = new WebSocketTalk(this.#services, stream, dialogue);
    this.#talks.add(talk);
    this.#count();
    dialogue.begin(early);
    return dialogue;
  }

  #broadcast(sizeBytes: number): void {
    const message = pattern(this.#broadcastBytes, sizeBytes);
    this.#broadcastBytes += sizeBytes;
    for (const talk of [...this.#talks]) talk.send(message, false);
  }

  #count(): void {
    const { context } = this.#services;
    if (!context.recording) return;
    const { name: machine } = this.#options;
    const { size: value } = this.#talks;
    context.record({ kind: 'metric', layer: 7, protocol: 'data', machine, name: 'clients', value });
  }
}
