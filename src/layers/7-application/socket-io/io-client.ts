/** The actions `io-connect`, `emit` and `io-disconnect`: the Socket.IO clients that people open by name. */

import { authorityText } from '../../../wire/address.ts';
import type { SessionService, TransportName, WebSocketService } from '../../5-session/service.ts';
import type { AppServices } from '../app-services.ts';
import { repeat } from '../data/repeat.ts';
import { NamedConnections } from '../named-connections.ts';
import type { Lookup } from '../names.ts';
import type { ClientTls } from '../secure.ts';
import { ClientSocket } from './client-socket.ts';
import { type EventContent, eventArgs } from './event-content.ts';
import { EventLog } from './event-log.ts';
import { HttpCarrier } from './http-carrier.ts';
import { IoConnection, type ReconnectionOptions } from './io-connection.ts';

export interface IoConnectOptions {
  readonly host: string;
  readonly port: number;
  /** Left out: plain TCP. */
  readonly tls?: ClientTls | undefined;
  /** Where the server answers. */
  readonly path: string;
  /** From `/` on. */
  readonly namespace: string;
  readonly as: string;
  readonly transports: readonly TransportName[];
  readonly reconnection: ReconnectionOptions | null;
  readonly retries: number;
  readonly ackTimeoutNs: number | null;
}

export interface IoEmitOptions {
  readonly event: string;
  readonly content: EventContent;
  readonly ack: boolean;
  readonly volatile: boolean;
  readonly toRoom: string | null;
  readonly times: number;
  readonly everyNs: number;
}

export class IoClient {
  readonly #services: AppServices;
  readonly #sessions: SessionService;
  readonly #webSockets: WebSocketService;
  readonly #lookup: Lookup;
  readonly #clients: NamedConnections<ClientSocket>;
  /** By server: namespaces of one server share a connection, each namespace once. */
  readonly #connections = new Map<string, IoConnection>();

  constructor(services: AppServices, sessions: SessionService, webSockets: WebSocketService, lookup: Lookup) {
    this.#services = services;
    this.#sessions = sessions;
    this.#webSockets = webSockets;
    this.#lookup = lookup;
    this.#clients = new NamedConnections(services.ledger, 'Socket.IO client');
  }

  connect(options: IoConnectOptions): void {
    const { as, namespace } = options;
    const log = new EventLog(this.#services, as);
    const connection = this.#connection(options, log);
    const socket = new ClientSocket(log, connection, options);
    this.#clients.set(as, socket);
    log.told(`connects to ${authorityText(options.host, options.port)}${namespace === '/' ? '' : namespace}`);
    connection.add(socket);
  }

  /** Emits on a client; while that is not connected, events wait. */
  emit(on: string | null, options: IoEmitOptions): void {
    const { event, ack, volatile, times, everyNs, content, toRoom } = options;
    const client = this.#clients.find(on, 'emit');
    if (!client) return;
    const { context } = this.#services;
    repeat(context, times, everyNs, (repetition) => {
      const args = eventArgs(content, repetition, context.wallNs);
      client.emit({ event, args: toRoom === null ? args : [...args, { room: toRoom }], ack, volatile });
    });
  }

  disconnect(on: string | null): void {
    this.#clients.find(on, 'io-disconnect')?.disconnect();
  }

  #connection(options: IoConnectOptions, log: EventLog): IoConnection {
    const { host, port, tls, path, namespace } = options;
    const key = `${tls ? 'https' : 'http'}://${host}:${port}${path}`;
    const known = this.#connections.get(key);
    if (known?.hasRoomFor(namespace)) return known;
    const place = { host, port, tls, path };
    const carrier = new HttpCarrier(this.#services, this.#webSockets, this.#lookup, place, options.as);
    const connection = new IoConnection(log, this.#sessions, carrier, options);
    if (!known) this.#connections.set(key, connection);
    return connection;
  }
}
