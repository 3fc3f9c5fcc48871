/** A Socket.IO server: namespaces, rooms, events with a rule for each, and what is remembered of clients that are away. */

import type { Timer } from '../../../kernel/kernel.ts';
import type {
  Session,
  SessionEnd,
  SessionPeer,
  SessionService,
  SessionUser,
  TransportName,
  WebSocketService,
} from '../../5-session/service.ts';
import type { AppServices, ServerOptions } from '../app-services.ts';
import { repeat } from '../data/repeat.ts';
import { serveHttp } from '../http/http-server.ts';
import { EngineProgram } from './engine-program.ts';
import { type EventContent, eventArgs } from './event-content.ts';
import { EventLog, eventText } from './event-log.ts';
import type { Json, Packet } from './header.ts';
import { Namespace } from './namespace.ts';
import { PacketReader } from './packet-reader.ts';
import type { ServerSocket, SocketClient } from './server-socket.ts';

const SECOND_NS = 1_000_000_000;
/** A client that has joined no namespace by then is sent away. */
const CONNECT_TIMEOUT_NS = 45 * SECOND_NS;

/** What is done about an event. `room`: who says it joins that room. */
export type EventRule = 'echo' | 'ack' | 'broadcast' | { readonly room: string };

export interface IoServerOptions extends ServerOptions {
  readonly path: string;
  readonly pingIntervalNs: number;
  readonly pingTimeoutNs: number;
  readonly transports: readonly TransportName[];
  /** How long a client that was lost is remembered; null: not at all. */
  readonly recoverForNs: number | null;
  /** Beside `/`. */
  readonly namespaces: readonly string[];
  readonly rules: readonly { readonly event: string; readonly rule: EventRule }[];
}

export interface ServerEmitOptions {
  readonly event: string;
  readonly content: EventContent;
  readonly namespace: string;
  /** null: to all. */
  readonly room: string | null;
  readonly volatile: boolean;
  readonly times: number;
  readonly everyNs: number;
}

export class IoServer {
  readonly log: EventLog;
  readonly rules: ReadonlyMap<string, EventRule>;
  readonly #namespaces: ReadonlyMap<string, Namespace>;

  constructor(services: AppServices, sessions: SessionService, webSockets: WebSocketService, options: IoServerOptions) {
    const { name, port, path, rules, namespaces, recoverForNs } = options;
    this.log = new EventLog(services, name);
    this.rules = new Map(rules.map(({ event, rule }) => [event, rule]));
    const random = services.context.random(`socket-io/${name}/id`);
    const all = ['/', ...namespaces.filter((each) => each !== '/')];
    this.#namespaces = new Map(all.map((each) => [each, new Namespace(each, this.log, random, recoverForNs)]));
    const server = sessions.serve(options, (session, peer) => new ServerClient(this, session, peer));
    serveHttp(services, {
      name,
      port,
      pages: [],
      keepAlive: true,
      programs: [new EngineProgram(path, server, webSockets)],
    });
  }

  namespace(name: string): Namespace | null {
    return this.#namespaces.get(name) ?? null;
  }

  /** Emits to the clients that are connected: those of a room, or all. */
  emit({ event, content, namespace, room, volatile: isVolatile, times, everyNs }: ServerEmitOptions): void {
    const { context } = this.log.services;
    const target = this.namespace(namespace);
    if (!target) {
      this.log.told(`cannot emit ${event}: there is no namespace ${namespace}`);
      return;
    }
    repeat(context, times, everyNs, (repetition) => {
      const args = eventArgs(content, repetition, context.wallNs);
      const whom = room === null ? 'to all' : `to the room ${room}`;
      this.log.told(`emits ${eventText(event, args)} ${whom}`);
      target.emit({ rooms: room === null ? [] : [room], except: [] }, event, args, isVolatile);
    });
  }
}

/** One session at the server, and the sockets of all its namespaces. */
class ServerClient implements SessionUser, SocketClient {
  readonly #server: IoServer;
  readonly #session: Session;
  readonly #peer: SessionPeer;
  readonly #reader = new PacketReader();
  readonly #sockets = new Map<string, ServerSocket>();
  readonly #connectTimer: Timer;

  constructor(server: IoServer, session: Session, peer: SessionPeer) {
    this.#server = server;
    this.#session = session;
    this.#peer = peer;
    const { context } = server.log.services;
    this.#connectTimer = context.timer(7, session.machine, 'connect', () => {
      server.log.told('a client joined no namespace in time');
      session.close();
    });
    this.#connectTimer.set(CONNECT_TIMEOUT_NS);
  }

  get isWritable(): boolean {
    return this.#session.isWritable;
  }

  send(packet: Packet): void {
    if (this.#session.isOpen) this.#server.log.send(this.#session, this.#peer, packet);
  }

  left(socket: ServerSocket): void {
    this.#sockets.delete(socket.namespace.name);
  }

  onMessage(message: string | Uint8Array): void {
    const { log } = this.#server;
    const was = log.received(this.#session, this.#peer, message);
    const packet = this.#reader.push(message);
    if (packet && 'malformed' in packet) this.#refuse('parse error', packet.malformed);
    else if (packet) this.#onPacket(packet);
    log.services.context.resume(was);
  }

  onClose(reason: SessionEnd): void {
    this.#connectTimer.clear();
    this.#reader.forget();
    for (const socket of [...this.#sockets.values()]) socket.onGone(reason, reason !== 'parse error');
  }

  #onPacket(packet: Packet): void {
    const socket = this.#sockets.get(packet.namespace);
    if (packet.type === 'CONNECT' && !socket) this.#connect(packet);
    else if (!socket || packet.type === 'CONNECT' || packet.type === 'CONNECT_ERROR') {
      this.#refuse('forced close', `a ${packet.type} packet makes no sense for ${packet.namespace}`);
    } else if (packet.type === 'DISCONNECT') socket.onGone('client namespace disconnect', false);
    else if (packet.type === 'EVENT') this.#onEvent(socket, packet);
    else this.#server.log.told('an acknowledgement came that nobody waits for');
  }

  #connect({ namespace: name, data }: Packet): void {
    const namespace = this.#server.namespace(name);
    if (!namespace) {
      this.send({ type: 'CONNECT_ERROR', namespace: name, id: null, data: { message: 'Invalid namespace' } });
      return;
    }
    this.#connectTimer.clear();
    this.#sockets.set(name, namespace.connect(this, data));
  }

  #onEvent(socket: ServerSocket, packet: Packet): void {
    const { name, args } = socket.received(packet);
    const rule = this.#server.rules.get(name);
    const { namespace } = socket;
    const [room, rest] = roomOf(args);
    if (rule === 'echo') namespace.emit({ rooms: [socket.id], except: [] }, name, args, false);
    else if (rule === 'broadcast')
      namespace.emit({ rooms: room === null ? [] : [room], except: [socket.id] }, name, rest, false);
    else if (typeof rule === 'object') namespace.join(socket, rule.room);
    if (rule !== undefined && packet.id !== null) socket.acknowledge(packet.id, rule === 'ack' ? args : []);
  }

  /** What a peer sends that makes no sense ends its session. */
  #refuse(reason: string, why: string): void {
    this.#server.log.told(`sends a client away: ${why}`);
    for (const socket of [...this.#sockets.values()]) socket.onGone(reason, false);
    this.#session.close();
  }
}

/** A last argument `{ room }` says whom a broadcast is for. */
function roomOf(args: readonly Json[]): readonly [room: string | null, rest: readonly Json[]] {
  const last = args.at(-1);
  const isObject = typeof last === 'object' && last !== null && !Array.isArray(last) && !(last instanceof Uint8Array);
  const { room } = isObject ? (last as { readonly [name: string]: Json }) : {};
  return typeof room === 'string' ? [room, args.slice(0, -1)] : [null, args];
}
