/**
 * What of a host talks in sessions, put together as it lies on the wire:
 *
 *   7  socket.io      ws-server, ws-client
 *   5  engine.io
 *   7  http, whose connections are taken over by
 *   5  websocket  (6: text and compression, handed to it)
 *   4  tcp
 */

import { EngineIo } from '../layers/5-session/engine-io/engine-io.ts';
import { WebSockets } from '../layers/5-session/websocket/websocket.ts';
import { PRESENTATION } from '../layers/6-presentation/presentation.ts';
import type { AppServices } from '../layers/7-application/app-services.ts';
import type { Lookup } from '../layers/7-application/names.ts';
import { securedServer } from '../layers/7-application/secure.ts';
import { IoClient } from '../layers/7-application/socket-io/io-client.ts';
import { IoServer } from '../layers/7-application/socket-io/io-server.ts';
import { WsClient } from '../layers/7-application/websocket/ws-client.ts';
import { serveWs } from '../layers/7-application/websocket/ws-server.ts';
import type { SessionAction, SessionApp } from '../scenario/session-spec.ts';

export class HostSessions {
  readonly #services: AppServices;
  readonly #webSockets: WebSockets;
  readonly #engine: EngineIo;
  readonly #wsClient: WsClient;
  readonly #ioClient: IoClient;
  readonly #ioServers = new Map<string, IoServer>();

  constructor(services: AppServices, lookup: Lookup) {
    this.#services = services;
    this.#webSockets = new WebSockets(services.context, PRESENTATION);
    this.#engine = new EngineIo(services.context);
    this.#wsClient = new WsClient(services, this.#webSockets, lookup);
    this.#ioClient = new IoClient(services, this.#engine, this.#webSockets, lookup);
  }

  start(app: SessionApp): void {
    const services = securedServer(this.#services, app.tls, ['http/1.1']);
    if (app.kind === 'ws-server') serveWs(services, this.#webSockets, app);
    else this.#ioServers.set(app.name, new IoServer(services, this.#engine, this.#webSockets, app));
  }

  perform(action: SessionAction): void {
    switch (action.kind) {
      case 'ws-connect':
        this.#wsClient.connect(action);
        break;
      case 'ws-send':
        this.#wsClient.send({ ...action, content: action.payload });
        break;
      case 'ws-ping':
        this.#wsClient.ping(action.on);
        break;
      case 'ws-close':
        this.#wsClient.close(action.on, action.code, action.reason);
        break;
      case 'io-connect':
        this.#ioClient.connect(action);
        break;
      case 'io-disconnect':
        this.#ioClient.disconnect(action.on);
        break;
      case 'emit':
        this.#emit(action);
        break;
    }
  }

  #emit(action: Extract<SessionAction, { readonly kind: 'emit' }>): void {
    if (action.app === null) this.#ioClient.emit(action.on, { ...action, toRoom: action.room });
    else this.#ioServers.get(action.app)?.emit(action);
  }
}
